"""What a page says above its table: the sentence with the amounts, the bar, the facts beside it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from earmark.reports.columns import bought
from earmark.reports.document import Besides, Credits, Money, Pilot, Report
from earmark.reports.fates import last_run
from earmark.reports.planned import Gate
from earmark.screens.money import both, credits_, worth
from earmark.screens.words import long, size, some
from manifests.money import show

THIN = 0.7
"""Percent of the bar: what is not zero shows, however small."""

DONE = "saved"
NEVER_RUN = "never run"
SO_FAR = "So far "


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the bar; from where and how wide, in percent of it."""

    name: str
    cents: int
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure with its name, and what there is to say about it."""

    name: str
    figure: str
    about: str = ""


def lead(report: Report) -> str:
    """The sentence that the page begins with: items, money spent, money in doubt."""
    whole = sum(each.items for each in report.fates)
    if not whole:  # a command that failed before there was anything to report, too
        return report.sentence
    if report.made_by == "plan" or report.outcome == NEVER_RUN:
        left = whole - sum(each.shared for each in report.fates)
        return _to_buy(report, left) if left else f"Nothing to pay: {some(whole, 'item')} paid for already"
    done = sum(each.items for each in report.fates if each.fate == DONE)
    parts = [f"{done:,} of {some(whole, 'item')} done"]
    money = cap_of(report)
    if money is not None:
        parts += list(_spent(money))
    if report.credits is not None and (report.credits.cap or report.credits.spent):
        parts.append(f"{report.credits.spent:,} of {credits_(report.credits.cap)} spent")
    return f"{SO_FAR if report.running else ''}{', '.join(parts)}"


def below(report: Report, lead_: str) -> str:
    """What the report's own sentence adds to the lead: all of it, the beginning, or nothing."""
    repeated = lead_.removeprefix(SO_FAR)
    beginning, found, _ = report.sentence.partition(repeated)
    if not found:
        return report.sentence
    return f"{beginning.rstrip(' :')}." if beginning else ""


def cap_of(report: Report) -> Money | None:
    """The cap and what counts against it; None where dollars play no part."""
    money = report.amounts
    if money is None or not (money.cap or money.spent or money.reserved or money.in_doubt):
        return None
    return money


def _spent(amounts: Money) -> Iterator[str]:
    yield f"{show(amounts.spent)} of {show(amounts.cap)} spent"
    if amounts.reserved:
        yield f"{show(amounts.reserved)} reserved"
    if amounts.in_doubt:
        yield f"{show(amounts.in_doubt)} in doubt"
    if amounts.over:
        yield f"{show(amounts.over)} over the cap"


def _to_buy(report: Report, items: int) -> str:
    """What a plan costs, before anything is bought."""
    cents = sum(each.expected for each in report.services)
    in_credits = sum(each.credits for each in report.services)
    most = both(
        sum(each.ceiling for each in report.services), sum(each.credits_ceiling for each in report.services)
    )
    return f"{some(items, 'item')} to buy for {both(cents, in_credits)}, at most {most}"


def bar(amounts: Money) -> list[Piece]:
    """What of the cap went where; the parts fill the bar."""
    shares = {
        "spent": amounts.spent,
        "reserved": amounts.reserved,
        "in doubt": amounts.in_doubt,
        "left": amounts.left,
    }
    whole = sum(shares.values())
    widths = _widths({name: cents * 100 / whole for name, cents in shares.items()} if whole else {})
    pieces, start = [], 0.0
    for name, cents in shares.items():
        width = widths.get(name, 0.0)
        pieces.append(Piece(name, cents, round(start, 3), round(width, 3)))
        start += width
    return pieces


def limit(amounts: Money) -> float | None:
    """Where in the bar the cap ends, in percent; None where nothing passed it."""
    return round(amounts.cap * 100 / (amounts.cap + amounts.over), 3) if amounts.over else None


def _widths(shares: Mapping[str, float]) -> dict[str, float]:
    """The same shares, none thinner than can be seen; the widest gives what the others take."""
    seen = {name: max(share, THIN) if share else 0.0 for name, share in shares.items()}
    if seen:
        widest = max(seen, key=lambda name: seen[name])
        seen[widest] += 100 - sum(seen.values())
    return seen


def facts(report: Report) -> list[Fact]:
    """Figures that are in no sentence; only those that there are."""
    return [*_of_items(report), *_of_effort(report), *_of_last_run(report), *_of_wallet(report)]


def _of_items(report: Report) -> Iterator[Fact]:
    ms = sum(each.ms for each in report.services)
    if ms:
        count = sum(each.bytes for each in report.services)
        yield Fact("Length", long(ms), f"of all items{f', {size(count)}' if count else ''}")
    saved = sum(each.saved for each in report.services)
    if saved:
        yield Fact("Saved", show(saved), "paid before, or by another line for the same audio and options")
    if report.credits is not None and (report.credits.cap or report.credits.spent):
        yield _credits(report.credits)
    if report.besides is not None:
        yield from _besides(report.besides)


def _besides(besides: Besides) -> Iterator[Fact]:
    told = [
        f"{both(cents, in_credits)} {what}"
        for cents, in_credits, what in (
            (besides.charged, besides.credits_charged, "charged"),
            (besides.held, besides.credits_held, "set aside"),
        )
        if cents or in_credits
    ]
    if told:
        yield Fact("In no item", ", ".join(told), "earlier tries, and lines that were taken out")


def _credits(credits_of: Credits) -> Fact:
    more = [f"{credits_of.reserved:,} reserved"] if credits_of.reserved else []
    more += [f"{credits_of.in_doubt:,} in doubt"] if credits_of.in_doubt else []
    more += [f"{credits_of.account:,} in the account"] if credits_of.account is not None else []
    figure = f"{credits_of.spent:,} of {credits_(credits_of.cap)}"
    return Fact("Credits", figure, "; ".join([f"{worth(credits_of.spent)}, in no sum of dollars", *more]))


def _pilot(told: Pilot) -> Fact:
    """A sample whose rest waits for somebody's word."""
    figure = f"{told.saved:,} of {some(told.items, 'item')} saved, {show(told.charged)} charged"
    left = told.rest
    expected, most = both(left.likely, left.credits), both(left.ceiling, left.credits_ceiling)
    more = f"{some(left.items, 'item')} left: {expected} expected by its bills, at most {most}"
    return Fact("Pilot", figure, f"planned {show(told.expected)}; {more}")


def _of_effort(report: Report) -> Iterator[Fact]:
    effort = report.effort
    if effort is None:
        return
    if effort.seconds:
        sent = f", {size(effort.sent_bytes)} sent" if effort.sent_bytes else ""
        told = f"{some(effort.submitted, 'submit')}{sent}"
        yield Fact("Took", long(round(effort.seconds * 1000)), told)
    if effort.hosts:
        parts = (f"{each.host} {each.items:,}" for each in effort.hosts)
        yield Fact("Hosts", some(len(effort.hosts), "host"), f"items saved: {', '.join(parts)}")
    if effort.pilot is not None and not effort.pilot.agreed:
        yield _pilot(effort.pilot)
    if effort.left_by_fit:
        yield Fact("Left out by --fit", some(effort.left_by_fit, "item"), "what did not fit")
    for name, refused, amount in (
        ("Refused", effort.refused, show),
        ("Credits refused", effort.credits_refused, credits_),
    ):
        if refused is not None:
            about = f"{amount(refused.available)} available, {amount(refused.short)} short"
            yield Fact(name, f"{amount(refused.needed)} needed", about)
    if effort.repriced is not None:
        yield Fact("Prices rose", f"{show(effort.repriced)} at most", "for what waits, at today's prices")


def _of_last_run(report: Report) -> Iterator[Fact]:
    words = last_run(report)
    if words:
        yield Fact("Last run", report.runs[-1].outcome or "killed", words)


def _of_wallet(report: Report) -> Iterator[Fact]:
    purse = report.wallet
    if purse is not None:
        elsewhere = ""
        if purse.went_elsewhere is not None:
            least, most = purse.went_elsewhere.least, purse.went_elsewhere.most
            between = show(least) if least == most else f"{show(least)} to {show(most)}"
            elsewhere = f"{between} went to something else on this account"
        yield Fact("Wallet", f"{show(purse.balance)}{', low' if purse.low else ''}", elsewhere)
    elif report.planned is not None and report.planned.gate is not None and not bought(report):
        yield _seen_by_plan(report.planned.gate, "" if report.made_by == "plan" else ", when it was planned")


def _seen_by_plan(gate: Gate, when: str) -> Fact:
    if gate.balance is None:
        return Fact("Wallet", "not known", f"{gate.reason or 'nobody asked'}{when}")
    return Fact(
        "Wallet", show(gate.balance), f"{f'{show(gate.short)} short' if gate.short else 'enough'}{when}"
    )
