import pytest

from manifests.budget import Amounts, Decision, Purse, Verdict, decide, fit, smallest_cap


def test_the_amounts_of_a_cap():
    amounts = Amounts(cap=5000, spent=4658, reserved=10, in_doubt=46)
    assert (amounts.committed, amounts.left, amounts.over) == (4714, 286, 0)


def test_what_passed_the_cap_is_over_and_nothing_is_left():
    amounts = Amounts(cap=100, spent=90, in_doubt=30)
    assert (amounts.left, amounts.over) == (0, 20)


def test_a_purse_keeps_what_others_count_on():
    assert Purse(balance=5000, held=300).free == 4700
    assert Purse(balance=100, held=300).free == 0
    assert Purse(balance=100).free == 100


@pytest.mark.parametrize(
    ("needed", "amounts", "purse", "decision"),
    [
        (458, Amounts(500), Purse(1000), Decision(Verdict.PASS, 458, 500)),
        (500, Amounts(500), Purse(500), Decision(Verdict.PASS, 500, 500)),
        (501, Amounts(500), Purse(1000), Decision(Verdict.OVER_CAP, 501, 500)),
        (501, Amounts(1000), Purse(500), Decision(Verdict.OVER_BALANCE, 501, 500)),
        (501, Amounts(1000), Purse(600, held=100), Decision(Verdict.OVER_BALANCE, 501, 500)),
        (501, Amounts(500), Purse(200), Decision(Verdict.OVER_CAP, 501, 200)),
        (501, Amounts(1000), None, Decision(Verdict.PASS, 501, 1000)),
        (501, Amounts(500), None, Decision(Verdict.OVER_CAP, 501, 500)),
        (1, Amounts(100, spent=100), Purse(1000), Decision(Verdict.OVER_CAP, 1, 0)),
    ],
)
def test_the_gate(needed, amounts, purse, decision):
    assert decide(needed, amounts, purse) == decision


def test_nothing_needed_always_passes():
    decision = decide(0, Amounts(cap=0, spent=500), Purse(balance=0))
    assert decision.passes
    assert decision.short == 0


def test_a_refusal_says_what_is_missing():
    decision = decide(17731, Amounts(20000), Purse(5000))
    assert not decision.passes
    assert (decision.available, decision.short) == (5000, 12731)


def test_fit_takes_in_order_what_fits():
    assert fit([10, 50, 20, 5], 35) == [0, 2, 3]
    assert fit([10, 10], 0) == []
    assert fit([0, 5], 0) == [0]
    assert fit([], 100) == []


@pytest.mark.parametrize(
    ("caps", "stored", "cap"),
    [
        ([2000, None, 1500], 9999, 1500),
        ([None, None], 700, 700),
        ([None], None, 458),
        ([0], 700, 0),  # 0 = only collect what is paid
        ([], 0, 0),
        ([], None, 458),
    ],
)
def test_the_smallest_cap_wins_then_the_stored_one_then_the_plan(caps, stored, cap):
    assert smallest_cap(caps, stored, 458) == cap
