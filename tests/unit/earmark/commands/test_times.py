"""Moments as people type them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from earmark.times import moment_of
from manifests.errors import UsageError

HERE = timezone(timedelta(hours=2))
NOW = datetime(2026, 11, 23, 10, 30, 15, tzinfo=HERE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2h", "2026-11-23T06:30:15"),
        ("90s", "2026-11-23T08:28:45"),
        ("7d", "2026-11-16T08:30:15"),
        ("1.5h", "2026-11-23T07:00:15"),
        ("09:10", "2026-11-23T07:10:00"),
        ("10:30", "2026-11-23T08:30:00"),
        ("23:10", "2026-11-22T21:10:00"),  # last night: moments lie in the past
        ("9:05", "2026-11-23T07:05:00"),
        ("2026-11-01", "2026-10-31T22:00:00"),
        ("2026-11-01T05:00", "2026-11-01T03:00:00"),
        ("2026-11-01T05:00Z", "2026-11-01T05:00:00"),
        (" 2026-11-01T05:00:00+01:00 ", "2026-11-01T04:00:00"),
    ],
)
def test_a_moment_is_in_the_past_and_in_the_readers_zone(text, expected):
    assert moment_of(text, NOW) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        *("", "yesterday", "25:00", "12:60", "7", "7x", "2026-13-01", "-2h", "2h ago"),
        *("99999999d", "0001-01-01"),  # before time began, or where the zone puts it there
    ],
)
def test_anything_else_is_refused_with_what_can_be_written(text):
    with pytest.raises(UsageError, match="is not a time: write 2026-11-23"):
        moment_of(text, NOW)
