"""What a simulated host does over its wire to the service: actions of its engine, and its own calls."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from manifests.keys import find_tokens
from manifests.money import Rate
from runner.api.errors import Gone as JobGone
from runner.api.errors import ServiceDown
from runner.api.interface import (
    Accepted,
    Balance,
    BalanceCheck,
    Cancelled,
    CreditRow,
    Doubtful,
    Job,
    JobsPage,
    NotSent,
    SubmitOutcome,
    Throttled,
    UsageRow,
    Wallet,
)
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
    Listed,
    Looked,
    RatesRead,
    ReadJob,
    ReadList,
    ReadRates,
    ReadUsage,
    ReadWallet,
    SubmitEnded,
    Upload,
    UsageRead,
    WalletRead,
)
from runner.engine.task import Target
from runner.inputs import NOTHING
from runner.ledger.rows import ResultRow
from runner.results import place
from support.fleetsim.books import SERVICE, Books
from support.fleetsim.sequencer import Process, Sequencer
from support.fleetsim.watcher import Watcher
from support.fleetsim.wires import Chances, Wire

RATE = Fraction(1)
RESULT = "json"
PATIENCE = 30.0
"""Seconds for which the client repeats a reading by itself."""

TIMEOUT = 20.0
"""Seconds after which a host takes an answer for lost."""


class Inbox(SimpleQueue):
    """A queue whose reader waits in virtual time."""

    process: Process | None = None  # None: nobody reads it any more

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """The next event; `Empty` when none came in time."""
        if self.empty() and block and self.process is not None:
            self.process.wait(timeout or 0.0)
        return super().get(block=False)


@dataclass
class Counted:
    """Requests at the service, of all hosts together."""

    submits: int = 0
    read_back: int = 0  # pages of the list, before a shift buys
    lists: int = 0
    searches: int = 0  # pages of the list, for lost answers
    jobs: int = 0
    usage: int = 0
    fetches: int = 0
    others: int = 0


@dataclass
class Hands:
    """One process's connections to the service. They end with it."""

    clock: Sequencer
    process: Process
    wire: Wire
    books: Books
    watcher: Watcher
    chances: Chances
    rng: random.Random
    counted: Counted
    inbox: Inbox
    grain: float = 0.0  # seconds: what comes within one is seen at once, as by a busy loop
    output: Path = Path("results")
    may_send: Callable[[], bool] = lambda: True
    _uploads: dict[int, Upload] = field(default_factory=dict)

    # -- actions of the engine

    def perform(self, action: Action) -> None:
        """Start an action; it answers by an event."""
        match action:
            case Upload():
                self._uploads[action.attempt_id] = action
                self._after(self.rng.uniform(*self.chances.upload), lambda: self._all_but_one(action))
            case Answer(attempt_id, go):
                upload = self._uploads.pop(attempt_id, None)
                if upload is not None and self._word(go):
                    self._after(self.wire.seconds(), lambda: self._arrive(upload))
                elif upload is not None:
                    self._ended(upload, Cancelled(), 0.0)
            case Fetch():
                self._after(2 * self.wire.seconds(), lambda: self._fetched(action))
            case _:
                self._after(self.wire.seconds(), lambda: self._ask(action))

    def close(self) -> None:
        """Send nothing more; what comes now nobody takes."""
        self._uploads.clear()
        self.inbox.process = None

    def _word(self, go: bool) -> bool:
        """Whether the last chunk goes: asked just before a host is frozen, or just after it woke."""
        if self.rng.random() < 1 / 2:
            self.process.linger()
            return go and self.may_send()
        word = go and self.may_send()
        self.process.linger()
        return word

    def _all_but_one(self, upload: Upload) -> None:
        if self.wire.is_cut or self.rng.random() < self.chances.cut:
            self._uploads.pop(upload.attempt_id, None)
            self._ended(upload, NotSent("cut before the last chunk"), 0.0)
        else:
            self._tell(LastChunk(upload.part_id, upload.attempt_id), 0.0)

    def _arrive(self, upload: Upload) -> None:
        """The last chunk is on the wire: from here on a lost answer may have cost money."""
        self.counted.submits += 1
        if self.wire.is_cut:
            self._ended(upload, Doubtful("no answer"), TIMEOUT)
            return
        dice = self.rng.random()
        if dice < self.chances.refused:
            self._ended(upload, Doubtful("504"), self.wire.seconds())
            return
        (token,) = find_tokens([upload.order.upload_name])
        said = self.books.submit(token.text, upload.order.size)
        lost = isinstance(said, Accepted) and dice < self.chances.refused + self.chances.lost
        self._after(self.wire.seconds(), lambda: self._heard(upload, said or Throttled(1.0), lost=lost))

    def _heard(self, upload: Upload, said: SubmitOutcome, *, lost: bool) -> None:
        if lost or self.wire.is_cut:
            self._ended(upload, Doubtful("reset"), TIMEOUT)
        else:
            self._ended(upload, said, 0.0)

    def _ended(self, upload: Upload, outcome: SubmitOutcome, seconds: float) -> None:
        self._tell(SubmitEnded(upload.part_id, upload.attempt_id, outcome), seconds)

    def _fetched(self, action: Fetch) -> None:
        if self.wire.is_cut or self.rng.random() < self.chances.unfetched:
            self._tell(FetchFailed(action.part_id, FetchProblem.LATER, "cut"), 0.0)
            return
        self.counted.fetches += 1
        rows = tuple(self._saved(action, target) for target in action.targets if RESULT not in target.have)
        self._tell(Fetched(action.part_id, rows), 0.0)

    def _saved(self, action: Fetch, target: Target) -> ResultRow:
        """An empty file: what is in it nobody asks, that it is there decides what is fetched again."""
        path = place(self.output, action.service, target.base, RESULT)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("ab").close()
        return ResultRow(target.item_id, RESULT, str(path), 0, NOTHING)

    def _ask(self, action: Action) -> None:
        """A reading reaches the service, or the fleet's watcher."""
        if self.wire.is_cut or self.rng.random() < self.chances.unread:
            self._tell(CallFailed(action, CallProblem.DOWN, "no answer"), PATIENCE)
            return
        match action:
            case ReadList(service, job_ids, tokens) if not tokens:
                self.watcher.ask_jobs(job_ids, lambda jobs: self._answer(Listed(service, jobs, job_ids)))
            case ReadUsage(jobs):
                numbers = frozenset(number for _, number in jobs)
                self.watcher.ask_bills(numbers, lambda rows: self._answer(UsageRead(rows, joined=False)))
            case _:
                self._answer(self._read(action))

    def _answer(self, event: Event) -> None:
        """The answer is on its way back; where nothing passes it comes once the wire is whole again."""
        at = max(self.clock.now, self.wire.cut_until) + self.wire.seconds()
        self._tell(event, at - self.clock.now)

    def _read(self, action: Action) -> Event:
        match action:
            case ReadList(service, job_ids, tokens):
                return Listed(service, self.watcher.search(job_ids, tokens), job_ids)
            case ReadJob(part_id, _, job_id):
                self.counted.jobs += 1
                return Looked(part_id, self.books.job(job_id))
            case ReadWallet():
                self.counted.others += 2
                return WalletRead(Wallet(self.books.balance(), None))
            case ReadRates():
                self.counted.others += 1
                return RatesRead({SERVICE: RATE})
            case _:
                raise AssertionError(action)

    # -- events

    def _after(self, seconds: float, act: Any) -> None:
        self.clock.after(seconds, lambda: None if self.process.over else act())

    def _tell(self, event: Event, seconds: float) -> None:
        at = self.clock.now + seconds
        if self.grain:
            at = -(-at // self.grain) * self.grain
        self.clock.at(at, lambda: self._put(event))

    def _put(self, event: Event) -> None:
        if self.inbox.process is not None and not self.process.over:
            self.inbox.put(event)
            self.process.wake()


class Api:
    """The calls of the main thread, which it waits for."""

    def __init__(self, hands: Hands) -> None:
        self.hands = hands

    def _trip(self) -> None:
        hands = self.hands
        hands.process.sleep(2 * hands.wire.seconds())
        if hands.wire.is_cut:
            hands.process.sleep(PATIENCE)
            raise ServiceDown("no answer")
        hands.counted.others += 1

    def balance(self) -> Balance:
        self._trip()
        return self.hands.books.balance()

    def credits(self) -> int | None:
        return None

    def credit_rows(self) -> list[CreditRow] | None:
        return None

    def rates(self) -> dict[str, Rate]:
        self._trip()
        return {SERVICE: RATE}

    def service_types(self) -> list[str]:
        return [SERVICE]

    def check_balance(self, _service_type: str, _seconds: int) -> BalanceCheck:
        self._trip()
        return BalanceCheck(can_proceed=True)

    def pages(self, _service: str) -> Iterator[JobsPage]:
        for page in self.hands.books.pages():
            self._trip()
            self.hands.counted.read_back += 1
            yield page

    def job(self, _service: str, job_id: str) -> Job:
        self._trip()
        self.hands.counted.jobs += 1
        found = self.hands.books.job(job_id)
        if found is None:
            raise JobGone(f"job {job_id}: 404")
        return found

    def usage_pages(self) -> Iterator[tuple[UsageRow, ...]]:
        for page in self.hands.books.usage_pages():
            self._trip()
            self.hands.counted.usage += 1
            yield page
