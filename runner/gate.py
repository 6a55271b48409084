"""The gate of a run: live prices, the caps, wallet and credits, the user's word; refusing costs nothing.

Cents and credits are two purses: each has a cap and a decision of its own, and their amounts are never
added. Where either is refused, nothing passes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from manifests.budget import Amounts, Decision, Purse, Verdict, decide, fit
from manifests.catalogue import Currency
from manifests.money import ZERO, Cents, Rate
from runner.api.errors import CallRefused, Gone
from runner.api.interface import JobApi, Wallet
from runner.api.service_types import listed
from runner.engine.guarding import at_least, dearer, gone, live_rates
from runner.engine.task import Task
from runner.ledger.sqlite import SqliteLedger
from runner.locks import Locks
from runner.options import Offer
from runner.second_opinion import Ask
from runner.wanted import Wanted

ROUNDS = 3
"""Times that `--fit` takes less because the service sees less money than its balance shows."""


NOTHING = Decision(Verdict.PASS, ZERO, ZERO)
"""Nothing is needed."""


@dataclass(frozen=True, slots=True)
class Passage:
    """The gate's word on a list of tasks; `held` is what of the wallet was held when it was given."""

    decision: Decision  # about the wallet
    tasks: Sequence[Task]  # what may be bought
    left_out: Sequence[Task]  # what --fit leaves for another time
    held: Cents
    credits: Decision = NOTHING  # about the account's credits, in credits
    held_credits: int = 0

    @property
    def passes(self) -> bool:
        """Whether what is in `tasks` may be bought."""
        return self.decision.passes and self.credits.passes


class Gate:
    """Decides what may be bought, and allots it."""

    def __init__(
        self, ledger: SqliteLedger, locks: Locks, manifest_id: str, *, fits: bool, max_credits: int = 0
    ) -> None:
        """`max_credits` is what this run may let the manifest cost in credits, over all its runs."""
        self._ledger, self._locks, self._id, self._fits = ledger, locks, manifest_id, fits
        self._max_credits = Cents(max_credits)

    def decide(self, tasks: Sequence[Task], wallet: Wallet, held_before: Cents = ZERO) -> Passage:
        """Compare what would be bought with caps and purses; the allotment is written with the decision.

        Args:
            tasks: what would be bought.
            wallet: as it was read a moment ago.
            held_before: what was held before that: a hold that became a charge since is not in the balance.
        """
        with self._ledger.transaction():
            amounts = self._ledger.amounts(self._id)
            held = max(held_before, self.held())
            purse = Purse(wallet.balance.balance, held)
            credits_, held_credits = self.credits(), self._ledger.held_credits()
            account = None if wallet.credits is None else Purse(Cents(wallet.credits), Cents(held_credits))
            taken = tasks
            if self._fits:
                taken = _fitting(tasks, _room(amounts, purse), _room(credits_, account))
            decision = decide(_needed(taken, "cents"), amounts, purse)
            in_credits = decide(_needed(taken, "credits"), credits_, account)
            if not (decision.passes and in_credits.passes):
                return Passage(decision, (), (), held, in_credits, held_credits)
            self._ledger.allot(self._id, decision.needed)
        return Passage(decision, taken, _others(tasks, taken), held, in_credits, held_credits)

    def ask(self, tasks: Sequence[Task], wallet: Wallet, held_before: Cents, second: Ask) -> Passage:
        """Decide, and hear the service before it passes; its no is a refusal with its own figures.

        With `--fit` less is taken until both agree, as far as the service says what is there.

        Args:
            tasks: what would be bought.
            wallet: as it was read a moment ago.
            held_before: what was held before that.
            second: the service's opinion on what passed.
        """
        passage = self.decide(tasks, wallet, held_before)
        for _ in range(ROUNDS):
            if not passage.tasks:
                return passage
            said = second(passage.tasks)
            if said.passes:
                return passage
            there = passage.decision.available if said.available is None else said.available
            smaller = Cents(there + passage.held)
            if not self._fits or smaller >= wallet.balance.balance:
                break
            wallet = replace(wallet, balance=replace(wallet.balance, balance=smaller))
            passage = self.decide(tasks, wallet, held_before)
        self.withdraw()
        decision = Decision(Verdict.OVER_BALANCE, said.needed, there)
        return replace(passage, decision=decision, tasks=(), left_out=())

    def withdraw(self) -> None:
        """End the allotment: nothing will be bought after all."""
        with self._ledger.transaction():
            self._ledger.allot(self._id, 0)

    def held(self) -> Cents:
        """What of the wallet is spoken for: holds of all manifests, and allotments of living runs."""
        others = [
            cents
            for other, cents in self._ledger.allotted().items()
            if other != self._id and not self._locks.is_free(other)
        ]
        return Cents(self._ledger.held() + sum(others))

    def credits(self) -> Amounts:
        """The manifest's amounts in credits, under the cap of this run."""
        return replace(self._ledger.credits(self._id), cap=self._max_credits)

    def may_have_freed(self, passage: Passage) -> bool:
        """Whether what was refused for want of money may fit now that running jobs hold less."""
        refused = [each for each in (passage.decision, passage.credits) if not each.passes]
        freed = self.held() < passage.held or self._ledger.held_credits() < passage.held_credits
        return freed and all(each.verdict is Verdict.OVER_BALANCE for each in refused)

    def offer(self, tasks: Sequence[Task], wallet: Wallet) -> Offer:
        """What a person is asked about."""
        return Offer(
            items=sum(len(task.targets) for task in tasks),
            expected=Cents(sum(task.expected for task in _paid_in(tasks, "cents"))),
            ceiling=_needed(tasks, "cents"),
            amounts=self._ledger.amounts(self._id),
            wallet=wallet,
            credits_expected=sum(task.expected for task in _paid_in(tasks, "credits")),
            credits_ceiling=_needed(tasks, "credits"),
            credits=self.credits(),
        )


def _room(amounts: Amounts, purse: Purse | None) -> Cents:
    """What a cap and a purse leave; the cap alone where the purse is not known."""
    return amounts.left if purse is None else Cents(min(amounts.left, purse.free))


def _others(tasks: Sequence[Task], taken: Sequence[Task]) -> Sequence[Task]:
    """Those tasks that were not taken."""
    if taken is tasks:
        return ()
    if isinstance(tasks, Wanted) and isinstance(taken, Wanted):
        return tasks.but(taken)
    chosen = {task.part_id for task in taken}
    return [task for task in tasks if task.part_id not in chosen]


def _fitting(tasks: Sequence[Task], cents: Cents, credits_: Cents) -> Sequence[Task]:
    """The tasks that fit, in order, each into the room of its own currency."""
    if isinstance(tasks, Wanted):  # never of credits
        return tasks.fitting(cents)
    chosen: set[int] = set()
    rooms: tuple[tuple[Currency, Cents], ...] = ("cents", cents), ("credits", credits_)
    for currency, room in rooms:
        own = _paid_in(tasks, currency)
        chosen |= {own[index].part_id for index in fit([task.ceiling for task in own], room)}
    return [task for task in tasks if task.part_id in chosen]


def _paid_in(tasks: Iterable[Task], currency: Currency) -> list[Task]:
    return [task for task in tasks if task.currency == currency]


def _needed(tasks: Iterable[Task], currency: Currency) -> Cents:
    return Cents(sum(task.ceiling for task in _paid_in(tasks, currency)))


@dataclass(frozen=True, slots=True)
class Prices:
    """Live prices against the approved ones."""

    rates: Mapping[str, Rate]  # to go on with: cents a minute by product
    problems: tuple[str, ...]  # why not to
    note: str = ""
    live: frozenset[str] = frozenset()  # the names that have a price
    types: frozenset[str] = frozenset()  # the names that the wallet lists
    risen: Mapping[str, Rate] = field(default_factory=dict)  # the approved ones, or live where dearer


def check_prices(api: JobApi, approved: Mapping[str, Rate], *, accept: bool) -> Prices:
    """Read the live prices; dearer ones are a problem, unless they are accepted.

    Raises:
        ApiError: the service does not answer.
    """
    types = listed(api)
    try:
        live = api.rates()
    except (CallRefused, Gone) as error:
        return Prices(approved, (), f"live prices could not be read: {error}", types=types)
    missing = tuple(f"the service states no price for {name} any more" for name in gone(approved, live))
    risen = tuple(dearer(approved, live, types))
    rates = at_least(approved, live_rates(approved, live, types))
    if not accept:
        return Prices(approved, risen + missing, "", frozenset(live), types, rates)
    return Prices(rates, missing, "", frozenset(live), types, rates)
