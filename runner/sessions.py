"""What credits pay needs a login: a session token in place of the key (docs/api.md 16)."""

from collections.abc import Iterable

from runner.engine.task import Task


def paid_in_credits(tasks: Iterable[Task]) -> list[Task]:
    """The tasks that the account's credits pay."""
    return [task for task in tasks if task.currency == "credits"]


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
