"""Voices that clones of the same run make, and the tasks that wait to speak with them."""

from collections.abc import Callable, Mapping
from enum import Enum, auto

from manifests.states import State
from runner.engine.task import Task
from runner.engine.world import World

CLONE = "clone"
"""The service whose jobs are voices."""

MADE = frozenset({State.FINISHED, State.SAVED})
UNDER_WAY = frozenset({State.RESERVED, State.UPLOADING, State.SENDING, State.SUBMITTED})


class Outlook(Enum):
    """What becomes of a voice."""

    MADE = auto()
    AWAITED = auto()
    NEVER = auto()  # not by this run


class Voices:
    """What is known of the clones that tasks need, by their content keys."""

    def __init__(self, world: World, sought: Callable[[int], bool]) -> None:
        """`sought` says whether the lost answer of a part is still searched for."""
        self._world = world
        self._sought = sought
        self._known: dict[str, str] = {}
        self._clones: dict[str, Task] = {}
        self._tasks = 0  # how many tasks the clones were picked from

    def know(self, voices: Mapping[str, str]) -> None:
        """Voices of earlier runs: their ids at the service."""
        self._known.update(voices)

    def outlook(self, task: Task, to_come: Callable[[int], bool]) -> Outlook:
        """Whether a task's voice is made, which it is told then, or may still come.

        Args:
            task: that needs a voice.
            to_come: whether a planned part is to be submitted by this run.
        """
        clone = self._clone(task.needs)
        if clone is not None and clone.state in MADE and clone.job_id:
            self._known[task.needs] = clone.job_id
        if task.needs in self._known:
            task.voice = self._known[task.needs]
            return Outlook.MADE
        if clone is None:
            return Outlook.NEVER
        waits = (
            clone.foreign
            or clone.state in UNDER_WAY
            or (clone.state is State.PLANNED and to_come(clone.part_id))
            or (clone.state is State.IN_DOUBT and self._sought(clone.part_id))
        )
        return Outlook.AWAITED if waits else Outlook.NEVER

    def _clone(self, key: str) -> Task | None:
        tasks = self._world.tasks
        found = self._clones.get(key)
        if len(tasks) != self._tasks or found is None or tasks.get(found.part_id) is not found:
            self._tasks = len(tasks)
            self._clones = {task.key: task for task in tasks.values() if task.service == CLONE}
        return self._clones.get(key)
