"""What credits pay needs a login: a session token in place of the key (docs/api.md 16)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from runner.engine.task import Task


def paid_in_credits(tasks: Iterable[Task]) -> list[Task]:
    """The tasks that the account's credits pay."""
    return [task for task in tasks if task.currency == "credits"]


@dataclass(frozen=True, slots=True)
class Sorted:
    """What may be bought, what is left out, and why nothing at all may be."""

    tasks: list[Task]
    left_out: list[Task] = field(default_factory=list)
    why: str = ""


def sorted_out(tasks: list[Task], *, logged_in: bool, spends: bool) -> Sorted:
    """The tasks by what a login lets them be: without one nothing is bought where credits would be spent.

    Args:
        tasks: what would be bought.
        logged_in: whether there is a session token.
        spends: whether credits would be spent at all; `--fit` leaves out what none are allowed for.
    """
    in_credits = [] if logged_in else paid_in_credits(tasks)
    if not in_credits:
        return Sorted(tasks)
    if spends:
        return Sorted([], why=missing(in_credits))
    return Sorted([task for task in tasks if task.currency != "credits"], in_credits)


def missing(tasks: Iterable[Task]) -> str:
    """Why these cannot be bought without a session token, and what else could be done."""
    found = paid_in_credits(tasks)
    services = " and ".join(sorted({task.service for task in found}))
    items = sum(len(task.targets) for task in found)
    lines = f"the {services} line" if items == 1 else f"the {items:,} {services} lines"
    return (
        f"{services} needs a session token, the key does not open it: log in and set"
        f" AUDIOPOD_SESSION_TOKEN, or take {lines} out of the manifest"
    )
