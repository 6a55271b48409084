"""Reports of runs that never were, for tests of what is said about them."""

from pathlib import Path
from typing import Any

from earmark.run_values import Asked
from manifests.budget import Amounts
from manifests.money import Cents
from manifests.states import State
from runner.api.interface import Balance
from runner.report import Fate, ItemReport, RunReport

STATES = {
    Fate.SAVED: State.SAVED,
    Fate.RUNNING: State.SUBMITTED,
    Fate.NOT_SAVED: State.FINISHED,
    Fate.IN_DOUBT: State.IN_DOUBT,
    Fate.FAILED: State.RELEASED,
    Fate.REJECTED: State.REJECTED,
    Fate.LOST: State.LOST,
}
"""The state that most often leads to an end."""


def item(file: str = "a.mp3", fate: Fate = Fate.SAVED, **rest: Any) -> ItemReport:
    """One item; 10 cents, 11 at most, charged as planned where it is saved."""
    values: dict[str, Any] = {
        "service": "transcription",
        "reason": "",
        "expected": Cents(10),
        "ceiling": Cents(11),
        "charged": Cents(10) if fate in (Fate.SAVED, Fate.LOST) else None,
        "held": Cents(11) if fate in (Fate.RUNNING, Fate.NOT_SAVED, Fate.IN_DOUBT) else Cents(0),
        "shared": False,
        "job_id": "",
        "results": (),
        "state": STATES.get(fate, State.PLANNED),
        "ms": 60_000,
    }
    return ItemReport(file=file, fate=fate, **{**values, **rest})


def report(*items: ItemReport, cap: int = 500, beside: int = 0, **rest: Any) -> RunReport:
    """A report whose amounts are those of its items, and `beside` cents spent otherwise."""
    doubt = sum(each.held for each in items if each.fate is Fate.IN_DOUBT)
    amounts = Amounts(
        cap=Cents(cap),
        spent=Cents(sum(each.charged or 0 for each in items) + beside),
        reserved=Cents(sum(each.held for each in items) - doubt),
        in_doubt=Cents(doubt),
    )
    values: dict[str, Any] = {"amounts": amounts, "seconds": 12.0, "submitted": 1, "sent": 1_500_000}
    return RunReport(
        manifest=Path("/home/me/manifest.yaml"),
        output=Path("/home/me/results"),
        items=items,
        **{**values, **rest},
    )


def asked(**rest: Any) -> Asked:
    """`run manifest.yaml`."""
    return Asked(**{"manifest": "manifest.yaml", "results": "results/", "server": "api.audiopod.ai", **rest})


def balance(cents: int, total_spent: int = 0, *, low: bool = False) -> Balance:
    """A wallet's balance."""
    return Balance(Cents(cents), Cents(total_spent), low)
