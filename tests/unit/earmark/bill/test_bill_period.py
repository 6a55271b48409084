"""The time that a bill is about: as it is typed, in UTC, and never in the future."""

from datetime import UTC, datetime

import pytest

from earmark.bill.period import BEGINNING, Period, period_of
from manifests.errors import UsageError

NOW = datetime(2026, 11, 30, 15, 20, 7, tzinfo=UTC)


def at(*fields):
    return datetime(*fields, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "period"),
    [
        ((None, None, None), Period(at(2026, 11, 1), NOW, open=True)),
        (("2026-11-05", None, None), Period(at(2026, 11, 5), NOW, open=True)),
        (("7d", None, None), Period(at(2026, 11, 23, 15, 20, 7), NOW, open=True)),
        (("23:10", None, None), Period(at(2026, 11, 29, 23, 10), NOW, open=True)),
        (("2026-11-05T10:00+02:00", None, None), Period(at(2026, 11, 5, 8), NOW, open=True)),
        (("2026-11-05", "2026-11-06", None), Period(at(2026, 11, 5), at(2026, 11, 6))),
        ((None, "2026-11-06", None), Period(BEGINNING, at(2026, 11, 6))),
        (("1900-01-01", "2026-11-06", None), Period(BEGINNING, at(2026, 11, 6))),
        ((None, None, "2026-11"), Period(at(2026, 11, 1), NOW, open=True)),
        ((None, None, "2026-10"), Period(at(2026, 10, 1), at(2026, 11, 1))),
        ((None, None, "2025-12"), Period(at(2025, 12, 1), at(2026, 1, 1))),
    ],
)
def test_what_is_typed(typed, period):
    assert period_of(*typed, NOW) == period


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (("2026-12-01", None, None), "--since 2026-12-01 is in the future: it is 2026-11-30 15:20 UTC"),
        (("1d", "2027-01-01", None), "--until 2027-01-01 is in the future"),
        (("2026-11-05", "2026-11-05", None), "--until 2026-11-05 is not after --since 2026-11-05"),
        (("1h", "2h", None), "--until 2h is not after --since 1h: nothing lies between them"),
        (("soon", None, None), "--since: 'soon' is not a time: write 2026-11-23"),
        (("1d", "soon", None), "--until: 'soon' is not a time"),
        ((None, None, "2026-13"), "--month: '2026-13' is not a month: write 2026-11"),
        ((None, None, "0000-01"), "--month: '0000-01' is not a month"),
        ((None, None, "november"), "--month: 'november' is not a month"),
        ((None, None, "2026-12"), "--month 2026-12 is in the future"),
        ((None, None, "9999-12"), "--month 9999-12 is in the future"),
        (("7d", None, "2026-10"), "--month is a period by itself"),
        ((None, "7d", "2026-10"), "--month is a period by itself"),
    ],
)
def test_what_is_no_period_is_told(typed, told):
    with pytest.raises(UsageError) as error:
        period_of(*typed, NOW)
    assert str(error.value).startswith(told)


def test_a_period_up_to_now_has_what_a_clock_ahead_of_ours_tells():
    assert period_of(None, None, None, NOW).end > NOW.timestamp()
    assert period_of("7d", "1h", None, NOW).end < NOW.timestamp()
