"""The rates of a process as a share of what all hosts together may do (`runner.ledger.paces`).

A 429 halves the rate of whoever met it at once. With the next sign of life it is told to the ledger, which
halves that of all hosts, once; and each process hears what its share is by then.
"""

from threading import Lock

from runner.ledger.interface import Ledger
from runner.ledger.paces import Kind
from runner.tempo import Tempo


class SharedRates:
    """The tempos of one process: those of its runs' submits, and of all its reads; from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._tempos: dict[Tempo, tuple[Kind, int]] = {}  # with the 429 that the ledger knows of

    def join(self, kind: Kind, tempo: Tempo, ledger: Ledger | None = None) -> None:
        """Let a tempo keep to its share: from now on where a ledger tells it, else from the next exchange."""
        if ledger is not None:
            tempo.allow(ledger.share(kind))
        with self._lock:
            self._tempos[tempo] = (kind, tempo.halvings)

    def leave(self, tempo: Tempo) -> None:
        """Its run is over."""
        with self._lock:
            self._tempos.pop(tempo, None)

    def exchange(self, ledger: Ledger) -> None:
        """Tell of 429, and hear the shares.

        Args:
            ledger: in a transaction without a lease, as that of a sign of life.
        """
        with self._lock:
            tempos = [(tempo, *known) for tempo, known in self._tempos.items()]
        runs = max(1, sum(kind is Kind.SUBMIT for _, kind, _ in tempos))
        met = {tempo: tempo.halvings for tempo, _, _ in tempos}
        for tempo, kind, told in tempos:
            if met[tempo] > told:
                ledger.halve_rate(kind, tempo.refused / (runs if kind is Kind.READ else 1))
        shares = {kind: ledger.share(kind) for kind in Kind}
        for tempo, kind, _ in tempos:
            share = shares[kind]  # of one run; a process reads for all that it has
            tempo.allow(share if share is None or kind is Kind.SUBMIT else share * runs)
        with self._lock:
            for tempo, kind, _ in tempos:
                if tempo in self._tempos:
                    self._tempos[tempo] = (kind, met[tempo])
