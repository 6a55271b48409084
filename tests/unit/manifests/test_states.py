import itertools

import pytest

from manifests import states
from manifests.states import TABLE, Purse, State


def test_every_state_has_a_row():
    assert set(TABLE) == set(State)
    assert all(row.meaning for row in TABLE.values())


def test_the_usual_way_is_open():
    way = [
        State.PLANNED,
        State.RESERVED,
        State.UPLOADING,
        State.SENDING,
        State.SUBMITTED,
        State.FINISHED,
        State.SAVED,
    ]
    assert all(states.may_follow(before, after) for before, after in itertools.pairwise(way))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (State.PLANNED, State.UPLOADING),  # money is set aside first
        (State.PLANNED, State.SENDING),
        (State.RESERVED, State.SENDING),
        (State.SUBMITTED, State.PLANNED),  # what was bought is not bought again
        (State.FINISHED, State.PLANNED),
        (State.SAVED, State.PLANNED),
        (State.SAVED, State.RESERVED),
        (State.LOST, State.PLANNED),
        (State.LOST, State.RESERVED),
        (State.IN_DOUBT, State.RESERVED),
        (State.IN_DOUBT, State.RELEASED),
        (State.FAILED, State.RESERVED),  # first the usage row is waited for
        (State.GIVEN_UP, State.PLANNED),
    ],
)
def test_ways_that_would_lose_money_are_shut(before, after):
    assert not states.may_follow(before, after)


def test_a_state_may_be_told_twice():
    assert all(states.may_follow(state, state) for state in State)


def test_only_an_answer_that_was_lost_is_in_doubt():
    assert {state for state in State if TABLE[state].purse is Purse.IN_DOUBT} == {
        State.IN_DOUBT,
        State.GIVEN_UP,
    }


def test_money_is_held_from_reserving_until_it_is_known_to_be_free():
    free = {state for state in State if TABLE[state].purse is Purse.NONE}
    assert free == {State.PLANNED, State.RELEASED, State.REJECTED}


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([State.SAVED], State.SAVED),
        ([State.SAVED, State.SAVED], State.SAVED),
        ([State.SAVED, State.FINISHED], State.FINISHED),
        ([State.SAVED, State.PLANNED], State.PLANNED),
        ([State.SUBMITTED, State.SENDING], State.SENDING),
        ([State.SAVED, State.IN_DOUBT, State.LOST], State.IN_DOUBT),
        ([State.SAVED, State.LOST], State.LOST),
        ([State.RELEASED, State.REJECTED], State.REJECTED),
        ([State.FAILED_CHARGED, State.REJECTED], State.FAILED_CHARGED),
    ],
)
def test_a_purchase_stands_where_its_part_needs_attention_most(parts, whole):
    assert states.of_purchase(parts) is whole
    assert states.of_purchase(reversed(parts)) is whole


def test_the_groups_of_states_do_not_overlap_where_they_must_not():
    assert {State.LOST} == states.BOUGHT & states.ENDED_BADLY
    assert not states.IN_FLIGHT & states.ENDED_BADLY
    assert {State.SUBMITTED} == states.IN_FLIGHT & states.BOUGHT
