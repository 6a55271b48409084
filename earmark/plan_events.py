"""What a plan does and comes to, as events: `plan --events`."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from earmark import events
from earmark.event_stream import to_stdout
from earmark.plan_values import Follow, PlanEnds, PlanResult, T
from earmark.reports.document import Credits, Money
from earmark.reports.of_plan import report_of
from earmark.run_events import PROGRESS_EVERY, opened, readable
from earmark.times import stamp
from manifests.paths import as_written


class PlanNarrator:
    """Makes events of a plan."""

    def __init__(self, tell: Callable[[events.Event], None], clock: Callable[[], float] = time.time) -> None:
        self._tell, self._clock, self._last = tell, clock, 0.0

    def beside(self, ends: PlanEnds) -> PlanEnds:
        """The same ends, with steps that are told as well as shown."""
        return replace(ends, follow=_Told(ends.follow, self._reading))

    def _reading(self, label: str, done: int, total: int | None) -> None:
        now = self._clock()
        if not 0 <= now - self._last < PROGRESS_EVERY:
            self._last = now
            self._tell(events.Reading(at=stamp(now), label=label, done=done, total=total))

    def ended(self, result: PlanResult) -> None:
        """What it came to."""
        at, summary = stamp(self._clock()), result.summary
        for each in summary.left_out:
            file, raw = as_written(each.path)
            self._tell(
                events.LeftOut(
                    at=at,
                    file=file,
                    file_bytes=raw,
                    reason=each.reason.value,
                    detail=readable(each.detail),
                )
            )
        for refused in summary.refused:
            file, raw = as_written(refused.path)
            self._tell(
                events.NotPriced(
                    at=at,
                    file=file,
                    file_bytes=raw,
                    service=refused.product,
                    reason=readable(refused.reason),
                    detail=readable(refused.detail),
                )
            )
        for note in result.notes:
            self._tell(events.Note(at=at, text=readable(note)))
        self._tell(_planned(result, at))
        self._tell(_ended(result, at))


def _planned(result: PlanResult, at: str) -> events.Planned:
    summary, head = result.summary, result.head
    total = summary.total
    return events.Planned(
        at=at,
        manifest=readable(result.options.output) if head else None,
        id=head.id if head else None,
        items=total.items,
        ms=total.ms,
        expected=total.cents,
        ceiling=total.ceiling,
        credits=total.credits,
        paid_before=summary.paid_before.items + summary.same_audio.items,
        did_not_fit=summary.over.items,
        left_out=summary.files.left_out,
        not_priced=len(summary.refused),
    )


def _ended(result: PlanResult, at: str) -> events.Ended:
    report = report_of(result, datetime.now(UTC))
    following = (*report.next.path, *report.next.others)
    return events.Ended(
        at=at,
        exit=report.exit,
        outcome=report.outcome,
        sentence=readable(report.sentence),
        manifest=report.manifest,
        fates={each.fate: each.items for each in report.fates},
        amounts=report.amounts,
        credits=_plain(report.credits) if report.credits else None,
        next=[readable(step.command) for step in following if step.command],
    )


def _plain(amounts: Credits) -> Money:
    return Money(**{name: getattr(amounts, name) for name in Money.__struct_fields__})


class _Told:
    """Follows the steps of a plan, and tells how far each is."""

    def __init__(self, follow: Follow, tell: Callable[[str, int, int | None], None]) -> None:
        self._follow, self._tell = follow, tell

    def __call__(self, items: Iterable[T], label: str, total: int | None) -> Iterator[T]:
        """The same items."""
        for done, item in enumerate(self._follow(items, label, total), 1):
            self._tell(label, done, total)
            yield item


@contextmanager
def narrating() -> Iterator[PlanNarrator]:
    """Events of a plan to stdout, from the first line on; the last one is told by `PlanNarrator.ended`."""
    with to_stdout() as stream:
        stream.tell(opened("plan"))
        yield PlanNarrator(stream.tell)
