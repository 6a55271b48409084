"""What the wallet tells of a bill's period, all of one moment."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from runner.api.interface import Balance, Topup, UsageRow
from runner.ledger.runs import Reading

ATTEMPTS = 3
"""Times that a wallet which moves is read."""

Row = TypeVar("Row", UsageRow, Topup)


@dataclass(frozen=True, slots=True)
class Told:
    """The balance of now, and both lists back to a time, newest first."""

    now: Reading
    rows: Sequence[UsageRow]
    topups: Sequence[Topup]
    steady: bool = True  # whether nothing moved while it was read


def read(
    balance: Callable[[], Balance],
    usage: Callable[[], Iterable[tuple[UsageRow, ...]]],
    topups: Callable[[], Iterable[tuple[Topup, ...]]],
    since: float,
    clock: Callable[[], float],
) -> Told:
    """Ask for the balance and for what moved it since a time (seconds since 1970); again where it moves.

    Raises:
        ApiError: no answer, or none for this key.
    """
    before = balance()
    for attempt in range(1, ATTEMPTS + 1):
        rows, paid = _back_to(since, usage()), _back_to(since, topups())
        at, after = clock(), balance()
        if after == before or attempt == ATTEMPTS:
            break
        before = after
    return Told(Reading(at, after.balance, after.total_spent), rows, paid, steady=after == before)


def moment(created: str) -> float:
    """When the service says that something happened, in seconds since 1970; 0 where it does not."""
    return datetime.fromisoformat(created).timestamp() if created else 0.0


def _back_to(since: float, pages: Iterable[tuple[Row, ...]]) -> list[Row]:
    """The rows since a time: pages come newest first, so older ones end it."""
    found: list[Row] = []
    for page in pages:
        fresh = [row for row in page if not row.created or moment(row.created) >= since]
        found += fresh
        if len(fresh) < len(page):
            break
    return found
