"""The gate of a run: live prices, the caps, wallet and credits, the user's word; refusing costs nothing.

Cents and credits are two purses: each has a cap and a decision of its own, and their amounts are never
added. Where either is refused, nothing passes.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from manifests.budget import Amounts, Decision, Purse, Verdict, decide, fit
from manifests.catalogue import Currency
from manifests.limits import NONE, Limits, Over, Used, Wish
from manifests.money import ZERO, Cents, Rate
from runner.api.errors import CallRefused, Gone
from runner.api.interface import Wallet
from runner.api.service_types import Priced, listed
from runner.engine.guarding import at_least, dearer, gone, live_rates
from runner.engine.journal import nothing
from runner.engine.task import Task
from runner.ledger.interface import Ledger
from runner.limiting import Counting, Room, wishes_of
from runner.locks import Locks
from runner.options import Offer
from runner.second_opinion import Ask
from runner.wanted import Wanted

ROUNDS = 3
"""Times that `--fit` takes less because the service sees less money than its balance shows."""


WALLET = "wallet"
"""Gates that look at one wallet follow each other: each sees what the one before allotted."""

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
    over: tuple[Over, ...] = ()  # the limits by which --fit leaves something out

    @property
    def passes(self) -> bool:
        """Whether what is in `tasks` may be bought."""
        return self.decision.passes and self.credits.passes


class Gate:
    """Decides what may be bought, and allots it."""

    def __init__(
        self,
        ledger: Ledger,
        locks: Locks,
        manifest_id: str,
        *,
        fits: bool,
        max_credits: int = 0,
        limits: Limits = NONE,
        clock: Callable[[], float] = time.time,
        beside: Callable[[], Cents] = nothing,
    ) -> None:
        """Where runs of one manifest go on side by side, `beside` is what the others were let through.

        Args:
            ledger: of the wallet.
            locks: tell which other manifests' runs live.
            manifest_id: whose lines are bought.
            fits: whether to take what fits.
            max_credits: what this run may let the manifest cost in credits, over all its runs.
            limits: beside the cap.
            clock: seconds since 1970.
            beside: in cents, and not reserved yet.
        """
        self._ledger, self._locks, self._id, self._fits = ledger, locks, manifest_id, fits
        self._max_credits = Cents(max_credits)
        self._limits, self._beside = limits, beside
        self._counting = Counting(ledger, manifest_id, limits, clock, self._allotted)
        self.room = Room(ledger, manifest_id, limits, self._counting)

    def decide(self, tasks: Sequence[Task], wallet: Wallet, held_before: Cents = ZERO) -> Passage:
        """Compare what would be bought with caps and purses; the allotment is written with the decision.

        Args:
            tasks: what would be bought.
            wallet: as it was read a moment ago.
            held_before: what was held before that: a hold that became a charge since is not in the balance.
        """
        return self._ledger.retried(lambda: self._decide(tasks, wallet, held_before))

    def _decide(self, tasks: Sequence[Task], wallet: Wallet, held_before: Cents) -> Passage:
        self._ledger.alone(WALLET)
        beside = self._beside()
        amounts = self._amounts(beside)
        held = max(held_before, self.held())
        purse = Purse(wallet.balance.balance, held)
        credits_, held_credits = self.credits(), self._ledger.held_credits()
        account = None if wallet.credits is None else Purse(Cents(wallet.credits), Cents(held_credits))
        used = self._counting.used()
        taken = tasks
        limiting = self._over(tasks, used) if self._fits else ()
        if self._fits:
            rooms = _room(amounts, purse), _room(credits_, account)
            taken = _fitting(tasks, *rooms, self._limits, used)
        decision = self._within(taken, used, decide(_needed(taken, "cents"), amounts, purse))
        in_credits = decide(_needed(taken, "credits"), credits_, account)
        if not (decision.passes and in_credits.passes):
            return Passage(decision, (), (), held, in_credits, held_credits)
        self._ledger.allot(self._id, decision.needed + beside)
        self.room.let_through()
        return Passage(decision, taken, _others(tasks, taken), held, in_credits, held_credits, limiting)

    def _amounts(self, beside: Cents) -> Amounts:
        """The manifest's amounts; what was let through beside counts as reserved."""
        amounts = self._ledger.amounts(self._id)
        return replace(amounts, reserved=Cents(amounts.reserved + beside)) if beside else amounts

    def _within(self, tasks: Sequence[Task], used: Used, decision: Decision) -> Decision:
        """The decision, unless a limit refuses: a higher cap, or more money, would not help."""
        over = next(iter(self._over(tasks, used)), None)
        return decision if over is None else Decision(Verdict.OVER_LIMIT, over.needed, over.available, over)

    def _over(self, tasks: Sequence[Task], used: Used) -> tuple[Over, ...]:
        """The limits that buying all of these would pass."""
        if not self._limits:
            return ()
        own = tasks if isinstance(tasks, Wanted) else _paid_in(tasks, "cents")
        return self._limits.over(wishes_of(own), used)

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
        self._ledger.retried(lambda: self._ledger.allot(self._id, self._beside()))

    def held(self) -> Cents:
        """What of the wallet is spoken for: holds of all manifests, and allotments of living runs."""
        held, allotted = self._ledger.spoken_for()
        return Cents(held + self._of_others(allotted) + self._beside())

    def _allotted(self) -> Cents:
        """What other living runs may still reserve."""
        return self._of_others(self._ledger.allotted())

    def _of_others(self, allotted: Mapping[str, Cents]) -> Cents:
        """Of allotments those of other manifests that are still bought for, by a run or by hosts it left."""
        return Cents(
            sum(cents for other, cents in allotted.items() if other != self._id and self._buys(other))
        )

    def _buys(self, manifest_id: str) -> bool:
        if not self._locks.is_free(manifest_id):
            return True
        return any(each.stopped is None for each in self._ledger.dispatches(manifest_id))

    def credits(self) -> Amounts:
        """The manifest's amounts in credits, under the cap of this run."""
        return replace(self._ledger.credits(self._id), cap=self._max_credits)

    def leaves(self, cents: Cents, credits_: int) -> bool:
        """Whether the caps, and the limits of a run and of a month, have room for so much more."""
        capped = cents > self._amounts(self._beside()).left or credits_ > self.credits().left
        return not (capped or self._limits.over([Wish("", cents, ZERO)], self._counting.used()))

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


def _fitting(
    tasks: Sequence[Task], cents: Cents, credits_: Cents, limits: Limits, used: Used
) -> Sequence[Task]:
    """The tasks that fit, in order, each into the room of its own currency; limits count cents alone."""
    if isinstance(tasks, Wanted):  # never of credits
        return tasks.fitting(cents, limits, used)
    own, other = _paid_in(tasks, "cents"), _paid_in(tasks, "credits")
    chosen = {own[index].part_id for index in limits.fit(wishes_of(own), cents, used)}
    chosen |= {other[index].part_id for index in fit([task.ceiling for task in other], credits_)}
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


def check_prices(api: Priced, approved: Mapping[str, Rate], *, accept: bool) -> Prices:
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
