"""How often calls begin: evenly, never above what was stated; half after a 429, slowly more again."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.tempo import FORGOTTEN_AFTER, HALVED_ONCE, RAISED_AFTER, Tempo, grown

FLOOR = 0.1
NOW = 1000.0


def begun(tempo, seconds, now=NOW):
    """When calls begin that are made as soon as they may, for so many seconds."""
    times = []
    at = tempo.book(now)
    while at < now + seconds:
        times.append(at)
        at = tempo.book(at)
    return times


def test_without_a_limit_every_call_begins_at_once():
    tempo = Tempo(floor=FLOOR)
    assert [tempo.book(NOW) for _ in range(1000)] == [NOW] * 1000
    assert tempo.rate(NOW) is None


@pytest.mark.parametrize("rate", [0.5, 2.0, 30.0])
def test_a_stated_rate_is_kept_in_any_stretch_of_time(rate):
    times = begun(Tempo(rate, floor=FLOOR), 60)
    gaps = [after - before for before, after in pairwise(times)]
    assert gaps == pytest.approx([1 / rate] * len(gaps))
    assert len(times) == pytest.approx(60 * rate, abs=1)


def test_a_rest_allows_no_burst_afterwards():
    tempo = Tempo(1.0, floor=FLOOR)
    tempo.book(NOW)
    assert [tempo.book(NOW + 60) for _ in range(3)] == [NOW + 60, NOW + 61, NOW + 62]


def test_after_a_429_half_of_what_went_out_goes_on():
    tempo = Tempo(floor=FLOOR)
    for number in range(100):
        tempo.book(NOW + number / 10)  # 10 a second
    tempo.halve(NOW + 9.9)
    assert tempo.rate(NOW + 9.9) == pytest.approx(5, rel=0.1)


def test_after_a_429_half_of_a_stated_rate_goes_on_although_less_went_out():
    tempo = Tempo(4.0, floor=FLOOR)
    tempo.halve(NOW)
    assert tempo.rate(NOW) == 2.0
    assert tempo.free_at(NOW) == NOW + 0.5


def test_calls_that_were_out_together_halve_once():
    tempo = Tempo(8.0, floor=FLOOR)
    for seconds in (0.0, 1.0, HALVED_ONCE - 0.1):
        tempo.halve(NOW + seconds)
    assert tempo.halvings == 1
    tempo.halve(NOW + HALVED_ONCE)
    assert tempo.halvings == 2
    assert tempo.rate(NOW + HALVED_ONCE) == pytest.approx(2.0, rel=0.1)


def test_a_halved_rate_is_slowly_raised_up_to_what_was_stated():
    tempo = Tempo(8.0, floor=FLOOR)
    tempo.halve(NOW)
    rates = [tempo.rate(NOW + seconds) for seconds in range(int(FORGOTTEN_AFTER) + 60)]
    assert rates == sorted(rates)
    assert rates[0] == 4.0
    assert rates[int(RAISED_AFTER / 2)] == pytest.approx(4.0 * 2**0.5)
    assert rates[-1] == 8.0


def test_what_a_429_taught_is_forgotten_when_none_comes_any_more():
    tempo = Tempo(floor=FLOOR)
    tempo.halve(NOW)
    assert tempo.rate(NOW + FORGOTTEN_AFTER - 1) is not None
    assert tempo.rate(NOW + FORGOTTEN_AFTER) is None


def test_nothing_but_429_does_not_stop_the_calls_for_good():
    tempo = Tempo(floor=FLOOR)
    for number in range(100):
        tempo.halve(NOW + number * HALVED_ONCE)
    assert tempo.rate(NOW + 99 * HALVED_ONCE) == FLOOR


def test_a_share_takes_the_place_of_what_was_learned_alone():
    tempo = Tempo(4.0, floor=FLOOR)
    tempo.halve(NOW)
    tempo.allow(3.0)
    assert tempo.rate(NOW) == 3.0
    tempo.allow(None)
    assert tempo.rate(NOW) == 4.0


def test_a_clock_that_is_set_back_does_not_raise_a_rate():
    assert grown(2.0, -3600.0) == 2.0


@given(
    st.floats(0.05, 50),
    st.lists(st.tuples(st.floats(0, 30), st.sampled_from(["call", "429"])), min_size=1, max_size=60),
)
def test_whatever_happens_a_stated_rate_is_never_passed(rate, story):
    tempo, now, times = Tempo(rate, floor=FLOOR), NOW, []
    for seconds, what in story:
        now += seconds
        if what == "429":
            tempo.halve(now)
        else:
            times.append(tempo.book(now))
    assert times == sorted(times)
    for before, after in pairwise(times):
        assert after - before >= (1 / rate) * (1 - 1e-6)
