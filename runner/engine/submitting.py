"""The submit desk: reserve, upload, let the last chunk go, read the outcome.

A submit is sent once. It is sent again, with a new token, only where it surely did not arrive.
"""

from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from manifests import catalogue
from manifests.length import Basis
from manifests.money import Cents, show, whole_seconds
from manifests.states import State
from manifests.tariff import cost
from runner.api.interface import (
    Accepted,
    Cancelled,
    Doubtful,
    NotAllowed,
    NotSent,
    OutOfMoney,
    Rejected,
    SourceChanged,
    SubmitOutcome,
    Throttled,
)
from runner.engine import timing
from runner.engine.fetching import FetchDesk
from runner.engine.messages import Answer, Enlarged, LastChunk, Reserved, SubmitEnded, Upload
from runner.engine.pace import Pace
from runner.engine.task import Task
from runner.engine.voices import Outlook, Voices
from runner.engine.world import Stop, World
from runner.engine.writes import Enlarge, Reserve
from runner.ledger.rows import Reservation
from runner.tempo import LEAST_SUBMITS, Tempo

TokenMaker: TypeAlias = Callable[[str], str]
"""A new token for a content key."""

_NOT_OUT = frozenset({State.RESERVED, State.UPLOADING})


class SubmitDesk:
    """Buys the approved parts."""

    def __init__(self, world: World, voices: Voices) -> None:
        self._world = world
        self._voices = voices
        self._ready: deque[int] = deque()
        self.to_come = 0  # parts that the gate let through, and that will be handed over later
        self._voiceless: list[int] = []  # parts that wait for a clone
        self._reserving: set[int] = set()
        self._active: dict[int, Task] = {}  # by attempt
        self.pace = Pace(world.terms.uploads)
        self.tempo = Tempo(world.terms.submit_rate, floor=LEAST_SUBMITS)
        self._not_before = 0.0
        self._failures = 0
        self._doubts = 0
        self._throttled_since: float | None = None
        self.stale: list[Task] = []  # found changed while uploading
        self.no_room: list[Task] = []
        self.submitted_cents = Cents(0)
        self.sent = 0  # bytes of what was submitted

    @property
    def busy(self) -> bool:
        """Whether anything is between reserving and its outcome, or still to be submitted."""
        to_submit = bool(self._ready or self._voiceless or self.to_come) and self._world.submitting
        return bool(self._active or self._reserving) or to_submit

    @property
    def waiting(self) -> int:
        """Parts that wait for their turn."""
        return len(self._ready)

    @property
    def _at_work(self) -> int:
        """Uploads under way, and about to be."""
        return len(self._active) + len(self._reserving)

    @property
    def sending(self) -> bool:
        """Whether a last chunk is out whose answer is awaited."""
        return any(task.state is State.SENDING for task in self._active.values())

    def approve(self, parts: tuple[int, ...]) -> None:
        """Queue what the gate let through."""
        self._ready.extend(parts)

    def due(self) -> float | None:
        """When the desk wants to be asked again."""
        now = self._world.now
        at = max(self._not_before, self.tempo.free_at(now))
        return at if self._ready and self._world.submitting and at > now else None

    def work(self, new_token: TokenMaker, fetches: FetchDesk) -> None:
        """Reserve as many parts as there are free slots, unless too many results are not on disk yet."""
        world = self._world
        self._call_back()
        self._heed(fetches.stuck)
        while (
            world.submitting
            and fetches.unsaved < world.terms.max_unsaved
            and self._ready
            and world.now >= self._not_before
            and self._at_work < self.pace.slots
            and self.tempo.free_at(world.now) <= world.now
        ):
            task = world.tasks[self._ready.popleft()]
            if task.needs and not self._has_voice(task):
                continue
            self._reserving.add(task.part_id)
            self.tempo.book(world.now)
            world.write(Reserve(_wish(task, world.terms.manifest_id, new_token(task.key))))
        if self._at_work < self.pace.slots:
            self.pace.pause()
        world.tell_waiting(any_waits=bool(self._ready) and world.submitting)

    def _heed(self, stuck: int) -> None:
        """Stop where results that do not come are as many as may be missing: waiting would not help."""
        if self._ready and stuck >= self._world.terms.max_unsaved:
            self._world.stop(
                Stop.UNSAVED,
                f"{stuck:,} finished results did not come, so nothing more is bought (--max-unsaved"
                f" {self._world.terms.max_unsaved:,})",
            )

    def _call_back(self) -> None:
        """Queue again what waited for a voice that is made, or never will be, in front."""
        tasks = [self._world.tasks[part_id] for part_id in self._voiceless]
        decided = [
            task.part_id for task in tasks if self._voices.outlook(task, self._to_come) is not Outlook.AWAITED
        ]
        self._voiceless = [part_id for part_id in self._voiceless if part_id not in set(decided)]
        self._ready.extendleft(reversed(decided))

    def _has_voice(self, task: Task) -> bool:
        """Whether the task can speak; it waits for its voice, or stays planned where none will come."""
        match self._voices.outlook(task, self._to_come):
            case Outlook.MADE:
                return True
            case Outlook.AWAITED:
                self._voiceless.append(task.part_id)
            case Outlook.NEVER:
                self._world.note(f"{task.name} was not sent: the voice that it needs was not made")
        return False

    def _to_come(self, part_id: int) -> bool:
        """Whether a planned part is to be submitted by this run."""
        return self._world.submitting and (part_id in self._ready or part_id in self._reserving)

    def reserved(self, event: Reserved) -> None:
        """The ceiling is set aside and durable: upload."""
        task = self._world.tasks[event.part_id]
        self._reserving.discard(event.part_id)
        task.attempt_id, task.token, task.job_id = event.attempt_id, event.token, ""
        task.manifest_id, task.reserved = self._world.terms.manifest_id, self._world.now
        task.state, task.settled = State.RESERVED, False
        if not self._world.sending:
            self._world.move(task, State.PLANNED, "stopped before the upload")
            return
        self._active[event.attempt_id] = task
        self._world.move(task, State.UPLOADING, late=True)
        self._world.act(Upload(task.part_id, task.attempt_id, task.order()))

    def no_room_for(self, part_id: int, said_by: str = "") -> None:
        """The cap, or a limit that somebody said, leaves too little: something cost more than planned."""
        self._reserving.discard(part_id)
        self.no_room.append(self._world.tasks[part_id])
        which = f"a limit ({said_by})" if said_by else "the cap"
        self._world.stop(Stop.CAP, f"{which} leaves too little for the next item")

    def taken(self, part_id: int) -> None:
        """Another run was quicker; it pays, this run gets its copy."""
        self._reserving.discard(part_id)
        self._world.tasks[part_id].foreign = True

    def last_chunk(self, event: LastChunk) -> None:
        """Make `sending` durable, then let the chunk go; or cut the upload, which makes no job."""
        task = self._active.get(event.attempt_id)
        go = task is not None and self._world.sending
        if task is not None and go:
            self._world.move(task, State.SENDING)
        self._world.act(Answer(event.attempt_id, go))

    def cut(self) -> None:
        """Cut every upload whose last chunk is not out."""
        for attempt_id, task in list(self._active.items()):
            if task.state in _NOT_OUT:
                del self._active[attempt_id]
                self._world.move(task, State.PLANNED, "stopped during the upload")
                self._world.act(Answer(attempt_id, go=False))

    def abandon(self) -> None:
        """Leave now: what may have arrived is in doubt, the rest surely is not."""
        self.cut()
        for task in self._active.values():
            self._world.move(task, State.IN_DOUBT, "left before the answer came")
        self._active.clear()

    def ended(self, event: SubmitEnded) -> Task | None:
        """Record an outcome; the task when it is now at the service or in doubt."""
        task = self._active.pop(event.attempt_id, None)
        if task is None:
            return self._late(event)
        return self._outcome(task, event.outcome)

    def _late(self, event: SubmitEnded) -> Task | None:
        """An upload that was cut on our side, yet a job was made: money counts, whatever the order."""
        task = self._world.tasks[event.part_id]
        if isinstance(event.outcome, Accepted) and task.state in (State.PLANNED, State.IN_DOUBT):
            self._world.move(task, State.SUBMITTED, "answered late", event.outcome.job_id)
            self._world.submitted += 1
            return task
        return None

    def _outcome(self, task: Task, outcome: SubmitOutcome) -> Task | None:
        world = self._world
        match outcome:
            case Accepted(job_id, estimated_ms):
                self._went_well(task)
                world.move(task, State.SUBMITTED, job_id=job_id)
                self._may_be_longer(task, estimated_ms)
                return task
            case Doubtful(reason):
                world.move(task, State.IN_DOUBT, reason)
                self.sent += task.source.size if task.source else 0
                self._lost_answer(reason)
                return task
            case Rejected(reason):
                self._failures = 0
                world.move(task, State.REJECTED, reason)
            case SourceChanged(reason):
                world.move(task, State.PLANNED, reason)
                self.stale.append(task)
            case _:
                self._not_received(task, outcome)
        return None

    def _may_be_longer(self, task: Task, estimated_ms: int | None) -> None:
        """What the service expects to make may cost more than was set aside: then more is, at once."""
        product, terms = catalogue.load().product(task.product), self._world.terms
        if estimated_ms is None or product.service.basis is not Basis.OUTPUT:
            return
        now = cost(product, estimated_ms, estimated_ms, terms.rates.get(product.name))
        if now.expected <= task.ceiling:
            return
        reason = (
            f"the service expects {whole_seconds(estimated_ms):,} s: {show(now.ceiling)} is set aside for it,"
            f" not {show(task.ceiling)}"
        )
        task.ceiling = now.ceiling
        self._world.write(Enlarge(task.attempt_id, now.ceiling, reason))
        self._world.note(f"{task.name}: {reason}")

    def enlarged(self, event: Enlarged) -> None:
        """More is set aside; where that passes the cap, or a limit, nothing more is sent."""
        if event.over > 0:
            name = self._world.tasks[event.part_id].name
            allowed = f"is allowed ({event.said_by})" if event.said_by else "the cap"
            self._world.stop(
                Stop.OVER, f"{name} turns out longer than planned: {show(event.over)} more than {allowed}"
            )

    def _not_received(self, task: Task, outcome: SubmitOutcome) -> None:
        """Surely no job: back to planned, in front of the queue, with what the answer teaches."""
        world = self._world
        match outcome:
            case OutOfMoney(reason) if task.currency == "credits":
                world.stop(Stop.CREDITS, f"the account's credits do not cover {task.name}: {reason}")
            case OutOfMoney(reason, required, available):
                world.shortfall.required, world.shortfall.available = required, available
                world.stop(Stop.MONEY, reason)
            case NotAllowed(reason):
                world.stop(Stop.SESSION if task.currency == "credits" else Stop.KEY, reason)
            case Throttled(retry_after):
                reason = "429: too many calls"
                self._throttled(retry_after)
            case NotSent(reason):
                self._failed(reason)
            case _:
                assert isinstance(outcome, Cancelled)
                reason = "cut before the last chunk"
        world.move(task, State.PLANNED, reason)
        self._ready.appendleft(task.part_id)

    def _went_well(self, task: Task) -> None:
        self._failures = self._doubts = 0
        self._throttled_since = None
        size = task.source.size if task.source else 0
        self.pace.went_well(size, self._world.now)
        self._world.submitted += 1
        if task.currency == "cents":
            self.submitted_cents = Cents(self.submitted_cents + task.ceiling)
        self.sent += size

    def _throttled(self, retry_after: float | None) -> None:
        self._failures += 1
        self.pace.halve()
        self.tempo.halve(self._world.now)
        self._throttled_since = min(self._throttled_since or self._world.now, self._world.now)
        # `Retry-After: 0`, or a date gone by, would send whole uploads one after the other without a rest.
        wait = max(self._backoff(self._failures), retry_after or 0.0)
        self._pause(wait)
        if wait > timing.THROTTLED_TO_STOP:
            self._world.stop(Stop.DOWN, f"429: the service asks to wait for {wait:,.0f} seconds")
        if self._world.now - self._throttled_since >= timing.THROTTLED_TO_STOP:
            self._world.stop(Stop.DOWN, "429 to every submit for a quarter of an hour")

    def _failed(self, reason: str) -> None:
        self._failures += 1
        self.pace.halve()
        self._pause(self._backoff(self._failures))
        if self._failures >= timing.FAILURES_TO_STOP:
            self._world.stop(Stop.DOWN, f"{self._failures} submits in a row did not get through: {reason}")

    def _lost_answer(self, reason: str) -> None:
        self._doubts += 1
        self.pace.drop()
        self._pause(self._backoff(self._doubts))
        if self._doubts >= timing.DOUBTS_TO_STOP:
            self._world.stop(Stop.DOWN, f"{self._doubts} answers in a row were lost: {reason}")

    def _backoff(self, failures: int) -> float:
        return timing.backoff(failures, self._world.rng, self._world.terms.patience.retry)

    def _pause(self, seconds: float) -> None:
        self._not_before = max(self._not_before, self._world.now + seconds)


def _wish(task: Task, manifest_id: str, token: str) -> Reservation:
    return Reservation(
        task.part_id, manifest_id, task.service, token, task.expected, task.ceiling, task.currency
    )
