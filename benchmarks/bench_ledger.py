"""A million items in the ledger: put there, and told of by `earmark status`; the memory of a run of many."""

import json
import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path

import pytest

from manifests.money import Cents
from runner.ledger.rows import NewItem
from runner.ledger.sqlite.ledger import SqliteLedger
from support import many_items

ITEMS = 1_000_000
RUN_ITEMS = 100_000
BATCH = 20_000
"""Items of a transaction, as a run has them."""

TESTS = Path(__file__).parents[1] / "tests"


def items(count: int) -> Iterator[NewItem]:
    for number in range(count):
        key = sha256(b"%d" % number).hexdigest()
        yield NewItem(
            line=key[:32],
            file=f"show {number // 1000:04}/episode {number:07}.mp3",
            size=1_000_000 + number,
            print=key[:12],
            base=f"show {number // 1000:04}/episode {number:07}",
            wanted='{"formats":["json","srt"]}',
            content_key=key,
            sha256=key[::-1],
            product="transcription",
            options='{"speaker_diarization":false}',
            generation=0,
            audio_bytes=1_000_000 + number,
            expected=Cents(1),
            ceiling=Cents(1),
        )


def put(ledger: SqliteLedger, count: int) -> None:
    with ledger.transaction():
        ledger.put_manifest("many", Path("/manifest.yaml"), Cents(count))
    rest = items(count)
    while batch := list(islice(rest, BATCH)):
        with ledger.transaction():
            ledger.put_items("many", batch)


def test_put(benchmark, scaled, tmp_path):
    count = scaled(ITEMS)
    benchmark.group = f"ledger: put {count:,} items"
    benchmark.extra_info.update(
        who="earmark",
        count=count,
        goal="a million in under a minute",
        limit="indexes of digests, which are written at random places, and syncing each of 50 transactions",
    )
    ledger = SqliteLedger(tmp_path / "ledger.db", time.time)
    benchmark.pedantic(put, args=(ledger, count), rounds=1, iterations=1)
    ledger.close()


def test_put_beside_a_bare_table(benchmark, scaled, tmp_path):
    """The same fields in one table with one unique index, a transaction for all."""
    count = scaled(ITEMS)
    benchmark.group = f"ledger: put {count:,} items"
    benchmark.extra_info.update(who="sqlite3, one table, one transaction", count=count)
    db = sqlite3.connect(tmp_path / "bare.db")
    db.execute("CREATE TABLE items (line TEXT UNIQUE, file, size, print, base, wanted, key, sha256)")

    def bare() -> None:
        with db:
            db.executemany(
                "INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (i.line, i.file, i.size, i.print, i.base, i.wanted, i.content_key, i.sha256)
                    for i in items(count)
                ),
            )

    benchmark.pedantic(bare, rounds=1, iterations=1)
    db.close()


@pytest.fixture(scope="module")
def standing(scaled, tmp_path_factory):
    """A manifest of very many lines, and a ledger in which they are all bound."""
    folder = tmp_path_factory.mktemp("status")
    count = max(scaled(ITEMS), 30_000)  # fewer are looked at one by one
    many_items.bind(folder, count)
    return folder, count


def test_status(benchmark, timed, standing):
    folder, count = standing
    benchmark.group = f"earmark status: {count:,} items"
    benchmark.extra_info.update(
        who="earmark",
        goal="at once",
        limit="starting the interpreter and reading the manifest's head; the sums are kept by the ledger",
    )
    place = {**os.environ, "EARMARK_LEDGER": str(many_items.ledger_of(folder))}
    timed(
        [str(Path(sys.executable).parent / "earmark"), "status", str(many_items.manifest_of(folder))],
        env=place,
    )


def test_status_beside_an_interpreter(benchmark, timed, standing):
    benchmark.group = f"earmark status: {standing[1]:,} items"
    benchmark.extra_info.update(who="python -c 'import sqlite3, click'")
    timed([sys.executable, "-c", "import sqlite3, click"])


def test_run(benchmark, timed, scaled):
    """Jobs that are done at once, in the same process: what the run itself takes of memory."""
    count = scaled(RUN_ITEMS)
    benchmark.group = f"run: memory of {count:,} items"
    benchmark.extra_info.update(
        who="earmark",
        count=count,
        goal="under 250 MB for a million",
        limit="the interpreter and the ledger's cache of 32 MiB",
    )
    path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    argv = [sys.executable, "-m", "support.many_items", str(count)]
    found = timed(argv, rounds=1, env={"PYTHONPATH": path})
    assert json.loads(found.out)["spent"] == count
