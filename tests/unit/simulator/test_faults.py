"""When a fault strikes: by place, name, count and dice, the same way in every run."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulator import Fault, Scenario
from simulator.books import Fate
from simulator.faults import Faults, fate_of, first


def struck(
    *faults: Fault, requests=10, kind="submit:stems", name="song.wav", seed=0
) -> list[tuple[str, ...]]:
    """What strikes at each of some equal requests."""
    script = Faults(faults, seed)
    return [tuple(fault.do for fault in script.striking(kind, name)) for _ in range(requests)]


def when(*faults: Fault, **how) -> list[int]:
    """The ordinals of the requests at which anything strikes."""
    return [number for number, found in enumerate(struck(*faults, **how), 1) if found]


def test_a_fault_without_conditions_strikes_always():
    assert when(Fault(at="submit:stems", do="drop"), requests=3) == [1, 2, 3]


def test_the_place_is_a_pattern():
    assert when(Fault(at="submit:*", do="drop"), requests=1) == [1]
    assert when(Fault(at="*", do="drop"), requests=1) == [1]
    assert when(Fault(at="submit:transcription", do="drop"), requests=1) == []


def test_the_name_is_a_pattern():
    assert when(Fault(at="*", do="drop", name="*.wav"), requests=1) == [1]
    assert when(Fault(at="*", do="drop", name="*.mp3"), requests=1) == []


def test_requests_are_counted_from_one():
    assert when(Fault(at="*", do="drop", nth=2)) == [2]
    assert when(Fault(at="*", do="drop", nth=(1, 4))) == [1, 4]
    assert when(Fault(at="*", do="drop", every=3)) == [3, 6, 9]
    assert when(Fault(at="*", do="drop", nth=1, every=4)) == [1, 4, 8]


def test_a_fault_wears_off_after_some_strikes():
    assert when(Fault(at="*", do="rate_limited", times=2)) == [1, 2]
    assert when(Fault(at="*", do="drop", every=2, times=2)) == [2, 4]


def test_a_fault_counts_only_the_requests_that_match_it():
    script = Faults([Fault(at="submit:stems", do="drop", nth=2)], 0)
    kinds = ["submit:stems", "submit:transcription", "list:stems", "submit:stems"]
    assert [bool(script.striking(kind, "")) for kind in kinds] == [False, False, False, True]


def test_several_faults_can_strike_one_request():
    assert struck(Fault(at="*", do="drop"), Fault(at="*", do="fail"), requests=1) == [("drop", "fail")]


@given(st.integers(), st.floats(0.05, 0.95))
def test_dice_fall_the_same_for_the_same_seed(seed, probability):
    fault = Fault(at="*", do="drop", probability=probability)
    assert when(fault, requests=50, seed=seed) == when(fault, requests=50, seed=seed)


def test_dice_fall_as_often_as_they_should_and_differ_by_seed_and_fault():
    half = Fault(at="*", do="drop", probability=0.5)
    assert 400 < len(when(half, requests=1000)) < 600
    assert when(half, requests=100) != when(half, requests=100, seed=1)
    both = struck(half, half, requests=100)
    assert any(len(found) == 1 for found in both)
    assert when(Fault(at="*", do="drop", probability=0)) == []
    assert len(when(Fault(at="*", do="drop", probability=1))) == 10


def test_cleared_faults_strike_no_more():
    script = Faults(Scenario(faults=(Fault(at="*", do="drop"),)).faults, 0)
    script.clear()
    assert script.striking("submit:stems", "") == ()


def test_strikes_are_counted_by_kind_and_stay_counted():
    faults = Faults([Fault(at="submit:*", do="drop", every=2), Fault(at="submit:*", do="slow")], seed=0)
    for _ in range(3):
        faults.striking("submit:stems", "a.wav")
    faults.clear()
    faults.striking("submit:stems", "a.wav")
    assert faults.struck == {"drop": 1, "slow": 3}


def test_the_first_fault_of_some_kinds_is_found():
    slow, drop = Fault(at="*", do="slow"), Fault(at="*", do="drop")
    assert first((slow, drop), frozenset({"drop", "slow"})) is slow
    assert first((slow, drop), frozenset({"drop"})) is drop
    assert first((), frozenset({"drop"})) is None


def test_fates_add_up():
    faults = [
        Fault(at="*", do="fail", text="No speech found"),
        Fault(at="*", do="usage_late", seconds=9),
        Fault(at="*", do="drop"),
        Fault(at="*", do="job_seconds", seconds=3),
    ]
    assert fate_of(faults) == Fate(ending="FAILED", message="No speech found", usage_delay=9, seconds=3)
    assert fate_of([]) == Fate()
    assert fate_of([], jobs_end=False) == Fate(ending="NEVER")
