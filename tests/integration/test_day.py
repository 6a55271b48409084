"""A day's run over an archive: limits, two outages, lost answers, a price that doubles. The books agree."""

import pytest

from support.day import MINUTES, Day, Weather


@pytest.mark.parametrize(
    ("hours", "pace"), [(60, 0.01), pytest.param(10_000, 1.0, marks=pytest.mark.long)], ids=str
)
def test_a_days_run_ends_with_the_same_books_whatever_the_day_brings(tmp_path, hours, pace):
    """`pace` is how much of a day it takes: outages and prices come so much sooner."""
    usual = Weather()
    outages = tuple((start * pace, end * pace) for start, end in usual.outages)
    weather = Weather(outages, usual.dearer_at * pace)
    day = Day.of(tmp_path, hours, seed=5, weather=weather)

    def the_cap_holds():
        spent, reserved, in_doubt = day.house.amounts
        assert spent + reserved + in_doubt <= day.house.cap
        assert day.archive.charged <= spent + reserved + in_doubt

    day.go(hours, the_cap_holds)
    archive = day.archive
    assert set(day.house.states().values()) == {"saved"}
    assert day.house.amounts == (archive.charged, 0, 0)
    assert hours * MINUTES < archive.charged <= 2 * hours * MINUTES
    assert len(archive.charges_by_key()) == hours
    assert set(archive.charges_by_key().values()) == {1}
    assert archive.refused["429"] > 0
    assert archive.refused["unsent"] > 0
    assert {"prices", "over"} & set(day.stops)  # whichever was seen first
