"""What `plan` tells of its rules file: how it decides, what each rule took, what is odd about it."""

from collections.abc import Iterator
from typing import Any

from earmark.screens.plan_table import FEW
from earmark.screens.words import some
from earmark.terminal import printable
from planner.rules import RulesTold

_APPLY = {
    "first": "the first rule that matches a file decides",
    "all": "all rules that match a file apply",
}


def remarks(told: RulesTold | None) -> Iterator[tuple[str, str]]:
    """Lines of the screen: a word, and what there is to say."""
    if told is None:
        return
    file = printable(told.file)
    counts = ", ".join(f"line {rule.line}: {some(rule.files, 'file')}" for rule in told.rules[:FEW])
    more = f", and {len(told.rules) - FEW} more" if len(told.rules) > FEW else ""
    yield "rules", f"{file}: {_APPLY[told.apply]}; {counts}{more}"
    for line, words in told.warnings[:FEW]:
        yield "look", f"{file}:{line}: {printable(words)}"
    if len(told.warnings) > FEW:
        yield "look", f"{file}: and {len(told.warnings) - FEW} more such rules; list: --json"


def document(told: RulesTold | None) -> dict[str, Any] | None:
    """The same for machines."""
    if told is None:
        return None
    return {
        "file": told.file,
        "apply": told.apply,
        "rules": [
            {
                "line": rule.line,
                "match": list(rule.match),
                "skip": not rule.products,
                "products": list(rule.products),
                "files": rule.files,
            }
            for rule in told.rules
        ],
        "warnings": [{"line": line, "warning": words} for line, words in told.warnings],
    }
