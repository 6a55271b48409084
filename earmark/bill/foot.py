"""The foot of a bill: opening balance + top-ups - ours - others' = closing balance.

The service tells the balance of now, and lists what was charged and what was put in. The balance of another
time is one that was read (by a run, which the ledger remembers, or now), with what the lists show between
then and there. Opening and closing rest on different readings where there are two: what the lists do not
explain between these is a line of its own.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeAlias

from earmark.bill.period import Period
from earmark.bill.wallet import Told, moment
from manifests.money import Cents
from runner.api.interface import Topup, UsageRow
from runner.ledger.rows import AttemptRow
from runner.ledger.runs import Reading, RunRow

Owner: TypeAlias = Callable[[UsageRow], AttemptRow | None]

CLOCKS_DIFFER = 300.0
"""Seconds by which this machine's clock and the service's may differ."""

PAID = frozenset({"COMPLETED", "SUCCEEDED", "PAID", ""})
"""A top-up's status when its money is in the wallet; the service publishes no list of them."""


@dataclass(frozen=True, slots=True)
class Foot:
    """The reconciliation, in cents: opening + topups - ours - unverified - others + unexplained = closing."""

    opening: Cents
    topups: Cents
    ours: Cents
    unverified: Cents  # ours, by rows that name no job
    others: Cents
    closing: Cents
    topups_count: int
    ours_count: int
    others_count: int
    opening_read: Reading | None  # what the opening rests on; None: reckoned back from the closing
    closing_read: Reading
    pending: Cents  # top-ups that are not paid
    unread: Cents  # of ours: what no run has read yet, so that the bill shows a hold
    unreadable: int  # rows whose amount cannot be read

    @property
    def unexplained(self) -> Cents:
        """What the lists do not explain; normally 0."""
        spent = self.ours + self.unverified + self.others
        return Cents(self.closing - self.opening - self.topups + spent)

    def beside(self, charged: int) -> Cents:
        """What a bill charges and the wallet's list does not show as ours: given up, never verified."""
        return Cents(charged - (self.ours - self.unread) - self.unverified)


@dataclass(frozen=True, slots=True)
class Anchors:
    """The readings that opening and closing rest on; None for the closing is the one of now."""

    opening: Reading | None
    closing: Reading | None

    def back_to(self, period: Period) -> float:
        """How far back the lists are needed, in seconds since 1970."""
        read = [each.at - CLOCKS_DIFFER for each in (self.opening, self.closing) if each is not None]
        return min([period.start, *read])


def anchors_of(runs: Iterable[RunRow], period: Period, now: float) -> Anchors:
    """Of the balances that runs read, those nearest to both ends of a period."""
    known = sorted(_readings(runs), key=lambda each: each.at)
    closing = min(known, key=lambda each: abs(each.at - period.end), default=None)
    if closing is not None and now - period.end <= abs(closing.at - period.end):
        closing = None
    earlier = [each for each in known if closing is None or each.at < closing.at]
    return Anchors(min(earlier, key=lambda each: abs(each.at - period.start), default=None), closing)


def _readings(runs: Iterable[RunRow]) -> Iterator[Reading]:
    for run in runs:
        yield from (each for each in (run.before, run.after) if each is not None)


class Moves:
    """What moved the balance, by time."""

    def __init__(self, moves: Iterable[tuple[float, int]]) -> None:
        """From pairs of a time and cents."""
        newest_first = sorted(moves, key=lambda move: -move[0])
        self._ages = [-at for at, _ in newest_first]  # ascending
        self._sums = list(accumulate((cents for _, cents in newest_first), initial=0))

    def since(self, at: float) -> int:
        """The sum from a moment on, that moment included."""
        return self._sums[bisect_right(self._ages, -at)]

    def after(self, reading_at: float, told: int) -> int:
        """The sum of what came after a reading: as the wallet's own sums tell, where the list bears that out.

        A clock cannot tell it to the second, and charges come right before a run's last reading.

        Args:
            reading_at: seconds since 1970, by this machine's clock.
            told: what the sum is by the wallet's own figures, then and now.
        """
        low = bisect_right(self._ages, -(reading_at + CLOCKS_DIFFER))
        high = bisect_right(self._ages, -(reading_at - CLOCKS_DIFFER))
        return told if told in self._sums[low : high + 1] else self.since(reading_at)


def foot_of(period: Period, anchors: Anchors, told: Told, owner: Owner, unverified: int) -> Foot:
    """Reconcile a period.

    Args:
        period: of the bill.
        anchors: the balances that the ledger knows.
        told: the wallet as it is, and what moved it, as far back as the anchors need.
        owner: the attempt that a row bills; None where it is none of the ledger's.
        unverified: cents that the ledger counts in the period for jobs that no row names.
    """
    balance = _balances(told)
    closing = anchors.closing or told.now
    inside = [row for row in told.rows if period.start <= moment(row.created) < period.end]
    owned = [(row, owner(row)) for row in inside]
    ours = [(row.cents, attempt) for row, attempt in owned if attempt is not None]
    nameless = [row.cents for row in inside if not row.job_id]
    guessed = max(0, min(unverified, sum(nameless)))
    accounted = len(ours) + (len(nameless) if guessed == sum(nameless) else 0)
    within = [each for each in told.topups if period.start <= moment(each.created) < period.end]
    counted = [each.cents for each in within if _is_paid(each)]
    own = sum(cents for cents, _ in ours)
    return Foot(
        opening=balance(period.start, anchors.opening or closing),
        topups=Cents(sum(counted)),
        ours=Cents(own),
        unverified=Cents(guessed),
        others=Cents(sum(row.cents for row in inside) - own - guessed),
        closing=balance(period.end, closing),
        topups_count=len(counted),
        ours_count=len(ours),
        others_count=len(inside) - accounted,
        opening_read=anchors.opening,
        closing_read=closing,
        pending=Cents(sum(each.cents for each in within) - sum(counted)),
        unread=Cents(sum(cents for cents, attempt in ours if attempt.charge is None)),
        unreadable=sum(not row.priced for row in inside),
    )


def _balances(told: Told) -> Callable[[float, Reading], Cents]:
    """The balance at a moment, from a reading and what moved it between the two."""
    now = told.now
    spent = Moves((moment(row.created), row.cents) for row in told.rows)
    paid = Moves((moment(each.created), each.cents) for each in told.topups if _is_paid(each))

    def balance(at: float, read: Reading) -> Cents:
        since = (0, 0)
        if read is not now:
            spent_since = now.total_spent - read.total_spent
            put_in = now.balance - read.balance + spent_since
            since = spent.after(read.at, spent_since), paid.after(read.at, put_in)
        return Cents(read.balance - since[0] + spent.since(at) + since[1] - paid.since(at))

    return balance


def _is_paid(topup: Topup) -> bool:
    return topup.status.upper() in PAID
