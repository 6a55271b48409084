"""All that a bill shows."""

from dataclasses import dataclass, field

from earmark.bill.foot import Foot
from earmark.bill.lines import Bill, Sums


@dataclass(frozen=True, slots=True)
class Shown:
    """A bill with what it adds up to, and its foot, or why there is none."""

    bill: Bill
    total: Sums
    groups: dict[str, Sums] = field(default_factory=dict)
    by: str | None = None  # what it is grouped by
    foot: Foot | None = None
    steady: bool = True  # whether the wallet stood still while it was read
    why_no_foot: str = ""
