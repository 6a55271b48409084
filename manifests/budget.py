"""The budget decision: what a cap still allows, and whether a run may start. Values in, a value out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from manifests.limits import Over
from manifests.money import ZERO, Cents


@dataclass(frozen=True, slots=True)
class Amounts:
    """The amounts of a cap, in cents."""

    cap: Cents
    spent: Cents = ZERO
    reserved: Cents = ZERO
    in_doubt: Cents = ZERO

    @property
    def committed(self) -> Cents:
        """What is spent or may yet be."""
        return Cents(self.spent + self.reserved + self.in_doubt)

    @property
    def left(self) -> Cents:
        """What may still be reserved."""
        return Cents(max(0, self.cap - self.committed))

    @property
    def over(self) -> Cents:
        """What passed the cap: charges above their ceilings, or a cap lowered later; normally 0."""
        return Cents(max(0, self.committed - self.cap))


@dataclass(frozen=True, slots=True)
class Purse:
    """The wallet as the gate sees it, in cents.

    `held` is what the ledger holds for running jobs and has allotted to other runs, none of which
    the balance shows yet.
    """

    balance: Cents
    held: Cents = ZERO

    @property
    def free(self) -> Cents:
        """What of the balance no other job or run counts on."""
        return Cents(max(0, self.balance - self.held))


class Verdict(StrEnum):
    """What the gate says."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    OVER_CAP = "over the cap"
    OVER_BALANCE = "over the balance"
    OVER_LIMIT = "over a limit"


@dataclass(frozen=True, slots=True)
class Decision:
    """The gate's word, with the figures that it rests on."""

    verdict: Verdict
    needed: Cents
    available: Cents  # the smaller of what cap and balance leave
    over: Over | None = None  # the limit that refuses, where one does

    @property
    def passes(self) -> bool:
        """Whether the run may submit."""
        return self.verdict is Verdict.PASS

    @property
    def short(self) -> Cents:
        """What is missing; 0 when the gate passes."""
        return Cents(max(0, self.needed - self.available))


def decide(needed: Cents, amounts: Amounts, purse: Purse | None) -> Decision:
    """Whether a run that would submit `needed` (sum of ceilings) may start; 0 always passes.

    Args:
        needed: ceilings of what this run would still submit.
        amounts: the cap and what already counts against it.
        purse: the wallet; None where it is not known (a plan without a key).
    """
    free = amounts.left if purse is None else Cents(min(amounts.left, purse.free))
    if needed == 0:
        return Decision(Verdict.PASS, needed, free)
    if needed > amounts.left:
        return Decision(Verdict.OVER_CAP, needed, free)
    if purse is not None and needed > purse.free:
        return Decision(Verdict.OVER_BALANCE, needed, free)
    return Decision(Verdict.PASS, needed, free)


def fit(ceilings: Sequence[Cents], room: Cents) -> list[int]:
    """Which of the ceilings, taken in order, fit into the room: the indices that do."""
    taken: list[int] = []
    for index, amount in enumerate(ceilings):
        if amount <= room:
            taken.append(index)
            room = Cents(room - amount)
    return taken


def smallest_cap(caps: Iterable[Cents | None], stored: Cents | None, plan_ceiling: Cents) -> Cents:
    """The cap of a run: the smallest that was given, else the last one stored, else the plan's ceiling."""
    given = [cap for cap in caps if cap is not None]
    if given:
        return min(given)
    return plan_ceiling if stored is None else stored
