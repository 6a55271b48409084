"""The screens of a ledger on a server: its tables were made, a local one was moved there."""

import json
from pathlib import Path

from earmark.screens.words import some
from earmark.terminal import printable
from runner.ledger.places import Server
from runner.ledger.postgres.importing import Imported
from runner.ledger.postgres.migrating import Migrated

VERSION = 1

_MOVED = (("manifests", "manifest"), ("purchases", "purchase"), ("attempts", "attempt"), ("results", "file"))


def migrated(place: Server, done: Migrated) -> str:
    """What was done to the tables."""
    rows = [*_of_ledger(done), *done.queue] or [f"is up to date (version {done.after})"]
    head, *rest = rows
    return "\n".join([f"{printable(str(place))}: {head}", *(f"  {each}" for each in rest)]) + "\n"


def _of_ledger(done: Migrated) -> list[str]:
    if not done.before:
        return [f"made the ledger (version {done.after})"]
    if done.before < done.after:
        return [f"brought the ledger from version {done.before} to {done.after}"]
    return []


def migrated_data(place: Server, done: Migrated) -> str:
    """The same for machines."""
    return _json(
        {
            "ledger": str(place),
            "schema_before": done.before,
            "schema": done.after,
            "queue": list(done.queue),
        }
    )


def imported(file: Path, place: Server, done: Imported) -> str:
    """What was moved, and what to do next."""
    what = ", ".join(some(done.rows[name], word) for name, word in _MOVED)
    when = "were moved before" if done.before else "moved, each row compared"
    return (
        f"{printable(str(place))}: {what} {when}\n"
        f"  {printable(str(file))} is marked as moved: no command uses it any more\n"
        "Next:  earmark ledger check\n"
    )


def imported_data(file: Path, place: Server, done: Imported) -> str:
    """The same for machines."""
    return _json(
        {
            "ledger": str(place),
            "from": printable(str(file)),
            "moved_before": done.before,
            "rows": done.rows,
        }
    )


def _json(fields: dict[str, object]) -> str:
    return json.dumps({"version": VERSION, **fields}, indent=2) + "\n"
