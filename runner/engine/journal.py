"""The engine's writes, made durable: one transaction a turn; what the ledger answers comes back as events."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from manifests.money import ZERO, Cents
from manifests.states import State
from runner.engine import steps
from runner.engine.messages import Billed, Clash, Enlarged, Event, NoRoom, Reserved, Taken
from runner.engine.writes import (
    AddUsage,
    EndAllotment,
    Enlarge,
    ExtraCharge,
    MatchUsage,
    PaidByCredits,
    Reserve,
    Save,
    Unverified,
    Write,
)
from runner.ledger import billing
from runner.ledger.interface import AlreadyLive, Ledger, OverTheCap
from runner.ledger.rows import Adoption, Move, Reservation
from runner.points import nowhere

if TYPE_CHECKING:  # which knows the engine's tasks
    from runner.limiting import Room

TOGETHER = 10
"""Reservations that are made at once, where the store can: most of the gain, and a short statement."""

OUTRUN: Mapping[State, State] = {State.RELEASED: State.FAILED_CHARGED, State.LOST: State.SAVED}
"""Moves that came too late: another run on this wallet settled or saved the same job meanwhile, and
its word, which rests on a bill or on a file, is the better one."""


def nothing() -> Cents:
    """No other run of the manifest goes on beside."""
    return ZERO


class Journal:
    """Applies turns to the ledger for one manifest."""

    def __init__(
        self,
        ledger: Ledger,
        manifest_id: str,
        room: "Room | None" = None,
        beside: Callable[[], Cents] = nothing,
    ) -> None:
        """Applies turns for one run.

        Args:
            ledger: of the wallet.
            manifest_id: whose lines are bought.
            room: what limits beside the cap leave; None where there are none.
            beside: what stays allotted to other runs of this manifest when this one ends.
        """
        self._ledger = ledger
        self._manifest_id, self._room, self._beside = manifest_id, room, beside
        self.unsaved: list[Write] = []  # what could not be made durable
        self._clashed: set[int] = set()  # attempts of this turn whose job turned out to be another's

    def commit(self, writes: Iterable[Write]) -> list[Event]:
        """All writes in one transaction; the events that the ledger answers with.

        Raises:
            LedgerUnwritable: not even with the room that is kept for the last writes.
        """
        turn = list(writes)
        if not turn:
            return []
        self.unsaved = turn
        watched = self._ledger.reach is not nowhere
        if watched:
            steps.before(self._ledger.reach, turn)
        answers = self._ledger.durably(lambda: self._transact(turn))
        self.unsaved = []
        if watched:
            steps.after(self._ledger.reach, turn)
        return answers

    def _transact(self, turn: list[Write]) -> list[Event]:
        answers: list[Event] = []
        self._clashed.clear()
        self._look()
        for together in self._grouped(turn):
            answers.extend(self._reserve(together) if len(together) > 1 else self._apply(together[0]))
            self._look()
        return answers

    def _grouped(self, turn: list[Write]) -> Iterator[list[Write]]:
        """The writes in their order; reservations in a row are a group where the cap alone limits them."""
        group: list[Write] = []
        for write in turn:
            fits = isinstance(write, Reserve) and self._room is None
            if group and not (fits and len(group) < TOGETHER):
                yield group
                group = []
            group.append(write)
            if not fits:
                yield group
                group = []
        if group:
            yield group

    def _look(self) -> None:
        if self._room is not None:
            self._room.look()

    def _apply(self, write: Write) -> list[Event]:
        """Make one write; what the ledger answers."""
        answers: list[Event] = []
        match write:
            case Reserve():
                answers = self._reserve([write])
            case Move():
                answers = self._move(write)
            case AddUsage(rows):
                answers = [_billed(charge) for charge in billing.add_rows(self._ledger, rows)]
            case MatchUsage(attempt_id):
                answers = self._match(attempt_id)
            case Unverified(attempt_id):
                answers = self._unverified(attempt_id)
            case PaidByCredits(attempt_id, row_id):
                answers = self._paid_by_credits(attempt_id, row_id)
            case Enlarge(attempt_id, cents, reason):
                answers = self._enlarge(attempt_id, cents, reason)
            case _:
                self._put(write)
        return answers

    def _put(self, write: Adoption | Save | ExtraCharge | EndAllotment) -> None:
        """Make a write that has no answer."""
        match write:
            case Adoption():
                self._ledger.adopt(write)
            case Save(results):
                self._ledger.put_results(results)
            case ExtraCharge(cents, reason):
                self._ledger.add_extra_charge(self._manifest_id, cents, reason)
            case EndAllotment():
                self._ledger.allot(self._manifest_id, self._beside())

    def _reserve(self, writes: Sequence[Write]) -> list[Event]:
        wishes = [write.wish for write in writes if isinstance(write, Reserve)]
        if self._room is not None and (lack := self._room.lack(wishes[0])):
            return [NoRoom(wishes[0].part_id, lack)]
        return list(map(_answer, wishes, self._ledger.reserve_many(wishes)))

    def _move(self, move: Move) -> list[Event]:
        if move.attempt_id in self._clashed:
            return []  # what the turn went on to tell of that job is not about this attempt
        if move.to in OUTRUN and self._ledger.to_change(move.attempt_id).state is OUTRUN[move.to]:
            return []
        try:
            self._ledger.move(move)
        except AlreadyLive:
            self._clashed.add(move.attempt_id)
            reason = f"the service answered with the number of another job, {move.job_id}"
            self._ledger.move(Move(move.attempt_id, State.IN_DOUBT, reason))
            return [Clash(self._ledger.attempt(move.attempt_id).part_id, reason)]
        return []

    def _match(self, attempt_id: int) -> list[Event]:
        if attempt_id in self._clashed:
            return []
        attempt = self._ledger.to_change(attempt_id)
        charge = billing.match_recorded(self._ledger, attempt) or billing.read_before(self._ledger, attempt)
        return [] if charge is None else [_billed(charge)]

    def _enlarge(self, attempt_id: int, cents: int, reason: str) -> list[Event]:
        if attempt_id in self._clashed:
            return []
        self._ledger.enlarge(attempt_id, cents, reason)
        part_id = self._ledger.attempt(attempt_id).part_id
        over, said_by = self._ledger.amounts(self._manifest_id).over, ""
        if not over and self._room is not None:
            over, said_by = self._room.passed()
        return [Enlarged(part_id, over, said_by)]

    def _paid_by_credits(self, attempt_id: int, row_id: str) -> list[Event]:
        if attempt_id in self._clashed or not billing.settle_by_credits(self._ledger, attempt_id, row_id):
            return []
        return [Billed(self._ledger.attempt(attempt_id), ZERO, ZERO)]

    def _unverified(self, attempt_id: int) -> list[Event]:
        attempt = self._ledger.to_change(attempt_id)
        if attempt.hold == 0:
            return []
        billing.settle_unverified(self._ledger, attempt)
        return [Billed(attempt, attempt.expected, billing.Charge(attempt, attempt.expected).over)]


def _answer(wish: Reservation, made: int | OverTheCap | AlreadyLive) -> Event:
    match made:
        case OverTheCap():
            return NoRoom(wish.part_id)
        case AlreadyLive():
            return Taken(wish.part_id)
        case attempt_id:
            return Reserved(wish.part_id, attempt_id, wish.token)


def _billed(charge: billing.Charge) -> Billed:
    return Billed(charge.attempt, charge.cents, charge.over)
