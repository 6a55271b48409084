"""What the ledger asks of a database: a few calls, which both stores answer.

The SQL is the same for both: `?` marks a value, rows are tuples, text that one of them does not understand is
named in that store.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

TO_CHANGE = "/* to change */"
"""At the end of a query for one row of a table `a`: nobody else changes it until the transaction ends.

Where one transaction follows the other that is so anyway; a store in which they overlap must lock it.
"""


class Refused(Exception):
    """A statement that a constraint or a trigger of the ledger does not allow; the text is the store's."""


class Rows(Protocol):
    """What a statement answered."""

    @property
    def rowcount(self) -> int:
        """How many rows were written; of several statements together, where they were one call."""
        ...

    def fetchone(self) -> Any:
        """The next row, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]: ...


class Db(Protocol):
    """A connection to a ledger."""

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Rows:
        """One statement."""
        ...

    def executemany(self, sql: str, values: Iterable[Sequence[Any]], /) -> Rows:
        """The same statement for many rows of values; it answers with no rows."""
        ...

    def insert(self, sql: str, values: Sequence[Any] = (), /) -> int:
        """Add one row to a table that numbers its rows; the new number."""
        ...

    def tentative(self) -> AbstractContextManager[None]:
        """What is done inside may be refused without harm to the rest of the transaction.

        Raises:
            Refused: by a constraint or a trigger; nothing of it is kept.
        """
        ...
