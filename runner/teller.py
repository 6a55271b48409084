"""Tells whoever watches what became of the items, after each turn that is durable.

It reads what the engine wrote and what the ledger answered; it decides nothing, and the run does not wait
for anything that it says.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

from manifests.money import Rate
from manifests.states import State
from runner.api.interface import Wallet
from runner.engine.journal import OUTRUN
from runner.engine.messages import Billed, Clash, Event, Fetched, Load, Reserved
from runner.engine.task import Task
from runner.engine.world import World
from runner.engine.writes import Write
from runner.gate import Passage
from runner.ledger.interface import Ledger
from runner.ledger.rows import AttemptRow, Move
from runner.told import Began, Change, GateTold, ItemTold, NoteTold, StopTold, Told

CHANGES: Mapping[State, Change] = {
    State.SUBMITTED: Change.SUBMITTED,
    State.FINISHED: Change.FINISHED,
    State.FAILED: Change.FAILED,
    State.RELEASED: Change.RELEASED,
    State.FAILED_CHARGED: Change.CHARGED,
    State.REJECTED: Change.REJECTED,
    State.IN_DOUBT: Change.IN_DOUBT,
    State.LOST: Change.LOST,
    State.PLANNED: Change.RETURNED,
}
"""Moves that are told. That something is saved is told when its files are known."""

FREE = frozenset({Change.RELEASED, Change.REJECTED, Change.RETURNED})
"""Changes after which it is known that nothing was charged."""

_BILLABLE = frozenset({State.FINISHED, State.SAVED, State.LOST, State.FAILED, State.FAILED_CHARGED})

_OVER = frozenset({State.SAVED, State.RELEASED, State.FAILED_CHARGED, State.REJECTED, State.PLANNED})


class Teller:
    """Follows one engine."""

    def __init__(
        self,
        world: World,
        ledger: Ledger,
        manifest_id: str,
        rates: Mapping[str, Rate],
        tell: Callable[[Told], None],
    ) -> None:
        """`rates` are cents a minute by product."""
        self._world, self._ledger, self._id = world, ledger, manifest_id
        self._rates, self._tell = rates, tell
        self._tasks: dict[int, Task] = {}  # by attempt
        self._charged: dict[int, int] = {}  # the last charge that was told, by attempt
        self._notes = self._stops = 0  # told so far

    def began(self, items: int) -> None:
        """The run holds its lock, and its cap is set."""
        amounts, in_credits = self._ledger.amounts(self._id), self._ledger.credits(self._id)
        self._tell(Began(self._id, items, amounts, in_credits))

    def gate(self, passage: Passage, wallet: Wallet) -> None:
        """The gate said yes or no."""
        expected = ceiling = items = 0
        minutes = 0.0
        for task in passage.tasks:
            items += len(task.targets)
            minutes += self._minutes(task.product, task.expected)
            if task.currency == "cents":
                expected += task.expected
                ceiling += task.ceiling
        self._tell(
            GateTold(
                decision=passage.decision,
                credits=passage.credits,
                items=items,
                left_out=sum(len(task.targets) for task in passage.left_out),
                expected=expected,
                ceiling=ceiling,
                balance=wallet.balance.balance,
                amounts=self._ledger.amounts(self._id),
                minutes=minutes,
            )
        )

    def turned(self, events: Sequence[Event], writes: Sequence[Write], answers: Sequence[Event]) -> None:
        """A turn is durable: what it was fed, what it wrote, what the ledger answered."""
        for event in events:
            if isinstance(event, Load):
                self._loaded(event)
        for answer in answers:
            if isinstance(answer, Reserved):
                self._tasks[answer.attempt_id] = self._world.tasks[answer.part_id]
        moves = [write for write in writes if isinstance(write, Move)]
        clashed = {answer.part_id for answer in answers if isinstance(answer, Clash)}
        for move in moves:
            self._moved(move, clashed)
        for event in events:
            if isinstance(event, Fetched):
                self._fetched(event)
        for answer in answers:
            if isinstance(answer, Billed):
                self._billed(answer)
        # What was answered the turn before is told, and by now the engine has taken note of it.
        billed = [event.attempt.attempt_id for event in events if isinstance(event, Billed)]
        self._forget([*(move.attempt_id for move in moves), *billed])
        self._tell_world()

    def _tell_world(self) -> None:
        """Stops and notes that came up."""
        if len(self._world.stops) > self._stops:
            for stop, message in islice(self._world.stops.items(), self._stops, None):
                self._tell(StopTold(stop.value, message))
            self._stops = len(self._world.stops)
        if len(self._world.notes) > self._notes:
            for note in self._world.notes[self._notes :]:
                self._tell(NoteTold(note))
            self._notes = len(self._world.notes)

    def _loaded(self, event: Load) -> None:
        for task in event.tasks:
            if task.attempt_id:
                self._tasks[task.attempt_id] = task
            self._tell_items(Change.CARRIED, task)

    def _moved(self, move: Move, clashed: set[int]) -> None:
        task, change = self._task(move.attempt_id), CHANGES.get(move.to)
        if task is None or change is None:
            return
        if task.part_id in clashed:
            if move.to is State.SUBMITTED:  # the ledger holds the number of another job: in doubt
                reason = "the answer named another job"
                self._tell_items(Change.IN_DOUBT, task, state=State.IN_DOUBT, reason=reason)
            return
        if move.to in OUTRUN and self._ledger.attempt(move.attempt_id).state is OUTRUN[move.to]:
            return  # another run's word on it is the better one
        self._tell_items(change, task, state=move.to, reason=move.reason)

    def _task(self, attempt_id: int) -> Task | None:
        known = self._tasks.get(attempt_id)
        if known is None:  # such as what another run bought, and this one took over
            known = next((each for each in self._world.tasks.values() if each.attempt_id == attempt_id), None)
        return known

    def _fetched(self, event: Fetched) -> None:
        task = self._world.tasks.get(event.part_id)
        if task is not None and task.state is State.SAVED:
            self._tell_items(Change.SAVED, task)

    def _billed(self, answer: Billed) -> None:
        attempt = answer.attempt
        if self._charged.get(attempt.attempt_id) == answer.cents:
            return  # of a row that was read twice
        self._charged[attempt.attempt_id] = answer.cents
        task = self._world.tasks.get(attempt.part_id)
        if task is not None and task.targets:
            state = State.FAILED_CHARGED if task.state is State.FAILED and answer.cents else task.state
            self._tell_items(Change.CHARGED, task, state=state, charged=answer.cents)
        elif attempt.manifest_id == self._id:
            self._tell(self._of_attempt(attempt, answer.cents))

    def _of_attempt(self, attempt: AttemptRow, cents: int) -> ItemTold:
        """A charge for what this run has let go, or what no line wants any more."""
        rows = self._ledger.items_of_parts(self._id, [attempt.part_id])
        return ItemTold(
            change=Change.CHARGED,
            item=rows[0].item_id if rows else 0,
            file=rows[0].file if rows else "",
            service=rows[0].product if rows else attempt.service,
            state=attempt.state,
            job_id=attempt.job_id,
            reason="",
            currency=attempt.currency,
            expected=attempt.expected,
            ceiling=attempt.ceiling,
            charged=cents,
            shared=False,
            results=(),
            minutes=0.0,
        )

    def _tell_items(
        self,
        change: Change,
        task: Task,
        *,
        state: State | None = None,
        reason: str | None = None,
        charged: int | None = None,
    ) -> None:
        """One for each item that the part is for; the first one pays, where this manifest does."""
        minutes = self._minutes(task.product, task.expected)
        if charged is None:
            charged = 0 if change in FREE else _billed(task)
        for number, target in enumerate(task.targets):
            first = number == 0
            pays = first and task.manifest_id == self._id
            self._tell(
                ItemTold(
                    change=change,
                    item=target.item_id,
                    file=target.file,
                    service=task.product,
                    state=task.state if state is None else state,
                    job_id=task.job_id,
                    reason=task.reason if reason is None else reason,
                    currency=task.currency,
                    expected=task.expected if pays else 0,
                    ceiling=task.ceiling if pays else 0,
                    charged=charged if pays or charged is None else 0,
                    shared=not pays,
                    results=self._results(target.item_id) if change is Change.SAVED else (),
                    minutes=minutes if first else 0.0,
                )
            )

    def _results(self, item_id: int) -> tuple[str, ...]:
        return tuple(row.path for row in self._ledger.results(item_id))

    def _minutes(self, product: str, price: int) -> float:
        return minutes_of(self._rates, product, price)

    def _forget(self, touched: Iterable[int]) -> None:
        """Runs of a million keep only those that something may still become of."""
        for attempt_id in touched:
            task = self._tasks.get(attempt_id)
            if task is not None and (task.attempt_id != attempt_id or (task.settled and task.state in _OVER)):
                del self._tasks[attempt_id]
                self._charged.pop(attempt_id, None)


def _billed(task: Task) -> int | None:
    """What a job cost, as far as that is known."""
    return int(task.charge) if task.settled and task.state in _BILLABLE else None


def minutes_of(rates: Mapping[str, Rate], product: str, price: int) -> float:
    """The minutes of audio that a price pays for; each job counts as one minute where there is no rate.

    Billed minutes, not those of the file: a clip of 20 seconds is a whole job with its upload and its
    wait, as it is a whole cent.
    """
    rate = rates.get(product)
    return price / float(rate) if rate and price else 1.0
