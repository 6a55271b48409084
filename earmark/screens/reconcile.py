"""The screen of `earmark reconcile`, its question, and its JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from earmark.next_steps import pasted
from earmark.reconciling import Case, Session, amounts
from earmark.screens.money import total
from earmark.screens.run_words import clipped
from earmark.screens.words import long, some
from earmark.screens.wrapping import wrapped
from earmark.terminal import FALLBACK_WIDTH, Terminal, printable
from manifests.money import MS_PER_SECOND, show
from manifests.paths import as_written
from runner.api.interface import JobStatus
from runner.evidence import Sighting, same_audio
from runner.reconcile import Choice, Doubt

VERSION = 1
FEW = 5
"""Jobs shown of those that may be the one; the nearest come first."""

_STATUS: Mapping[JobStatus | None, str] = {
    JobStatus.RUNNING: "running",
    JobStatus.COMPLETED: "done",
    JobStatus.FAILED: "failed",
    JobStatus.CANCELLED: "cancelled",
    None: "billed",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What reconciling came to."""

    manifest: Path
    manifest_id: str
    cleared: Sequence[tuple[Doubt, str]] = ()  # with job numbers
    decided: Sequence[tuple[Doubt, Choice, str]] = ()  # by this command, with a sentence each
    open: Sequence[Case] = ()
    aside: Sequence[Case] = ()  # sent again or given up: nothing waits for them

    @classmethod
    def of(cls, manifest: Path, manifest_id: str, session: Session | None) -> Self:
        """What a session came to; None is one that had nothing to do."""
        if session is None:
            return cls(manifest, manifest_id)
        cases = session.cases()
        return cls(
            manifest,
            manifest_id,
            [(doubt, job.job_id) for doubt, job in session.cleared],
            [(each.doubt, each.choice, sentence) for each, sentence in session.told],
            [case for case in cases if not case.doubt.decided],
            [case for case in cases if case.doubt.decided],
        )

    @property
    def news(self) -> bool:
        """Whether anything was written down."""
        return bool(self.cleared or self.decided)

    @property
    def goes_on(self) -> bool:
        """Whether a run has something to do about it now."""
        return bool(self.cleared) or any(choice is not Choice.GIVE_UP for _, choice, _ in self.decided)


def render(result: Result, terminal: Terminal) -> str:
    """The whole screen."""
    name = terminal.style(printable(str(result.manifest)), "bold")
    held = total((case.doubt.amount, case.doubt.attempt.currency) for case in result.open)
    told = f"{some(len(result.open), 'purchase')} in doubt, {held} set aside"
    rows = [
        f"{name}: {told if result.open else 'nothing is in doubt'}",
        *(f"  found    {_named(doubt)}: job {printable(job)}, by its token" for doubt, job in result.cleared),
        *(f"  decided  {_named(doubt)}: {printable(sentence)}" for doubt, _, sentence in result.decided),
        *_aside(result.aside),
        *(line for case in result.open for line in (*_case(case, terminal.width), *_ways(result, case))),
    ]
    manifest = pasted(str(result.manifest))
    if result.open:
        rows.append(f"Look again:  earmark reconcile {manifest}   (lists may lag; free)")
    if result.goes_on:
        rows.append(f"Go on:  run {manifest}")
    return "\n".join(rows) + "\n"


def question(case: Case, width: int = FALLBACK_WIDTH) -> str:
    """What a person is shown before being asked."""
    ceiling, held = amounts(case.doubt)
    return "\n".join(
        [
            *_case(case, width),
            "    a job number: that job is the one, take its result",
            f"    s: send again, may cost twice ({held} stays set aside, up to {ceiling} more)",
            f"    g: give up ({held} counts as spent, no result)",
            "    l: look again    n: not now",
        ]
    )


def _aside(aside: Sequence[Case]) -> Iterator[str]:
    """What was decided earlier and still counts."""
    sent = [case.doubt for case in aside if case.doubt.attempt.superseded and case.doubt.attempt.hold]
    given_up = [case.doubt for case in aside if not case.doubt.attempt.hold]
    for doubts, word in ((sent, "sent again, the first attempts stay set aside"), (given_up, "given up")):
        if doubts:
            held = total((doubt.amount, doubt.attempt.currency) for doubt in doubts)
            yield f"  besides  {held} for {some(len(doubts), 'purchase')} {word}"


def _case(case: Case, width: int) -> Iterator[str]:
    doubt = case.doubt
    lost = _local(doubt.attempt.changed)
    reason = f": {clipped(doubt.reason)}" if doubt.reason else ""
    words = f"{amounts(doubt)[1]} set aside, answer lost {lost}{reason}"
    yield from wrapped("  ", f"{_named(doubt)}   {words}", width)
    yield f"    token {doubt.attempt.token}"
    if not case.evidence:
        yield "    no job at the service fits its length and its time"
    for sighting in case.evidence[:FEW]:
        yield from wrapped("    ", _sighting(doubt, sighting), width)
    if len(case.evidence) > FEW:
        yield f"    and {len(case.evidence) - FEW:,} more jobs; all of them: --json"


def _sighting(doubt: Doubt, found: Sighting) -> str:
    length = "length unknown" if found.seconds is None else f"{long(found.seconds * MS_PER_SECOND)}"
    cents = "not billed yet" if found.cents is None else f"charged {show(found.cents)}"
    made = f", {_local(datetime.fromisoformat(found.created).timestamp())}" if found.created else ""
    why = "its name says: the same audio" if same_audio(doubt, found) else "its length and time fit"
    return f"job {printable(found.job_id)}: {_STATUS[found.status]}, {length}, {cents}{made}   {why}"


def _ways(result: Result, case: Case) -> Iterator[str]:
    """The commands that decide; a file that is in doubt more than once is no name for one of them."""
    doubt, base = case.doubt, f"earmark reconcile {pasted(str(result.manifest))}"
    alone = sum(other.doubt.file == doubt.file for other in result.open) == 1
    name = doubt.file if alone else doubt.attempt.token
    job = case.evidence[0].job_id if case.evidence else "JOB"
    ceiling, held = amounts(doubt)
    yield f"    it is that job   {base} --adopt {pasted(f'{name}={job}')}"
    yield (
        f"    send again       {base} --send-again {pasted(name)}"
        f"   (may cost twice: {held} stays set aside, up to {ceiling} more)"
    )
    yield f"    give up          {base} --give-up {pasted(name)}   ({held} counts as spent, no result)"


def _named(doubt: Doubt) -> str:
    return f"{printable(doubt.file)} ({doubt.product})"


def _local(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC).astimezone():%Y-%m-%d %H:%M}"


def document(result: Result) -> str:
    """The same for machines; amounts in cents, or in the currency that is named, times in UTC."""
    data = {
        "version": VERSION,
        "manifest": str(result.manifest),
        "id": result.manifest_id,
        "found": [{**_doubt(doubt), "job_id": job} for doubt, job in result.cleared],
        "decided": [
            {**_doubt(doubt), "decision": choice.value, "sentence": sentence}
            for doubt, choice, sentence in result.decided
        ],
        "in_doubt": [_data(case) for case in result.open],
        "set_aside": [_data(case) for case in result.aside],
    }
    return json.dumps(data, indent=2) + "\n"


def _data(case: Case) -> Mapping[str, object]:
    return {
        **_doubt(case.doubt),
        "choices": [choice.value for choice in case.doubt.choices],
        "evidence": [_evidence(case.doubt, sighting) for sighting in case.evidence],
    }


def _doubt(doubt: Doubt) -> Mapping[str, object]:
    file, raw = as_written(doubt.file)
    return {
        "file": file,
        **({} if raw is None else {"file_bytes": raw}),
        "service": doubt.product,
        "token": doubt.attempt.token,
        "state": doubt.attempt.state.value,
        "sent_again": doubt.attempt.superseded,
        "currency": doubt.attempt.currency,
        "cents": doubt.amount,
        "ceiling": doubt.attempt.ceiling,
        "since": datetime.fromtimestamp(doubt.attempt.changed, UTC).isoformat(timespec="seconds"),
        "reason": doubt.reason,
    }


def _evidence(doubt: Doubt, found: Sighting) -> Mapping[str, object]:
    return {
        "job_id": found.job_id,
        "status": None if found.status is None else found.status.value,
        "seconds": found.seconds,
        "charged": found.cents,
        "created": found.created or None,
        "same_audio": same_audio(doubt, found),
    }
