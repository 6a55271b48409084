"""What counts against the limits of a run (`manifests.limits`): its own purchases, and the month's."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from manifests.limits import Limits, Scope, Used, Wish
from manifests.money import ZERO, Cents
from runner.engine.task import Task
from runner.ledger.interface import Ledger
from runner.ledger.rows import Reservation
from runner.wanted import Wanted


class Counting:
    """Counts for one run; what the ledger knew before its first decision is no part of the run."""

    def __init__(
        self,
        ledger: Ledger,
        manifest_id: str,
        limits: Limits,
        clock: Callable[[], float],
        others: Callable[[], Cents],
    ) -> None:
        """`others` tells what other living runs may still reserve."""
        self._ledger, self._id, self._limits = ledger, manifest_id, limits
        self._clock, self._others = clock, others
        self._before: int | None = None

    def used(self) -> Used:
        """What counts against the limits already."""
        if not self._limits:
            return Used()
        if self._before is None:
            self._before = self._ledger.newest_attempt()
        month = ZERO
        if self._limits.of(Scope.MONTH) is not None:
            others = self._others()  # first: what hosts reserve meanwhile counts twice rather than never
            month = Cents(self._ledger.committed_since(month_start(self._clock())) + others)
        return Used(self._ledger.committed_after(self._id, self._before), month)


class Room:
    """Whether the limits still have room for what the gate let through.

    They do, unless something turned out dearer since: only from then on each reservation is counted anew,
    as that takes longer the more was bought. The ledger's transaction is open around each call.
    """

    def __init__(self, ledger: Ledger, manifest_id: str, limits: Limits, counting: Counting) -> None:
        self._ledger, self._id, self._limits, self._counting = ledger, manifest_id, limits, counting
        self._promised: Cents | None = None
        self._grown = False

    def look(self) -> None:
        """Notice whether more counts by now than before, apart from what was let through."""
        if self._limits:
            promised = self._ledger.promised(self._id)
            self._grown = self._grown or (self._promised is not None and promised > self._promised)
            self._promised = promised

    def let_through(self) -> None:
        """Everything was counted now, and an allotment was written."""
        self._grown, self._promised = False, None

    def passed(self) -> tuple[Cents, str]:
        """By how much a limit is passed, and who said it; 0 where none is."""
        over = self._limits.passed(self._counting.used())
        return (ZERO, "") if over is None else (over.needed, over.limit.origin)

    def lack(self, wish: Reservation) -> str:
        """Which limit has no room for a wish, and who said it; empty where all have."""
        if not self._grown or wish.currency != "cents":
            return ""
        wishes = [Wish(self._ledger.product_of(wish.part_id), wish.ceiling, ZERO)]
        over = self._limits.over(wishes, self._counting.used())
        return over[0].limit.origin if over else ""


def month_start(now: float) -> float:
    """When the calendar month of a moment began, in UTC; both in seconds since 1970."""
    moment = datetime.fromtimestamp(now, UTC)
    return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0).timestamp()


def wishes_of(tasks: Sequence[Task]) -> Iterator[Wish]:
    """What some tasks would buy; all of them cost cents."""
    if isinstance(tasks, Wanted):  # never parts of texts
        return tasks.wishes()
    return _wishes(tasks)


def _wishes(tasks: Sequence[Task]) -> Iterator[Wish]:
    wholes = _wholes(tasks)
    for task in tasks:
        whole = wholes[_text_of(task)] if _is_part(task) else task.ceiling
        yield Wish(task.product, task.ceiling, whole)


def _wholes(tasks: Iterable[Task]) -> dict[tuple[str, str, str], Cents]:
    """The most that all parts of a text can cost that are among the tasks."""
    sums: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for task in tasks:
        if _is_part(task):
            sums[_text_of(task)] += task.ceiling
    return {text: Cents(cents) for text, cents in sums.items()}


def _is_part(task: Task) -> bool:
    return task.source is not None and task.source.span is not None


def _text_of(task: Task) -> tuple[str, str, str]:
    """The text that a part belongs to: its file, what is bought of it, and with which options."""
    return task.name, task.product, str(sorted(task.fields.items()))
