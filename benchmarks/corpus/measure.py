"""Measures readers on a corpus: `python -m benchmarks.corpus.measure --root DIR [--part seen held_out]`.

Decodes what was not decoded before, asks every reader about every file, and writes the answers beside the
corpus, the table to `--table` and our own wrong answers to `DIR/WRONG-PART.md`.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.corpus.ask import Asked
from benchmarks.corpus.shelf import Entry, Kind, entries
from benchmarks.corpus.truth import Truth, truths

OURS = "earmark"
PEERS = ("mutagen", "soundfile", "tinytag", "PyAV's header")
SLOW = {"ffprobe": 20}
"""Peers that start a process a file are asked about every so many-th."""


@dataclass(frozen=True, slots=True)
class Case:
    """A file, its truth, and what one reader said of it."""

    entry: Entry
    truth: Truth
    said: dict[str, Any]

    @property
    def seconds(self) -> float | None:
        """The length that the reader gives."""
        value = self.said.get("seconds")
        return None if value is None else float(value)

    @property
    def right(self) -> bool:
        """Within 0.1 s or 1 % of the truth; of what has no sound, no length."""
        if self.seconds is None:
            return not self.truth.sounds
        return self.truth.agrees(self.seconds)

    @property
    def grade(self) -> str:
        """How sure the reader is (ours alone says), or `refused`."""
        return str(self.said.get("grade", "" if self.seconds is not None else "refused"))

    @property
    def damaged(self) -> bool:
        """Broken on purpose, a real file that is not decoded without complaint, or no sound at all."""
        return (
            self.entry.kind in {Kind.DAMAGED, Kind.NOT_AUDIO}
            or not self.truth.sounds
            or (self.entry.kind is Kind.REAL and self.truth.errors)
        )


def asked(root: Path, reader: str, pairs: Iterable[tuple[Entry, Truth]]) -> list[Case]:
    """What one reader says of each file; kept in `answers-READER.jsonl`."""
    cases = []
    with Asked(reader) as ask, _answers(root, reader).open("w", encoding="utf-8") as file:
        for entry, truth in pairs:
            case = Case(entry, truth, ask.answer(root / entry.path))
            cases.append(case)
            file.write(json.dumps({"path": entry.path, **case.said}) + "\n")
    return cases


def kept(root: Path, reader: str, pairs: Iterable[tuple[Entry, Truth]]) -> list[Case]:
    """What one reader said when it was asked last, of those files that it was asked about."""
    lines = _answers(root, reader).read_text(encoding="utf-8").splitlines()
    said = {answer.pop("path"): answer for answer in map(json.loads, lines)}
    return [Case(entry, truth, said[entry.path]) for entry, truth in pairs if entry.path in said]


def _answers(root: Path, reader: str) -> Path:
    return root / f"answers-{reader.replace(' ', '-')}.jsonl"


def known(root: Path, only: str | None = None) -> list[tuple[Entry, Truth]]:
    """The files of a corpus with their truths; `only` those whose path holds these words."""
    listed = [entry for entry in entries(root) if only is None or only in entry.path]
    return list(zip(listed, truths(root, listed), strict=True))


def measured(
    root: Path, ask: Callable[..., list[Case]], *, ours_only: bool, only: str | None
) -> dict[str, list[Case]]:
    """What each reader says about one part of the corpus; ours goes to `WRONG-PART.md` beside it at once."""
    from benchmarks.corpus.wrong import wrong

    pairs = known(root, only)
    print(f"{root.name}: {len(pairs)} files decoded", file=sys.stderr)
    told = {OURS: ask(root, OURS, pairs)}
    root.with_name(f"WRONG-{root.name}.md").write_text(wrong(told[OURS]), encoding="utf-8")
    if not ours_only:
        told |= {peer: ask(root, peer, pairs) for peer in PEERS}
        told |= {peer: ask(root, peer, pairs[::every]) for peer, every in SLOW.items()}
    return told


def main() -> None:
    """Measure and write."""
    from benchmarks.corpus.report import page

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--part", nargs="+", default=["seen"], help="seen, held_out")
    parser.add_argument("--only", help="files whose path holds this")
    parser.add_argument("--ours", action="store_true", help="no peers")
    parser.add_argument("--kept", action="store_true", help="nobody is asked: the answers of last time")
    parser.add_argument(
        "--table", type=Path, help="where the table goes; ACCURACY.md beside the parts if not given"
    )
    given = parser.parse_args()
    ask = kept if given.kept else asked
    told = {
        part: measured(given.root / part, ask, ours_only=given.ours, only=given.only) for part in given.part
    }
    (given.table or given.root / "ACCURACY.md").write_text(page(told, SLOW), encoding="utf-8")


if __name__ == "__main__":
    main()
