"""Actions performed: three small pools of threads that answer through one queue."""

import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import Self, TypeAlias

from manifests.errors import MachineError
from manifests.stored import Location
from runner import results
from runner.api.errors import ApiError, Gone, KeyRefused, ServiceDown, SessionRefused, TooManyCalls
from runner.api.interface import JobApi, SourceChanged, SubmitOutcome
from runner.engine.fetching import FETCHES
from runner.engine.messages import (
    Action,
    Answer,
    CallFailed,
    CallProblem,
    Event,
    Fetch,
    Fetched,
    FetchFailed,
    FetchProblem,
    LastChunk,
    Read,
    ReadBilled,
    SubmitEnded,
    Upload,
)
from runner.inputs import WordsChanged, no_texts, with_words
from runner.ledger.rows import ResultRow
from runner.options import RunEnds, RunOptions, always
from runner.points import Point, Reach, nowhere
from runner.reading import Reader, read
from runner.within import NameTaken

CALLS = 4
"""Threads for small calls; the desks say how many uploads and downloads are at work at once."""

WAITING_CALLS = 16
"""The same where a read may wait for another run's: one such wait must not hold up all other reads."""

_FETCH_PROBLEMS: tuple[tuple[type[Exception], FetchProblem], ...] = (
    (NameTaken, FetchProblem.NAME),
    (MachineError, FetchProblem.DISK),
    (results.NothingToFetch, FetchProblem.EMPTY),
    (Gone, FetchProblem.GONE),
    (SessionRefused, FetchProblem.SESSION),
    (KeyRefused, FetchProblem.KEY),
    (ApiError, FetchProblem.LATER),
)


class Crash(Exception):
    """A bug inside a pool's thread."""


Inbox: TypeAlias = SimpleQueue[Event | Crash]


class Pool:
    """A few daemon threads that run functions in the order given."""

    def __init__(self, name: str, size: int, inbox: Inbox) -> None:
        self._name, self._size, self._inbox = name, size, inbox
        self._work: SimpleQueue[Callable[[], Event] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._open = 0
        self._lock = threading.Lock()

    def run(self, job: Callable[[], Event]) -> None:
        """Queue a function; its event goes to the inbox."""
        with self._lock:
            self._open += 1
            if self._open > len(self._threads) < self._size:
                thread = threading.Thread(target=self._serve, name=self._name, daemon=True)
                self._threads.append(thread)
                thread.start()
        self._work.put(job)

    def close(self) -> None:
        """Begin nothing more: each thread ends with what it is doing, of which nobody is told."""
        with suppress(Empty):
            while True:
                self._work.get_nowait()
        for _ in self._threads:
            self._work.put(None)

    def _serve(self) -> None:
        while (job := self._work.get()) is not None:
            try:
                self._inbox.put(job())
            except BaseException as error:  # noqa: BLE001 - a bug must reach the loop, whatever it is
                crash = Crash(f"in {self._name}: {error!r}")
                crash.__cause__ = error
                self._inbox.put(crash)
            with self._lock:
                self._open -= 1


class Gate:
    """Where an upload waits with its last chunk for the engine's word."""

    def __init__(self) -> None:
        self._answered = threading.Event()
        self._go = False

    def answer(self, go: bool) -> None:  # noqa: FBT001 - the word itself
        """The engine's word; the first one stands."""
        if not self._answered.is_set():
            self._go = go
            self._answered.set()

    def ask(self, question: Callable[[], None]) -> bool:
        """Ask, unless the word is there already, and wait for it."""
        if not self._answered.is_set():
            question()
        self._answered.wait()
        return self._go


class Performer:
    """Performs the engine's actions against the API and the results folder."""

    def __init__(
        self,
        api: Callable[[], JobApi],
        output: Location,
        inbox: Inbox,
        uploads: int,
        *,
        text: Callable[[str], str] = no_texts,
        known: Callable[[str], Collection[str]] = lambda _service: (),
        reach: Reach = nowhere,
        reader: Reader = read,
        may_send: Callable[[], bool] = always,
    ) -> None:
        """Take the ends.

        Args:
            api: the service.
            output: where results go.
            inbox: where events go.
            uploads: at most this many at once.
            text: the words of a text file.
            known: the job numbers of a service that the ledger has; asked by the loop's own thread.
            reach: called at every durable step.
            reader: answers the engine's reads.
            may_send: asked last, by the upload's own thread, before a last chunk goes.
        """
        self._api, self._output, self._inbox, self._reader = api, output, inbox, reader
        self._may_send = may_send
        self._text, self._known, self._reach = text, known, reach
        self._uploads = Pool("upload", uploads, inbox)
        self._calls = Pool("call", CALLS if reader is read else WAITING_CALLS, inbox)
        self._fetches = Pool("fetch", FETCHES, inbox)
        self._gates: dict[int, Gate] = {}

    @classmethod
    def of(cls, ends: RunEnds, options: RunOptions, inbox: Inbox) -> Self:
        """The performer of a run."""
        return cls(
            ends.api,
            options.output,
            inbox,
            options.uploads,
            text=ends.probes.text,
            known=ends.ledger.job_ids,
            reach=ends.reach,
            reader=ends.reader,
            may_send=ends.may_send,
        )

    def close(self) -> None:
        """Send nothing more, and let the threads end: the process may outlive its run."""
        for gate in list(self._gates.values()):
            gate.answer(go=False)
        for pool in (self._uploads, self._calls, self._fetches):
            pool.close()

    def perform(self, action: Action) -> None:
        """Start one action; it answers by an event."""
        match action:
            case Answer(attempt_id, go):
                gate = self._gates.get(attempt_id)
                if gate is not None:
                    gate.answer(go)
            case Upload():
                gate = self._gates[action.attempt_id] = Gate()
                self._uploads.run(lambda: self._upload(action, gate))
            case Fetch():
                self._fetches.run(lambda: self._fetch(action))
            case ReadBilled(service, _, known):
                # The ledger is the loop's: what it knows is read here, before a thread takes over.
                unknown = replace(action, known=known | frozenset(self._known(service)))
                self._calls.run(lambda: self._call(unknown))
            case _:
                self._calls.run(lambda: self._call(action))

    def _upload(self, action: Upload, gate: Gate) -> Event:
        question = LastChunk(action.part_id, action.attempt_id)
        outcome: SubmitOutcome
        self._reach(Point.BEFORE_UPLOAD)
        try:
            order = with_words(action.order, self._text)
            outcome = self._api().submit(order, lambda: self._ask(gate, question))
        except WordsChanged as error:
            outcome = SourceChanged(str(error))
        finally:
            self._gates.pop(action.attempt_id, None)
        self._reach(Point.ANSWERED)
        return SubmitEnded(action.part_id, action.attempt_id, outcome)

    def _ask(self, gate: Gate, question: LastChunk) -> bool:
        """The engine's word about the last chunk; what it says is durable before."""
        self._reach(Point.LAST_CHUNK)
        word = gate.ask(lambda: self._inbox.put(question)) and self._may_send()
        self._reach(Point.RELEASED)
        return word

    def _fetch(self, action: Fetch) -> Event:
        kept: list[ResultRow] = []
        refused: dict[str, str] = {}
        try:
            self._reach(Point.BEFORE_FETCH)
            rows = results.fetch(self._api(), action, self._output, kept, refused, self._reach)
            return Fetched(action.part_id, rows)
        except (MachineError, ApiError) as error:
            problem = next(problem for kind, problem in _FETCH_PROBLEMS if isinstance(error, kind))
            return FetchFailed(action.part_id, problem, str(error), tuple(kept), tuple(refused.items()))

    def _call(self, action: Read) -> Event:
        try:
            return self._reader(self._api(), action)
        except SessionRefused as error:
            return CallFailed(action, CallProblem.SESSION, str(error))
        except KeyRefused as error:
            return CallFailed(action, CallProblem.KEY, str(error))
        except ServiceDown as error:
            return CallFailed(action, CallProblem.DOWN, str(error), error.retry_after or 0.0)
        except TooManyCalls as error:
            return CallFailed(action, CallProblem.THROTTLED, str(error), error.retry_after or 0.0)
        except ApiError as error:
            return CallFailed(action, CallProblem.REFUSED, str(error))
