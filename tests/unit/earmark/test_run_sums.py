"""Every cent of a run is somewhere: the rows and the rest add up to the amounts of the cap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.run_sums import rest, short_of_money, still_to_buy, sums, went_elsewhere
from manifests.budget import Decision, Verdict
from manifests.money import Cents
from runner.report import Before, Fate, Shortage
from runner.tally import Spread, Tally
from support.reports import balance, item, report

CENTS = st.integers(0, 10_000).map(Cents)
MONEY = st.one_of(
    st.builds(lambda charge: {"charged": charge, "held": Cents(0)}, CENTS),
    st.builds(lambda hold: {"charged": None, "held": hold}, CENTS),
)
SENT = st.sampled_from([Fate.SAVED, Fate.RUNNING, Fate.IN_DOUBT, Fate.FAILED, Fate.LOST])


@given(st.lists(st.builds(lambda fate, money: item(fate=fate, **money), SENT, MONEY)), CENTS)
def test_the_rows_and_the_rest_add_up_to_what_counts_against_the_cap(items, beside):
    told = report(*items, beside=beside)
    found = sums(told)
    assert sum(each.amount for each in found) + rest(told).amount == told.amounts.committed
    assert sum(each.charged for each in found) + rest(told).spent == told.amounts.spent
    assert sum(each.count for each in found) == len(items)
    assert rest(told).spent == beside


def test_what_is_not_sent_shows_its_price_and_counts_against_nothing():
    waiting = [item("a", Fate.WAITING), item("b", Fate.WAITING), item("c", Fate.WAITING, shared=True)]
    (row,) = sums(report(*waiting))
    assert (row.amount, row.ceiling, row.end.shared) == (20, 22, 1)
    assert report(*waiting).amounts.committed == 0


def test_what_a_killed_run_left_set_aside_does_not_hide_what_else_waits():
    (row,) = sums(report(item("a", Fate.WAITING, held=Cents(11)), item("b", Fate.WAITING)))
    assert row.amount == 20


def test_holds_are_listed_until_they_are_billed():
    (row,) = sums(report(item("a"), item("b", charged=None, held=Cents(11))))
    assert (row.charged, row.held, row.amount) == (10, 11, 21)
    assert row.end.unbilled == 1


def test_drift_tells_dearer_and_cheaper_items_apart():
    items = [item(charged=Cents(charge)) for charge in (10, 12, 11, 7)]
    told = Tally.of([*items, item(charged=None, held=Cents(11))]).end(Fate.SAVED).drift
    assert (told.planned, told.charged) == (40, 40)
    assert (told.dearer, told.cheaper) == (Spread(2, 1, 2), Spread(1, 3, 3))


def test_what_is_still_to_buy_is_at_least_what_the_gate_counted():
    waiting = item(fate=Fate.WAITING)
    assert still_to_buy(report(waiting)) == 11
    refused = Decision(Verdict.OVER_CAP, Cents(30), Cents(5))
    assert still_to_buy(report(waiting, refused=refused)) == 30
    assert still_to_buy(report(item())) == 0


def test_a_shortage_is_for_all_that_waits_and_at_least_for_the_job_that_was_refused():
    waiting = [item(fate=Fate.WAITING) for _ in range(5)]
    assert short_of_money(report(*waiting)) == 0  # nothing is known of the wallet
    assert short_of_money(report(*waiting, balance=balance(20))) == 35
    assert short_of_money(report(*waiting, item(fate=Fate.RUNNING), balance=balance(20))) == 46
    assert short_of_money(report(*waiting, balance=balance(55))) == 0
    told = Shortage(Cents(90), Cents(10))
    assert short_of_money(report(*waiting, balance=balance(55), shortage=told)) == 80
    assert short_of_money(report(*waiting, shortage=Shortage(None, None))) == 0
    less = Decision(Verdict.OVER_BALANCE, Cents(55), Cents(15))  # the service sees less than its balance
    assert short_of_money(report(*waiting, balance=balance(55), refused=less)) == 40


def test_money_that_went_elsewhere_is_what_no_bill_and_no_hold_explains():
    before = Before(balance(500), Cents(0))
    doubtful = report(item(), item(fate=Fate.IN_DOUBT), before=before, balance=balance(400))
    assert went_elsewhere(doubtful) == (79, 90)
    sure = report(item(), before=before, balance=balance(400))
    assert went_elsewhere(sure) == (90, 90)
    assert went_elsewhere(report(item(), before=before, balance=balance(490))) is None
    assert went_elsewhere(report(item(), balance=balance(490))) is None
    assert went_elsewhere(report(item(), before=before)) is None


def test_a_top_up_in_between_hides_nothing_where_the_wallet_counts_what_it_spent():
    before = Before(balance(500, total_spent=100), Cents(0))
    after = balance(900, total_spent=150)
    assert went_elsewhere(report(item(), before=before, balance=after)) == (40, 40)


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("/srv/my talks/a b/1.mp3: no longer there", "no longer there"),
        ("a b/1.mp3: no longer there; look", "no longer there; look"),
        (
            "desk: /x/a b/1.mp3: no longer there; b: changed (9 -> 8 bytes); c: s3://y/a b/1.mp3: no",
            "desk: no longer there; b: changed (9 -> 8 bytes); c: no",
        ),
        ("changed since planning", "changed since planning"),
    ],
)
def test_a_reason_says_the_files_name_no_second_time_and_names_each_host(reason, told):
    tally = Tally.of([item("a b/1.mp3", Fate.STALE, reason=reason)])
    assert list(tally.end(Fate.STALE).reasons) == [told]
