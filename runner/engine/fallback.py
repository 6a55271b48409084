"""The fallback desk: jobs that the wallet should have paid and the account's credits did (docs/api.md 3.3).

The wallet has no row for such a job. What left the credits counts against the cap as soon as it is seen, so
that the job's own hold would count it a second time. A row of the credits that fits the job ends its hold;
each row ends one. Should the wallet bill the job all the same, its row still counts.
"""

from collections.abc import Callable, Iterable

from manifests import catalogue
from manifests.money import MS_PER_SECOND, price
from manifests.tariff import in_dollars
from runner.api.interface import CreditRow
from runner.api.service_types import is_of
from runner.engine import timing
from runner.engine.messages import CallFailed, CreditsRead, ReadCredits
from runner.engine.settling import CLOCKS_DIFFER, is_before
from runner.engine.task import Task
from runner.engine.world import World
from runner.engine.writes import PaidByCredits


class FallbackDesk:
    """Ends the holds of jobs that credits paid."""

    def __init__(self, world: World, unbilled: Callable[[], Iterable[Task]]) -> None:
        """`unbilled` gives the jobs that were done and have no bill."""
        self._world = world
        self._unbilled = unbilled
        self._next = 0.0
        self._looked_after = 0  # falls
        self.used: set[str] = set()  # rows that stand for a job already
        self.reading = False

    def _waiting(self) -> list[Task]:
        """The jobs that credits may have paid: none, unless credits fell for this manifest."""
        if not self._world.credit_falls:
            return []
        ours = self._world.terms.manifest_id
        return [task for task in self._unbilled() if task.manifest_id == ours]

    @property
    def patient(self) -> bool:
        """Whether a look after the latest fall is still to come."""
        return self._looked_after < self._world.credit_falls and bool(self._waiting())

    def due(self) -> float | None:
        """When the desk wants to be asked again."""
        return self._next if self._next > self._world.now and not self.reading and self._waiting() else None

    def work(self) -> None:
        """Read the rows of the credits."""
        now = self._world.now
        ripe = self.patient or now >= self._next
        if ripe and not self.reading and not self._world.leaving and self._waiting():
            self.reading = True
            self._world.act(ReadCredits())

    def read(self, event: CreditsRead) -> None:
        """End the hold of each job for which a row stands; without rows everything stays set aside."""
        self._done(0.0)
        waiting = self._waiting()
        for row in event.rows or ():
            fitting = [task for task in waiting if self._fits(task, row)]
            if fitting and row.row_id not in self.used:
                self.used.add(row.row_id)
                task = min(fitting, key=lambda each: self._distance(each, row))
                waiting.remove(task)
                self._world.write(PaidByCredits(task.attempt_id, row.row_id))
                self._world.note(f"{task.name} was paid with {row.credits:,} credits of the account")

    def failed(self, event: CallFailed) -> None:
        """No answer: read again later."""
        if isinstance(event.action, ReadCredits):
            self._done(event.retry_after)

    def _done(self, retry_after: float) -> None:
        self.reading, self._looked_after = False, self._world.credit_falls
        self._next = self._world.now + max(timing.USAGE_WHILE_BUSY, retry_after)

    def _fits(self, task: Task, row: CreditRow) -> bool:
        """Whether a row may be a job's charge, by service, time and length."""
        recent = not is_before(row.created, task.reserved - CLOCKS_DIFFER)
        if row.credits <= 0 or not recent or not is_of(task.service, row.service_type):
            return False
        return row.seconds is None or self._price(task, row.seconds) <= task.ceiling

    def _distance(self, task: Task, row: CreditRow) -> int:
        """How far a row's length, or else its dollars, are from what a job was to cost, in cents."""
        cents = in_dollars(row.credits) if row.seconds is None else self._price(task, row.seconds)
        return abs(cents - task.expected)

    def _price(self, task: Task, seconds: int) -> int:
        product = catalogue.load().product(task.product)
        return price(seconds * MS_PER_SECOND, self._world.terms.rates.get(product.name, product.rate))
