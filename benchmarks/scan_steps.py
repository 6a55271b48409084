"""What is measured of scans: `python -m benchmarks.scan_steps STEP ...` does one alone, in its own process.

mutagen FOLDER     a bare loop of `mutagen.File(path).info.length`
walk FOLDER        a bare walk: scandir and stat
million COUNT HOME a scan of so many files that are made up, remembered in HOME
calls WHO FILE...  looks at files twice, and says when the second time begins and ends
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.pooled import Job
    from planner.seen import Seen

BEGIN, END = "begins here", "ends here"


def mutagen_loop(folder: str) -> None:
    """What people write."""
    import mutagen

    for path in files(folder):
        mutagen.File(path).info.length  # noqa: B018


def bare_walk(folder: str) -> None:
    """The least that a scan can do."""
    for path in files(folder):
        os.stat(path)  # noqa: PTH116 - the bare call is the measure


def files(folder: str) -> Iterator[str]:
    """All files below a folder."""
    stack = [folder]
    while stack:
        with os.scandir(stack.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    stack.append(entry.path)
                else:
                    yield entry.path


def million(count: str, home: str) -> None:
    """Scan made-up files, of which the second time all are known."""
    from planner import pool
    from planner.roots import Root
    from planner.scanner import Scan
    from planner.stock import Stock
    from planner.walk import Run

    def runs() -> Iterator[Run]:
        names = (f"episode {number:010d}.mp3" for number in range(int(count)))
        for folder, row in enumerate(iter(lambda: list(islice(names, A_FOLDER)), [])):
            yield Run(f"{MADE_UP}show {folder}/", "", MADE_UP, row)

    stat = os.stat
    pool.done, pool.FEW = _seen, sys.maxsize
    os.stat = lambda path, *more, **how: (
        _Status(path) if str(path).startswith(MADE_UP) else stat(path, *more, **how)
    )
    for _ in range(2):
        stock = Stock(Scan(1, Root(MADE_UP), home).surveys(runs()))
        assert sum(1 for _ in stock) == int(count)


MADE_UP = "/made up/"
A_FOLDER = 20


class _Status:
    """What the system would say of a made-up file."""

    st_mtime_ns = st_ctime_ns = 1

    def __init__(self, path: str) -> None:
        self.st_size = _number(path)


def _number(path: str) -> int:
    return int(path[-14:-4])


def _seen(job: "Job") -> "Seen":
    """What a reader would say of it."""
    from manifests.length import Grade
    from planner.lengths.interface import Length
    from planner.seen import Seen

    number = _number(os.fsdecode(job.path))
    length = Length(number, Grade.EXACT, number, number, "mp3", "stated frames, size agrees")
    return Seen(number, 1, f"{number:012d}", length, number, video=False, ctime_ns=1)


def calls(who: str, *paths: str) -> None:
    """Look at files twice: what is imported with the first does not count."""
    look = LOOKERS[who]()
    for _ in map(look, paths):
        pass
    os.access(BEGIN, 0)
    for _ in map(look, paths):
        pass
    os.access(END, 0)


def _ours() -> Callable[[str], object]:
    from planner.survey import verdict

    return verdict


def _mutagen() -> Callable[[str], object]:
    import mutagen

    return lambda path: mutagen.File(path).info.length


def _pyav() -> Callable[[str], object]:
    import av

    def look(path: str) -> object:
        with av.open(path) as container:
            return container.duration

    return look


LOOKERS: Mapping[str, Callable[[], Callable[[str], object]]] = {
    "earmark": _ours,
    "mutagen": _mutagen,
    "PyAV": _pyav,
}
STEPS: Mapping[str, Callable[..., None]] = {
    "mutagen": mutagen_loop,
    "walk": bare_walk,
    "million": million,
    "calls": calls,
}

if __name__ == "__main__":
    STEPS[sys.argv[1]](*sys.argv[2:])
