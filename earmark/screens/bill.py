"""The bill for people: the sentence that matters, the jobs by runs, or sums, and the foot."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from textwrap import wrap

from earmark.bill.foot import Foot
from earmark.bill.lines import UNKNOWN, Line, Sums
from earmark.bill.period import BEGINNING, Period
from earmark.bill.values import Shown
from earmark.screens.money import credits_, worth
from earmark.screens.words import some
from earmark.terminal import Terminal, printable, shortened
from manifests.money import show
from runner.ledger.runs import Reading

WIDTH = 80
"""Columns that a bill takes, on every terminal: it is kept, and sent on."""

_NAME, _AMOUNT = 42, 9
_DIGEST = 12
"""Digits of a digest that tell files apart."""


def pieces(shown: Shown, terminal: Terminal) -> Iterator[str]:
    """The screen, line by line."""
    yield from _lines(_head(shown, terminal))
    if shown.groups:
        yield from _lines(_groups(shown, terminal))
    elif shown.by is None:
        for _, run in groupby(shown.bill.lines(), key=_run):
            yield from _lines(_of_run(run, terminal))
    yield from _lines(_ending(shown, terminal))


def foot(shown: Shown) -> str:
    """The foot alone."""
    return "".join(_lines(_foot(shown, Terminal())))


def _lines(texts: Iterator[str]) -> Iterator[str]:
    for text in texts:
        yield f"{text.rstrip()}\n"


def _head(shown: Shown, terminal: Terminal) -> Iterator[str]:
    total = shown.total
    yield f"Bill   {terminal.style(_period(shown.bill.period), 'bold')}"
    if not total.jobs and not total.credit_worth:
        yield "       nothing was bought"
        return
    told = f"{some(total.jobs, 'job')}: {_told(total)}"
    yield from wrap(told, WIDTH, initial_indent=" " * 7, subsequent_indent=" " * 7)


def _period(period: Period) -> str:
    since = "the beginning" if period.since == BEGINNING else f"{period.since:%Y-%m-%d %H:%M}"
    return f"{since} to {period.until:%Y-%m-%d %H:%M} UTC"


def _told(total: Sums) -> str:
    told = [f"{show(total.charged)} charged, {show(total.planned)} planned, {show(total.ceiling)} at most"]
    if total.reserved:
        told.append(f"{show(total.reserved)} held")
    if total.in_doubt:
        told.append(f"{show(total.in_doubt)} in doubt")
    return ", ".join(told)


# -- job by job --------------------------------------------------------------------------------------------


def _run(line: Line) -> tuple[object, ...]:
    return (None if line.run is None else line.run.run_id, line.entry.manifest_id)


def _of_run(lines: Iterator[Line], terminal: Terminal) -> Iterator[str]:
    first = True
    for line in lines:
        if first:
            yield ""
            yield from _heading(line, terminal)
            first = False
        yield from _job(line)


def _heading(line: Line, terminal: Terminal) -> Iterator[str]:
    by, run = line.by, line.run
    name = shortened(printable(by.name), _NAME)
    if run is None:
        yield f"{terminal.style(name, 'bold')}   run by: {UNKNOWN}"
    else:
        who = shortened(printable(by.who) or UNKNOWN, WIDTH - len(name) - len("   run by: "))
        yield f"{terminal.style(name, 'bold')}   run by: {who}"
        ended = "not ended" if run.exit is None else f"exit {run.exit}"
        digest = f"   manifest {by.digest[:_DIGEST]}" if by.digest else ""
        yield f"  run {run.run_id} of {_when(run.started)}, {ended}{digest}"
    yield _row("  when (UTC)        service", "planned", "at most", "charged", "held")


def _job(line: Line) -> Iterator[str]:
    entry = line.entry
    held = entry.reserved + entry.in_doubt
    amounts = (entry.planned, entry.ceiling, entry.charged)
    of_dollars = entry.currency == "cents"
    told = [show(each) if of_dollars else f"{each:,} cr" for each in (*amounts, held)]
    if held and not entry.charged:
        told[2] = "-"
    if not held:
        told[3] = "-"
    begin = f"  {_when(entry.at)}  "
    room = WIDTH - len(told) * (_AMOUNT + 1) - len(begin)
    yield _row(f"{begin}{shortened(printable(entry.product), room)}", *told)
    odd = f" ({entry.settled})" if entry.settled in _ODD and of_dollars else ""
    notes = " (in doubt)" if entry.in_doubt else odd
    job = f"job {shortened(printable(entry.job_id), 20)}  " if entry.job_id else ""
    room = WIDTH - 6 - len(job) - len(notes)
    yield f"      {job}{shortened(printable(entry.file), room)}{notes}"


_ODD = frozenset({"unverified", "given up", "credits"})
"""Ways of settling that a bill tells: no row of the wallet names the job."""


def _when(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}"


def _row(name: str, *amounts: str, wide: int = _AMOUNT) -> str:
    width = WIDTH - len(amounts) * (wide + 1)
    return f"{shortened(name, width):<{width}}" + "".join(f" {each:>{wide}}" for each in amounts)


# -- grouped -----------------------------------------------------------------------------------------------


def _groups(shown: Shown, terminal: Terminal) -> Iterator[str]:
    assert shown.by is not None
    rows = sorted(shown.groups.items(), key=lambda pair: (-pair[1].charged - pair[1].reserved, pair[0]))
    yield ""
    wide = max(_AMOUNT, *map(len, _amounts(shown.total)))
    yield _group(shown.by, "jobs", ["planned", "at most", "charged", "held"], wide)
    for name, sums in rows:
        yield _group(printable(name), f"{sums.jobs:,}", _amounts(sums), wide)
    yield terminal.style(_group("total", f"{shown.total.jobs:,}", _amounts(shown.total), wide), "bold")


def _amounts(sums: Sums) -> list[str]:
    held = sums.reserved + sums.in_doubt
    return [*(show(each) for each in (sums.planned, sums.ceiling, sums.charged)), show(held) if held else "-"]


def _group(name: str, jobs: str, amounts: list[str], wide: int) -> str:
    room = WIDTH - len(amounts) * (wide + 1) - len("   ") - len(jobs)
    return _row(f"  {shortened(name, room):<{room}} {jobs}", *amounts, wide=wide)


# -- the end -----------------------------------------------------------------------------------------------


def _ending(shown: Shown, terminal: Terminal) -> Iterator[str]:
    yield ""
    yield from _credits(shown.total)
    yield from _foot(shown, terminal)


def _credits(total: Sums) -> Iterator[str]:
    """What credits paid, apart."""
    if total.credits_ceiling or total.credits_charged:
        held = total.credits_reserved + total.credits_in_doubt
        more = f", {held:,} held" if held else ""
        told = f"{credits_(total.credits_charged)} charged ({worth(total.credits_charged)})"
        whole = f"Credits, in no sum above: {told}, {total.credits_planned:,} planned{more}"
        yield from wrap(whole, WIDTH, subsequent_indent="  ")
    if total.credit_worth:
        yield f"Account credits paid {show(total.credit_worth)} worth instead of the wallet: in no sum above"


def _foot(shown: Shown, terminal: Terminal) -> Iterator[str]:
    found = shown.foot
    if found is None:
        yield from wrap(
            f"Wallet not reconciled: {printable(shown.why_no_foot)}", WIDTH, subsequent_indent="  "
        )
        yield from _last_read(shown)
        return
    period = shown.bill.period
    yield "Wallet"
    begin = "at the beginning" if period.since == BEGINNING else f"{period.since:%Y-%m-%d %H:%M}"
    yield _sum(f"opening {begin}", found.opening)
    yield _sum(f"+ top-ups ({found.topups_count:,})", found.topups)
    yield _sum(f"- ours ({some(found.ours_count, 'charge')})", found.ours)
    if found.unverified:
        yield _sum("- ours, by charges that name no job", found.unverified)
    yield _sum(f"- others' ({some(found.others_count, 'charge')})", found.others)
    if found.unexplained:
        yield terminal.style(_sum("  NOT EXPLAINED by the wallet's lists", found.unexplained), "yellow")
    yield terminal.style(_sum(f"= closing {period.until:%Y-%m-%d %H:%M}", found.closing), "bold")
    yield from _notes(shown, found)


def _sum(name: str, cents: int) -> str:
    return f"  {name:<44} {show(cents):>14}"


def _notes(shown: Shown, found: Foot) -> Iterator[str]:
    if found.opening_read is None:
        yield "  The opening is reckoned back from the closing: no run read the balance before."
    else:
        yield f"  Checked from the balance read on {_read(found.opening_read)},"
        yield f"  to the one of {_read(found.closing_read)}."
    if found.unread:
        yield f"  {show(found.unread)} of ours no run has read yet: above it is held. `run` or"
        yield "  `earmark fetch` reads it."
    beside = found.beside(shown.total.charged)
    if beside:
        yield f"  {show(beside)} charged above is in no row of the wallet that is known as ours."
    if found.pending:
        yield f"  Top-ups of {show(found.pending)} are not counted:"
        yield "  the service does not call them completed."
    if found.unreadable:
        yield f"  {some(found.unreadable, 'charge')} of the wallet's list cannot be read: counted as nothing."
    if found.unexplained:
        yield "  A balance read while jobs ran may have been without what they held:"
        yield f"  {show(shown.bill.ledger.held())} is held for jobs now."
    if not shown.steady:
        yield "  The wallet moved while it was read: jobs are running. Ask again later."


def _last_read(shown: Shown) -> Iterator[str]:
    read = [each for run in shown.bill.runs for each in (run.before, run.after) if each is not None]
    if read:
        yield f"  Last read by a run: {_read(max(read, key=lambda each: each.at))}"


def _read(reading: Reading) -> str:
    return f"{_when(reading.at)} UTC, {show(reading.balance)}"
