"""The end of the screen of `plan`: what was written, what the wallet says, what to type next."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from earmark import next_steps
from earmark.amounts import CAP
from earmark.plan_values import Gate, Offer, Outcome, PlanResult
from earmark.screens.limits import raising
from earmark.screens.words import rate_text, some
from earmark.screens.wrapping import wrapped
from earmark.terminal import Terminal, printable
from earmark.wallet_lookup import Moved, NoWallet
from manifests.budget import Verdict
from manifests.money import ZERO, Cents, show

LABEL = 10
"""Columns of the words at the left."""


def label(word: str) -> str:
    """The head of a row: its word in a column of its own."""
    return f"  {word:<{LABEL}}  "


def ending(result: PlanResult, terminal: Terminal) -> Iterator[str]:
    """How it ended, and the ways on."""
    match result.outcome:
        case Outcome.WRITTEN:
            yield from _written(result, terminal)
        case Outcome.OVER_CAP:
            yield from _over_cap(result, terminal)
        case Outcome.OVER_LIMIT:
            yield from _over_limit(result, terminal)
        case Outcome.NOTHING_FITS:
            text = "Nothing fits. Nothing was uploaded or paid, no manifest was written."
            yield from _sentence(text, text, terminal, "red")
        case Outcome.NOTHING_PRICED:
            text = "Nothing to price. No manifest was written."
            yield from _sentence(text, text, terminal, "red")


def _sentence(text: str, words: str, terminal: Terminal, *styles: str) -> Iterator[str]:
    """A sentence in which some words stand out, on whichever of its lines they are."""
    for line in wrapped("  ", text, terminal.width):
        yield line.replace(words, terminal.style(words, *styles)) if words else line


def _over_cap(result: PlanResult, terminal: Terminal) -> Iterator[str]:
    options, ceiling = result.options, result.summary.total.ceiling
    assert options.max_spend is not None
    over = Cents(ceiling + result.committed - options.max_spend)
    spent = f" ({show(result.committed)} of it spent or held already)" if result.committed else ""
    words = f"OVER THE CAP of {show(options.max_spend)}{spent} by {show(over)}."
    rest = "Nothing was uploaded or paid, no manifest was written."
    yield from _sentence(f"{words} {rest}", words, terminal, "red", "bold")
    if result.fits_cap:
        yield f"{label('fits')}{_offered(result, result.fits_cap, next_steps.fitting)}"
    yield f"{label('all')}{next_steps.with_cap(options, Cents(ceiling + result.committed))}"


def _over_limit(result: PlanResult, terminal: Terminal) -> Iterator[str]:
    words = "OVER A LIMIT."
    text = f"{words} Nothing was uploaded or paid, no manifest was written."
    yield from _sentence(text, words, terminal, "red", "bold")
    if result.fits_limits:
        fitting = next_steps.plan_command(replace(result.options, fit=True))
        kept = f"{some(result.fits_limits.items, 'item')}, at most {show(result.fits_limits.ceiling)}"
        yield f"{label('fits')}{fitting}   ({kept})"
    raised = "; ".join(dict.fromkeys(raising(over) for over in result.limited.refusing))
    yield from _row("all", raised, terminal)


def _written(result: PlanResult, terminal: Terminal) -> Iterator[str]:
    done = f"Nothing was uploaded or paid. Written: {printable(result.options.output)}"
    run = next_steps.run_command(result.options.output, result.cap, result.credits)
    gate = result.gate
    if isinstance(gate, Gate):
        yield from _gate(result, gate, done, run, terminal)
        return
    if isinstance(gate, NoWallet):
        yield from wrapped("  ", f"Wallet not known: {printable(gate.reason)}", terminal.width)
    outer = result.options.outer_cap
    if outer is not None and outer < result.summary.total.ceiling + result.committed:
        yield from _row("note", f"{CAP} is {show(outer)}: run will refuse until it is raised", terminal)
    yield from wrapped("  ", done, terminal.width)
    yield f"{label('next')}{run}"


def _row(word: str, text: str, terminal: Terminal) -> Iterable[str]:
    return wrapped(label(word), text, terminal.width)


def _gate(result: PlanResult, gate: Gate, done: str, run: str, terminal: Terminal) -> Iterator[str]:
    for each in gate.moved:
        yield from _row("price", _moved(each), terminal)
    held = f", {show(gate.held)} held for running jobs" if gate.held else ""
    low = ", low" if gate.view.low else ""
    wallet = f"Wallet {show(gate.view.balance)}{low}{held}"
    match gate.decision.verdict:
        case Verdict.PASS:
            yield from _sentence(f"{wallet}: enough. {done}", "enough", terminal, "green")
            yield f"{label('next')}{run}"
            yield from _try_first(result, gate)
        case Verdict.OVER_BALANCE:
            short = f"NOT ENOUGH, {show(gate.decision.short)} short"
            yield from _sentence(f"{wallet}: {short}. {done}", short, terminal, "red", "bold")
            yield from _ways_out(result, gate, run)
        case Verdict.OVER_CAP:
            limit = show(result.options.outer_cap or ZERO)
            yield from _sentence(f"{wallet}, but {CAP} is {limit}: run will refuse. {done}", "", terminal)
            yield f"{label('next')}{run}   (after raising {CAP})"


def _ways_out(result: PlanResult, gate: Gate, run: str) -> Iterator[str]:
    if gate.fits_now:
        yield f"{label('fits now')}{_offered(result, gate.fits_now, next_steps.fitting)}"
    yield f"{label('top up')}{next_steps.topup_command(gate.decision.short)}   then: {run}"
    yield from _try_first(result, gate)


def _try_first(result: PlanResult, gate: Gate) -> Iterator[str]:
    if gate.try_first:
        yield f"{label('try first')}{_offered(result, gate.try_first, next_steps.try_first)}"


def _offered(result: PlanResult, offer: Offer, command: next_steps.Command) -> str:
    typed = command(result.options, offer, result.committed)
    return f"{typed}   ({some(offer.items, 'item')}, at most {show(offer.ceiling)})"


def _moved(each: Moved) -> str:
    planned = rate_text(each.planned)
    if each.live is None:
        return f"{each.product}: the service names no price today, the plan counts {planned}"
    told = f"today: {rate_text(each.live)}, the plan counts {planned}"
    if each.live < each.planned:
        return f"{each.product} is cheaper {told}"
    return f"{each.product} is dearer {told}; run needs --accept-prices"
