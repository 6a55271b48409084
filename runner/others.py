"""Purchases that other runs on the same wallet drive: waited for while they live, taken over after."""

from collections.abc import Iterable
from typing import Protocol

from runner.collect import recover
from runner.engine.messages import Event, ForeignSeen
from runner.engine.task import Task
from runner.ledger.interface import Ledger
from runner.ledger.rows import AttemptRow
from runner.locks import Locks

LOOK_EVERY = 1.0
"""Seconds between looks into the ledger."""


class Beside(Protocol):
    """What a run asks about the others."""

    def is_ours(self, attempt: AttemptRow) -> bool:
        """Whether an attempt is ours to see through."""
        ...

    def take_over(self) -> None:
        """Take what ended runs left of the purchases that we share."""
        ...

    def seen(self, tasks: Iterable[Task], now: float) -> list[Event]:
        """What has become of the purchases that we wait for."""
        ...


class Others:
    """What a run knows of the others."""

    def __init__(self, ledger: Ledger, locks: Locks, manifest_id: str) -> None:
        self._ledger, self._locks, self._id = ledger, locks, manifest_id
        self._taken: set[str] = set()
        self._looked = 0.0

    def is_free(self, manifest_id: str) -> bool:
        """Whether a manifest's purchases are ours to drive: its run ended and was taken over."""
        return manifest_id in self._taken

    def is_ours(self, attempt: AttemptRow) -> bool:
        """Whether an attempt is ours to see through."""
        return attempt.manifest_id == self._id or self.is_free(attempt.manifest_id)

    def take_over(self) -> None:
        """Recover what ended runs of other manifests left of the purchases that we share."""
        others = self._ledger.others_at_work(self._id)
        for other in others:
            self._take(other)

    def seen(self, tasks: Iterable[Task], now: float) -> list[Event]:
        """What has become of the purchases that we wait for."""
        if 0 <= now - self._looked < LOOK_EVERY:  # less than 0: the clock was set back
            return []
        self._looked = now
        return [self._look(task) for task in tasks if task.foreign]

    def _look(self, task: Task) -> ForeignSeen:
        state, attempt = self._ledger.part(task.part_id)
        free = attempt is None or self._take(attempt.manifest_id)
        if free:
            state, attempt = self._ledger.part(task.part_id)
        return ForeignSeen(task.part_id, state, attempt, free)

    def _take(self, manifest_id: str) -> bool:
        if manifest_id == self._id:  # its lock is ours, and what it is doing must not be undone
            return True
        if manifest_id not in self._taken and self._locks.try_take(manifest_id):
            self._taken.add(manifest_id)
            recover(self._ledger, manifest_id)
        return manifest_id in self._taken
