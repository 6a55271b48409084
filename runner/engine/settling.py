"""The settle desk: what each job really cost, from the wallet's usage rows.

A finished job counts at its ceiling until its row arrives. A failed job without a row after a
while was not charged, and its hold is given back.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from manifests import catalogue
from manifests.states import State
from runner.api.interface import UsageRow
from runner.api.service_types import billed_as, is_known, is_of, owners
from runner.bits import Bits
from runner.engine import timing
from runner.engine.messages import Billed, CallFailed, ReadUsage, UsageRead
from runner.engine.task import Task
from runner.engine.world import Stop, World
from runner.engine.writes import AddUsage, MatchUsage, Unverified
from runner.ledger import billing
from runner.ledger.rows import Move

REMEMBERED_ROWS = 500
"""Row numbers kept to notice where a new reading meets an old one."""

CLOCKS_DIFFER = 3600.0
"""Seconds by which the service's clock may be behind ours: rows older than that are no job's charge."""

FREE_SHARE = 4
"""The part of the wait for bills after which a job that may be free is taken for free."""

PAID_BY_CREDITS = "credits"
"""How an attempt is settled whose money left the account's credits."""

_DONE = frozenset({State.FINISHED, State.SAVED, State.LOST})


class SettleDesk:
    """Settles ended jobs."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._open: dict[int, Task] = {}  # by attempt
        self._failed: dict[int, Task] = {}  # those of them that failed, or had by some turn
        self._reading = False
        self._next: float | None = None
        self._not_before = 0.0  # as the service asked when it had too many calls
        self._read_at = -timing.USAGE_WHILE_BUSY  # when the last reading came
        self._gap = 0
        self._idle_since: float | None = None
        self._known: list[str] = []
        self._nameless: set[str] = set()  # services whose rows carry no job number
        self._matched: set[int] = set()  # attempts that a row may bill, shown to the ledger
        self._others: set[int] = set()  # of those, the ones that the ledger did not settle by it
        # Failed jobs of earlier runs, which may be tried again once released; each with the time until
        # which the run waits for the word: the wallet may not answer at all.
        self._to_decide: dict[int, float] = {}
        self.read_once = False
        self._sums: dict[str, tuple[int, int]] = {}  # of the bills of those that were let go
        self._let_go = Bits()  # attempts
        self._billed: dict[int, Billed] = {}  # the newest word on each attempt: rows of one job add up

    @property
    def open(self) -> int:
        """Ended jobs that are not settled."""
        return len(self._open)

    @property
    def reading(self) -> bool:
        """Whether a reading is under way."""
        return self._reading

    def unbilled(self) -> list[Task]:
        """Jobs that were done and have no bill."""
        return [task for task in self._open.values() if task.state in _DONE]

    def add(self, task: Task, *, decide: bool = False) -> None:
        """Settle a job that has just ended, or that an earlier run left.

        With `decide` the run waits until it is known whether a failed job was charged, since only
        then it may be tried again.
        """
        self._open[task.attempt_id] = task
        if task.state is State.FAILED:
            self._failed[task.attempt_id] = task
        if decide:
            latest = max(self._world.now, self._releases_at(task)) + timing.SETTLE_WAIT
            self._to_decide[task.attempt_id] = latest
        self._gap = 0
        self._soon(max(self._world.now + self._usage_gap(), self._read_at + self._pause))

    @property
    def _pause(self) -> float:
        """Seconds between two readings while jobs still run: a page of rows should be worth its call."""
        worth = len(self._open) >= timing.USAGE_WORTH or self._open_failed()
        return timing.USAGE_WHILE_BUSY * (1 if worth else timing.USAGE_PATIENCE)

    def _usage_gap(self, readings: int = 0) -> float:
        """Seconds to the next reading after so many in vain."""
        gap = timing.USAGE_GAPS[min(readings, len(timing.USAGE_GAPS) - 1)]
        return gap * self._world.terms.patience.usage_share

    def _soon(self, at: float) -> None:
        self._next = max(self._not_before, at if self._next is None else min(self._next, at))

    def ended(self, task: Task) -> None:
        """A job was seen to end; its bill may have come before that."""
        if not task.settled:
            self.add(task)
        elif task.state is State.FAILED:
            self._world.move(task, billing.failed_at(task.charge), task.reason)

    def forget(self, task: Task) -> None:
        """Settle a job no longer."""
        self._open.pop(task.attempt_id, None)

    def _open_failed(self) -> list[Task]:
        """Failed jobs whose bill is awaited. Asked for every turn: what else is open is not gone through."""
        for number, task in list(self._failed.items()):
            if number not in self._open or task.state is not State.FAILED:
                del self._failed[number]
        return list(self._failed.values())

    @property
    def patient(self) -> bool:
        """Whether to go on waiting for rows although the run has nothing else to do."""
        if any(self._world.now < at for at in self._decision_times()):
            return True
        waited = 0.0 if self._idle_since is None else self._world.now - self._idle_since
        awaited = any(task.state is not State.FAILED for task in self._open.values())
        return awaited and waited < self._world.terms.patience.settle

    def due(self) -> float | None:
        """When the desk wants to be asked again."""
        if not self._open:
            return None
        times = [self._releases_at(task) for task in self._open_failed()]
        times += self._decision_times()
        if self._idle_since is not None:
            times.append(self._idle_since + self._world.terms.patience.settle)
        times = [at for at in times if at > self._world.now]
        if self._next is not None and not self._reading:
            times.append(self._next)
        return min(times, default=None)

    def work(self, *, idle: bool) -> None:
        """Read rows when it is time; `idle` says that the run has nothing else to do."""
        now = self._world.now
        if not idle:
            self._idle_since = None
        elif self._idle_since is None:
            self._idle_since = now
            self._soon(now + self._usage_gap())
        if self._open and not self._reading and self._next is not None and self._next <= now:
            self._reading = True
            jobs = frozenset((task.service, task.job_id) for task in self._open.values())
            self._world.act(ReadUsage(jobs, frozenset(self._known)))

    def read(self, event: UsageRead) -> None:
        """Hand the rows to the ledger, which settles what they bill."""
        self._reading = False
        self.read_once = True
        self._plan_next()
        if event.joined:
            self._remember(event.rows)
        if event.rows:
            self._world.write(AddUsage(event.rows))
        billed = _billed_jobs(event.rows)
        self._match(billed)
        self._settle_nameless(event.rows)
        self._settle_free(billed)
        self._decide_failed(event.rows, billed)

    def _match(self, billed: Collection[tuple[str, str]]) -> None:
        """Rows that another run on this wallet recorded first settle ours all the same."""
        self._others = self._matched & self._open.keys()
        for task in self._open.values():
            if _is_billed(task, billed):
                self._world.write(MatchUsage(task.attempt_id))
                self._matched.add(task.attempt_id)

    def failed(self, event: CallFailed) -> None:
        """No answer: read again later."""
        if isinstance(event.action, ReadUsage):
            self._reading = False
            self.read_once = True
            self._not_before = self._world.now + event.retry_after
            self._plan_next()

    def billed(self, event: Billed) -> None:
        """An attempt is settled."""
        task = self._open.pop(event.attempt.attempt_id, None) or self._task_of(event)
        if task is not None:
            task.settled, task.charge = True, event.cents
            if task.state in billing.FAILED:
                task.state = billing.failed_at(event.cents)
        self._keep_word(event)
        if event.over > 0:
            self._world.stop(
                Stop.OVER,
                f"{task.name if task else event.attempt.token} was charged {event.cents} c,"
                f" {event.over} c above the most it could cost",
            )

    def _task_of(self, event: Billed) -> Task | None:
        task = self._world.tasks.get(event.attempt.part_id)
        return task if task is not None and task.attempt_id == event.attempt.attempt_id else None

    def _keep_word(self, event: Billed) -> None:
        """The newest word on an attempt takes the place of the one before."""
        attempt = event.attempt
        if attempt.attempt_id in self._let_go:
            expected, charged = self._sums.get(attempt.service, (0, 0))
            self._sums[attempt.service] = (expected, charged + event.cents - (attempt.charge or 0))
        else:
            self._billed[attempt.attempt_id] = event

    def let_go(self, task: Task) -> None:
        """Keep no more than sums of a job that is settled."""
        bill = self._billed.pop(task.attempt_id, None)
        if bill is not None:
            _count(self._sums, bill)
            self._let_go.add(task.attempt_id)
        self._matched.discard(task.attempt_id)

    @property
    def drift(self) -> dict[str, tuple[int, int]]:
        """What jobs that the wallet paid were expected to cost and did cost, by service, in cents."""
        sums = dict(self._sums)
        for bill in self._billed.values():
            _count(sums, bill)
        return sums

    def count(self, service: str, expected: int, charged: int) -> None:
        """Let bills that were read elsewhere count, in cents."""
        had, cost = self._sums.get(service, (0, 0))
        self._sums[service] = (had + expected, cost + charged)

    def _plan_next(self) -> None:
        self._read_at = self._world.now
        wait = self._usage_gap(self._gap)
        wait = wait if self._idle_since is not None else self._pause
        self._next = max(self._not_before, self._read_at + wait)
        self._gap += 1

    def _remember(self, rows: tuple[UsageRow, ...]) -> None:
        known = set(self._known)
        fresh = [row.row_id for row in rows if row.row_id not in known]
        self._known = (fresh + self._known)[:REMEMBERED_ROWS]

    def _settle_nameless(self, rows: tuple[UsageRow, ...]) -> None:
        """Where a service's rows carry no job numbers, its jobs count at their expected price."""
        types = {row.service_type for row in rows}
        for name in {name for each in types for name in owners(each)}:
            sold = billed_as(name, types)
            if sold and not any(row.job_id for row in rows if row.service_type == sold):
                self._nameless.add(name)
        for task in list(self._open.values()):
            if task.service in self._nameless and task.state in (State.FINISHED, State.SAVED):
                self._world.write(Unverified(task.attempt_id))
                self._world.note(
                    f"the wallet's rows for {task.service} name no jobs: charges are not verified"
                )

    def _settle_free(self, billed: Collection[tuple[str, str]]) -> None:
        """What was expected at nothing has no row if it cost nothing; one that comes later still counts."""
        patience = self._world.terms.patience.settle / FREE_SHARE
        for task in list(self._open.values()):
            free = task.state in _DONE and catalogue.load().service(task.service).free
            if free and self._world.now >= task.since + patience and not _is_billed(task, billed):
                self._world.write(Unverified(task.attempt_id))

    def _releases_at(self, task: Task) -> float:
        return task.since + self._world.terms.patience.bill

    def _decision_times(self) -> list[float]:
        return [at for attempt_id, at in self._to_decide.items() if attempt_id in self._open]

    def _decide_failed(self, rows: tuple[UsageRow, ...], billed: Collection[tuple[str, str]]) -> None:
        """Only a reading taken after the wait, in which a charge would have shown, proves that none came."""
        for attempt_id, task in list(self._open.items()):
            if task.state is not State.FAILED or self._world.now < self._releases_at(task):
                continue
            if _is_billed(task, billed) and not all(
                self._is_anothers(task, row) for row in _bills(task, rows)
            ):
                continue  # the ledger's word is on its way
            del self._open[attempt_id]
            if self._may_be_charged(task, rows):
                self._world.write(Unverified(attempt_id))
                self._world.note(
                    f"{task.name} failed; no row of the wallet shows whether it was charged: taken as charged"
                )
                continue
            self._world.write(Move(attempt_id, State.RELEASED, task.reason))
            task.state, task.settled = State.RELEASED, True

    def _may_be_charged(self, task: Task, rows: tuple[UsageRow, ...]) -> bool:
        """Whether a row could be a failed job's charge, though it does not say so."""
        mine = [
            row for row in rows if is_of(task.service, row.service_type) or not is_known(row.service_type)
        ]
        if any(row.job_id == task.job_id and not self._is_anothers(task, row) for row in mine):
            return True  # the job, under a type that nobody knows, or with an amount that nobody can read
        nameless = [row for row in mine if not row.job_id]
        recent = [row for row in nameless if not is_before(row.created, task.reserved - CLOCKS_DIFFER)]
        return bool(recent) and len(recent) > self._done_since(task)

    def _is_anothers(self, task: Task, row: UsageRow) -> bool:
        """Whether the ledger knows a row to bill another service's job of this number."""
        return task.attempt_id in self._others and _charges(row) and len(owners(row.service_type)) > 1

    def _done_since(self, task: Task) -> int:
        """How many finished jobs of the service explain rows since a job was sent."""
        since = task.reserved - CLOCKS_DIFFER
        here = sum(
            other.service == task.service and other.state in _DONE and other.reserved >= since
            for other in self._world.tasks.values()
        )
        return here + self._world.gone.done_since(task.service, since)


def _count(sums: dict[str, tuple[int, int]], bill: Billed) -> None:
    """Add a bill of the wallet to what its service was expected to cost and did cost."""
    attempt = bill.attempt
    if attempt.currency == "cents" and attempt.settled != PAID_BY_CREDITS:
        expected, charged = sums.get(attempt.service, (0, 0))
        sums[attempt.service] = (expected + attempt.expected, charged + bill.cents)


def _billed_jobs(rows: tuple[UsageRow, ...]) -> set[tuple[str, str]]:
    """The jobs that the rows charge; a repayment alone is no charge."""
    return {(name, row.job_id) for row in rows if _charges(row) for name in owners(row.service_type)}


def _charges(row: UsageRow) -> bool:
    return row.priced and row.cents >= 0


def _is_billed(task: Task, billed: Collection[tuple[str, str]]) -> bool:
    return (task.service, task.job_id) in billed


def _bills(task: Task, rows: Iterable[UsageRow]) -> list[UsageRow]:
    """The rows that may charge a job."""
    found = [row for row in rows if row.job_id == task.job_id and _charges(row)]
    return [row for row in found if is_of(task.service, row.service_type)]


def is_before(created: str, moment: float) -> bool:
    """Whether a row is surely older than a moment; one without a time may be of any."""
    return bool(created) and datetime.fromisoformat(created).timestamp() < moment
