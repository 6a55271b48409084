"""What a run tells, as events: `run --events`."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

from earmark import events
from earmark.event_stream import to_stdout
from earmark.reports.document import Money
from earmark.run_outcome import WORDS
from earmark.run_steps import steps
from earmark.run_values import Asked
from earmark.screens.limits import key_of, said_by
from earmark.screens.run_words import headline
from earmark.times import stamp
from manifests.budget import Amounts
from manifests.paths import as_written
from runner.options import Progress
from runner.report import RunReport
from runner.told import Began, Change, GateTold, ItemTold, NoteTold, StopTold, Told

PROGRESS_EVERY = 1.0
"""Seconds between two events of progress."""

_KINDS: Mapping[Change, type[events.ItemEvent]] = {
    Change(str(kind.__struct_config__.tag)): kind
    for kind in (
        events.Carried,
        events.Submitted,
        events.Finished,
        events.Saved,
        events.Charged,
        events.Failed,
        events.Released,
        events.Rejected,
        events.InDoubt,
        events.Lost,
        events.Returned,
    )
}


class Narrator:
    """Makes events of what a run tells."""

    def __init__(
        self,
        tell: Callable[[events.Event], None],
        manifest: str,
        left: Callable[[], float | None] = lambda: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`left` are the seconds that the run may still take, where somebody knows."""
        self._tell, self._manifest, self._left, self._clock = tell, readable(manifest), left, clock
        self._notes: set[str] = set()
        self._last = 0.0

    def watch(self, told: Told) -> None:
        """One thing that the run tells."""
        match told:
            case ItemTold():
                self._tell(self._of_item(told))
            case Began(manifest_id, items, amounts, in_credits):
                self._tell(
                    events.Started(
                        at=self._at(),
                        manifest=self._manifest,
                        id=manifest_id,
                        items=items,
                        amounts=money(amounts),
                        credits=money(in_credits),
                    )
                )
            case GateTold():
                self._tell(self._of_gate(told))
            case StopTold(stop, message):
                self._tell(events.Stop(at=self._at(), stop=stop, message=readable(message)))
            case NoteTold(text):
                self._note(text)

    def progress(self, now: Progress) -> None:
        """How far the run is, where the last word on that is old enough."""
        at = self._clock()
        if 0 <= at - self._last < PROGRESS_EVERY:
            return
        self._last = at
        left = self._left()
        self._tell(
            events.Progress(
                at=stamp(at),
                phase=now.phase,
                items=now.items,
                done=now.done,
                failed=now.failed,
                running=now.running,
                amounts=money(now.amounts),
                credits=money(now.credits),
                left_seconds=None if left is None else round(left),
            )
        )

    def ended(self, report: RunReport, asked: Asked) -> None:
        """The report is there."""
        for note in report.notes:
            self._note(note)
        told = steps(report, asked)
        self._tell(
            events.Ended(
                at=self._at(),
                exit=int(report.exit),
                outcome=WORDS[report.exit],
                sentence=readable(headline(report, asked)),
                manifest=self._manifest,
                fates={end.fate.value: end.items for end in report.tally.ends},
                amounts=money(report.amounts),
                credits=money(report.credits),
                next=[readable(step.command) for step in (*told.path, *told.others) if step.command],
            )
        )

    def _at(self) -> str:
        return stamp(self._clock())

    def _note(self, text: str) -> None:
        if text not in self._notes:
            self._notes.add(text)
            self._tell(events.Note(at=self._at(), text=readable(text)))

    def _of_item(self, told: ItemTold) -> events.ItemEvent:
        file, raw = as_written(told.file)
        return _KINDS[told.change](
            at=self._at(),
            item=told.item,
            file=file,
            file_bytes=raw,
            service=told.service,
            state=told.state.value,
            job_id=told.job_id,
            reason=readable(told.reason),
            currency=told.currency,
            expected=told.expected,
            ceiling=told.ceiling,
            charged=told.charged,
            shared=told.shared,
            results=[readable(each) for each in told.results],
        )

    def _of_gate(self, told: GateTold) -> events.Gate:
        decision, in_credits = told.decision, told.credits
        limit = None if decision.over is None else decision.over.limit
        return events.Gate(
            at=self._at(),
            passed=decision.passes and in_credits.passes,
            verdict=decision.verdict.value,
            needed=decision.needed,
            available=decision.available,
            short=decision.short,
            limit=None if limit is None else key_of(limit),
            said_by=None if limit is None else said_by(limit),
            credits_verdict=in_credits.verdict.value,
            credits_needed=in_credits.needed,
            credits_available=in_credits.available,
            items=told.items,
            left_out=told.left_out,
            expected=told.expected,
            ceiling=told.ceiling,
            balance=told.balance,
            amounts=money(told.amounts),
        )


def money(amounts: Amounts) -> Money:
    """The amounts of a cap."""
    return Money(**{name: int(getattr(amounts, name)) for name in Money.__struct_fields__})


def readable(text: str) -> str:
    """A text that any JSON reader takes: bytes that are no UTF-8 are shown, not kept."""
    return as_written(text)[0]


@contextmanager
def narrating(manifest: str, left: Callable[[], float | None]) -> Iterator[Narrator]:
    """Events of a run to stdout, from the first line on; the last one is told by `Narrator.ended`."""
    with to_stdout() as stream:
        stream.tell(opened("run"))
        yield Narrator(stream.tell, manifest, left)


def opened(command: Literal["run", "plan"]) -> events.Opened:
    """The first line."""
    from importlib.metadata import version

    return events.Opened(
        at=stamp(time.time()),
        schema="earmark.events",
        version=1,
        earmark=version("earmark-audio"),
        command=command,
    )
