"""The screen of `earmark status`, and its JSON."""

import json
from collections.abc import Iterator, Mapping

from earmark.next_steps import pasted
from earmark.pace import Pace
from earmark.results_folder import output_flag
from earmark.run_steps import Step, steps
from earmark.run_sums import Sum, credits_rest, rest
from earmark.run_values import Asked
from earmark.screens import hosts
from earmark.screens.bar import cap_lines, credit_lines
from earmark.screens.money import credits_
from earmark.screens.run import amount_of, beside_amount
from earmark.screens.run_words import at, clipped
from earmark.screens.words import some
from earmark.screens.wrapping import command_line, titled, wrapped
from earmark.standing import Standing
from earmark.terminal import Terminal, printable, shortened
from earmark.times import to_go
from manifests.budget import Amounts
from manifests.exits import Exit
from manifests.money import Cents, show
from manifests.paths import as_written
from manifests.tariff import in_dollars
from runner.report import Fate, ItemReport

VERSION = 1
FEW = 3
"""Files named of each end that needs attention."""

ROUND = 10
"""Minutes a minute from which on parts of one say nothing."""

NAME = 48
"""Columns of a file's name."""

_MEANINGS: Mapping[Fate, str] = {
    Fate.SAVED: "on disk",
    Fate.RUNNING: "the service works on them",
    Fate.NOT_SAVED: "paid, a result is missing on disk",
    Fate.IN_DOUBT: "the answer was lost: perhaps paid, set aside",
    Fate.FAILED: "failed at the service",
    Fate.REJECTED: "refused by the service, not charged",
    Fate.LOST: "paid, and the service no longer has the result",
    Fate.WAITING: "not sent",
}
_BEING_FETCHED = "paid, the run brings what is missing on disk"
_COUNTED = "Counted in the ledger, without a look at each result; --json looks at all."
_NAMED = frozenset({Fate.IN_DOUBT, Fate.FAILED, Fate.REJECTED, Fate.LOST, Fate.NOT_SAVED})
"""Ends whose files are named: somebody may have to do something."""


def asked_of(found: Standing, plan_cap: Cents | None) -> Asked:
    """The `run` that would go on with it."""
    report = found.report
    return Asked(
        manifest=str(report.manifest),
        results=str(report.output),
        max_spend=report.amounts.cap,
        max_credits=report.credits.cap or None,
        plan_cap=plan_cap,
        flags=output_flag(report.manifest, report.output),
    )


def render(found: Standing, asked: Asked, terminal: Terminal) -> str:
    """The whole screen."""
    width = terminal.width
    rows = [
        *titled(printable(asked.manifest), _headline(found), terminal),
        *(line for each in found.sums for line in _sum(each, each.fate.value, _meaning(each, found), width)),
        *([] if found.sending is None else _sum(found.sending, "sending", "on their way up", width)),
        *_besides(found, width),
        *(f"  {line}" for line in cap_lines(found.report.amounts, terminal.width)),
        *(f"  {line}" for line in _credits(found, terminal.width)),
        *_pace(found.pace, width),
        *hosts.rows(found.hosts, width),
        *(wrapped("  ", _COUNTED, width) if found.counted else []),
        *_next(found, asked, terminal.width),
    ]
    return "\n".join(rows) + "\n"


def _credits(found: Standing, width: int) -> Iterator[str]:
    return credit_lines(found.report.credits, width) if found.report.uses_credits else iter(())


def _pace(pace: Pace | None, width: int) -> Iterator[str]:
    """`pace  12 min of audio a minute, about 40 min to go; the run began at 14:02`."""
    if pace is not None:
        speed = "" if pace.minutes is None else f"{_speed(pace.minutes)} of audio a minute"
        told = ", ".join(filter(None, (speed, to_go(pace.left)))) or "too early to tell"
        yield from wrapped("  pace  ", f"{told}; the run began{at(pace.since)}", width)


def _speed(minutes: float) -> str:
    return f"{minutes:,.0f} min" if minutes >= ROUND else f"{minutes:.1f} min"


def _headline(found: Standing) -> str:
    run = "a run is under way" if found.busy else "no run is under way"
    if not found.known:
        return f"{some(found.items, 'item')}, {run if found.busy else 'never run'}"
    saved = found.report.count(Fate.SAVED)
    return f"{saved:,} of {some(found.items, 'item')} saved, {run}"


def _meaning(each: Sum, found: Standing) -> str:
    under_way = found.busy and each.fate is Fate.NOT_SAVED
    return _BEING_FETCHED if under_way else _MEANINGS[each.fate]


def _sum(each: Sum, label: str, meaning: str, width: int) -> Iterator[str]:
    head = f"  {label:<11}{each.count:>6,}  {amount_of(each):>9}   "
    yield from wrapped(head, f"{beside_amount(each)}{meaning}", width)
    if each.fate not in _NAMED or label == "sending" or meaning == _BEING_FETCHED:
        return
    for item in each.end.first[:FEW]:
        reason = f": {clipped(item.reason)}" if item.reason else ""
        named = f"{shortened(printable(item.file), NAME)} ({item.service}){reason}"
        yield from wrapped("    ", named, width)
    if each.count > FEW:
        yield f"    and {each.count - FEW:,} more; all of them: --json"


def _besides(found: Standing, width: int) -> Iterator[str]:
    """What counts against the cap and belongs to no row."""
    beside = Cents(rest(found.report).amount - (found.sending.held if found.sending else 0))
    sending = found.sending.in_credits.held if found.sending else 0
    in_credits = Cents(credits_rest(found.report).amount - sending)
    if found.known and (beside or in_credits):
        words = "earlier tries, or lines taken out of the manifest"
        shown = show(beside) if beside else f"{in_credits:,} cr."
        also = f"and {credits_(in_credits)}; " if beside and in_credits else ""
        yield from wrapped(f"  {'besides':<11}{'':>6}  {shown:>9}   ", f"{also}{words}", width)


def _next(found: Standing, asked: Asked, width: int) -> Iterator[str]:
    path, others = following(found, asked)
    for number, step in enumerate(path):
        yield from command_line(f"{'Next:' if number == 0 else '     '}  ", step.command, step.words, width)
    for step in others:
        yield from command_line("  or:  ", step.command, step.words, width)


def following(found: Standing, asked: Asked) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """What to type next, in order, and what else could be typed."""
    if found.busy:
        again = f"earmark status {pasted(asked.manifest)}"
        return (Step(again, "later; the run goes on by itself"),), ()
    told = steps(found.report, asked)
    paid = found.report.count(Fate.NOT_SAVED, Fate.RUNNING)
    flags = "".join(f" {name} {pasted(value)}" for name, value in asked.flags.items())
    fetch = Step(f"earmark fetch {pasted(asked.manifest)}{flags}", "only brings what is paid")
    return told.path, (*((fetch,) if paid else ()), *told.others)


def document(found: Standing, asked: Asked, manifest_id: str) -> str:
    """The same for machines, with every item; amounts in cents."""
    path, others = following(found, asked)
    data = {
        "version": VERSION,
        "manifest": asked.manifest,
        "id": manifest_id,
        "known": found.known,
        "running": found.busy,
        "done": found.report.exit is Exit.DONE and not found.busy,
        "pace": _pace_object(found.pace),
        **hosts.document(found.hosts),
        "amounts": _amounts(found.report.amounts),
        "credits": {
            **_amounts(found.report.credits),
            "worth_cents": in_dollars(found.report.credits.committed),
        },
        "counts": {each.fate.value: each.count for each in found.sums}
        | ({"sending": found.sending.count} if found.sending else {}),
        "items": [_item(item) for item in (*found.report.items, *found.under_way)],
        "next": [_step(step) for step in path],
        "or": [_step(step) for step in others],
    }
    return json.dumps(data, indent=2) + "\n"


def _amounts(amounts: Amounts) -> Mapping[str, int]:
    """The amounts of a cap."""
    return {name: getattr(amounts, name) for name in ("cap", "spent", "reserved", "in_doubt", "left", "over")}


def _pace_object(pace: Pace | None) -> Mapping[str, object] | None:
    if pace is None:
        return None
    return {"began": pace.since, "minutes_a_minute": pace.minutes, "left_seconds": pace.left}


def _step(step: Step) -> Mapping[str, str]:
    return {"command": step.command, "words": step.words}


def _item(item: ItemReport) -> Mapping[str, object]:
    shown = ("service", "reason", "currency", "expected", "ceiling", "charged", "held", "shared", "job_id")
    file, raw = as_written(item.file)
    return {
        "file": file,
        **({} if raw is None else {"file_bytes": raw}),
        "state": item.state.value,
        "fate": item.fate.value,
        **{name: getattr(item, name) for name in shown},
        "results": list(item.results),
    }
