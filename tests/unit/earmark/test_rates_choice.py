"""Rates as people type them."""

import pytest

from earmark.rates_choice import rate_of
from manifests.errors import UsageError


@pytest.mark.parametrize(
    ("typed", "a_second"),
    [
        ("30", 0.5),
        ("30/min", 0.5),
        ("2/s", 2.0),
        ("90/h", 0.025),
        (" 1.5/S ", 1.5),
        ("6/minute", 0.1),
        (None, None),
    ],
)
def test_a_rate_is_a_number_and_what_it_counts_by(typed, a_second):
    assert rate_of({"submit_rate": typed}, "submit_rate") == a_second


@pytest.mark.parametrize("typed", ["", "fast", "30/day", "-1", "1/2/s", "1e3", "30 / min", "nan", "inf/s"])
def test_what_is_no_rate_is_refused_with_the_way_to_write_one(typed):
    with pytest.raises(UsageError, match=r"--read-rate .* is not a rate: write 30/min"):
        rate_of({"read_rate": typed}, "read_rate")


def test_a_rate_of_nothing_would_wait_for_ever():
    with pytest.raises(UsageError, match="--submit-rate 0 would never call"):
        rate_of({"submit_rate": "0/min"}, "submit_rate")
