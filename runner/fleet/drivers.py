"""Attempts that other runs of the fleet see through: waited for while those live, taken over after.

What `runner.others` is for runs that hold a manifest's lock, this is for runs that have a lease: each attempt
says who drives it, as several runs may be at work on one manifest.
"""

from collections.abc import Callable, Collection, Iterable
from functools import partial

from runner.collect import DRIVEN, clear
from runner.engine.messages import Event, ForeignSeen
from runner.engine.task import Task
from runner.ledger.interface import Ledger
from runner.ledger.rows import AttemptRow
from runner.others import LOOK_EVERY


class Drivers:
    """What a run with a lease knows of the others."""

    def __init__(self, ledger: Ledger, manifest_id: str, taken: Callable[[], None] = lambda: None) -> None:
        """The ledger tells of the run's own lines alone, and has its lease.

        `taken` is called where attempts are taken over.
        """
        self._ledger, self._id, self._taken = ledger, manifest_id, taken
        self._looked = 0.0

    def is_ours(self, attempt: AttemptRow) -> bool:
        """Whether this run sees an attempt through."""
        return attempt.driver is not None and attempt.driver == self._ledger.lease

    def take_over(self) -> None:
        """Take what nobody drives of what this run's lines want."""
        rows = self._ledger.items(self._id)
        attempts = {
            row.attempt.attempt_id: row.attempt for row in rows if row.attempt and row.state in DRIVEN
        }
        free = [each for each in attempts.values() if not self.is_ours(each) and self._may_be_free(each)]
        if free:
            self._ledger.retried(partial(self._take, free))

    def seen(self, tasks: Iterable[Task], now: float) -> list[Event]:
        """What has become of the purchases that we wait for."""
        if 0 <= now - self._looked < LOOK_EVERY:  # less than 0: the clock was set back
            return []
        self._looked = now
        return [self._look(task) for task in tasks if task.foreign]

    def _look(self, task: Task) -> ForeignSeen:
        state, attempt = self._ledger.part(task.part_id)
        free = attempt is None or self.is_ours(attempt)
        if attempt is not None and not free and self._may_be_free(attempt):
            free = attempt.attempt_id in self._ledger.retried(partial(self._take, [attempt]))
            state, attempt = self._ledger.part(task.part_id)
        return ForeignSeen(task.part_id, state, attempt, free)

    def _may_be_free(self, attempt: AttemptRow) -> bool:
        return attempt.driver is None or not self._ledger.lives(attempt.driver)

    def _take(self, attempts: Collection[AttemptRow]) -> set[int]:
        """Drive those that nobody drives; what their run left between two states is cleared first."""
        if any(each.driver is not None for each in attempts):
            self._ledger.fence_dead()
        mine = self._ledger.drive(each.attempt_id for each in attempts)
        if mine:
            self._taken()
        clear(self._ledger, (self._ledger.attempt(each) for each in sorted(mine)))
        return mine
