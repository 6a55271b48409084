"""The end of a run: its report, from what the engine, the ledger and the run itself know."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from manifests.budget import Decision
from manifests.money import Cents
from runner.basket import Basket
from runner.engine.engine import Engine
from runner.engine.world import Stop, World
from runner.gate import Passage
from runner.joining import Join, join_all
from runner.ledger.interface import Ledger
from runner.lines import Line
from runner.options import RunOptions
from runner.pieces import Pieces
from runner.piloting import Piloted
from runner.points import Reach, nowhere
from runner.report import Before, Fate, ItemReport, RunReport, Shortage
from runner.reporting import ManyReports, item_reports, waiting_ceilings


@dataclass(frozen=True, slots=True)
class Course:
    """What only the run itself knows of how it went."""

    manifest_id: str
    options: RunOptions
    passage: Passage | None  # the gate's last word
    before: Before | None
    left_by_fit: int
    declined: bool
    here: int  # items whose results were on disk before
    seconds: float
    pilot: Piloted | None = None


def report_of(course: Course, engine: Engine, ledger: Ledger, basket: Basket) -> RunReport:
    """The whole report: what is durable is what is said."""
    options = course.options
    basket.mark_changed(engine.submits.stale)
    items = reports_of(course.manifest_id, options, ledger, basket)
    risen = engine.guard.risen
    repriced = waiting_ceilings(basket.at(risen), items) if risen else None
    return _report(course, engine, ledger, items, repriced)


def reports_of(manifest_id: str, options: RunOptions, ledger: Ledger, basket: Basket) -> list[ItemReport]:
    """What became of each line so far."""
    return item_reports(
        ledger,
        manifest_id,
        basket.lines.values(),
        basket.stale,
        skip_changed=options.skip_changed,
        output=options.output,
    )


def report_of_many(
    course: Course, engine: Engine, ledger: Ledger, pieces: Pieces, stale: Mapping[str, str]
) -> RunReport:
    """The report of a run of many lines: its items are read each time they are gone through.

    `stale` says why, by the key of a line.
    """
    options = course.options
    items = ManyReports(
        ledger, course.manifest_id, pieces, stale, skip_changed=options.skip_changed, output=options.output
    )
    risen = engine.guard.risen
    lines = (line for piece in pieces.each(risen) for line in piece.lines)
    return _report(course, engine, ledger, items, waiting_ceilings(lines, items) if risen else None)


def _report(
    course: Course,
    engine: Engine,
    ledger: Ledger,
    items: Collection[ItemReport],
    repriced: Cents | None,
) -> RunReport:
    world, options, passage = engine.world, course.options, course.passage
    report = RunReport(
        manifest=options.manifest,
        output=options.output,
        items=items,
        amounts=ledger.amounts(course.manifest_id),
        stops=tuple(world.stops.items()),
        signal=world.signal,
        refused=_refusal(passage.decision if passage else None),
        balance=engine.guard.balance,
        balance_at=engine.guard.balance_at,
        shortage=_shortage(world),
        left_by_fit=course.left_by_fit,
        limited=passage.over if passage else (),
        declined=course.declined,
        before=course.before,
        submitted=world.submitted,
        sent=engine.submits.sent,
        seconds=course.seconds,
        stopped_at=world.stopped or None,
        drift=tuple((s, Cents(e), Cents(c)) for s, (e, c) in engine.settles.drift.items()),
        notes=tuple(world.notes),
        here=course.here,
        credits=ledger.credits(course.manifest_id),
        credits_refused=_refusal(passage.credits if passage else None),
        credits_left=engine.guard.credits_left,
        pilot=course.pilot,
        repriced=repriced,
    )
    return _in_time(report) if Stop.TIME in world.stops else report


def _in_time(report: RunReport) -> RunReport:
    """The report without the end of the time, where that left no work behind."""
    if report.count(Fate.WAITING, Fate.RUNNING, Fate.NOT_SAVED):
        return report
    others = (each for each in report.stops if each[0] not in (Stop.TIME, Stop.TIME_UP))
    return replace(report, stops=tuple(others))


def joined(report: RunReport, lines: Iterable[Line], join: Join, reach: Reach = nowhere) -> RunReport:
    """The report, once the long texts of which every part is saved are put together."""
    notes = list(report.notes)
    join_all(_saved(lines, report.items), report.output, join, notes.append, reach)
    return replace(report, notes=tuple(notes))


def _saved(lines: Iterable[Line], items: Iterable[ItemReport]) -> Iterator[tuple[Line, Sequence[str]]]:
    """The lines with their results, where those are on disk, and on this host's."""
    for line, item in zip(lines, items, strict=True):
        here = line.item.part is None or all(map(os.path.exists, item.results))
        yield line, item.results if item.fate is Fate.SAVED and here else ()


def _refusal(decision: Decision | None) -> Decision | None:
    return None if decision is None or decision.passes else decision


def _shortage(world: World) -> Shortage | None:
    told = world.shortfall
    return Shortage(told.required, told.available) if Stop.MONEY in world.stops else None
