"""The two purses of an account, the wallet in cents and the credits. Pure: the time is an argument."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace

from simulator.books import Charge, CreditRow, Reason, TopUp


def row_id(kind: str, number: int) -> str:
    """An id that looks like the service's and is the same in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{kind} {number}"))


@dataclass(slots=True)
class Wallet:
    """Prepaid money. Always: balance = top-ups - spent - drained, available = balance - held."""

    topups: dict[str, TopUp] = field(default_factory=dict)
    charges: list[Charge] = field(default_factory=list)
    topup_cents: int = 0
    held_cents: int = 0
    spent_cents: int = 0
    drained_cents: int = 0

    @property
    def balance_cents(self) -> int:
        """Money in the wallet, holds included; below zero when more was charged than there was."""
        return self.topup_cents - self.spent_cents - self.drained_cents

    @property
    def available_cents(self) -> int:
        """Money that no running job holds."""
        return self.balance_cents - self.held_cents

    def open_checkout(self, cents: int, now: float) -> TopUp:
        """A top-up that waits for its payment; moves no money."""
        topup = TopUp(row_id("top-up", len(self.topups)), cents, now, "pending")
        self.topups[topup.id] = topup
        return topup

    def pay_checkout(self, topup_id: str, now: float) -> TopUp:
        """Pay a waiting top-up; paying it again changes nothing. Raises KeyError for an unknown one."""
        topup = self.topups[topup_id]
        if topup.status == "pending":
            topup = replace(topup, status="completed", at=now)
            self.topups[topup_id] = topup
            self.topup_cents += topup.cents
        return topup

    def top_up(self, cents: int, now: float) -> TopUp:
        """Put money in at once."""
        return self.pay_checkout(self.open_checkout(cents, now).id, now)

    def drain(self, cents: int) -> int:
        """Somebody else spends up to `cents` of what nothing holds. Returns what was taken."""
        taken = max(0, min(cents, self.available_cents))
        self.drained_cents += taken
        return taken

    def hold(self, cents: int) -> None:
        """Set money aside."""
        self.held_cents += cents

    def unhold(self, cents: int) -> None:
        """Stop setting money aside."""
        self.held_cents -= cents

    def charge(self, service: str, job_id: int, cents: int, now: float, reason: Reason) -> None:
        """Take money for a job, or give it back when `cents` is negative."""
        self.charges.append(Charge(service, job_id, cents, now, reason))
        self.spent_cents += cents


@dataclass(slots=True)
class CreditAccount:
    """Account credits, from a plan or paid as they go."""

    balance: int = 0
    held: int = 0
    spent: int = 0
    rows: list[CreditRow] = field(default_factory=list)

    @property
    def available(self) -> int:
        """Credits that no running job holds."""
        return self.balance - self.held

    def add(self, credits_: int) -> None:
        """Change the balance from outside, down to zero at least."""
        self.balance = max(0, self.balance + credits_)

    def charge(self, service_type: str, credits_: int, seconds: int, now: float) -> None:
        """Take credits for a job and write the row that shows it."""
        self.balance -= credits_
        self.spent += credits_
        row = row_id("credit usage", len(self.rows))
        self.rows.append(CreditRow(row, service_type, credits_, seconds, now))
