"""Runs a manifest of very many lines against a service in this process whose jobs are done at once.

`python -m support.many_items 100000` plans nothing and uploads nothing: each line is an address, so that the
memory and the time are those of the run itself. Prints what it came to as JSON.
"""

import hashlib
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from threading import Lock
from types import SimpleNamespace
from typing import Any

from manifests.length import Grade
from manifests.manifest import Head, Item, Sums
from manifests.money import Cents, Rate
from manifests.text import open_manifest, write_manifest
from runner.api.interface import (
    Accepted,
    Balance,
    BalanceCheck,
    Cancelled,
    CreditRow,
    Job,
    JobsPage,
    JobStatus,
    Order,
    Received,
    ResultFile,
    SubmitOutcome,
    UsageRow,
)
from runner.engine.timing import Patience
from runner.file_locks import FileLocks
from runner.inputs import Probes
from runner.ledger.rows import NewItem
from runner.ledger.sqlite.ledger import SqliteLedger
from runner.lines import Line
from runner.options import RunEnds, RunOptions
from runner.pieces import Pieces
from runner.report import RunReport
from runner.stamps import Lines, Stamp, lines_sum, mark_of, put_stamp
from runner.start import run

PAGE = 100
RATE = Fraction(1)
WALLET = 10**9
DATA = b"{}"
KB_PER_MB = 1024


@dataclass
class EndlessApi:
    """A service that remembers only how many jobs it made: all of them are done, each for a cent."""

    made: int = 0
    _lock: Lock = field(default_factory=Lock)

    def submit(self, _order: Order, last_chunk: Callable[[], bool]) -> SubmitOutcome:
        if not last_chunk():
            return Cancelled()
        with self._lock:
            self.made += 1
            return Accepted(str(self.made))

    def pages(self, _service: str) -> Iterator[JobsPage]:
        for numbers in self._pages():
            yield JobsPage(tuple(Job(str(n), JobStatus.COMPLETED, frozenset()) for n in numbers))

    def _pages(self) -> Iterator[range]:
        for newest in range(self.made, 0, -PAGE):
            yield range(newest, max(0, newest - PAGE), -1)

    def job(self, _service: str, job_id: str) -> Job:
        return Job(job_id, JobStatus.COMPLETED, frozenset())

    def result_files(self, service: str, job_id: str, _wanted: Mapping[str, object]) -> list[ResultFile]:
        return [ResultFile("json", f"memory:{service}/{job_id}")]

    def download(self, _result: ResultFile, into: Path) -> Received:
        into.write_bytes(DATA)
        return Received(into, len(DATA), hashlib.sha256(DATA).hexdigest())

    def balance(self) -> Balance:
        return Balance(Cents(WALLET - self.made), Cents(self.made))

    def credits(self) -> int | None:
        return None

    def credit_rows(self) -> list[CreditRow] | None:
        return None

    def rates(self) -> dict[str, Rate]:
        return {"transcription": RATE}

    def service_types(self) -> list[str]:
        return ["transcription"]

    def check_balance(self, _service_type: str, _seconds: int) -> BalanceCheck:
        return BalanceCheck(can_proceed=True)

    def usage_pages(self) -> Iterator[tuple[UsageRow, ...]]:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        for numbers in self._pages():
            yield tuple(UsageRow(f"r{n}", "transcription", Cents(1), 50, str(n), now) for n in numbers)


def items(count: int) -> Iterator[Item]:
    """So many addresses, each of a recording of 50 seconds."""
    for number in range(count):
        name = f"show {number // 1000:04}/episode {number:07}.mp3"
        mark = hashlib.sha256(name.encode()).hexdigest()[:12]
        yield Item(
            name,
            "transcription",
            50.0,
            Grade.EXACT,
            1,
            1,
            0,
            mark,
            options={"formats": ["json"]},
            url=f"https://media.example/{number:07}.mp3",
        )


def write(path: Path, count: int) -> None:
    """A manifest of so many lines."""
    sums = Sums()
    for item in items(count):
        sums.add([item])
    head = Head("many", "2026-01-01T00:00:00Z", ".", "2026-05-22", {"transcription": RATE}, sums.total())
    write_manifest(path, head, items(count))


def _no_file(path: str, *_: Any) -> Any:
    raise AssertionError(f"{path} was looked at")


def manifest_of(folder: Path) -> Path:
    """Where the manifest lies."""
    return folder / "manifest.yaml"


def ledger_of(folder: Path) -> Path:
    """Where the ledger lies."""
    return folder / "state" / "ledger.db"


def bind(folder: Path, count: int) -> None:
    """A manifest of so many lines, all of them known to its ledger, as after a run that bought none."""
    path = manifest_of(folder)
    write(path, count)
    ledger = SqliteLedger(ledger_of(folder), time.time)
    with ledger.transaction():
        ledger.put_manifest("many", path, Cents(2 * count))
    sums = Lines()
    with open_manifest(path) as manifest:
        for piece in Pieces(manifest, folder, manifest.head.rates).each():
            with ledger.transaction():
                ledger.put_items("many", map(_bound, piece.lines))
            sums = sums.plus(lines_sum(piece.lines))
    found = path.stat()
    with ledger.transaction():
        put_stamp(ledger, "many", Stamp(found.st_size, found.st_mtime_ns, sums, plain=True))
    ledger.close()


def _bound(line: Line) -> NewItem:
    return NewItem(
        line=line.key,
        file=line.item.path,
        size=line.item.size,
        print=line.item.print,
        base=line.base,
        wanted=line.wanted_text,
        content_key=line.key * 2,
        sha256=line.key * 2,
        product=line.product.name,
        options="{}",
        generation=0,
        audio_bytes=0,
        expected=line.expected,
        ceiling=line.ceiling,
    )


def run_many(folder: Path, count: int) -> RunReport:
    """Run such a manifest to its end."""
    path = manifest_of(folder)
    write(path, count)
    api = EndlessApi()
    ledger = SqliteLedger(ledger_of(folder), time.time)
    ledger.db.execute("PRAGMA synchronous = OFF")
    locks = FileLocks(folder / "state" / "locks")
    ends = RunEnds(api=lambda: api, ledger=ledger, locks=locks, probes=Probes(_no_file, _no_file))
    options = RunOptions(
        manifest=path,
        output=folder / "results",
        patience=Patience(first_look=0.01, longest_look=0.05),
        as_read=mark_of(path),
    )
    with open_manifest(path) as manifest:
        report = run(manifest, options, ends)
        report.tally  # noqa: B018 - summed up while the ledger is open
    ledger.close()
    locks.release()
    return report


def main(count: int) -> None:
    """Print how long it took and the peak of memory."""
    shm = Path("/dev/shm")  # results of two bytes, not their syncing, are what is measured
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as folder:
        started = SimpleNamespace(wall=time.monotonic(), cpu=time.process_time())
        report = run_many(Path(folder), count)
        told = {
            "exit": int(report.exit),
            "items": len(report.items),
            "spent": report.amounts.spent,
            "seconds": round(time.monotonic() - started.wall, 1),
            "cpu": round(time.process_time() - started.cpu, 1),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // KB_PER_MB,
        }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
