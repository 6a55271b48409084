"""A run beside a bare httpx loop over the same calls; large uploads; a day of an archive in virtual time."""

import json
import subprocess
import sys
from contextlib import ExitStack
from itertools import count
from time import process_time

import pytest

from benchmarks.bare_run import bare_run
from benchmarks.instant import instant
from runner.api.client import AudioPod
from runner.engine.timing import Patience
from runner.options import UPLOADS
from support import send_one
from support.counting import SMALL, Counting
from support.day import Day
from support.rehearsal import Rehearsal
from support.sink import sink

FILES, HOURS = 1_000, 10_000
GB = 2**30
ROUNDS = 3


@pytest.fixture
def stage(tmp_path, scaled):
    """So many recordings of a second, planned for a service; a fresh wallet each time: `stage(service)`."""
    with ExitStack() as stack:
        numbers = count()

        def opened(service):
            sim = stack.enter_context(instant())
            it = Rehearsal(tmp_path / str(next(numbers)), sim, patience=Patience())
            it.record(*(f"r{number:05}.wav" for number in range(scaled(FILES))), seconds=1)
            it.plan("--service", service)
            return it

        yield opened


@pytest.mark.parametrize("service", ["transcription", "stems:two"])
def test_run(benchmark, scaled, stage, service):
    """All of a run: files read again, prices and wallet checked, bought, watched, fetched, settled."""
    files = scaled(FILES)
    benchmark.group = f"run {FILES:,} recordings of a second, {service}"
    benchmark.extra_info.update(
        who="earmark",
        count=files,
        goal="half as many items a second as the loop; one small call an item at most",
        limit="one interpreter: httpx, the ledger's statements; then the disk's syncs",
    )
    seen = []

    def run(it):
        counting = Counting()
        with AudioPod(it.sim.url, it.sim.key, transport=counting) as client:
            report = it.run(api=lambda: client)
        assert report.submitted == files
        assert report.exit == 0
        seen.append(counting.requests[SMALL])

    benchmark.pedantic(run, setup=lambda: ((stage(service),), {}), rounds=ROUNDS, iterations=1)
    benchmark.extra_info["calls_per_file"] = round(max(seen) / files, 3)


@pytest.mark.parametrize("service", ["transcription", "stems:two"])
def test_bare_loop(benchmark, scaled, stage, service):
    files = scaled(FILES)
    benchmark.group = f"run {FILES:,} recordings of a second, {service}"
    benchmark.extra_info.update(who=f"httpx, {UPLOADS} threads", count=files)

    def loop(it):
        recordings = sorted((it.folder / "media").iterdir())
        bare_run(it.sim.url, recordings, service, it.folder / "bare", UPLOADS)

    benchmark.pedantic(loop, setup=lambda: ((stage(service),), {}), rounds=ROUNDS, iterations=1)


@pytest.mark.parametrize("gigabytes", [2, 10])
@pytest.mark.parametrize("who", ["earmark", "httpx"])
def test_upload(benchmark, scaled, tmp_path, gigabytes, who):
    """By a process of its own, with its digest taken on the way, to a server that keeps nothing."""
    size = scaled(gigabytes * GB)
    benchmark.group = f"upload {gigabytes} GB"
    benchmark.extra_info.update(who=who, count=size)
    if who == "earmark":
        benchmark.extra_info.update(
            goal="flat memory", limit="SHA-256 of what is sent, and pieces of 16 KB: an answer may come early"
        )
    file, told = send_one.zeros(tmp_path / "long.wav", size), []

    def send(*words):
        command = [sys.executable, send_one.__file__, *words, file]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        told.append(json.loads(done.stdout))

    with sink() as server:
        words = (server.url,) if who == "earmark" else ("--bare", server.url)
        benchmark.pedantic(send, args=words, rounds=1, iterations=1)
    benchmark.extra_info["peak_mb"] = round(max(each["peak_mb"] for each in told))


def test_day(benchmark, scaled, tmp_path):
    """Limits, outages, lost answers, a price that doubles; no bytes move, no time passes."""
    hours = scaled(HOURS)
    day = Day.of(tmp_path, hours, seed=5)
    benchmark.group = f"a day of {HOURS:,} hours of sound in virtual time"
    began = process_time()
    benchmark.pedantic(day.go, args=(hours,), rounds=1, iterations=1)
    benchmark.extra_info.update(
        who="earmark",
        count=hours,
        goal="the books agree, within seconds",
        limit="the ledger's statements, some fifty an item",
        cpu_seconds=round(process_time() - began, 1),
        runs=day.runs,
    )
    assert day.house.amounts == (day.archive.charged, 0, 0)
