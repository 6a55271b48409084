"""What a change may cost: `--fail-above` in dollars, `--fail-above-percent` of what the old plan costs."""

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from earmark.amounts import amount_if_given
from earmark.diff.document import Threshold
from earmark.diff.values import Comparison
from manifests.errors import UsageError
from manifests.money import Cents, show

ABOVE, PERCENT = "--fail-above", "--fail-above-percent"

_PERCENT = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Limits:
    """What was asked for."""

    cents: Cents | None = None
    percent: Decimal | None = None

    @property
    def given(self) -> bool:
        """Whether anything was."""
        return self.cents is not None or self.percent is not None


def limits_of(above: str | None, percent: str | None) -> Limits:
    """The options as they were typed.

    Raises:
        UsageError: no amount in dollars, no percentage.
    """
    return Limits(amount_if_given(ABOVE, above), _percent(percent))


def _percent(text: str | None) -> Decimal | None:
    if text is None:
        return None
    plain = text.strip().removesuffix("%").rstrip()
    if _PERCENT.fullmatch(plain) is None:
        raise UsageError(f"{PERCENT}: {text!r} is not a percentage: write 20, 12.5 or 20%")
    return Decimal(plain)


def judged(comparison: Comparison, limits: Limits) -> list[Threshold]:
    """Each threshold that was given, against the most that the change can cost."""
    most, old = comparison.to_pay.ceiling, comparison.old.ceiling
    found: list[Threshold] = []
    if limits.cents is not None:
        passed = most <= limits.cents
        words = f"up to {show(most)} more, {_side(passed)} {ABOVE} {show(limits.cents)}"
        found.append(Threshold(ABOVE, str(limits.cents), "cents", passed, words))
    if limits.percent is not None:
        passed = Fraction(most * 100) <= Fraction(limits.percent) * old
        share = f"{_share(most, old)} of the {show(old)} before" if old else "and nothing was before"
        limit = f"{limits.percent.normalize():f}"
        words = f"up to {show(most)} more, {share}: {_side(passed)} {PERCENT} {limit}"
        found.append(Threshold(PERCENT, limit, "percent", passed, words))
    return found


def _side(passed: bool) -> str:  # noqa: FBT001
    return "within" if passed else "above"


def _share(most: int, old: int) -> str:
    """`12.3 %`, rounded up: what is above a threshold never looks as if it were on it."""
    tenths = -(-most * 1000 // old)
    return f"{tenths // 10:,}.{tenths % 10} %"
