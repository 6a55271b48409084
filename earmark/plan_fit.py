"""What `plan --fit` fits into, and what more room would keep."""

from dataclasses import dataclass, replace

from earmark.plan_gate import Funds
from earmark.plan_values import More, PlanOptions
from earmark.wallet_lookup import NoWallet
from manifests.errors import UsageError
from manifests.money import Cents
from planner.fitting import Candidates

ENOUGH = Cents(10**15)
"""Where limits alone say what fits."""


@dataclass(frozen=True, slots=True)
class Room:
    """What --fit fits into; `beside` is what counts on the same cap, or the same wallet, already."""

    cents: Cents
    beside: Cents
    by_wallet: bool


def room_of(options: PlanOptions, funds: Funds) -> Room:
    """The smallest cap's rest, and the wallet's where no --max-spend was given.

    Raises:
        UsageError: there is no cap, and the wallet is not known.
    """
    committed = funds.committed.committed
    rooms = [Room(funds.under(cap).left, committed, by_wallet=False) for cap in options.caps]
    if options.max_spend is None and funds.purse is not None:
        rooms.append(Room(funds.purse.free, funds.held, by_wallet=True))
    if not rooms and options.policy.limits:
        rooms.append(Room(ENOUGH, committed, by_wallet=False))
    if rooms:
        return min(rooms, key=lambda room: room.cents)
    why = funds.answer.reason if isinstance(funds.answer, NoWallet) else "no key is set"
    raise UsageError(f"--fit does not know the balance ({why}): give --max-spend AMOUNT")


def more_of(options: PlanOptions, funds: Funds, lines: Candidates, kept: Candidates) -> More | None:
    """What the next room would take; None where all lines are kept.

    Args:
        options: of the plan.
        funds: around it.
        lines: all that it found.
        kept: those that fit.
    """
    if lines.to_pay == kept.to_pay or lines.over():  # a higher cap would not keep all, whatever it is
        return None
    room = room_of(options, funds)
    found = lines.next_room(room.cents, options.prefer)
    more = More(
        by_wallet=room.by_wallet,
        room=Cents(kept.ceiling + room.beside),
        items=kept.to_pay,
        all_room=Cents(lines.ceiling + room.beside),
        all_items=lines.to_pay,
    )
    return (
        more if found is None else replace(more, next_room=Cents(found[0] + room.beside), next_items=found[1])
    )
