"""What a length promises."""

from fractions import Fraction

import pytest

from manifests.exits import Exit
from manifests.length import Grade
from planner.leftout import Reason, Unreadable
from planner.lengths.interface import between, clock, milliseconds, sure


def test_milliseconds_round_up():
    assert [milliseconds(Fraction(n, 3)) for n in (0, 1, 3)] == [0, 334, 1000]


@pytest.mark.parametrize(
    ("grade", "longest"),
    [(Grade.EXACT, 10_100), (Grade.COUNTED, 10_100), (Grade.HEADER, 11_000)],
)
def test_the_longest_credible_length_follows_the_grade(grade, longest):
    assert sure(Fraction(10), grade, "mp3", "why").longest_ms == longest


def test_a_long_header_is_trusted_to_one_percent():
    assert sure(Fraction(1000), Grade.HEADER, "wma", "why").longest_ms == 1_010_000


def test_an_interval_is_priced_at_its_upper_end():
    length = between(Fraction(8), Fraction(9), Fraction(12), "mp3", "why")
    assert (length.low_ms, length.ms, length.high_ms, length.longest_ms) == (8000, 9000, 12_000, 12_000)
    assert length.grade is Grade.ESTIMATED


def test_lengths_are_shown_as_players_show_them():
    assert [clock(seconds) for seconds in (5, 1870, 11_564)] == ["0:05", "31:10", "3:12:44"]


def test_the_error_carries_what_the_plan_lists():
    error = Unreadable(Reason.EMPTY, "a/b.mp3", "empty (0 bytes)")
    assert str(error) == "a/b.mp3: empty (0 bytes)"
    assert error.exit_code is Exit.USAGE
    assert (error.left_out().path, error.left_out().detail) == ("a/b.mp3", "empty (0 bytes)")
