"""The screen of `earmark selftest`, and its JSON."""

import json
from collections import Counter
from collections.abc import Iterator

from earmark.chaos.tally import Tally
from earmark.screens.words import some
from earmark.terminal import Terminal, printable
from manifests.money import Cents, show

VERSION = 1

NAME = 18
"""Columns of a row's name."""

FEW = 5
"""Findings that are told in words."""


def note(tally: Tally) -> str:
    """What stands beside the count of rounds while the test runs."""
    return (
        f"{tally.submits:,} submits, {sum(tally.faults.values()):,} faults,"
        f" {sum(tally.kills.values()):,} kills; paid twice {tally.twice}, over the cap {tally.over} c,"
        f" lost {tally.lost}"
    )


def render(tally: Tally, terminal: Terminal, command: str) -> str:
    """The table, and what to keep where something was found; `command` repeats the test."""
    rows = [*_counts(tally), *_promises(tally, terminal)]
    if not tally.findings.clean:
        rows += _found(tally, command)
    return "\n".join(rows) + "\n"


def _counts(tally: Tally) -> Iterator[str]:
    yield _row("seconds", f"{tally.seconds:.0f}")
    yield _row("rounds", f"{tally.rounds:,}   seed {tally.seed}")
    yield _row("runs", f"{tally.runs:,}")
    yield _row(
        "submits", f"{tally.submits:,}   {some(tally.jobs, 'job')}, {show(Cents(tally.cents))} charged"
    )
    yield _row("faults struck", _kinds(tally.faults))
    yield _row("kills", _kinds(tally.kills))
    yield _row("reconciled", f"{tally.reconciled:,}   by hand, since nothing could prove them")


def _promises(tally: Tally, terminal: Terminal) -> Iterator[str]:
    promises = {
        "double payments": tally.twice,
        "cents over the cap": tally.over,
        "results lost": tally.lost,
        "anything else": tally.odd,
    }
    for name, count in promises.items():
        if count or name != "anything else":
            yield _row(name, terminal.style(f"{count:,}", "bold", "red" if count else "green"))


def _row(name: str, text: str) -> str:
    return f"{name:<{NAME}}  {text}"


def _kinds(counts: Counter[str]) -> str:
    """A sum, and what it is made of, the most frequent first."""
    total = sum(counts.values())
    kinds = ", ".join(f"{kind.replace('_', ' ')} {count:,}" for kind, count in counts.most_common())
    return f"{total:,}   {kinds}" if kinds else f"{total:,}"


def _found(tally: Tally, command: str) -> Iterator[str]:
    found = tally.findings
    told = [*found.twice, *found.lost, *found.odd]
    yield "Found:"
    yield from (f"  {printable(text)}" for text in told[:FEW])
    if len(told) > FEW:
        yield f"  and {len(told) - FEW:,} more"
    yield f"Please report it, with the folder {printable(str(tally.kept))} (ledger, books, scenario)."
    yield f"Once more: {command}"


def document(tally: Tally) -> str:
    """The same for machines."""
    data = {
        "version": VERSION,
        "seed": tally.seed,
        "seconds": round(tally.seconds, 1),
        "rounds": tally.rounds,
        "runs": tally.runs,
        "submits": tally.submits,
        "jobs": tally.jobs,
        "charged_cents": tally.cents,
        "faults": dict(tally.faults),
        "kills": dict(tally.kills),
        "reconciled": tally.reconciled,
        "double_payments": tally.twice,
        "cents_over_the_cap": tally.over,
        "results_lost": tally.lost,
        "anything_else": tally.odd,
        "found": [*tally.findings.twice, *tally.findings.lost, *tally.findings.odd],
        "kept": None if tally.kept is None else str(tally.kept),
    }
    return json.dumps(data, indent=2) + "\n"
