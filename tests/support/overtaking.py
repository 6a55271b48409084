"""Something that happens between two statements of a transaction: what another connection does meanwhile."""

import threading
from collections.abc import Callable
from typing import Any

from runner.ledger.store import Store


class Overtaken:
    """A database in which something happens right after a statement, once."""

    def __init__(self, db: Any, act: Callable[[], object], after: str) -> None:
        self._db, self._act, self._after = db, act, after
        self.happened = False

    def execute(self, sql: str, *values: Any) -> Any:
        """One statement, and what happens after it."""
        found = self._db.execute(sql, *values)
        if not self.happened and self._after in sql:
            self.happened = True
            self._act()
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)


class Beside:
    """A thread that does something meanwhile, and waits where it is held up."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._thread = threading.Thread(target=act)

    def __call__(self) -> None:
        """Let it begin; it has ended, or waits, when this returns: either way the end is the same."""
        self._thread.start()
        self._thread.join(0.3)

    def ended(self) -> None:
        """Wait for its end."""
        self._thread.join(30)
        assert not self._thread.is_alive()


def overtake(ledger: Store, act: Callable[[], object], after: str = "") -> Overtaken:
    """Have something done right after a ledger's next statement that has these words in it."""
    made = Overtaken(ledger.db, act, after)
    ledger._db = made  # type: ignore[assignment]
    return made
