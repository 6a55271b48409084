"""The corpus on disk: files, and `corpus.jsonl`, a line a file: what it is, how long it was made."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from benchmarks.corpus.tools import MADE_OF

LIST = "corpus.jsonl"


class Kind(StrEnum):
    """What a file stands for; real, made and trapped ones must be read, the others at least not believed."""

    REAL = "real"  # somebody's recording, as its package ships it
    MADE = "made"  # a container and a codec
    TRAP = "trap"  # whole, but misleading
    DAMAGED = "damaged"  # cut off, or with bytes changed
    NOT_AUDIO = "not-audio"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file: its path under the corpus, its group (a line of the table), the seconds it was made with."""

    path: str
    kind: Kind
    group: str
    seconds: float | None = None


class Shelf:
    """Puts files into a folder; one that is there is not made again."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._entries: dict[str, Entry] = {}
        root.mkdir(parents=True, exist_ok=True)

    def put(
        self, kind: Kind, group: str, name: str, make: Callable[[Path], object], seconds: float | None = None
    ) -> Path | None:
        """Make a file unless it is there; None where no encoder takes such a sound."""
        path = self.root / kind.value / group.replace("/", " ") / name
        refused = path.with_name(f".{path.name}.cannot")
        if refused.exists():
            return None
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f".part.{path.name}")
            try:
                make(part)
                if part.stat().st_size == 0 and kind is not Kind.NOT_AUDIO:
                    raise FileNotFoundError(f"{part} is empty")
            except MADE_OF:
                part.unlink(missing_ok=True)
                refused.touch()
                return None
            part.replace(path)
        relative = str(path.relative_to(self.root))
        self._entries[relative] = Entry(relative, kind, group, seconds)
        return path

    def close(self) -> int:
        """Write the list; how many files there are."""
        lines = [json.dumps(asdict(entry)) for entry in self._entries.values()]
        (self.root / LIST).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return len(lines)


def entries(root: Path) -> Iterator[Entry]:
    """The files of a corpus, as they were put there."""
    for line in (root / LIST).read_text(encoding="utf-8").splitlines():
        table = json.loads(line)
        yield Entry(table["path"], Kind(table["kind"]), table["group"], table["seconds"])
