"""The settle desk: what each job really cost, from the wallet's usage rows.

A finished job counts at its ceiling until its row arrives. A failed job without a row after a
while was not charged, and its hold is given back.
"""

from collections.abc import Collection

from manifests import catalogue
from manifests.states import State
from runner.api.interface import UsageRow
from runner.engine import timing
from runner.engine.messages import (
    AddUsage,
    Billed,
    CallFailed,
    MatchUsage,
    ReadUsage,
    Unverified,
    UsageRead,
)
from runner.engine.task import Task
from runner.engine.world import Stop, World
from runner.ledger import billing
from runner.ledger.rows import Move

REMEMBERED_ROWS = 500
"""Row numbers kept to notice where a new reading meets an old one."""


class SettleDesk:
    """Settles ended jobs."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._open: dict[int, Task] = {}  # by attempt
        self._reading = False
        self._next: float | None = None
        self._read_at = -timing.USAGE_WHILE_BUSY  # when the last reading came
        self._gap = 0
        self._idle_since: float | None = None
        self._known: list[str] = []
        self._nameless: set[str] = set()  # services whose rows carry no job number
        self._to_decide: set[int] = set()  # failed jobs of earlier runs, to be tried again once released
        self.read_once = False
        self._billed: dict[int, Billed] = {}  # the newest word on each attempt: rows of one job add up

    @property
    def open(self) -> int:
        """Ended jobs that are not settled."""
        return len(self._open)

    @property
    def reading(self) -> bool:
        """Whether a reading is under way."""
        return self._reading

    def add(self, task: Task, *, decide: bool = False) -> None:
        """Settle a job that has just ended, or that an earlier run left.

        With `decide` the run waits until it is known whether a failed job was charged, since only
        then it may be tried again.
        """
        self._open[task.attempt_id] = task
        if decide:
            self._to_decide.add(task.attempt_id)
        self._gap = 0
        self._soon(max(self._world.now + timing.USAGE_GAPS[0], self._read_at + timing.USAGE_WHILE_BUSY))

    def _soon(self, at: float) -> None:
        self._next = at if self._next is None else min(self._next, at)

    def ended(self, task: Task) -> None:
        """A job was seen to end; its bill may have come before that."""
        if not task.settled:
            self.add(task)
        elif task.state is State.FAILED:
            self._world.move(task, billing.failed_at(task.charge), task.reason)

    def forget(self, task: Task) -> None:
        """Settle a job no longer."""
        self._open.pop(task.attempt_id, None)

    @property
    def patient(self) -> bool:
        """Whether to go on waiting for rows although the run has nothing else to do."""
        if not self._to_decide.isdisjoint(self._open):
            return True
        waited = 0.0 if self._idle_since is None else self._world.now - self._idle_since
        awaited = [task for task in self._open.values() if task.state is not State.FAILED]
        return bool(awaited) and waited < self._world.terms.patience.settle

    def due(self) -> float | None:
        """When the desk wants to be asked again."""
        if not self._open:
            return None
        times = [self._releases_at(task) for task in self._open.values() if task.state is State.FAILED]
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
            self._soon(now + timing.USAGE_GAPS[0])
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
        self._match(event.rows)
        self._settle_nameless(event.rows)
        self._release(event.rows)

    def _match(self, rows: tuple[UsageRow, ...]) -> None:
        """Rows that another run on this wallet recorded first settle ours all the same."""
        billed = {(row.service_type, row.job_id) for row in rows}
        for task in self._open.values():
            if _is_billed(task, billed):
                self._world.write(MatchUsage(task.attempt_id))

    def failed(self, event: CallFailed) -> None:
        """No answer: read again later."""
        if isinstance(event.action, ReadUsage):
            self._reading = False
            self.read_once = True
            self._plan_next()

    def billed(self, event: Billed) -> None:
        """An attempt is settled."""
        task = self._open.pop(event.attempt.attempt_id, None) or self._task_of(event)
        if task is not None:
            task.settled, task.charge = True, event.cents
            if task.state in billing.FAILED:
                task.state = billing.failed_at(event.cents)
        self._billed[event.attempt.attempt_id] = event
        if event.over > 0:
            self._world.stop(
                Stop.OVER,
                f"{task.name if task else event.attempt.token} was charged {event.cents} c,"
                f" {event.over} c above the most it could cost",
            )

    def _task_of(self, event: Billed) -> Task | None:
        task = self._world.tasks.get(event.attempt.part_id)
        return task if task is not None and task.attempt_id == event.attempt.attempt_id else None

    @property
    def drift(self) -> dict[str, tuple[int, int]]:
        """What jobs were expected to cost and did cost, by service, in cents."""
        sums: dict[str, tuple[int, int]] = {}
        for bill in self._billed.values():
            expected, charged = sums.get(bill.attempt.service, (0, 0))
            sums[bill.attempt.service] = (expected + bill.attempt.expected, charged + bill.cents)
        return sums

    def _plan_next(self) -> None:
        self._read_at = self._world.now
        wait = timing.USAGE_GAPS[min(self._gap, len(timing.USAGE_GAPS) - 1)]
        self._next = self._read_at + (wait if self._idle_since is not None else timing.USAGE_WHILE_BUSY)
        self._gap += 1

    def _remember(self, rows: tuple[UsageRow, ...]) -> None:
        known = set(self._known)
        fresh = [row.row_id for row in rows if row.row_id not in known]
        self._known = (fresh + self._known)[:REMEMBERED_ROWS]

    def _settle_nameless(self, rows: tuple[UsageRow, ...]) -> None:
        """Where a service's rows carry no job numbers, its jobs count at their expected price."""
        for service in catalogue.load().services:
            ours = [row for row in rows if row.service_type in service.wallet]
            if ours and not any(row.job_id for row in ours):
                self._nameless.add(service.name)
        for task in list(self._open.values()):
            if task.service in self._nameless and task.state in (State.FINISHED, State.SAVED):
                self._world.write(Unverified(task.attempt_id))
                self._world.note(
                    f"the wallet's rows for {task.service} name no jobs: charges are not verified"
                )

    def _releases_at(self, task: Task) -> float:
        return task.since + self._world.terms.patience.bill

    def _release(self, rows: tuple[UsageRow, ...]) -> None:
        """Only a reading taken after the wait proves that no row came."""
        billed = {(row.service_type, row.job_id) for row in rows}
        for attempt_id, task in list(self._open.items()):
            if task.state is not State.FAILED or self._world.now < self._releases_at(task):
                continue
            if _is_billed(task, billed):
                continue
            del self._open[attempt_id]
            self._world.write(Move(attempt_id, State.RELEASED, task.reason))
            task.state, task.settled = State.RELEASED, True


def _is_billed(task: Task, billed: Collection[tuple[str, str]]) -> bool:
    return any((name, task.job_id) in billed for name in catalogue.load().service(task.service).wallet)
