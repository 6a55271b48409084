"""The table of states is closed, and money follows it."""

from hypothesis import given
from hypothesis import strategies as st

from manifests import states
from manifests.states import TABLE, Purse, State

STATES = st.sampled_from(State)


def reachable(start):
    seen, front = {start}, [start]
    while front:
        for after in TABLE[front.pop()].leads_to - seen:
            seen.add(after)
            front.append(after)
    return seen


def test_the_table_is_closed():
    assert set(TABLE) == set(State)
    assert all(row.leads_to <= set(State) for row in TABLE.values())


def test_every_state_can_be_reached():
    assert reachable(State.PLANNED) == set(State)


def test_no_state_leads_to_itself():
    assert all(state not in row.leads_to for state, row in TABLE.items())


@given(STATES)
def test_from_every_state_a_result_can_still_be_saved(state):
    assert State.SAVED in reachable(state)


@given(st.lists(STATES, min_size=1, max_size=12), st.randoms())
def test_a_purchase_stands_where_one_of_its_parts_stands(parts, random):
    whole = states.of_purchase(parts)
    assert whole in parts
    mixed = list(parts)
    random.shuffle(mixed)
    assert states.of_purchase(mixed) is whole
    assert states.of_purchase([*parts, whole]) is whole


@given(st.lists(STATES, min_size=1, max_size=12), st.lists(STATES, min_size=1, max_size=12))
def test_parts_may_be_joined_in_any_way(one, other):
    joined = states.of_purchase([states.of_purchase(one), states.of_purchase(other)])
    assert states.of_purchase(one + other) is joined


@given(st.lists(STATES, min_size=1, max_size=12))
def test_only_a_purchase_whose_every_part_is_saved_is_saved(parts):
    assert (states.of_purchase(parts) is State.SAVED) == (set(parts) == {State.SAVED})


@given(st.lists(STATES, max_size=12))
def test_doubt_is_never_hidden(parts):
    assert states.of_purchase([*parts, State.IN_DOUBT]) is State.IN_DOUBT


@given(st.lists(STATES, min_size=1, max_size=20))
def test_what_was_bought_is_paid_for_before_it_is_bought_again(walk):
    """On every open way, a part that the service has taken is reserved again only after it failed."""
    state, taken = State.PLANNED, False
    for after in walk:
        if not states.may_follow(state, after):
            continue
        if after in states.BOUGHT:
            taken = True
        if after is State.RESERVED and state is not State.RESERVED:
            assert not taken or state in {State.RELEASED, State.FAILED_CHARGED, State.REJECTED, State.PLANNED}
            taken = False
        state = after


@given(STATES, STATES)
def test_money_is_set_aside_before_anything_goes_out(before, after):
    if after in {State.UPLOADING, State.SENDING} and states.may_follow(before, after):
        assert TABLE[before].purse is Purse.RESERVED
