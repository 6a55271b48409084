"""The ledger's schema: made in an empty file, brought up to date in an older one.

Each step runs inside the transaction in which the file is recognised, so that a file is of one
version or of the next, whatever happens meanwhile.
"""

import sqlite3
from importlib import resources

from runner.ledger.versions import VERSION

OLDEST = 1
"""The first version there was; `schema_N.sql` leads from N - 1 to N."""


def make(db: sqlite3.Connection) -> None:
    """The whole schema in an empty file; inside a transaction."""
    _run(db, "schema.sql")
    db.execute(f"PRAGMA user_version = {VERSION}")


def update(db: sqlite3.Connection, version: int) -> None:
    """The steps from an older version to this one; inside a transaction."""
    for step in range(version + 1, VERSION + 1):
        _run(db, f"schema_{step}.sql")
    db.execute(f"PRAGMA user_version = {VERSION}")


def is_older(version: int) -> bool:
    """Whether a file of this version can be brought up to date."""
    return OLDEST <= version < VERSION


def _run(db: sqlite3.Connection, name: str) -> None:
    """The statements of a file one by one: sqlite3's own way to run a script would commit first."""
    text = resources.files("runner.ledger.sqlite").joinpath(name).read_text(encoding="utf-8")
    pending = ""
    for line in text.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            db.execute(pending)
            pending = ""
