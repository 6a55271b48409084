"""The watch desk: jobs at the service, seen through its lists, and doubts cleared by their tokens."""

from collections import Counter, defaultdict

from manifests import catalogue
from manifests.keys import Token
from manifests.states import State
from runner.api.interface import Job, JobStatus
from runner.engine import timing
from runner.engine.messages import CallFailed, CallProblem, Listed, Looked, ReadBilled, ReadJob, ReadList
from runner.engine.task import Task
from runner.engine.world import Stop, World
from runner.engine.writes import MatchUsage
from runner.spoken import said_the_same, shows_words, voice_in

SINGLE_LOOKS = 20
"""Jobs looked at one by one in one round, where a service has no list or its list misses some."""

_UNCLEAR = frozenset({State.IN_DOUBT, State.GIVEN_UP})
_ANSWERLESS = _UNCLEAR | {State.UPLOADING, State.SENDING}


class Doubt:
    """When a lost answer is searched for."""

    def __init__(self, task: Task, now: float, looks: tuple[float, ...]) -> None:
        self.task = task
        self._at = [now + wait for wait in looks]
        self._latest = now + timing.THROTTLED_TO_STOP

    def due(self, now: float) -> bool:
        """Whether a look is due."""
        return bool(self._at) and self._at[0] <= now

    @property
    def next(self) -> float | None:
        """When the next look is due; None when all were taken."""
        return self._at[0] if self._at else None

    def looked(self, now: float) -> None:
        """One look was taken; those that fell due meanwhile need no look of their own."""
        self._at = self._at[1:]
        while len(self._at) > 1 and self._at[1] <= now:
            self._at = self._at[1:]

    def put_off(self, until: float, *, again: bool) -> None:
        """The service wants to be asked no earlier; `again` says that the look just taken showed nothing.

        A wait that is longer than submits would bear is left to the next run, which looks again first.
        """
        if until > self._latest:
            self._at = []
        elif again and not self._at:
            self._at = [until]


class WatchDesk:
    """Watches what runs, by service."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._running: dict[str, dict[str, Task]] = defaultdict(dict)
        self._doubts: dict[int, Doubt] = {}  # by part
        self._next: dict[str, float] = {}
        self._looked: dict[str, float] = {}  # when a service was last looked at
        self._fresh: dict[str, int] = defaultdict(int)  # submits since then
        self._put_off: set[str] = set()  # services whose look waits for more submits
        self._takes: dict[str, float] = {}  # seconds that its quickest job took, as far as is known
        self._not_before: dict[str, float] = defaultdict(float)  # when a service wants to be asked again
        self._asked: set[str] = set()  # services with a list reading under way
        self._looking: set[int] = set()  # parts with a single reading under way
        self._listless: set[str] = set()  # services whose list cannot be read
        self._gone: dict[int, int] = defaultdict(int)
        self._unseen: set[int] = set()  # not looked at since they were loaded
        self._progress = 0.0  # when something last changed
        self.ended: list[Task] = []  # for the engine to hand on

    @property
    def running(self) -> int:
        """Jobs at the service that have not ended."""
        return sum(map(len, self._running.values()))

    @property
    def _awaited(self) -> int:
        """What ends without our doing: our jobs, and the purchases of other runs."""
        return self.running + len(self._world.foreign)

    @property
    def searching(self) -> bool:
        """Whether looks for lost answers are still to come or under way."""
        return any(doubt.next is not None for doubt in self._doubts.values()) or bool(self._asked)

    @property
    def looked_once(self) -> bool:
        """Whether everything that was loaded has been looked at."""
        return not self._unseen

    def looks_at(self, part_id: int) -> bool:
        """Whether a reading of a part's job is under way."""
        return part_id in self._looking

    def seeks(self, part_id: int) -> bool:
        """Whether the lost answer of a part is still searched for."""
        doubt = self._doubts.get(part_id)
        return doubt is not None and (doubt.next is not None or doubt.task.service in self._asked)

    def watch(self, task: Task) -> None:
        """Watch a job that was just submitted.

        A number that another task has already stays with that one: the ledger will say that it clashes.
        """
        service, now = task.service, self._world.now
        self._running[service].setdefault(task.job_id, task)
        self._progress = now
        self._fresh[service] += 1
        self._looked.setdefault(service, now)
        at = now + timing.jittered(self._first(service), self._world.rng)
        if self._fresh[service] >= max(timing.LOOK_BATCH, len(self._running[service]) // 2):
            at = max(now, self._looked[service] + timing.QUICKEST_LOOK)
        elif self._is_small(service):
            at = max(at, self._looked[service] + self._longest(service))
            self._put_off.add(service)
        self._next[service] = min(self._next.get(service, at), at)

    def _is_small(self, service: str) -> bool:
        """Whether a look would tell of few jobs that are new, and more are on their way."""
        return self._world.more_to_send and self._fresh[service] < timing.LOOK_SMALL

    def _first(self, service: str) -> float:
        """Seconds from a submit to the first look: sooner where jobs are quick and the last ones are out."""
        first = self._world.terms.patience.first_look
        if self._world.more_to_send:
            return first
        return min(first, max(self._takes.get(service, first), timing.QUICKEST_LOOK))

    def _longest(self, service: str) -> float:
        """Seconds between looks at most."""
        return max(self._world.terms.patience.longest_look, self._dear(service))

    def _dear(self, service: str) -> float:
        """Seconds between looks at least: of many jobs one look is many calls."""
        return max(0.0, len(self._running[service]) / timing.LISTED - 1) * timing.PAGE_PAUSE

    def wait_for(self, task: Task) -> None:
        """Wait for another run's purchase, no longer than for a job without news."""
        self._world.foreign.add(task.part_id)
        self._progress = self._world.now

    def forget(self, task: Task) -> None:
        """Watch a job no longer."""
        if self._running[task.service].get(task.job_id) is task:
            del self._running[task.service][task.job_id]

    def leave(self, service: str) -> None:
        """Leave a service's jobs and doubts to the next run: this one cannot look at them."""
        lost = [doubt.task for doubt in self._doubts.values() if doubt.task.service == service]
        self._unseen -= {task.part_id for task in (*self._running[service].values(), *lost)}
        self._running[service].clear()
        for task in lost:
            del self._doubts[task.part_id]

    def doubt(self, task: Task) -> None:
        """Search for an answer that was just lost."""
        self._search(task, self._world.terms.patience.doubt_looks)

    def load(self, task: Task) -> None:
        """Take over what an earlier run left; look at it at once."""
        self._unseen.add(task.part_id)
        if task.state is State.SUBMITTED:
            self.watch(task)
            self._next[task.service] = self._world.now
        else:
            self._search(task, timing.OLD_DOUBT_LOOKS)

    def _search(self, task: Task, looks: tuple[float, ...]) -> None:
        doubt = self._doubts[task.part_id] = Doubt(task, self._world.now, looks)
        doubt.put_off(self._not_before[task.service], again=False)

    def due(self) -> float | None:
        """When the desk wants to be asked again; never, once the run leaves."""
        if self._world.leaving:
            return None
        times = [
            max(self._when(service), self._not_before[service])
            for service in self._next
            if self._running[service] and service not in self._asked
        ]
        times += [
            max(doubt.next, self._not_before[doubt.task.service])
            for doubt in self._doubts.values()
            if doubt.next is not None and doubt.task.service not in self._asked
        ]
        if self._awaited:
            times.append(self._progress + self._world.terms.patience.job)
        return min(times, default=None)

    def _when(self, service: str) -> float:
        """When a service is looked at next: what waits for more submits does not, once none will come."""
        at, world = self._next[service], self._world
        if service in self._put_off and not world.more_to_send:
            return min(at, world.none_waits + self._first(service))
        return at

    def work(self) -> None:
        """Ask for the lists that are due."""
        now = self._world.now
        if self._awaited and now >= self._progress + self._world.terms.patience.job:
            whose = " (other runs have them)" if self._world.foreign else ""
            self._world.stop(
                Stop.WAITED, f"{self._awaited} jobs{whose} did not end within the time of --wait"
            )
            return
        lost = [doubt for doubt in self._doubts.values() if doubt.due(now)]
        services = {service for service, jobs in self._running.items() if jobs and self._when(service) <= now}
        for service in services | {doubt.task.service for doubt in lost}:
            self._look(service, [doubt for doubt in lost if doubt.task.service == service])

    def _look(self, service: str, lost: list[Doubt]) -> None:
        if service in self._asked or self._world.now < self._not_before[service]:
            return
        self._put_off.discard(service)
        for doubt in lost:
            doubt.looked(self._world.now)
        if self._by_list(service):
            tokens = frozenset(Token(doubt.task.token) for doubt in lost)
            self._world.act(ReadList(service, frozenset(self._running[service]), tokens))
            self._asked.add(service)
            self._looked[service], self._fresh[service] = self._world.now, 0
            return
        if lost and shows_words(service):
            since = min(doubt.task.reserved for doubt in lost)
            self._world.act(ReadBilled(service, since, frozenset(self._running[service])))
            self._asked.add(service)
        else:
            self._unseen -= {doubt.task.part_id for doubt in lost}
        self._single(service, list(self._running[service].values()))
        self._plan_next(service)

    def _by_list(self, service: str) -> bool:
        return service not in self._listless and catalogue.load().service(service).watch == "list"

    def _single(self, service: str, tasks: list[Task]) -> None:
        """Look at some, which then go to the end of the line: jobs that never end must not hide others."""
        line = self._running[service]
        for task in tasks[:SINGLE_LOOKS]:
            line[task.job_id] = line.pop(task.job_id)
            if task.part_id not in self._looking:
                self._looking.add(task.part_id)
                self._world.act(ReadJob(task.part_id, task.service, task.job_id))

    def _plan_next(self, service: str) -> None:
        """Look again after a share of the jobs' age, within bounds."""
        ages = sorted(self._world.now - task.since for task in self._running[service].values())
        age = ages[len(ages) // 2] if ages else 0.0
        wait = max(age * timing.LOOK_SHARE, self._first(service), self._dear(service))
        wait = min(wait, self._longest(service))
        if self._is_small(service):
            wait = self._longest(service)
            self._put_off.add(service)
        self._next[service] = self._world.now + timing.jittered(wait, self._world.rng)

    def listed(self, event: Listed) -> None:
        """Take from a list what it shows of ours."""
        self._asked.discard(event.service)
        self._unseen -= {
            doubt.task.part_id for doubt in self._doubts.values() if doubt.task.service == event.service
        }
        said = Counter(job.text_sha256 for job in event.jobs)
        if event.service in self._takes:  # longer, unless this look shows otherwise: jobs differ
            self._takes[event.service] *= 2
        for job in event.jobs:
            self._claim(event.service, job, alone=said[job.text_sha256] == 1)
            self._saw(self._running[event.service].get(job.job_id), job)
        unseen = event.asked - {job.job_id for job in event.jobs}
        missing = [task for number, task in self._running[event.service].items() if number in unseen]
        self._single(event.service, missing)
        self._plan_next(event.service)

    def looked(self, event: Looked) -> None:
        """Take what a single reading shows."""
        self._looking.discard(event.part_id)
        task = self._world.tasks[event.part_id]
        if event.job is not None:
            self._saw(task, event.job)
            return
        self._unseen.discard(event.part_id)
        self._gone[event.part_id] += 1
        if self._gone[event.part_id] >= timing.GONE_LOOKS and task.state is State.SUBMITTED:
            self._world.move(task, State.LOST, "the service no longer knows the job (404)")
            self._end(task)

    def failed(self, event: CallFailed) -> None:
        """A reading got no answer: look again later, and not before the service wants to be asked."""
        match event.action:
            case ReadList(service, _, tokens):
                self._obey(service, event.retry_after, tokens)
                self._asked.discard(service)
                if event.problem is CallProblem.REFUSED:
                    self._listless.add(service)
                self._unseen -= {task.part_id for task in self._running[service].values()}
                self._unseen -= {d.task.part_id for d in self._doubts.values() if d.task.service == service}
                self._plan_next(service)
            case ReadBilled(service):
                self._obey(service, event.retry_after)
                self._asked.discard(service)
                self._unseen -= {d.task.part_id for d in self._doubts.values() if d.task.service == service}
                self._plan_next(service)
            case ReadJob(part_id, service):
                self._obey(service, event.retry_after)
                self._looking.discard(part_id)
                self._unseen.discard(part_id)
            case _:
                pass

    def _obey(self, service: str, seconds: float, tokens: frozenset[Token] = frozenset()) -> None:
        """Ask a service nothing for the seconds of its `Retry-After`; then search again for the tokens."""
        if seconds <= 0:
            return
        until = self._not_before[service] = max(self._not_before[service], self._world.now + seconds)
        for doubt in self._doubts.values():
            if doubt.task.service == service:
                doubt.put_off(until, again=Token(doubt.task.token) in tokens)

    def _claim(self, service: str, job: Job, *, alone: bool) -> None:
        """A token in the list is proof that a lost answer's job is found; so are words of one doubt alone."""
        unclear = [
            doubt.task
            for doubt in self._doubts.values()
            if doubt.task.service == service and doubt.task.state in _UNCLEAR
        ]
        for task in [task for task in unclear if Token(task.token) in job.tokens]:
            self._found(task, job, "found by its token in the job list")
        same = [
            task for task in unclear if said_the_same(job, task.words, voice_in(task.service, task.fields))
        ]
        if alone and len(same) == 1 and self._nobody_else_said(same[0], job):
            self._found(same[0], job, "found by its words in a job that the wallet billed")

    def _nobody_else_said(self, task: Task, job: Job) -> bool:
        """Whether a job with a task's words can be no other task's, whose answer is out or lost as well."""
        if job.job_id in self._running[task.service]:
            return False
        others = (other for other in self._world.tasks.values() if other.words == task.words)
        return not any(other.state in _ANSWERLESS for other in others if other is not task)

    def _found(self, task: Task, job: Job, how: str) -> None:
        del self._doubts[task.part_id]
        self._world.move(task, State.SUBMITTED, how, job.job_id)
        self._world.submitted += task.source is not None  # sent by this run, not by an earlier one
        self.watch(task)

    def _saw(self, task: Task | None, job: Job) -> None:
        if task is None or task.state is not State.SUBMITTED:
            return
        self._unseen.discard(task.part_id)
        self._gone.pop(task.part_id, None)
        match job.status:
            case JobStatus.COMPLETED:
                task.entry = job.entry if task.targets else None
                self._learn(task)
                self._world.move(task, State.FINISHED)
            case JobStatus.FAILED | JobStatus.CANCELLED:
                self._world.move(task, State.FAILED, job.error or f"the service says {job.status.value}")
            case JobStatus.RUNNING:
                self._note_word(task, job)
                return
        self._end(task)

    def _learn(self, task: Task) -> None:
        """How long a job took at most: it was done by now."""
        took = self._world.now - task.since
        self._takes[task.service] = min(took, self._takes.get(task.service, took))

    def _note_word(self, task: Task, job: Job) -> None:
        """A word that nobody knows may be the end of a job; taken for one, it could lose what is paid."""
        if job.strange:
            self._world.note(f"{task.service} says {job.word!r} of a job, taken for still running")

    def _end(self, task: Task) -> None:
        """Hand a job on; its bill may have been read before its number was known."""
        self._world.write(MatchUsage(task.attempt_id))
        self.forget(task)
        self._progress = self._world.now
        self.ended.append(task)
