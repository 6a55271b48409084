"""The sentence that a run is summed up in, and the question before buying."""

import time
from collections.abc import Callable

from earmark.amounts import CAP
from earmark.run_sums import sums
from earmark.run_values import Asked
from earmark.screens import limits
from earmark.screens.money import both, credits_, expected, worth
from earmark.screens.words import some
from earmark.terminal import printable
from manifests.budget import Decision, Verdict
from manifests.exits import Exit
from manifests.money import show
from runner.engine.world import Stop
from runner.options import Offer
from runner.report import Fate, RunReport

REASON = 160
"""Characters of a reason among other words: a service may answer with a page."""

HEADS = {
    Exit.DONE: "DONE",
    Exit.SOME_FAILED: "ENDED",
    Exit.REFUSED: "REFUSED",
    Exit.STALE: "STALE",
    Exit.IN_DOUBT: "IN DOUBT",
    Exit.INTERRUPTED: "INTERRUPTED",
    Exit.TERMINATED: "INTERRUPTED",
}
"""The first word; STOPPED for all others."""


def question(offer: Offer) -> str:
    """What a person is asked before buying."""
    return f"Buy {_offered(offer, '?')}"


def running_low(offer: Offer) -> str:
    """What is said where nobody is asked, and the service warns that the wallet is low."""
    return f"Buying {_offered(offer)}"


def _offered(offer: Offer, end: str = "") -> str:
    amounts = offer.amounts
    left = f", {show(amounts.left)} of it left" if amounts.committed else ""
    low = ", low" if offer.wallet.balance.low else ""
    cost = expected((offer.expected, offer.ceiling), (offer.credits_expected, offer.credits_ceiling))
    wallet = f"wallet {show(offer.wallet.balance.balance)}{low}{_account(offer)}"
    return f"{some(offer.items, 'item')} for {cost}{end}  (cap {show(amounts.cap)}{left}; {wallet})"


def _account(offer: Offer) -> str:
    """The account's credits, where any would be spent."""
    if not offer.credits_ceiling:
        return ""
    there = "" if offer.wallet.credits is None else f", {offer.wallet.credits:,} there"
    return f"; {offer.credits.left:,} of {credits_(offer.credits.cap)} left{there}"


def headline(report: RunReport, asked: Asked) -> str:
    """The sentence that matters: how it ended, why, how far it came."""
    code = report.exit
    if code is Exit.DONE:
        return f"DONE: {_done(report, asked)}"
    return f"{why(report, asked)} {_tally(report)}"


def why(report: RunReport, asked: Asked) -> str:
    """The exit code and why the run did not do everything."""
    code = report.exit
    return f"{HEADS.get(code, 'STOPPED')}, exit {int(code)}: {_WHY[code](report, asked)}."


def clipped(text: str, width: int = REASON) -> str:
    """A foreign text, safe to show, its beginning kept."""
    shown = printable(" ".join(text.split())).rstrip(". ")
    return shown if len(shown) <= width else f"{shown[: width - 1]}…"


def at(seconds: float | None) -> str:
    """` at 02:14`, in local time; nothing where the time is not known."""
    return "" if seconds is None else time.strftime(" at %H:%M", time.localtime(seconds))


# -- how far ---------------------------------------------------------------------------


def _done(report: RunReport, asked: Asked) -> str:
    whole = len(report.items)
    amounts, in_credits = report.amounts, report.credits
    parts = [f"{report.count(Fate.SAVED):,} of {whole:,} saved to {printable(asked.results)}"]
    if not report.submitted:
        parts.append("nothing new was bought")
    parts.append(f"{both(amounts.spent, in_credits.spent)} charged{'' if report.submitted else ' in all'}")
    if amounts.reserved or in_credits.reserved:
        parts.append(f"{both(amounts.reserved, in_credits.reserved)} set aside until billed")
    doubt = amounts.in_doubt or in_credits.in_doubt
    doubts = f"{both(amounts.in_doubt, in_credits.in_doubt)} in doubt" if doubt else "nothing in doubt"
    return ", ".join([*parts, doubts]) + "."


def _tally(report: RunReport) -> str:
    lost = report.count(Fate.LOST)
    told = f"{lost:,} lost" if lost else "nothing lost"
    return f"{report.count(Fate.SAVED):,} of {len(report.items):,} done, {told}, nothing paid twice."


# -- why -------------------------------------------------------------------------------


def _told(*stops: Stop) -> Callable[[RunReport, Asked], str]:
    """The message of the first of these stops."""

    def tell(report: RunReport, asked: Asked) -> str:  # noqa: ARG001 - one shape for all
        messages = dict(report.stops)
        return next((clipped(messages[stop]) for stop in stops if stop in messages), "")

    return tell


def _refused(report: RunReport, asked: Asked) -> str:
    new = "nothing more was submitted" if report.submitted else "nothing new was submitted"
    wallet = "" if report.refused is None else _refused_by_wallet(report, report.refused, asked)
    account = (
        "" if report.credits_refused is None else _refused_credits(report, report.credits_refused, asked)
    )
    return "; ".join(filter(None, (wallet, account, new)))


def _refused_credits(report: RunReport, decision: Decision, asked: Asked) -> str:
    """Why credits were refused, with what they are worth in dollars."""
    needed = f"what waits may cost {credits_(decision.needed)} ({worth(decision.needed)})"
    if decision.verdict is not Verdict.OVER_CAP:
        return f"{needed}, the account has {credits_(decision.available)} free"
    if not asked.max_credits:
        return f"{needed}, and without --max-credits none are spent"
    left = max(0, asked.max_credits - report.credits.committed)
    return f"{needed}, --max-credits {asked.max_credits} leaves {credits_(left)}"


def _refused_by_wallet(report: RunReport, decision: Decision, asked: Asked) -> str:
    if decision.over is not None:
        return limits.refused(decision.over)
    what = "what was chosen" if asked.is_for_a_part else "what waits"
    needed = f"{what} may cost {show(decision.needed)}"
    amounts = report.amounts
    if decision.verdict is Verdict.OVER_CAP:
        return f"{needed}, the cap of {show(amounts.cap)}{_cap_of(asked)} leaves {show(amounts.left)}"
    if not decision.short:  # the service said no without figures that explain it
        return f"{needed}, and the service's own check of its balance says no"
    return f"{needed}, the wallet has {show(decision.available)} free"


def _cap_of(asked: Asked) -> str:
    """Who said the cap, where the environment did and somebody else said more."""
    outer = asked.outer_cap
    given = (("--max-spend", asked.max_spend), ("the manifest", asked.plan_cap))
    if outer is None or any(cap is not None and cap < outer for _, cap in given):
        return ""
    others = [f"{name} says {show(cap)}" for name, cap in given if cap is not None and cap > outer]
    return f" ({'; '.join([CAP, *others])})"


def _out_of_money(report: RunReport, asked: Asked) -> str:
    stops = dict(report.stops)
    if Stop.MONEY not in stops:
        return _told(Stop.CREDITS, Stop.OVER)(report, asked)
    told = report.shortage
    detail = ""
    if told is not None and told.required is not None and told.available is not None:
        detail = f" (the next item needs {show(told.required)}, {show(told.available)} is there)"
    return f"the wallet ran dry{at(report.stopped_at)}{detail}"


def _stale(report: RunReport, asked: Asked) -> str:
    count = report.count(Fate.STALE)
    files = f"{some(count, 'file')} changed or vanished since planning" if count else ""
    prices = _told(Stop.PRICES)(report, asked)
    new = "" if report.submitted else "nothing new was submitted"
    return "; ".join(filter(None, (files, prices, new)))


def _in_doubt(report: RunReport, asked: Asked) -> str:  # noqa: ARG001
    count = report.count(Fate.IN_DOUBT)
    end = report.tally.end(Fate.IN_DOUBT)
    held = both(end.cents.held, end.credits.held)
    lost = "the answer to 1 submit was" if count == 1 else f"the answers to {count:,} submits were"
    return f"{lost} lost: perhaps paid, {held} stays set aside"


def _service(report: RunReport, asked: Asked) -> str:
    told = _told(Stop.UNREACHABLE, Stop.DOWN, Stop.UNSAVED, Stop.WAITED)(report, asked)
    if Stop.UNREACHABLE in dict(report.stops):
        told = f"no answer from {printable(asked.server)} ({told})"
    running, unsaved = report.count(Fate.RUNNING), report.count(Fate.NOT_SAVED)
    parts = [
        told,
        f"{some(unsaved, 'result')} could not be fetched yet" if unsaved else "",
        f"{some(running, 'job')} not ended" if running else "",
    ]
    return "; ".join(filter(None, parts))


def _failed(report: RunReport, asked: Asked) -> str:  # noqa: ARG001
    bad = {Fate.FAILED, Fate.REJECTED, Fate.LOST}
    told = [f"{each.count:,} {each.fate.value}" for each in sums(report) if each.fate in bad]
    refused = report.tally.end(Fate.NOT_SAVED).with_reason
    return ", ".join(told + ([f"{some(refused, 'result')} refused by the service"] if refused else []))


def _as_told(report: RunReport, asked: Asked) -> str:
    waiting, skipped = report.count(Fate.WAITING), report.count(Fate.SKIPPED)
    if report.declined:
        return "you said no, so nothing was bought"
    if asked.only_collects and waiting:
        return f"a cap of 0 only collects what is paid; {some(waiting, 'item')} left to buy"
    cap = _told(Stop.CAP, Stop.TOLD)(report, asked)
    parts = [
        _out_of_time(report, asked),
        cap,
        _portion(report, asked, waiting),
        f"--fit left out what does not fit, {some(waiting, 'item')}" if report.left_by_fit else "",
        *((limits.allowed(over.limit) for over in report.limited) if report.left_by_fit else ()),
        f"{some(skipped, 'changed file')} left out" if skipped else "",
    ]
    return "; ".join(filter(None, parts)) or f"{some(waiting, 'item')} left"


def _out_of_time(report: RunReport, asked: Asked) -> str:
    told = _told(Stop.TIME_UP, Stop.TIME)(report, asked)
    left = [
        (report.count(Fate.WAITING), "item", "not sent"),
        (report.count(Fate.RUNNING), "job", "not ended"),
        (report.count(Fate.NOT_SAVED), "result", "to be fetched"),
    ]
    return ", ".join([told, *(f"{some(n, noun)} {what}" for n, noun, what in left if n)]) if told else ""


def _portion(report: RunReport, asked: Asked, waiting: int) -> str:
    """What part of the manifest was bought, where that left work."""
    if report.pilot is not None and report.pilot.rest.items and not report.pilot.agreed:
        left = report.pilot.rest.items
        return f"the pilot is done, and {some(left, 'item')} {'waits' if left == 1 else 'wait'} for your word"
    told = [name for name, given in (("--only", asked.only), ("--first", "--first" in asked.flags)) if given]
    return f"{' and '.join(told)} left {some(waiting, 'item')} for later" if told and waiting else ""


def _interrupted(report: RunReport, asked: Asked) -> str:  # noqa: ARG001
    running = report.count(Fate.RUNNING)
    jobs = f"; {some(running, 'job')} went on at the service" if running else ""
    return f"a signal came{at(report.stopped_at)}{jobs}"


_WHY: dict[Exit, Callable[[RunReport, Asked], str]] = {
    Exit.SOME_FAILED: _failed,
    Exit.REFUSED: _refused,
    Exit.OUT_OF_MONEY: _out_of_money,
    Exit.KEY: _told(Stop.KEY, Stop.SESSION),
    Exit.STALE: _stale,
    Exit.IN_DOUBT: _in_doubt,
    Exit.SERVICE_DOWN: _service,
    Exit.STOPPED_AS_TOLD: _as_told,
    Exit.MACHINE: _told(Stop.DISK, Stop.NAME),
    Exit.INTERRUPTED: _interrupted,
    Exit.TERMINATED: _interrupted,
}
