"""What cap and wallet say to a plan, and which smaller plans the wallet could pay."""

from collections.abc import Sequence
from dataclasses import dataclass

from earmark.plan_values import Gate, Offer
from earmark.wallet_lookup import Answer, NoWallet, WalletView, moved
from manifests import budget
from manifests.budget import Amounts, Purse, Verdict
from manifests.catalogue import Product
from manifests.money import Cents
from manifests.pilot import Sampler, Size
from planner.fitting import Candidates, Prefer

PILOT = 3
"""Items of the sample that is offered to be tried first: a short, a middle and a long one."""

WORTH_A_PILOT = Cents(200)
"""A plan that may cost more than this is worth trying first."""

SHARE = 4
"""The sample may be no more than this part of the price: else it would say little."""

_DOLLAR = 100


@dataclass(frozen=True, slots=True)
class Funds:
    """The money around a plan: what the wallet said (None without a key), and what counts on it already."""

    answer: Answer | None
    held: Cents
    committed: Amounts

    @property
    def purse(self) -> Purse | None:
        """The wallet as the budget sees it; None where its balance is not known."""
        return Purse(self.answer.balance, self.held) if isinstance(self.answer, WalletView) else None

    def under(self, cap: Cents) -> Amounts:
        """What counts against a cap of this plan's manifest."""
        return Amounts(cap, self.committed.spent, self.committed.reserved, self.committed.in_doubt)


def gate_of(
    funds: Funds,
    lines: Candidates,
    products: Sequence[Product],
    caps: Sequence[Cents],
    sampler: Sampler | None = None,
) -> Gate | NoWallet | None:
    """What `run` would say to these lines now; None without a key.

    Args:
        funds: of this plan.
        lines: of the manifest.
        products: that the lines buy.
        caps: that `run` would obey, apart from the manifest's own sum.
        sampler: of the manifest's lines; None where no manifest is written, or where credits pay some.
    """
    if not isinstance(funds.answer, WalletView):
        return funds.answer
    need = lines.ceiling
    purse = Purse(funds.answer.balance, funds.held)
    cap = min(caps, default=Cents(need + funds.committed.committed))
    decision = budget.decide(need, funds.under(cap), purse)
    short = decision.verdict is Verdict.OVER_BALANCE
    return Gate(
        view=funds.answer,
        held=funds.held,
        decision=decision,
        moved=moved(products, funds.answer.rates, funds.answer.types),
        fits_now=offer_in(lines, purse.free, Prefer.NEWEST) if short else None,
        try_first=None if sampler is None else _pilot(lines, sampler, purse.free),
    )


def _pilot(lines: Candidates, sampler: Sampler, free: Cents) -> Offer | None:
    """The sample that `run --pilot` would buy, in whole dollars; None where it is no small part of all."""
    need = lines.ceiling
    if need <= WORTH_A_PILOT:
        return None
    ceiling = lines.ceiling_of(sampler.sample(Size(PILOT)))
    if not ceiling or ceiling > free or SHARE * ceiling > need:
        return None
    room = Cents(-(-ceiling // _DOLLAR) * _DOLLAR)
    return Offer(room, Prefer.LISTED, min(PILOT, len(sampler)), ceiling)


def offer_in(lines: Candidates, room: Cents, prefer: Prefer) -> Offer | None:
    """What fits into the room; None when nothing that costs money does."""
    items, ceiling = lines.offer(room, prefer)
    return Offer(room, prefer, items, ceiling) if items else None
