"""Waits: growing, bounded, stretched at random but never shortened."""

import random

import pytest

from runner.engine import timing
from runner.engine.timing import JITTER, LONGEST_BACKOFF, Patience, backoff, jittered


class Least(random.Random):
    """Draws the least that can be drawn."""

    def random(self):
        return 0.0


class Most(random.Random):
    """Draws the most that can be drawn."""

    def random(self):
        return 1 - 2**-53


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 1), (1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (50, 60), (5000, 60)]
)
def test_waits_double_up_to_a_minute(failures, seconds):
    assert backoff(failures, Least()) == seconds
    assert backoff(failures, Most()) == pytest.approx(seconds * (1 + JITTER))


def test_the_first_wait_may_be_another():
    assert [backoff(failures, Least(), 0.5) for failures in (1, 2, 3, 50)] == [0.5, 1, 2, 60]


def test_a_wait_is_only_ever_stretched():
    rng = random.Random(7)
    waits = [jittered(10.0, rng) for _ in range(200)]
    assert 10.0 <= min(waits) < max(waits) <= 10.0 * (1 + JITTER)
    assert len(set(waits)) > 100  # many runs do not look in step


def test_the_same_seed_waits_the_same():
    assert backoff(3, random.Random(1)) == backoff(3, random.Random(1))


def test_the_defaults_hang_together():
    patience = Patience()
    assert patience.first_look <= patience.longest_look < patience.settle + patience.bill
    assert list(patience.doubt_looks) == sorted(patience.doubt_looks)
    assert patience.doubt_looks[-1] > timing.LONGEST_LOOK  # a list that lags is looked at once more after it
    assert timing.USAGE_GAPS[-1] < patience.settle < patience.bill < patience.job
    assert timing.SIGNAL_GAP < timing.SENDING_GRACE
    assert LONGEST_BACKOFF < timing.THROTTLED_TO_STOP
