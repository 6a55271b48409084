"""What a check of the doctor finds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from manifests.exits import Exit, strongest


class Standing(StrEnum):
    """How a thing is."""

    OK = "ok"
    LOOK = "look"  # nothing is in the way of a run, but somebody should know
    BAD = "bad"  # a run would end because of it


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `exit` is what a run would end with where it is bad."""

    check: str
    standing: Standing
    words: str
    to_do: str = ""
    exit: Exit = Exit.DONE
    rows: Sequence[str] = ()  # more of it, a line each
    details: Mapping[str, Any] = field(default_factory=dict)  # for machines


def ok(check: str, words: str, rows: Sequence[str] = (), **details: Any) -> Finding:
    """All is well."""
    return Finding(check, Standing.OK, words, rows=rows, details=details)


def look(check: str, words: str, to_do: str = "", rows: Sequence[str] = (), **details: Any) -> Finding:
    """Something to know."""
    return Finding(check, Standing.LOOK, words, to_do, rows=rows, details=details)


def bad(check: str, words: str, to_do: str, code: Exit, **details: Any) -> Finding:
    """Something that a run would end with."""
    return Finding(check, Standing.BAD, words, to_do, code, details=details)


@dataclass(frozen=True, slots=True)
class Checked:
    """Everything that was looked at, in order."""

    findings: tuple[Finding, ...]

    def count(self, standing: Standing) -> int:
        """How many things are so."""
        return sum(each.standing is standing for each in self.findings)

    @property
    def exit(self) -> Exit:
        """What a run would end with; 0 where nothing is in its way."""
        codes = [each.exit for each in self.findings if each.standing is Standing.BAD]
        return Exit.USAGE if Exit.USAGE in codes else strongest(codes)

    @property
    def sentence(self) -> str:
        """What it comes to."""
        wrong = [each for each in self.findings if each.standing is Standing.BAD]
        looks = self.count(Standing.LOOK)
        if wrong:
            first = next(each for each in wrong if each.exit is self.exit)
            others = ", ".join(each.check for each in wrong if each is not first)
            beside = f"; also bad: {others}" if others else ""
            return f"a run would end with exit {int(self.exit)} because of {first.check}{beside}"
        if looks:
            return f"a run can start; {looks} {'thing' if looks == 1 else 'things'} to look at"
        return "all is well"
