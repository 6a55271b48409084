"""A ledger at the other end of a wire: it waits while nothing passes, and gives up when that lasts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from runner.ledger.sqlite.db import SqliteDb
from runner.ledger.sqlite.ledger import SqliteLedger
from runner.ledger.store import LedgerUnwritable
from support.fleetsim.sequencer import Process, Sequencer
from support.fleetsim.wires import Wire

PATIENCE = 30.0
"""Seconds for which a host tries to reach the ledger again."""


class FarLedger(SqliteLedger):
    """One process's ledger. All of them share one connection: no process waits inside a transaction."""

    def __init__(
        self,
        path: Path,
        db: SqliteDb,
        clock: Sequencer,
        process: Process,
        wire: Wire,
        check: Callable[[SqliteDb], None],
    ) -> None:
        """`check` is called at the end of each transaction, inside it: what must hold at every moment."""
        super().__init__(path, lambda: clock.now, db)
        self._sequencer, self._process, self._wire, self._check = clock, process, wire, check

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """As the local one; a cut before it is waited out, and so is one while the answer is awaited.

        Raises:
            LedgerUnwritable: the ledger was out of reach for too long; the transaction may be durable.
        """
        self._process.check()
        self._process.sleep(self._wire.seconds())
        self._pass()
        with super().transaction():
            yield
            self._process.check()
            self._check(self.db)
        self._pass()

    def close(self) -> None:
        """The connection is everybody's."""

    def _pass(self) -> None:
        since = self._sequencer.now
        while self._wire.is_cut:
            left = since + PATIENCE - self._sequencer.now
            if left <= 0:
                raise LedgerUnwritable("the ledger cannot be reached")
            self._process.sleep(min(left, 1.0))
