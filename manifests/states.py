"""The states of a part and of an attempt, in one table, and what may follow what.

A purchase is one or more parts; a part has attempts; the newest attempt's state is the part's.
Money follows from the state: `Purse` says under which heading an attempt's hold counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a part stands."""

    PLANNED = "planned"
    RESERVED = "reserved"
    UPLOADING = "uploading"
    SENDING = "sending"
    IN_DOUBT = "in doubt"
    SUBMITTED = "submitted"
    FINISHED = "finished"
    SAVED = "saved"
    FAILED = "failed"
    RELEASED = "released"
    FAILED_CHARGED = "failed charged"
    REJECTED = "rejected"
    LOST = "lost"
    GIVEN_UP = "given up"


class Purse(StrEnum):
    """The heading under which an attempt's unsettled hold counts."""

    NONE = "none"
    RESERVED = "reserved"
    IN_DOUBT = "in doubt"


@dataclass(frozen=True, slots=True)
class Row:
    """What a state means and where it leads."""

    meaning: str
    purse: Purse
    leads_to: frozenset[State]


def _row(meaning: str, purse: Purse, *leads_to: State) -> Row:
    return Row(meaning, purse, frozenset(leads_to))


_S = State
TABLE: dict[State, Row] = {
    _S.PLANNED: _row("not bought", Purse.NONE, _S.RESERVED, _S.SUBMITTED),
    _S.RESERVED: _row("its ceiling is set aside", Purse.RESERVED, _S.UPLOADING, _S.PLANNED, _S.REJECTED),
    _S.UPLOADING: _row(
        "bytes go out, the last chunk is held back",
        Purse.RESERVED,
        _S.SENDING,
        _S.PLANNED,
        _S.REJECTED,
        _S.SUBMITTED,  # a service that answers before it has the whole file
        _S.IN_DOUBT,
    ),
    _S.SENDING: _row(
        "the last chunk may be out; no answer yet",
        Purse.RESERVED,
        _S.SUBMITTED,
        _S.IN_DOUBT,
        _S.PLANNED,
        _S.REJECTED,
    ),
    _S.IN_DOUBT: _row(
        "the answer was lost: perhaps paid", Purse.IN_DOUBT, _S.SUBMITTED, _S.GIVEN_UP, _S.PLANNED
    ),
    _S.SUBMITTED: _row("the service works on it", Purse.RESERVED, _S.FINISHED, _S.FAILED, _S.LOST),
    _S.FINISHED: _row("done at the service, not yet on disk", Purse.RESERVED, _S.SAVED, _S.LOST),
    _S.SAVED: _row("its result is on disk", Purse.RESERVED, _S.LOST),
    _S.FAILED: _row("failed; a usage row may still come", Purse.RESERVED, _S.RELEASED, _S.FAILED_CHARGED),
    _S.RELEASED: _row("failed, not charged", Purse.NONE, _S.RESERVED, _S.FAILED_CHARGED),
    _S.FAILED_CHARGED: _row(
        "failed, and charged",
        Purse.RESERVED,
        _S.RESERVED,
        _S.RELEASED,  # the charge was paid back
    ),
    _S.REJECTED: _row("the service refused it; no job, no charge", Purse.NONE, _S.RESERVED),
    _S.LOST: _row("paid, and the service no longer has the result", Purse.RESERVED, _S.SAVED),
    _S.GIVEN_UP: _row("in doubt, counted as spent by a person's word", Purse.IN_DOUBT, _S.SUBMITTED),
}

IN_FLIGHT = frozenset({_S.RESERVED, _S.UPLOADING, _S.SENDING, _S.IN_DOUBT, _S.SUBMITTED})
"""A run of this part is under way; nothing else may submit it."""

BOUGHT = frozenset({_S.SUBMITTED, _S.FINISHED, _S.SAVED, _S.LOST})
"""The service has taken the job and not failed it: never bought again by itself."""

ENDED_BADLY = frozenset({_S.RELEASED, _S.FAILED_CHARGED, _S.REJECTED, _S.LOST, _S.GIVEN_UP})


def may_follow(before: State, after: State) -> bool:
    """Whether `after` may follow `before`; a state may always be repeated."""
    return after is before or after in TABLE[before].leads_to


_ORDER = (
    _S.IN_DOUBT,
    _S.GIVEN_UP,
    _S.LOST,
    _S.FAILED_CHARGED,
    _S.REJECTED,
    _S.FAILED,
    _S.RELEASED,
    _S.SENDING,
    _S.UPLOADING,
    _S.RESERVED,
    _S.PLANNED,
    _S.SUBMITTED,
    _S.FINISHED,
    _S.SAVED,
)


def of_purchase(parts: Iterable[State]) -> State:
    """The state of a purchase: that of its part which needs attention most."""
    seen = set(parts)
    return next(state for state in _ORDER if state in seen)
