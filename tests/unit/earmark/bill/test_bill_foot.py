"""The foot: opening + top-ups - ours - others' = closing, to the cent, whatever the clocks say."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from earmark.bill.foot import CLOCKS_DIFFER, Anchors, Moves, anchors_of, foot_of
from earmark.bill.period import Period
from earmark.bill.wallet import ATTEMPTS, Told, read
from manifests.money import Cents
from runner.api.interface import Balance, Topup, UsageRow
from runner.ledger.runs import Reading, RunBy, RunRow

DAY = 86400.0
START = datetime(2026, 11, 1, tzinfo=UTC).timestamp()


def when(at):
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def charge(at, cents, job="1", service="transcription"):
    return UsageRow(f"{at}{job}", service, Cents(cents), 60, job, when(at))


def topup(at, cents, status="completed"):
    return Topup(f"t{at}", Cents(cents), status, when(at))


def period(start, end):
    return Period(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC))


def reading(at, balance, spent):
    return Reading(at, Cents(balance), Cents(spent))


class Owned:
    """An attempt that a row bills."""

    charge = Cents(1)


def owner(row):
    return Owned() if row.job_id == "mine" else None


def newest_first(rows):
    return sorted(rows, key=lambda row: row.created, reverse=True)


def told(now, rows, topups):
    return Told(now, newest_first(rows), newest_first(topups))


ROWS = [
    charge(START - DAY, 100),
    charge(START + DAY, 30, "mine"),
    charge(START + 2 * DAY, 50, "other"),
    charge(START + 9 * DAY, 7, "mine"),
]
TOPUPS = [topup(START - 2 * DAY, 1000), topup(START + 3 * DAY, 500)]
NOW = reading(START + 10 * DAY, 1500 - 187, 187)


def test_the_foot_adds_up():
    found = foot_of(period(START, START + 5 * DAY), Anchors(None, None), told(NOW, ROWS, TOPUPS), owner, 0)
    assert (found.opening, found.topups, found.ours, found.others, found.closing) == (900, 500, 30, 50, 1320)
    assert (found.topups_count, found.ours_count, found.others_count) == (1, 1, 1)
    assert (found.unexplained, found.opening_read) == (0, None)


def test_what_left_without_a_row_is_told_and_not_hidden_in_the_opening():
    before = reading(START - 60, 900, 100)
    now = reading(NOW.at, NOW.balance - 13, NOW.total_spent)
    found = foot_of(period(START, now.at), Anchors(before, None), told(now, ROWS, TOPUPS), owner, 0)
    assert (found.opening, found.closing, found.unexplained) == (900, 1300, -13)


def test_a_reading_within_the_period_serves_for_its_opening_too():
    within = reading(START + 1.5 * DAY, 870, 130)
    found = foot_of(period(START, NOW.at), Anchors(within, None), told(NOW, ROWS, TOPUPS), owner, 0)
    assert (found.opening, found.unexplained) == (900, 0)


def test_rows_that_name_no_job_are_ours_as_far_as_the_ledger_counts_such():
    rows = [charge(START + 1, 30, ""), charge(START + 2, 50, "other")]
    now = reading(START + 3, 920, 80)
    whole = period(START, START + 3)
    found = foot_of(whole, Anchors(None, None), told(now, rows, []), owner, 20)
    assert (found.ours, found.unverified, found.others, found.unexplained) == (0, 20, 60, 0)
    assert found.others_count == 2  # a part of the one that names no job is somebody else's
    found = foot_of(whole, Anchors(None, None), told(now, rows, []), owner, 45)
    assert (found.unverified, found.others, found.others_count, found.beside(45)) == (30, 50, 1, 15)


def test_top_ups_that_nobody_paid_count_for_nothing():
    tops = [topup(START + 1, 700, "pending"), topup(START + 1, 500, "SUCCEEDED")]
    now = reading(START + 2, 500, 0)
    found = foot_of(period(START, START + 2), Anchors(None, None), told(now, [], tops), owner, 0)
    assert (found.opening, found.topups, found.topups_count, found.pending) == (0, 500, 1, 700)


def test_what_the_wallet_billed_and_no_run_has_read_is_told():
    class Unread:
        charge = None

    rows = [charge(START + 1, 30, "mine")]
    now = reading(START + 2, 0, 30)
    found = foot_of(
        period(START, START + 2), Anchors(None, None), told(now, rows, []), lambda _row: Unread(), 0
    )
    assert (found.ours, found.unread, found.beside(0)) == (30, 30, 0)


def test_a_row_that_cannot_be_read_is_counted_apart():
    row = UsageRow("r", "transcription", Cents(0), created=when(START + 1), priced=False)
    now = reading(START + 2, 0, 0)
    assert (
        foot_of(period(START, START + 2), Anchors(None, None), told(now, [row], []), owner, 0).unreadable == 1
    )


# Which readings


def run(before, after=None):
    return RunRow(1, "m", 0.0, None, None, RunBy(), before, after)


def test_opening_and_closing_rest_on_the_nearest_readings():
    old, near, late = (reading(START + days * DAY, 1, 1) for days in (-9, -1, 6))
    runs = [run(old, near), run(late)]
    assert anchors_of(runs, period(START, START + 5 * DAY), START + 30 * DAY) == Anchors(near, late)
    assert anchors_of(runs, period(START, START + 30 * DAY), START + 30 * DAY) == Anchors(near, None)
    assert anchors_of([], period(START, START + 5 * DAY), START + 30 * DAY) == Anchors(None, None)


def test_one_reading_is_not_checked_against_itself():
    only = reading(START + 6 * DAY, 1, 1)
    assert anchors_of([run(only)], period(START, START + 5 * DAY), START + 99 * DAY) == Anchors(None, only)
    assert anchors_of([run(None)], period(START, START + 5 * DAY), START + 99 * DAY) == Anchors(None, None)


def test_lists_are_read_back_to_the_earliest_of_them():
    old = reading(START - DAY, 1, 1)
    assert Anchors(old, None).back_to(period(START, START + 1)) == START - DAY - CLOCKS_DIFFER
    assert Anchors(None, None).back_to(period(START, START + 1)) == START


# Whatever happened


SECONDS = st.integers(0, 2000)


@settings(max_examples=60, deadline=None)
@given(
    moves=st.lists(
        st.tuples(st.integers(0, 2000), st.integers(-30, 200), st.sampled_from("mto")), max_size=25
    ),
    ends=st.tuples(SECONDS, st.integers(1, 2000)),
    reads=st.lists(st.tuples(SECONDS, st.floats(-CLOCKS_DIFFER, CLOCKS_DIFFER)), max_size=4),
)
def test_every_cent_is_explained_whatever_the_clocks_say(moves, ends, reads):
    """Readings by a clock that is wrong by up to five minutes, in a wallet that tells everything."""
    rows = [
        charge(START + at, cents, "mine" if who == "m" else "x") for at, cents, who in moves if who != "t"
    ]
    tops = [topup(START + at, abs(cents)) for at, cents, who in moves if who == "t"]

    def true(at, kinds):
        """The sums before a moment."""
        return sum(abs(c) if w == "t" else c for when_, c, w in moves if when_ < at and w in kinds)

    def balance(at):
        return 5000 + true(at, "t") - true(at, "mo")

    since, length = ends
    until = min(since + length, 2001)
    known = [reading(START + at + wrong, balance(at), true(at, "mo")) for at, wrong in reads]
    now = reading(START + 2001, balance(2001), true(2001, "mo"))
    asked = period(START + since, START + until)
    anchors = anchors_of([run(each) for each in known], asked, now.at)
    found = foot_of(asked, anchors, told(now, rows, tops), owner, 0)
    assert found.unexplained == 0
    assert (found.opening, found.closing) == (balance(since), balance(until))
    assert found.ours == true(until, "m") - true(since, "m")
    assert found.topups == true(until, "t") - true(since, "t")


def test_sums_by_time_include_their_moment():
    moves = Moves([(1.0, 5), (2.0, 7), (2.0, 1)])
    assert [moves.since(at) for at in (0.0, 1.0, 1.5, 2.0, 2.5)] == [13, 13, 8, 8, 0]
    assert Moves([]).since(0.0) == 0


# Asking the wallet


class Service:
    """A wallet whose balance may move while its lists are read."""

    def __init__(self, *balances):
        self.balances = list(balances)
        self.pages = [
            (charge(START + 3, 1), charge(START + 2, 1)),
            (charge(START - 5, 1),),
            (charge(1.0, 1),),
        ]
        self.read = 0

    def balance(self):
        cents = self.balances.pop(0) if len(self.balances) > 1 else self.balances[0]
        return Balance(Cents(cents), Cents(0))

    def usage(self):
        for page in self.pages:
            self.read += 1
            yield page

    def ask(self, since=START):
        return read(self.balance, self.usage, lambda: iter(()), since, lambda: 9.0)


def test_lists_are_read_no_further_than_needed():
    service = Service(100)
    found = service.ask()
    assert (len(found.rows), service.read, found.steady) == (2, 2, True)
    assert found.now == reading(9.0, 100, 0)


def test_a_wallet_that_moves_is_read_again():
    assert Service(100, 99, 99).ask().steady
    moving = Service(*range(100, 0, -1))
    found = moving.ask()
    assert (found.steady, found.now.balance) == (False, 100 - ATTEMPTS)


def test_a_row_without_a_time_does_not_end_the_list():
    service = Service(100)
    service.pages = [(UsageRow("r", "transcription", Cents(3)), charge(START + 1, 1))]
    assert len(service.ask().rows) == 2
