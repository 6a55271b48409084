"""What an item costs a ledger in PostgreSQL: statements, transactions, log, processor time."""

import os
import random
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from manifests.manifest import Head, Sums
from manifests.money import Cents
from manifests.naming import default_base
from runner.engine.timing import Patience
from runner.fleet.beating import Beating
from runner.fleet.packing import pack, pack_head
from runner.fleet.place import Place
from runner.fleet.shift import work
from runner.fleet.terms import shift_terms
from runner.inputs import Probes
from runner.ledger.fleet_rows import NewShift
from runner.ledger.postgres.db import PostgresDb
from runner.ledger.postgres.ledger import PostgresLedger
from runner.ledger.runs import RunBy
from runner.lines import line_of
from runner.options import RunEnds, RunOptions
from support.many_items import RATE, EndlessApi, items
from support.pg import Server

SHIFT = 50
MS = 1000


@dataclass(frozen=True, slots=True)
class Costs:
    """A server's counters at a moment; processor time of all that it ever started, once they have ended."""

    wal: float  # bytes
    committed: float  # transactions
    cpu: float  # seconds

    @classmethod
    def of(cls, server: Server) -> Self:
        """As they are once the server's own notes of what ended sessions did are written."""
        time.sleep(1.5)
        wal = server.do("SELECT wal_bytes FROM pg_stat_wal")[0][0]
        committed = server.do("SELECT sum(xact_commit) FROM pg_stat_database")[0][0]
        fields = Path(f"/proc/{server.pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks = sum(map(int, fields[11:15]))
        return cls(float(wal), float(committed), ticks / os.sysconf("SC_CLK_TCK"))

    def until(self, server: Server, count: int) -> dict[str, float]:
        """What each of so many things has cost since."""
        now = Costs.of(server)
        return {
            "transactions": round((now.committed - self.committed) / count, 2),
            "wal_kb": round((now.wal - self.wal) / count / 1024, 1),
            "database_cpu_ms": round((now.cpu - self.cpu) / count * MS, 2),
        }


class CountedDb:
    """Counts what goes over a connection while it is open: `with CountedDb() as told`."""

    def __enter__(self) -> dict[str, int]:
        told = {"statements": 0, "in_batches": 0}
        self._kept = (PostgresDb.execute, PostgresDb.executemany)
        execute, executemany = self._kept

        def one(db: PostgresDb, sql: str, values: Any = ()) -> Any:
            told["statements"] += 1
            return execute(db, sql, values)

        def many(db: PostgresDb, sql: str, values: Any) -> Any:
            told["in_batches"] += 1
            return executemany(db, sql, values)

        PostgresDb.execute, PostgresDb.executemany = one, many  # type: ignore[method-assign]
        return told

    def __exit__(self, *_: object) -> None:
        PostgresDb.execute, PostgresDb.executemany = self._kept  # type: ignore[method-assign]


def counted_shifts(server: Server, dsn: str, count: int) -> dict[str, float]:
    """Offer so many addresses in shifts, see all of them through in this process, and tell what each cost."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = PostgresLedger(dsn, time.time)
        _offer(ledger, Path(folder), count)
        worker = RunBy("", "here", os.getpid())
        with ledger.transaction():
            worker_id = ledger.enter(worker, [folder])
        pulse = Beating(lambda: PostgresLedger(dsn, time.time), worker_id)
        pulse.start()
        place = Place(worker_id, worker, Path(folder) / "results", pulse, (Path(folder),))
        api, probes = EndlessApi(), Probes(_none, _none)
        ends = RunEnds(lambda: api, ledger, ledger.locks(), probes, rng=random.Random(1))
        before, cpu = Costs.of(server), time.process_time()
        with CountedDb() as told:
            while work(place, ends) is not None:
                pass
        cpu = time.process_time() - cpu
        pulse.stop()
        ledger.close()
        left = server.do("SELECT count(*) FROM parts WHERE state <> 'saved'", dsn.rsplit("/", 1)[1])
        assert left == [(0,)], left
        costs = before.until(server, count)
    statements = {name: round(number / count, 2) for name, number in told.items()}
    return {**statements, **costs, "engine_cpu_ms": round(cpu / count * MS, 2)}


def _offer(ledger: PostgresLedger, folder: Path, count: int) -> None:
    rates = {"transcription": RATE}
    lines = [line_of(item, folder, default_base(item), rates) for item in items(count)]
    head = Head("many", "2026-01-01T00:00:00Z", ".", "2026-05-22", rates, Sums().total())
    options = RunOptions(folder / "m.yaml", folder, patience=Patience(first_look=0.01, longest_look=0.05))
    with ledger.transaction():
        ledger.put_manifest("many", folder / "m.yaml", Cents(2 * count))
        ledger.begin_run("many", RunBy("", "here", 1), 3600.0)
        made = ledger.begin_dispatch(
            "many", pack_head(head), shift_terms(options, rates, None).encoded(), 2 * count
        )
        for start in range(0, count, SHIFT):
            some = lines[start : start + SHIFT]
            ledger.offer(made, NewShift(pack(some), [line.key for line in some]))
    ledger.run_id = ledger.lease = None


def _none(path: str, *_: Any) -> Any:
    raise AssertionError(f"{path} was looked at")
