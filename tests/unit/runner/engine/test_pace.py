"""Uploads at once: as many as bring more through, half after a 429, never more than allowed."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.engine.pace import FIRST_SLOTS, Pace

MB = 2**20


class Line:
    """Uploads that share a line, and that the service looks at for a while before it answers."""

    def __init__(self, pace, *, bytes_a_second=float("inf"), answer_seconds=0.0, takes=lambda _now: True):
        self.pace, self.now = pace, 0.0
        self.bytes_a_second, self.answer_seconds, self.takes = bytes_a_second, answer_seconds, takes
        self.left: list[list[float]] = []  # bytes and then seconds of each upload

    def carry(self, sizes):
        """All of them, one after the other into the free slots; the slots after each."""
        waiting, seen = list(sizes), []
        while waiting or self.left:
            while waiting and len(self.left) < self.pace.slots:
                size = waiting.pop(0)
                self.left.append([float(size), self.answer_seconds, size])
            size = self._next_done()
            if self.takes(self.now):
                self.pace.went_well(size, self.now)
            else:
                self.pace.halve()
            seen.append(self.pace.slots)
        return seen

    def _next_done(self):
        while True:
            sending = [each for each in self.left if each[0] > 0]
            share = self.bytes_a_second / max(1, len(sending))
            step = min(each[0] / share if each[0] > 0 else each[1] for each in self.left)
            self.now += step
            for each in self.left:
                if each[0] > 0:
                    each[0] = max(0.0, each[0] - step * share)
                    each[0] = 0.0 if each[0] < 1e-3 else each[0]
                else:
                    each[1] -= step
            done = next((each for each in self.left if each[0] == 0 and each[1] <= 1e-9), None)
            if done is not None:
                self.left.remove(done)
                return done[2]


@pytest.mark.parametrize("size", [10_000, 5 * MB])
def test_where_uploads_wait_for_the_service_there_are_soon_as_many_as_allowed(size):
    seen = Line(Pace(32), answer_seconds=2.0).carry([size] * 400)
    assert max(seen[:120]) == 32
    assert sum(seen[200:]) / 200 > 28


@pytest.mark.parametrize("size", [100_000, 20 * MB])
def test_where_they_share_a_line_there_are_no_more_than_it_needs(size):
    seen = Line(Pace(64), bytes_a_second=MB).carry([size] * 400)
    assert sum(seen) / len(seen) < FIRST_SLOTS * 1.5


def test_a_line_that_becomes_faster_gets_more():
    line = Line(Pace(16), bytes_a_second=MB, answer_seconds=1.0)
    before = line.carry([MB] * 100)[-1]
    line.bytes_a_second = 1000 * MB
    assert max(line.carry([MB] * 400)) == 16 > before


def test_a_429_halves_them_and_they_come_back_one_by_one():
    pace = Pace(32)
    Line(pace, answer_seconds=2.0).carry([1000] * 400)
    most = pace.slots
    pace.halve()
    assert pace.slots == most // 2
    seen = Line(pace, answer_seconds=2.0).carry([1000] * 400)
    steps = [after - before for before, after in pairwise(seen)]
    assert max(steps) == 1
    assert seen[-1] == 32


def test_a_service_that_takes_only_so_many_is_asked_for_about_that():
    """It refuses while more than ten are at work."""
    pace = Pace(64)
    line = Line(pace, answer_seconds=1.0)
    line.takes = lambda _now: len(line.left) < 10
    seen = line.carry([1000] * 2000)
    assert 4 < sum(seen[500:]) / 1500 < 14


def test_a_lost_answer_leaves_one():
    pace = Pace(8)
    pace.drop()
    assert pace.slots == 1


def test_a_round_in_which_there_was_less_to_send_tells_nothing():
    pace = Pace(8)
    for now in range(100):
        pace.went_well(1000, float(now))
        pace.pause()
    assert pace.slots == FIRST_SLOTS


EVENTS = st.one_of(
    st.tuples(st.just("well"), st.integers(0, 2**31), st.floats(0, 1000)),
    st.sampled_from([("halve",), ("drop",), ("pause",)]),
)


@settings(max_examples=30)
@given(limit=st.integers(1, 64), events=st.lists(EVENTS, max_size=80))
def test_there_are_never_none_and_never_more_than_allowed_and_nothing_is_left_to_chance(limit, events):
    one, other = Pace(limit), Pace(limit)
    for pace in (one, other):
        now = 0.0
        for name, *rest in events:
            before = pace.slots
            if name == "well":
                now += rest[1]
                pace.went_well(rest[0], now)
            else:
                getattr(pace, name)()
                assert pace.slots <= before
            assert 1 <= pace.slots <= limit
    assert one.slots == other.slots
