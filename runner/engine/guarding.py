"""The guard desk: the second line of defence while money is being spent.

The wallet is read again from time to time, and after each quarter of it is submitted; account
credits that fall although the wallet is the purse stop the run (docs/api.md 3.3), beyond what the
jobs that credits pay explain, this run's own and those of runs beside it on the same ledger; so do live
prices above the approved ones.
"""

from collections.abc import Collection, Iterable, Mapping

from manifests import catalogue
from manifests.money import Cents, Rate, show
from manifests.states import State
from manifests.tariff import in_dollars
from runner.api.interface import Balance, Wallet
from runner.api.service_types import live_rate
from runner.engine import timing
from runner.engine.messages import CallFailed, RatesRead, ReadRates, ReadWallet, WalletRead
from runner.engine.world import Stop, World
from runner.engine.writes import ExtraCharge

QUARTER = 4

_MAY_STILL_COST = frozenset({State.SENDING, State.SUBMITTED, State.IN_DOUBT})
_TO_BE_SENT = frozenset({State.PLANNED, State.RESERVED, State.UPLOADING})


class GuardDesk:
    """Reads wallet and prices while submitting."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._wallet_at: float | None = None
        self._rates_at: float | None = None
        self._wallet_not_before = 0.0  # when the service wants to be asked again, whatever was spent
        self._reading: set[type] = set()
        self._spent_at_read = 0
        self._credits: int | None = None
        self._explained = 0  # credits that left for this run's own jobs
        self.balance: Balance | None = None
        self.balance_at = 0.0  # when it was read, seconds since 1970
        self.risen: Mapping[str, Rate] = {}  # what prices would have to be accepted, once they rose

    @property
    def credits_left(self) -> int | None:
        """The account's credits as last read; None where they cannot be."""
        return self._credits

    def start(self, wallet: Wallet, now: float) -> None:
        """Begin from what the gate saw."""
        self.balance, self.balance_at = wallet.balance, now
        self.credits_are(wallet.credits)
        self._wallet_at = now + timing.WALLET_EVERY
        self._rates_at = now + timing.RATES_EVERY

    def due(self) -> float | None:
        """When the desk wants to be asked again."""
        times = [at for at in (self._wallet_at, self._rates_at) if at is not None]
        return min(times, default=None) if self._world.submitting and not self._reading else None

    def work(self, submitted: Cents) -> None:
        """Read what is due; `submitted` is the sum of ceilings this run has submitted."""
        now = self._world.now
        if self._wallet_at is None or not self._world.submitting:
            return
        if self._wallet_due(submitted) and ReadWallet not in self._reading:
            self._reading.add(ReadWallet)
            self._spent_at_read = submitted
            self._world.act(ReadWallet())
        if self._rates_at is not None and now >= self._rates_at and ReadRates not in self._reading:
            self._reading.add(ReadRates)
            self._world.act(ReadRates())

    def _wallet_due(self, submitted: Cents) -> bool:
        now = self._world.now
        if self._wallet_at is None or now < self._wallet_not_before:
            return False
        return now >= self._wallet_at or self._quarter_gone(submitted)

    def _quarter_gone(self, submitted: Cents) -> bool:
        balance = self.balance.balance if self.balance else 0
        return balance > 0 and (submitted - self._spent_at_read) * QUARTER >= balance

    def wallet_read(self, event: WalletRead) -> None:
        """Compare credits; keep the balance."""
        self._reading.discard(ReadWallet)
        self._wallet_at = self._world.now + timing.WALLET_EVERY
        self.balance, self.balance_at = event.wallet.balance, self._world.now
        self.credits_are(event.wallet.credits)

    def credits_are(self, now_left: int | None) -> None:
        """Stop when account credits fell without a reason: someone is being charged 2.9 times the price."""
        before, self._credits = self._credits, now_left if now_left is not None else self._credits
        if now_left is None:
            return
        if before is None:
            self._explained = self._ended_before()
            return
        fell = self._unexplained(max(0, before - now_left))
        if not fell:
            return
        cents = in_dollars(fell)
        own = self._world.credit_sends or self._world.credits_beside
        why = "more than the jobs of this ledger explain" if own else "although the wallet should pay"
        self._world.credit_falls += 1
        self._world.write(ExtraCharge(cents, f"account credits fell by {fell}"))
        self._world.stop(Stop.CREDITS, f"the account's credits fell by {fell:,} (about {show(cents)}) {why}")

    def _ended_before(self) -> int:
        """What left before the first reading: it explains no later fall."""
        sends = self._world.credit_sends
        ended = (task for task in self._world.tasks.values() if task.attempt_id in sends)
        return sum(task.ceiling for task in ended if task.state not in _MAY_STILL_COST)

    def _unexplained(self, fell: int) -> int:
        """A fall, less what the ceilings of own jobs, and of those of runs beside, leave to be explained."""
        known = sum(self._world.credit_sends.values()) + self._world.credits_beside
        ours = min(fell, max(0, known - self._explained))
        self._explained += ours
        return fell - ours

    def rates_read(self, event: RatesRead) -> None:
        """Stop when a price of what is still to be sent rose above the approved one, or is gone."""
        self._reading.discard(ReadRates)
        self._rates_at = self._world.now + timing.RATES_EVERY
        approved = self._world.terms.rates
        wanted = {task.product for task in self._world.tasks.values() if task.state in _TO_BE_SENT}
        wanted |= self._world.to_come
        rates = {name: rate for name, rate in approved.items() if name in wanted}
        for text in moved(rates, event.rates, event.types):
            self._world.stop(Stop.PRICES, text)
            self.risen = {**approved, **at_least(rates, live_rates(rates, event.rates, event.types))}

    def failed(self, event: CallFailed) -> None:
        """No answer: read again at the next time, and not before the service wants to be asked."""
        now = self._world.now
        if isinstance(event.action, ReadWallet):
            self._reading.discard(ReadWallet)
            self._wallet_at = now + max(timing.WALLET_EVERY, event.retry_after)
            self._wallet_not_before = now + event.retry_after
        elif isinstance(event.action, ReadRates):
            self._reading.discard(ReadRates)
            self._rates_at = now + max(timing.RATES_EVERY, event.retry_after)


def live_rates(
    products: Iterable[str], live: Mapping[str, Rate], types: Collection[str] = ()
) -> dict[str, Rate]:
    """The live rate of each product, by the name under which the wallet sells it.

    Args:
        products: their names.
        live: cents a minute by wallet service type.
        types: the names in `/service-types`, which are preferred.
    """
    rates = {name: live_rate(catalogue.load().product(name), live, types) for name in products}
    return {name: rate for name, rate in rates.items() if rate is not None}


def dearer(approved: Mapping[str, Rate], live: Mapping[str, Rate], types: Collection[str] = ()) -> list[str]:
    """A sentence for each product whose live rate is above the approved one."""
    now = live_rates(approved, live, types)
    return [
        f"{name} costs {_rate(now[name])} now, the plan was made at {_rate(rate)}"
        for name, rate in approved.items()
        if name in now and now[name] > rate
    ]


def moved(approved: Mapping[str, Rate], live: Mapping[str, Rate], types: Collection[str] = ()) -> list[str]:
    """A sentence for each product that became dearer, or has no price any more."""
    missing = [f"the service states no price for {name} any more" for name in gone(approved, live)]
    return [*dearer(approved, live, types), *missing]


def at_least(approved: Mapping[str, Rate], live: Mapping[str, Rate]) -> dict[str, Rate]:
    """The approved rates, each raised to the live one where that is dearer."""
    return {name: max(rate, live.get(name, rate)) for name, rate in approved.items()}


def gone(approved: Mapping[str, Rate], live: Mapping[str, Rate]) -> list[str]:
    """The products for which the service states no price any more.

    Not those that are expected at nothing: a wallet that asks nothing for them has no price to state.
    """
    known = [catalogue.load().product(name) for name in approved]
    paid = [each.name for each in known if each.currency == "cents" and not each.service.free]
    return [name for name in paid if name not in live_rates(paid, live)]


def _rate(rate: Rate) -> str:
    return f"{float(rate):g} c/min"
