"""Scans of an archive: the first plan, the second of unchanged files, what a file costs, and memory."""

import re
import shutil
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from benchmarks import archive as made
from benchmarks import scan_steps as steps
from benchmarks.programs import measured

MANY = 100_000
MILLION = 1_000_000
SOME = 600
"""Files of which calls and bytes are counted."""

FIRST = "first plan: {:,} files never seen before"
SECOND = "second plan: {:,} unchanged files"
HEADERS = "reading {:,} headers, one process"
MEMORY = "scanning {:,} files that are made up"

PLAN = str(Path(sys.executable).with_name("plan"))


@pytest.fixture(scope="module")
def many(scaled) -> int:
    """How many files."""
    return scaled(MANY)


@pytest.fixture(scope="module")
def place(tmp_path_factory, many):
    """An archive, and beside it the place of its manifest."""
    home = tmp_path_factory.mktemp("scan")
    made.build(home / "media", many)
    yield home
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def few(place) -> list[str]:
    """Some files of it, of all kinds."""
    return list(islice(steps.files(str(place / "media")), SOME))


def _planned(timed, place: Path, rounds: int, setup=None) -> None:
    argv = [PLAN, "media", "--service", "transcription", "--quiet"]
    timed(argv, rounds=rounds, setup=setup, cwd=place, env={"XDG_STATE_HOME": str(place / "state")})


def _step(timed, rounds: int, *words: str) -> None:
    timed([sys.executable, "-m", steps.__name__, *words], rounds=rounds)


def test_first_plan_beside_mutagen(benchmark, timed, place, many):
    benchmark.group = FIRST.format(many)
    benchmark.extra_info.update(who="a bare mutagen loop, one process", count=many)
    _step(timed, 1, "mutagen", str(place / "media"))


def test_first_plan(benchmark, timed, place, many):
    benchmark.group = FIRST.format(many)
    benchmark.extra_info.update(
        who="earmark",
        count=many,
        goal="at least 1.5x as fast as a bare mutagen loop in one process, on 2 cores",
        limit="reading headers in Python, in as many processes as there are cores",
    )
    _planned(timed, place, 2, lambda: shutil.rmtree(place / ".earmark", ignore_errors=True))


def test_second_plan(benchmark, timed, place, many):
    benchmark.group = SECOND.format(many)
    benchmark.extra_info.update(
        who="earmark",
        count=many,
        goal="within 5x of scandir + stat, manifest written",
        limit="one line after the other is priced and written by one process",
    )
    _planned(timed, place, 3)


def test_second_plan_beside_a_walk(benchmark, timed, place, many):
    benchmark.group = SECOND.format(many)
    benchmark.extra_info.update(who="scandir + stat", count=many)
    _step(timed, 3, "walk", str(place / "media"))


@pytest.mark.parametrize("who", steps.LOOKERS)
def test_headers(benchmark, few, who, tmp_path):
    benchmark.group = HEADERS.format(len(few))
    benchmark.extra_info.update(who=who, count=len(few), **_calls(who, few, tmp_path / "trace"))
    if who == "earmark":
        benchmark.extra_info.update(
            goal="fewer calls and bytes than mutagen (issue 5: 138 calls and 66 KB)",
            limit="the print's three places, and small files without a total that are walked as a whole",
        )
    look = steps.LOOKERS[who]()
    benchmark.pedantic(lambda: [look(path) for path in few], rounds=3, iterations=1, warmup_rounds=1)


def _calls(who: str, paths: list[str], trace: Path) -> dict[str, float]:
    """System calls and kilobytes read a file, where strace is installed."""
    if shutil.which("strace") is None:
        return {}
    argv = ["strace", "-f", "-o", str(trace), sys.executable, "-m", steps.__name__, "calls", who, *paths]
    subprocess.run(argv, check=True, capture_output=True)
    text = trace.read_text(errors="replace")
    lines = text[text.index(steps.BEGIN) : text.index(steps.END)].splitlines()[1:-1]
    read = [int(found[1]) for line in lines if (found := re.search(r"\bp?read(?:64)?\(.* = (\d+)$", line))]
    count = len(paths)
    return {"calls_per_file": round(len(lines) / count, 1), "kb_per_file": round(sum(read) / count / 1024, 1)}


def test_memory(benchmark, scaled, tmp_path):
    count = scaled(MILLION)
    benchmark.group = MEMORY.format(count)
    argv = [sys.executable, "-m", steps.__name__, "million", str(count), str(tmp_path / "memory")]
    seen = measured(argv)
    benchmark.extra_info.update(
        who="earmark",
        count=count,
        goal="under 200 MB",
        limit="the interpreter, eight megabytes of inputs, the index of the memory",
        peak_mb=seen.peak_mb,
    )
    benchmark.pedantic(lambda: measured(argv), rounds=1, iterations=1)
