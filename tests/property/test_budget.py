"""The budget decision: a cap that holds whatever the amounts."""

from hypothesis import given
from hypothesis import strategies as st

from manifests.budget import Amounts, Purse, Verdict, decide, fit, smallest_cap

CENTS = st.integers(min_value=0, max_value=10**9)
AMOUNTS = st.builds(Amounts, cap=CENTS, spent=CENTS, reserved=CENTS, in_doubt=CENTS)
PURSES = st.none() | st.builds(Purse, balance=CENTS, held=CENTS)


@given(AMOUNTS)
def test_the_amounts_add_up(amounts):
    assert amounts.left >= 0
    assert amounts.over >= 0
    assert amounts.cap + amounts.over == amounts.committed + amounts.left
    assert not (amounts.left and amounts.over)


@given(CENTS, AMOUNTS, PURSES)
def test_what_passes_stays_within_cap_and_balance(needed, amounts, purse):
    decision = decide(needed, amounts, purse)
    if decision.passes and needed:
        assert amounts.committed + needed <= amounts.cap
        assert purse is None or purse.held + needed <= purse.balance
    assert decision.passes == (decision.verdict is Verdict.PASS)


@given(CENTS, AMOUNTS, PURSES)
def test_what_is_refused_would_have_passed_the_cap_or_the_balance(needed, amounts, purse):
    decision = decide(needed, amounts, purse)
    if not decision.passes:
        assert decision.short > 0
        assert decision.short == needed - decision.available
        assert not decide(needed + 1, amounts, purse).passes
        assert decide(decision.available, amounts, purse).passes


@given(AMOUNTS, PURSES)
def test_nothing_needed_always_passes(amounts, purse):
    assert decide(0, amounts, purse).passes


@given(CENTS, AMOUNTS, PURSES, CENTS)
def test_a_higher_cap_never_refuses_what_a_lower_one_passed(needed, amounts, purse, more):
    if decide(needed, amounts, purse).passes:
        raised = Amounts(amounts.cap + more, amounts.spent, amounts.reserved, amounts.in_doubt)
        assert decide(needed, raised, purse).passes


@given(st.lists(CENTS, max_size=50), CENTS)
def test_what_fits_fits_and_nothing_that_would_have_is_left(ceilings, room):
    taken = fit(ceilings, room)
    assert taken == sorted(set(taken))
    assert sum(ceilings[index] for index in taken) <= room
    left = room
    for index, amount in enumerate(ceilings):
        assert (index in taken) == (amount <= left)
        left -= amount if index in taken else 0


@given(st.lists(CENTS, max_size=50), AMOUNTS)
def test_what_fits_passes_the_gate(ceilings, amounts):
    taken = fit(ceilings, amounts.left)
    assert decide(sum(ceilings[index] for index in taken), amounts, None).passes


@given(st.lists(st.none() | CENTS, max_size=4), st.none() | CENTS, CENTS)
def test_a_cap_is_never_above_one_that_was_given(caps, stored, plan):
    cap = smallest_cap(caps, stored, plan)
    given_caps = [each for each in caps if each is not None]
    assert all(cap <= each for each in given_caps)
    assert cap in [*given_caps, stored, plan]
