"""How a run went: few moments of many, in little memory, however many items there are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from earmark.reports.document import Moment

MOMENTS = 200
"""Kept at most."""

_HELD = 4096
"""Spans of time told apart while items pass by."""


@dataclass(slots=True)
class _Span:
    last: float
    done: int = 0
    cents: int = 0


class Timeline:
    """Adds up what was done when; spans of time grow where they become too many."""

    def __init__(self) -> None:
        self._width = 1.0  # seconds
        self._spans: dict[int, _Span] = {}

    def add(self, since: float, cents: int) -> None:
        """One more item is done: when, in seconds since 1970, and for how much."""
        span = self._spans.setdefault(int(since // self._width), _Span(since))
        span.last = max(span.last, since)
        span.done += 1
        span.cents += cents
        if len(self._spans) > _HELD:
            self._widen()

    def moments(self) -> list[Moment]:
        """Where it stood, first to last; each counts all before it."""
        while len(self._spans) > MOMENTS:
            self._widen()
        return list(self._moments())

    def _moments(self) -> Iterator[Moment]:
        done = cents = 0
        for _, span in sorted(self._spans.items()):
            done, cents = done + span.done, cents + span.cents
            yield Moment(moment(span.last), done, cents)

    def _widen(self) -> None:
        self._width *= 2
        spans, self._spans = self._spans, {}
        for number, span in spans.items():
            wider = self._spans.setdefault(number // 2, _Span(span.last))
            wider.last = max(wider.last, span.last)
            wider.done += span.done
            wider.cents += span.cents


def moment(seconds: float) -> str:
    """RFC 3339, in UTC, whole seconds."""
    return stamp(datetime.fromtimestamp(seconds, UTC))


def stamp(when: datetime) -> str:
    """The same of a time with its zone."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
