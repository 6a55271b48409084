"""What every report has, whatever it is made of: who made it and when; what does not apply is empty."""

from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Any, Literal

import msgspec

from earmark.reports.document import Ending, Following, Money, Report
from earmark.reports.texts import cleaned
from earmark.reports.timeline import stamp
from earmark.run_outcome import WORDS
from manifests.budget import Amounts
from manifests.exits import Exit

MadeBy = Literal["plan", "run", "report"]

_EMPTY: Mapping[str, Any] = {
    "running": False,
    "also": [],
    **dict.fromkeys(("manifest", "id", "root", "output", "amounts", "credits", "besides", "wallet")),
    **{name: [] for name in ("fates", "services", "folders", "drift", "timeline", "runs", "notes", "items")},
    **dict.fromkeys(("planned", "effort")),
    "next": Following([], []),
}


def report(made_by: MadeBy, now: datetime, *, exit_: int, outcome: str, sentence: str, **rest: Any) -> Report:
    """A report of what is given; all else does not apply.

    Args:
        made_by: the command.
        now: with its zone.
        exit_: the exit code.
        outcome: in a word.
        sentence: what happened.
        rest: further fields; texts in them may hold what is no text, items may not.
    """
    items = rest.pop("items", [])
    told = Report(
        made_by=made_by,
        made=stamp(now),
        earmark=version("earmark-audio"),
        outcome=outcome,
        exit=exit_,
        sentence=sentence,
        **{**_EMPTY, **rest, "items": []},
    )
    plain = cleaned(msgspec.to_builtins(told))
    return msgspec.structs.replace(msgspec.convert(plain, Report), items=items)


def failed(code: int, sentence: str, made_by: MadeBy, now: datetime, manifest: str | None = None) -> Report:
    """The report of a command that ended before there was anything to report."""
    word = WORDS[Exit(code)] if code in set(Exit) else ""
    return report(
        made_by, now, exit_=code, outcome=word, sentence=sentence or word or f"exit {code}", manifest=manifest
    )


def ending(code: Exit) -> Ending:
    """An exit code and its word."""
    return Ending(int(code), WORDS[code])


def money(amounts: Amounts) -> Money:
    """The amounts of a cap."""
    return Money(amounts.cap, amounts.spent, amounts.reserved, amounts.in_doubt, amounts.left, amounts.over)
