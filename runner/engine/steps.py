"""The durable steps that a turn's writes are, by name (`runner.points`)."""

from collections.abc import Iterable, Iterator, Mapping

from manifests.states import State
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
from runner.ledger.rows import Adoption, Move
from runner.points import Point, Reach

_MOVES: Mapping[State, str] = {
    State.SENDING: "sending",
    State.SUBMITTED: "number",
    State.IN_DOUBT: "doubt",
    State.PLANNED: "release",
    State.FINISHED: "end",
    State.FAILED: "end",
    State.LOST: "end",
    State.SAVED: "record",
    State.RELEASED: "settle",
    State.FAILED_CHARGED: "settle",
}
"""The step that a change of state belongs to."""

_WRITES: Mapping[type[Write], str] = {
    Reserve: "reserve",
    Adoption: "number",
    Save: "record",
    AddUsage: "settle",
    MatchUsage: "settle",
    Unverified: "settle",
    Enlarge: "number",
    PaidByCredits: "settle",
    ExtraCharge: "settle",
    EndAllotment: "release",
}


def before(reach: Reach, writes: Iterable[Write]) -> None:
    """Reach the near side of every step that these writes make durable."""
    for step in _steps(writes):
        reach(Point(f"before-{step}"))


def after(reach: Reach, writes: Iterable[Write]) -> None:
    """Reach the far side of them."""
    for step in _steps(writes):
        reach(Point(f"after-{step}"))


def _steps(writes: Iterable[Write]) -> Iterator[str]:
    found = (_MOVES.get(each.to) if isinstance(each, Move) else _WRITES[type(each)] for each in writes)
    yield from dict.fromkeys(step for step in found if step is not None)
