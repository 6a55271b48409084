"""Workers on one ledger in PostgreSQL: what 1, 2 and 4 of them bring on this machine, and what an item costs.

Workers, database and simulator share the machine's cores, so that more workers soon bring no more: compare
the figures of one go with each other, and see docs/scale.md for what they say of many machines.
"""

import signal
import tempfile
import time
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import psycopg
import pytest

from benchmarks.fleet_costs import Costs, counted_shifts
from benchmarks.instant import instant
from manifests.money import Cents
from runner.ledger.postgres.ledger import PostgresLedger
from runner.ledger.rows import NewItem, Reservation
from support import pg
from support.fleet_bench import FleetBench
from support.ledgers import migrated

FILES = 400
SHIFTED = 500
RESERVATIONS = 2_000
GROUP = 10
LEFT = "SELECT count(*) FROM shifts WHERE state IN ('waiting', 'taken')"
HERE = "workers, database and simulator on the same cores"


@pytest.fixture(scope="module")
def server():
    """A PostgreSQL that syncs what it commits, as one for real does."""
    with tempfile.TemporaryDirectory() as meeting, pg.shared(Path(meeting)) as made:
        made.do("ALTER SYSTEM SET fsync = on")
        made.do("ALTER SYSTEM SET full_page_writes = on")
        yield made


@pytest.fixture
def workplace(tmp_path, server, scaled):
    """So many recordings of a second that were planned: `workplace()`."""
    with ExitStack() as stack:
        numbers = count()

        def opened():
            sim = stack.enter_context(instant())
            dsn = stack.enter_context(server.fresh())
            folder = tmp_path / str(next(numbers))
            folder.mkdir()
            made = FleetBench(folder, sim, dsn=dsn)
            stack.callback(made.close)
            made.migrated()
            made.record(scaled(FILES), seconds=1)
            made.plan("media", "--service", "transcription")
            return made

        yield opened


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_workers(benchmark, scaled, server, workplace, workers):
    """From the first reservation to the last result, by the ledger's own times."""
    files = scaled(FILES)
    benchmark.group = f"a fleet on one machine: {files:,} recordings of a second, {workers} workers"
    took, figures = [], {}

    def work(made):
        crew = [made.worker(f"host{number}", "--at-once", "1") for number in range(workers)]
        before = Costs.of(server)
        made.offer(cap=10 * FILES)
        _see_out(made.dsn)
        for process in crew:
            process.send_signal(signal.SIGTERM)
            process.wait()
        first, last = made.ledger("SELECT min(at), max(at) FROM history")[0]
        took.append(last - first)
        states = made.ledger("SELECT state, count(*) FROM parts GROUP BY state")
        assert states == [("saved", files)], states
        figures.update(before.until(server, files))

    benchmark.pedantic(work, setup=lambda: ((workplace(),), {}), rounds=1, iterations=1)
    benchmark.extra_info.update(
        who="earmark", count=files, items_a_second=round(files / took[0], 1), limit=HERE, **figures
    )


def test_statements(benchmark, scaled, server):
    """A shift's statements, counted at the driver; jobs are done at once, and nothing is sent."""
    items = scaled(SHIFTED)
    benchmark.group = f"a fleet: what {items:,} items cost the ledger in PostgreSQL"
    with server.fresh() as dsn:
        migrated(dsn)
        told = benchmark.pedantic(counted_shifts, args=(server, dsn, items), rounds=1, iterations=1)
    benchmark.extra_info.update(who="earmark", count=items, limit="one round trip a statement", **told)


@pytest.mark.parametrize("group", [GROUP, 1])
def test_reserving(benchmark, scaled, server, group):
    wishes = scaled(RESERVATIONS)
    benchmark.group = f"reserving {wishes:,} items in PostgreSQL"
    benchmark.extra_info.update(
        who="earmark" if group > 1 else "one statement an item",
        count=wishes,
        goal="groups of ten several times as fast as singly",
        limit="one transaction for each group here, each synced; its round trips",
    )
    with server.fresh() as dsn:
        migrated(dsn)
        ledger = PostgresLedger(dsn, time.time)
        lots = _lots(ledger, wishes, group)

        def reserve():
            for lot in lots:
                with ledger.transaction():
                    assert all(isinstance(made, int) for made in ledger.reserve_many(lot))

        benchmark.pedantic(reserve, rounds=1, iterations=1)
        ledger.close()


def _see_out(dsn):
    """Look now and then whether a shift is left, over one connection: looking costs the database, too."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        while connection.execute(LEFT).fetchone()[0]:
            time.sleep(0.5)


def _lots(ledger, wishes, group):
    items = [
        NewItem(
            line=f"{n:032}", file=f"{n}.mp3", size=1, print="p", base=f"{n}", wanted="{}",
            content_key=f"{n:064}", sha256=f"{n:064}", product="transcription", options="{}",
            generation=0, audio_bytes=1,
        )
        for n in range(wishes)
    ]  # fmt: skip
    with ledger.transaction():
        ledger.put_manifest("m", Path("/m.yaml"), Cents(wishes))
        ledger.put_items("m", items)
    parts = [row[0] for row in ledger.db.execute("SELECT id FROM parts ORDER BY id").fetchall()]
    lot = [
        Reservation(part, "m", "transcription", f"ek-{part:016x}-{part:016x}", Cents(1), Cents(1))
        for part in parts
    ]
    return [lot[start : start + group] for start in range(0, wishes, group)]
