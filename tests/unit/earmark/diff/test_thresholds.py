"""What a change may cost: dollars, and percent of the old plan; both by the most that it can be."""

from decimal import Decimal

import pytest

from earmark.diff.thresholds import Limits, limits_of
from earmark.diff.values import Pointer
from manifests.errors import UsageError
from manifests.money import Cents


@pytest.mark.parametrize(
    ("limit", "passed"), [(Limits(Cents(11)), True), (Limits(Cents(10)), False), (Limits(Cents(0)), False)]
)
def test_the_most_that_it_can_cost_counts(diff, item, limit, passed):
    document = diff([], [item()], limit)
    assert (document.to_pay.cents, document.to_pay.ceiling) == (10, 11)
    assert [each.passed for each in document.thresholds] == [passed]
    assert document.exit == (0 if passed else 3)


@pytest.mark.parametrize(
    ("percent", "passed"), [("50", False), ("100", True), ("99.999", False), ("0", False)]
)
def test_a_percentage_is_of_the_old_plans_most(diff, item, percent, passed):
    document = diff(
        [item("a.mp3", print="11111111")],
        [item("a.mp3", print="11111111"), item("b.mp3")],
        Limits(None, Decimal(percent)),
    )
    assert [each.passed for each in document.thresholds] == [passed]
    assert "100.0 % of the $0.11 before" in document.thresholds[0].words


def test_anything_is_above_a_percentage_of_nothing(diff, item):
    assert diff([], [item()], Limits(None, Decimal(1000))).exit == 3
    assert diff([], [item(paid=True)], Limits(None, Decimal(0))).exit == 0


def test_what_is_removed_never_fails(diff, item):
    assert diff([item()], [], limits_of("0", "0%")).exit == 0


def test_what_has_no_price_is_within_no_threshold(diff):
    pointers = {"a.mp3": Pointer("1" * 64, 10)}
    assert diff([], [], Limits(Cents(500)), new={"pointers": pointers}).exit == 3
    assert diff([], [], Limits(Cents(500)), old={"pointers": pointers}).exit == 0
    assert diff([], [], new={"pointers": pointers}).exit == 0


@pytest.mark.parametrize(
    ("above", "percent", "told"),
    [
        ("five", None, "--fail-above: 'five' is not an amount"),
        ("-1", None, "--fail-above: "),
        ("1.005", None, "parts of a cent"),
        (None, "many", "--fail-above-percent: 'many' is not a percentage"),
        (None, "-3", "--fail-above-percent"),
        (None, "1e3", "--fail-above-percent"),
    ],
)
def test_what_is_no_threshold_is_told(above, percent, told):
    with pytest.raises(UsageError, match=told.replace("$", r"\$")):
        limits_of(above, percent)


def test_percent_may_have_its_sign_and_decimals():
    assert limits_of(None, "12.5 %") == Limits(None, Decimal("12.5"))
