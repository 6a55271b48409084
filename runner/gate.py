"""The gate of a run: live prices, the cap, the wallet, the user's word; refusing costs nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from manifests.budget import Decision, Purse, Verdict, decide, fit
from manifests.money import ZERO, Cents, Rate
from runner.api.errors import CallRefused, Gone
from runner.api.interface import JobApi, Wallet
from runner.api.service_types import listed
from runner.engine.guarding import dearer, gone, live_rates
from runner.engine.task import Task
from runner.ledger.sqlite import SqliteLedger
from runner.locks import Locks
from runner.options import Offer
from runner.second_opinion import Ask

ROUNDS = 3
"""Times that `--fit` takes less because the service sees less money than its balance shows."""


@dataclass(frozen=True, slots=True)
class Passage:
    """The gate's word on a list of tasks; `held` is what was held when it was given."""

    decision: Decision
    tasks: tuple[Task, ...]  # what may be bought
    left_out: tuple[Task, ...]  # what --fit leaves for another time
    held: Cents


class Gate:
    """Decides what may be bought, and allots it."""

    def __init__(self, ledger: SqliteLedger, locks: Locks, manifest_id: str, *, fits: bool) -> None:
        self._ledger, self._locks, self._id, self._fits = ledger, locks, manifest_id, fits

    def decide(self, tasks: Sequence[Task], wallet: Wallet, held_before: Cents = ZERO) -> Passage:
        """Compare what would be bought with cap and wallet; the allotment is written with the decision.

        Args:
            tasks: what would be bought.
            wallet: as it was read a moment ago.
            held_before: what was held before that: a hold that became a charge since is not in the balance.
        """
        with self._ledger.transaction():
            amounts = self._ledger.amounts(self._id)
            held = max(held_before, self.held())
            purse = Purse(wallet.balance.balance, held)
            taken = list(tasks)
            if self._fits:
                room = Cents(min(amounts.left, purse.free))
                taken = [tasks[index] for index in fit([task.ceiling for task in tasks], room)]
            needed = Cents(sum(task.ceiling for task in taken))
            decision = decide(needed, amounts, purse)
            if not decision.passes:
                return Passage(decision, (), (), held)
            self._ledger.allot(self._id, needed)
        chosen = {task.part_id for task in taken}
        return Passage(decision, tuple(taken), tuple(t for t in tasks if t.part_id not in chosen), held)

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
        return Passage(decision, (), (), passage.held)

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

    def offer(self, tasks: Sequence[Task], wallet: Wallet) -> Offer:
        """What a person is asked about."""
        return Offer(
            items=sum(len(task.targets) for task in tasks),
            expected=Cents(sum(task.expected for task in tasks)),
            ceiling=Cents(sum(task.ceiling for task in tasks)),
            amounts=self._ledger.amounts(self._id),
            wallet=wallet,
        )


@dataclass(frozen=True, slots=True)
class Prices:
    """Live prices against the approved ones."""

    rates: Mapping[str, Rate]  # to go on with: cents a minute by product
    problems: tuple[str, ...]  # why not to
    note: str = ""
    live: frozenset[str] = frozenset()  # the names that have a price
    types: frozenset[str] = frozenset()  # the names that the wallet lists


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
    if not accept:
        return Prices(approved, risen + missing, "", frozenset(live), types)
    now = live_rates(approved, live, types)
    rates = {name: max(rate, now.get(name, rate)) for name, rate in approved.items()}
    return Prices(rates, missing, "", frozenset(live), types)
