"""The amounts of a run by what became of its items; with the rest, they add up to the cap's amounts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from manifests.budget import Amounts, Verdict
from manifests.catalogue import Currency
from manifests.money import ZERO, Cents
from runner.report import Fate, ItemReport, RunReport
from runner.tally import End, Money

UNSENT = frozenset({Fate.WAITING, Fate.STALE, Fate.SKIPPED})
"""What was not bought: its amount is what it would cost, and counts against no cap."""


@dataclass(frozen=True, slots=True)
class Sum:
    """The items that came to one end; amounts of one currency, as other items have another."""

    end: End
    currency: Currency = "cents"

    @property
    def fate(self) -> Fate:
        """The end."""
        return self.end.fate

    @property
    def count(self) -> int:
        """All items, of either currency."""
        return self.end.items

    @property
    def in_credits(self) -> "Sum":
        """The same items, with the amounts that credits pay."""
        return replace(self, currency="credits")

    @property
    def money(self) -> Money:
        """The amounts of this currency."""
        return self.end.money(self.currency)

    @property
    def charged(self) -> Cents:
        """What is billed."""
        return Cents(self.money.charged)

    @property
    def held(self) -> Cents:
        """What is set aside for them still."""
        return Cents(self.money.held)

    @property
    def expected(self) -> Cents:
        """What they cost by the plan; what another item or manifest pays for costs nothing here."""
        return Cents(self.money.expected)

    @property
    def ceiling(self) -> Cents:
        """The most that they can cost."""
        return Cents(self.money.ceiling)

    @property
    def amount(self) -> Cents:
        """What counts against the cap; for what was not bought, the price."""
        counted = Cents(self.charged + self.held)
        # What a killed run left half-way is still set aside, beside many that only wait.
        return max(self.expected, counted) if self.fate in UNSENT else counted


def sum_of(fate: Fate, items: Iterable[ItemReport]) -> Sum:
    """The sum of some items under one heading, whatever became of them."""
    end = End(fate)
    for item in items:
        end.add(item)
    return Sum(end)


@dataclass(frozen=True, slots=True)
class Rest:
    """What counts against the cap beside the newest tries of the manifest's lines."""

    spent: Cents
    held: Cents

    @property
    def amount(self) -> Cents:
        """Both together."""
        return Cents(self.spent + self.held)


def sums(report: RunReport) -> list[Sum]:
    """One sum for each end that any item came to, in the order of the fates."""
    return [Sum(end) for end in report.tally.ends]


def rest(report: RunReport) -> Rest:
    """Earlier tries, lines that were taken out, charges that name no job; in cents."""
    return _rest(report.amounts, sums(report))


def credits_rest(report: RunReport) -> Rest:
    """The same of what credits paid, in credits."""
    return _rest(report.credits, [each.in_credits for each in sums(report)])


def _rest(amounts: Amounts, paid: Sequence[Sum]) -> Rest:
    charged, held = sum(each.charged for each in paid), sum(each.held for each in paid)
    return Rest(Cents(amounts.spent - charged), Cents(amounts.reserved + amounts.in_doubt - held))


def waiting(report: RunReport) -> Sum:
    """What was not sent."""
    return Sum(report.tally.end(Fate.WAITING))


def still_to_buy(report: RunReport) -> Cents:
    """Ceilings of what waits for the wallet's money, at today's prices where those rose."""
    ceiling = waiting(report).ceiling
    ceiling = max(ceiling, report.refused.needed) if report.refused else ceiling
    return ceiling if report.repriced is None else max(ceiling, report.repriced)


def credits_to_buy(report: RunReport) -> Cents:
    """Ceilings of what waits for credits, in credits."""
    ceiling = waiting(report).in_credits.ceiling
    return max(ceiling, report.credits_refused.needed) if report.credits_refused else ceiling


def short_of_credits(report: RunReport) -> int:
    """What the account's credits lack for all that waits for them; 0 where they are not known."""
    if report.credits_left is None:
        return 0
    free = report.credits_left - report.credits.reserved - report.credits.in_doubt
    short = max(0, credits_to_buy(report) - max(0, free))
    refused = report.credits_refused
    if refused is not None and refused.verdict is Verdict.OVER_BALANCE:
        short = max(short, refused.short)  # where jobs of other manifests hold some
    return short


def short_of_money(report: RunReport) -> Cents:
    """What the wallet lacks for all that waits; for one job, where only a 402 tells."""
    short = ZERO
    if report.balance is not None:
        free = report.balance.balance - report.amounts.reserved - report.amounts.in_doubt
        short = Cents(max(0, still_to_buy(report) - max(0, free)))
    if report.refused is not None and report.refused.verdict is Verdict.OVER_BALANCE:
        short = max(short, report.refused.short)  # where the service sees less than its balance shows
    told = report.shortage
    if told is not None and told.required is not None and told.available is not None:
        short = max(short, Cents(told.required - told.available))
    return short


def went_elsewhere(report: RunReport) -> tuple[Cents, Cents] | None:
    """The least and the most that left the wallet for something else than this manifest during the run."""
    before, after = report.before, report.balance
    if before is None or after is None:
        return None
    fell = before.balance.balance - after.balance
    gone = max(fell, after.total_spent - before.balance.total_spent)
    ours = report.amounts.spent - before.spent
    most = gone - ours
    least = most - report.amounts.reserved - report.amounts.in_doubt
    return (Cents(least), Cents(most)) if least > 0 else None
