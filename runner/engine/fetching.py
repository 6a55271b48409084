"""The fetch desk: results of finished jobs onto our disk, again whenever a file is missing, free."""

from collections import deque
from collections.abc import Mapping
from dataclasses import replace

from manifests.states import State
from runner.engine import timing
from runner.engine.messages import Fetch, Fetched, FetchFailed, FetchProblem
from runner.engine.task import Task
from runner.engine.world import Stop, World
from runner.engine.writes import Save

FETCHES = 8
"""Results fetched at once. A fetch mostly waits: for the service, and for a disk to say that all is on it,
which it says to eight as quickly as to one."""


class FetchDesk:
    """Brings results."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._queue: deque[Task] = deque()
        self._waiting: list[tuple[float, Task]] = []  # to be fetched again, when
        self._active: set[int] = set()
        self._tries: dict[int, int] = {}
        self._nothing: dict[int, int] = {}  # tries that found no job, or no result of it
        self._refused: dict[int, str] = {}  # why the service will not give some result, by part
        self.unfetched: list[Task] = []  # left to the next run
        self.stuck = 0  # parts that this run tried to fetch, and tries no more

    @property
    def busy(self) -> bool:
        """Whether results are still to come."""
        return bool(self._queue or self._waiting or self._active)

    @property
    def under_way(self) -> bool:
        """Whether a fetch is being performed right now."""
        return bool(self._active)

    @property
    def unsaved(self) -> int:
        """Parts that are done at the service and whose results are not on disk."""
        return len(self._queue) + len(self._waiting) + len(self._active) + self.stuck

    def has(self, part_id: int) -> bool:
        """Whether results of a part are still to come."""
        return part_id in self._active or any(
            task.part_id == part_id for task in (*self._queue, *(task for _, task in self._waiting))
        )

    def add(self, task: Task) -> None:
        """Fetch a part's results."""
        self._queue.append(task)

    def forget(self, task: Task) -> None:
        """Fetch a part's results no longer."""
        self._queue = deque(each for each in self._queue if each is not task)
        self._waiting = [(at, each) for at, each in self._waiting if each is not task]

    def due(self) -> float | None:
        """When the desk wants to be asked again."""
        return min((at for at, _ in self._waiting), default=None)

    def work(self) -> None:
        """Start as many fetches as there are free slots."""
        now = self._world.now
        self._queue.extend(task for at, task in self._waiting if at <= now)
        self._waiting = [(at, task) for at, task in self._waiting if at > now]
        while self._queue and len(self._active) < FETCHES and not self._world.leaving:
            task = self._queue.popleft()
            self._active.add(task.part_id)
            self._world.act(
                Fetch(task.part_id, task.service, task.job_id, tuple(task.targets), self._entry(task))
            )

    def _entry(self, task: Task) -> Mapping[str, object] | None:
        """What a list showed of a job, to be used once and at once: the addresses in it grow old."""
        entry, task.entry = task.entry, None
        return entry if self._world.now - task.since <= timing.ENTRY_LASTS else None

    def fetched(self, event: Fetched) -> None:
        """The files are in place: record them, and where the service refused others, that too."""
        task = self._world.tasks[event.part_id]
        self._active.discard(event.part_id)
        self._world.write(Save(event.results))
        if event.part_id in self._refused:
            self._leave(task, self._refused[event.part_id])
        elif task.state in (State.FINISHED, State.LOST):
            self._world.move(task, State.SAVED)

    def failed(self, event: FetchFailed) -> None:
        """Fetch again, leave it to the next run, or record that it is lost."""
        task = self._world.tasks[event.part_id]
        self._active.discard(event.part_id)
        self._keep(task, event)
        match event.problem:
            case FetchProblem.DISK:
                self._world.stop(Stop.DISK, event.reason)
                self.unfetched.append(task)
            case FetchProblem.NAME:
                self._world.stop(Stop.NAME, event.reason)
                self.unfetched.append(task)
            case FetchProblem.KEY:
                self._world.stop(Stop.KEY, event.reason)
                self.unfetched.append(task)
            case FetchProblem.SESSION:
                self._world.stop(Stop.SESSION, event.reason)
                self.unfetched.append(task)
            case FetchProblem.GONE:
                self._lost(task, event.reason)
            case FetchProblem.EMPTY | FetchProblem.LATER:
                self._again(task, event)

    def _keep(self, task: Task, event: FetchFailed) -> None:
        """What came is recorded; neither it nor what was refused is asked for a second time."""
        if event.kept:
            self._world.write(Save(event.kept))
        for name, why in event.refused:
            self._refused[task.part_id] = f"{name}: {why}"
        names = {(row.item_id, row.name) for row in event.kept}
        names |= {(target.item_id, name) for target in task.targets for name, _ in event.refused}
        task.targets = [
            replace(target, have=target.have | {name for item_id, name in names if item_id == target.item_id})
            for target in task.targets
        ]

    def _again(self, task: Task, event: FetchFailed) -> None:
        tries = self._tries[task.part_id] = self._tries.get(task.part_id, 0) + 1
        nothing = self._nothing[task.part_id] = self._nothing.get(task.part_id, 0) + (
            event.problem is FetchProblem.EMPTY
        )
        if tries < timing.FETCH_TRIES and task.state is not State.LOST:
            at = self._world.now + timing.backoff(tries, self._world.rng, self._world.terms.patience.retry)
            self._waiting.append((at, task))
        elif nothing == tries:
            self._lost(task, event.reason)
        else:
            self._leave(task, self._refused.get(task.part_id, ""))

    def _leave(self, task: Task, refused: str) -> None:
        """Leave the rest to the next run; the ledger keeps why, where the service refused to give it.

        A finished part with a reason is one whose result was refused (runner/report.py).
        """
        self.unfetched.append(task)
        self.stuck += 1
        if refused:
            self._world.note(f"{task.name}: {refused}")
        if task.state is State.FINISHED and task.reason != refused:
            self._world.move(task, State.FINISHED, refused)

    def _lost(self, task: Task, reason: str) -> None:
        """Paid, and no result to be had: not bought again by itself, but every run asks once more."""
        task.reason = reason
        if task.state is State.FINISHED:
            self.stuck += 1
            self._world.move(task, State.LOST, reason)
        else:
            self.unfetched.append(task)
