"""What is measured of manifests: `python -m benchmarks.manifest_steps STEP COUNT FILE` does one step alone.

The archive is made up: recordings that differ in name, length and size, as a scan would hand them over.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from earmark.plan_tally import Everything, Tally
from manifests import catalogue
from manifests.length import Grade
from manifests.manifest import Head, Total
from manifests.text import Draft, open_manifest, read_manifest
from planner import plan
from planner.choices import Choice, choices
from planner.heading import head_of
from planner.history import History
from planner.lengths.interface import Length
from planner.recording import Recording
from planner.roots import Root
from planner.stock import Stock

SHORTEST_MS = 20_000
SPREAD_MS = 3_600_000
SOME_PRIME = 7919
MEAN_SIZE = 29_347_560

ROOT = Root("/media/archive")


def bought() -> tuple[Choice, ...]:
    """Transcription with two formats."""
    return choices(catalogue.load(), ["transcription"], ["formats=srt"])


def recordings(count: int) -> Iterator[Recording]:
    """Of a thousand a folder."""
    for number in range(count):
        ms = SHORTEST_MS + number * SOME_PRIME % SPREAD_MS
        length = Length(ms, Grade.EXACT, ms, ms, "mp3", "its header")
        path = f"/media/archive/season {number // 1000}/episode-{number:07d}.mp3"
        size = MEAN_SIZE + number
        yield Recording(path, size, number, f"{number:012x}", length, size - 1000)


def planned(inputs: Sequence[Recording], path: Path) -> None:
    """Price the inputs, add them up, write the manifest: all of `plan` behind the scan."""
    every, history = bought(), History()
    everything, draft = Everything(every), Draft(path)
    tally = Tally(every, history, draft, everything.lines)
    for batch in plan.price(inputs, {}, every, ROOT, history.paid).batches():
        everything.add(batch.lines)
        tally.add(batch)
    tally.sums.summary(inputs, [], [choice.product for choice in every])
    draft.write(head(every, tally.sums.total))
    draft.close()


def head(every: tuple[Choice, ...], total: Total) -> Head:
    """A head for these sums."""
    return head_of("0123456789abcdef", datetime.now(UTC), ".", "2026-05-22", every, total, None)


def plan_step(count: int, path: Path) -> None:
    """Plan from made-up inputs."""
    planned(Stock(recordings(count)), path)


def read_step(_count: int, path: Path) -> None:
    """Read the whole manifest into memory, checked."""
    read_manifest(path)


def open_step(_count: int, path: Path) -> None:
    """Check the whole manifest, leave its items in the file."""
    open_manifest(path).close()


STEPS: Mapping[str, Callable[[int, Path], None]] = {"plan": plan_step, "read": read_step, "open": open_step}

if __name__ == "__main__":
    name, size, file = sys.argv[1:]
    STEPS[name](int(size), Path(file))
