"""The credit desk: what jobs cost that the account's credits pay.

The rows of the credits name no jobs (docs/api.md 16). So a job that was done counts at its expected
credits, unverified; whether more left the account than that, the guard desk sees. A failed job is given
back only where every row that could be its charge is explained by a job that was done.
"""

from collections.abc import Iterable

from manifests import catalogue
from manifests.states import State
from runner.api.interface import CreditRow
from runner.api.service_types import is_known
from runner.engine import timing
from runner.engine.messages import CallFailed, CreditsRead, ReadCredits
from runner.engine.settling import CLOCKS_DIFFER, is_before
from runner.engine.task import Task
from runner.engine.world import World
from runner.engine.writes import Unverified
from runner.ledger import billing
from runner.ledger.rows import AttemptRow

DONE = frozenset({State.FINISHED, State.SAVED, State.LOST})


class CreditDesk:
    """Settles ended jobs that credits pay."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._failed: dict[int, Task] = {}  # by attempt, until it is known whether they were charged
        self._to_decide: dict[int, float] = {}  # of those, which the run waits for, and until when
        self._done: dict[int, AttemptRow] = {}  # by attempt, in the ledger, of any manifest
        self._next = 0.0
        self.reading = False

    def know(self, done: Iterable[AttemptRow]) -> None:
        """Jobs of credits that the ledger has as done: they explain rows."""
        self._done.update((attempt.attempt_id, attempt) for attempt in done)

    def add(self, task: Task, *, decide: bool = False) -> None:
        """Settle a job that has just ended, or that an earlier run left.

        With `decide` the run waits until it is known whether a failed job was charged, since only
        then it may be tried again.
        """
        if task.state is not State.FAILED:
            self._world.write(Unverified(task.attempt_id))
            self._world.note(
                f"the rows of the account's credits name no jobs: charges for {task.service} are not verified"
            )
            return
        self._failed[task.attempt_id] = task
        if decide:
            latest = max(self._world.now, self._releases_at(task)) + timing.SETTLE_WAIT
            self._to_decide[task.attempt_id] = latest

    def ended(self, task: Task) -> None:
        """A job was seen to end."""
        if not task.settled:
            self.add(task)
        elif task.state is State.FAILED:
            self._world.move(task, billing.failed_at(task.charge), task.reason)

    def forget(self, task: Task) -> None:
        """Settle a job no longer."""
        self._failed.pop(task.attempt_id, None)

    @property
    def patient(self) -> bool:
        """Whether to go on waiting for rows although the run has nothing else to do."""
        return any(self._world.now < at for at in self._decision_times())

    def due(self) -> float | None:
        """When the desk wants to be asked again."""
        times = self._decision_times()
        if not self.reading:
            times += [max(self._next, self._releases_at(task)) for task in self._failed.values()]
        return min((at for at in times if at > self._world.now), default=None)

    def work(self) -> None:
        """Read the rows once they would show a charge."""
        now = self._world.now
        ripe = any(self._releases_at(task) <= now for task in self._failed.values())
        if ripe and not self.reading and self._next <= now and not self._world.leaving:
            self.reading = True
            self._world.act(ReadCredits())

    def read(self, event: CreditsRead) -> None:
        """Decide about failed jobs; where no rows may be seen, nothing shows that they were not charged."""
        self.reading = False
        for attempt_id, task in list(self._failed.items()):
            if self._releases_at(task) > self._world.now:
                continue
            del self._failed[attempt_id]
            if event.rows is None or self._may_be_charged(task, event.rows):
                self._world.write(Unverified(attempt_id))
                self._world.note(
                    f"{task.name} failed; no row of the account's credits shows whether it was charged:"
                    " taken as charged"
                )
            else:
                self._world.move(task, State.RELEASED, task.reason)
                task.settled = True

    def failed(self, event: CallFailed) -> None:
        """No answer: read again later."""
        if isinstance(event.action, ReadCredits):
            self.reading = False
            self._next = self._world.now + max(timing.USAGE_WHILE_BUSY, event.retry_after)

    def _releases_at(self, task: Task) -> float:
        return task.since + self._world.terms.patience.bill

    def _decision_times(self) -> list[float]:
        return [at for attempt_id, at in self._to_decide.items() if attempt_id in self._failed]

    def _may_be_charged(self, task: Task, rows: Iterable[CreditRow]) -> bool:
        """Whether more rows could be of this job's time and service than jobs that were done explain."""
        since = task.reserved - CLOCKS_DIFFER
        mine = [row for row in rows if _may_bill(task.service, row.service_type)]
        recent = [row for row in mine if row.credits > 0 and not is_before(row.created, since)]
        return len(recent) > len(self._explaining(task.service, since))

    def _explaining(self, service: str, since: float) -> set[int]:
        """The attempts of a service that were done and were sent after a moment."""
        known = self._done.values()
        found = {each.attempt_id for each in known if each.service == service and each.created >= since}
        return found | {
            task.attempt_id
            for task in self._world.tasks.values()
            if task.service == service and task.state in DONE and task.reserved >= since
        }


def _may_bill(service: str, service_type: str) -> bool:
    """Whether a row of this type may be of a job of the service: also where nobody knows the type."""
    names = catalogue.load().service(service).wallet
    return any(name in service_type for name in names) or not is_known(service_type)
