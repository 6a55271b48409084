"""The simulator's own books: whatever happens, the money adds up."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.bookkeeper import FIRST_ID, Bookkeeper, Rules, ShortOfMoneyError
from simulator.books import Fate, Order
from simulator.usage import STRANGER_KEY_ID

WORK = Order(
    service="transcription",
    service_type="transcription",
    variant="",
    cents=30,
    credits=6600,
    seconds=1800,
    measured=Fraction(1800),
    name="talk.wav",
    sha256="a" * 64,
    api_key_id="key",
)
GOOD = Fate()


def keeper(cents: int = 100, credits_: int = 0, **rules: bool) -> Bookkeeper:
    made = Bookkeeper(Rules(**rules))
    made.wallet.top_up(cents, 0)
    made.credits.add(credits_)
    return made


def test_a_price_is_held_at_the_submit_and_charged_at_completion():
    books = keeper()
    job = books.open_job(WORK, GOOD, 10, 5)
    assert (books.wallet.balance_cents, books.wallet.held_cents, books.wallet.available_cents) == (
        100,
        30,
        70,
    )
    books.advance(14.9)
    assert books.wallet.spent_cents == 0
    books.advance(15)
    assert (books.wallet.balance_cents, books.wallet.held_cents) == (70, 0)
    done = books.jobs[job.service, job.id]
    assert (done.status, done.ended_at, done.charged_cents) == ("COMPLETED", 15, 30)
    [row] = books.usage.shown(15)
    assert (row.job_id, row.cents, row.seconds, row.at) == (str(job.id), 30, 1800, 15)


def test_a_failed_job_gives_its_hold_back():
    books = keeper()
    books.open_job(WORK, Fate(ending="FAILED"), 0, 1)
    books.advance(1)
    assert (books.wallet.balance_cents, books.wallet.held_cents) == (100, 0)
    assert list(books.usage.shown(99)) == []


def test_a_cancelled_job_gives_its_hold_back():
    books = keeper()
    books.open_job(WORK, Fate(ending="CANCELLED"), 0, 1)
    books.advance(1)
    assert books.wallet.available_cents == 100


def test_a_job_that_failed_can_be_charged_all_the_same():
    books = keeper()
    books.open_job(WORK, Fate(ending="FAILED", charged=True), 0, 1)
    books.advance(1)
    assert books.wallet.balance_cents == 70
    assert books.snapshot().charges[0].reason == "failed job"
    assert [row.cents for row in books.usage.shown(1)] == [30]


def test_a_job_that_never_ends_holds_its_price_for_ever():
    books = keeper()
    job = books.open_job(WORK, Fate(ending="NEVER"), 0, 1)
    books.advance(10**9)
    assert job.finishes_at is None
    assert books.wallet.held_cents == 30


def test_balance_minus_holds_decides_and_not_the_balance():
    books = keeper(cents=50)
    books.open_job(WORK, GOOD, 0, 1)
    with pytest.raises(ShortOfMoneyError) as short:
        books.open_job(WORK, GOOD, 0, 1)
    assert (short.value.required_cents, short.value.available_cents) == (30, 20)
    assert len(books.jobs) == 1


def test_a_refused_order_uses_up_no_id():
    books = keeper(cents=29)
    with pytest.raises(ShortOfMoneyError):
        books.open_job(WORK, GOOD, 0, 1)
    books.wallet.top_up(1, 0)
    assert books.open_job(WORK, GOOD, 0, 1).id == FIRST_ID


def test_ids_are_counted_for_each_service_from_the_same_number():
    books = keeper()
    stems = replace(WORK, service="stems")
    assert [books.open_job(order, GOOD, 0, 1).id for order in (WORK, stems, WORK)] == [1001, 1001, 1002]


def test_charging_at_the_submit_leaves_no_hold_and_refunds_a_failure():
    books = keeper(charge_at_submit=True)
    books.open_job(WORK, Fate(ending="FAILED"), 0, 1)
    assert (books.wallet.balance_cents, books.wallet.held_cents) == (70, 0)
    books.advance(1)
    assert books.wallet.balance_cents == 100
    assert [charge.cents for charge in books.snapshot().charges] == [30, -30]


def test_charging_at_the_submit_charges_once():
    books = keeper(charge_at_submit=True)
    books.open_job(WORK, GOOD, 0, 1)
    books.advance(1)
    assert books.wallet.spent_cents == 30
    assert len(list(books.usage.shown(1))) == 1


def test_credits_pay_when_the_wallet_is_short_and_the_rule_allows_it():
    books = keeper(cents=10, credits_=7000, credits_fallback=True)
    job = books.open_job(WORK, GOOD, 0, 1)
    assert (job.paid_by, books.credits.held, books.wallet.held_cents) == ("credits", 6600, 0)
    books.advance(1)
    assert (books.credits.balance, books.credits.spent, books.credits.held) == (400, 6600, 0)
    assert books.wallet.spent_cents == 0
    assert list(books.usage.shown(1)) == []
    assert [row.credits for row in books.credits.rows] == [6600]
    with pytest.raises(ShortOfMoneyError):
        books.open_job(WORK, GOOD, 1, 1)


def test_the_wallet_pays_first():
    books = keeper(cents=30, credits_=7000, credits_fallback=True)
    assert books.open_job(WORK, GOOD, 0, 1).paid_by == "wallet"


def test_credits_of_a_failed_job_are_given_back():
    books = keeper(cents=0, credits_=7000, credits_fallback=True)
    books.open_job(WORK, Fate(ending="FAILED"), 0, 1)
    books.advance(1)
    assert (books.credits.balance, books.credits.held) == (7000, 0)


def test_an_order_may_be_for_credits_only():
    books = keeper(cents=1000, credits_=7000)
    assert books.open_job(replace(WORK, paid_by="credits"), GOOD, 0, 1).paid_by == "credits"


def test_an_order_may_hold_more_than_it_costs():
    books = keeper()
    books.open_job(replace(WORK, hold_cents=90), GOOD, 0, 1)
    assert books.wallet.held_cents == 90
    books.advance(1)
    assert (books.wallet.held_cents, books.wallet.spent_cents) == (0, 30)


def test_work_that_is_free_leaves_no_trace_of_money():
    books = keeper(cents=0)
    books.open_job(replace(WORK, cents=0), GOOD, 0, 1)
    books.advance(1)
    assert books.snapshot().charges == ()
    assert books.snapshot().usage == ()


def test_deleting_a_running_job_cancels_it_and_its_hold():
    books = keeper()
    books.delete(books.open_job(WORK, GOOD, 0, 9), 1)
    books.advance(99)
    [job] = books.snapshot().jobs
    assert (job.status, job.deleted_at, books.wallet.available_cents) == ("CANCELLED", 1, 100)
    assert list(books.newest_first("transcription")) == []


def test_deleting_a_finished_job_keeps_its_charge():
    books = keeper()
    job = books.open_job(WORK, GOOD, 0, 1)
    books.advance(1)
    books.delete(books.jobs[job.service, job.id], 2)
    assert books.wallet.spent_cents == 30


def test_lists_are_newest_first():
    books = keeper()
    made = [books.open_job(WORK, GOOD, moment, 1).id for moment in range(3)]
    assert [job.id for job in books.newest_first("transcription")] == made[::-1]
    assert list(books.newest_first("stems")) == []


@pytest.mark.parametrize(
    ("form", "rows"),
    [
        ("normal", [(30, "1001")]),
        ("never", []),
        ("twice", [(30, "1001"), (30, "1001")]),
        ("split", [(15, "1001"), (15, "1001")]),
        ("without_job_id", [(30, None)]),
    ],
)
def test_a_usage_row_turns_up_in_the_form_that_its_fate_has_for_it(form, rows):
    books = keeper()
    books.open_job(WORK, Fate(usage=form), 0, 1)
    books.advance(1)
    assert [(row.cents, row.job_id) for row in books.usage.shown(1)] == rows
    assert books.wallet.spent_cents == 30


def test_a_row_shown_twice_has_one_id_and_a_split_one_has_two():
    ids = {}
    for form in ("twice", "split"):
        books = keeper()
        books.open_job(WORK, Fate(usage=form), 0, 1)
        books.advance(1)
        ids[form] = len({row.id for row in books.usage.shown(1)})
    assert ids == {"twice": 1, "split": 2}


def test_a_single_cent_cannot_be_split():
    books = keeper()
    books.open_job(replace(WORK, cents=1), Fate(usage="split"), 0, 1)
    books.advance(1)
    assert [row.cents for row in books.usage.shown(1)] == [1]


def test_a_late_row_is_shown_when_its_time_has_come():
    books = keeper()
    books.open_job(WORK, Fate(usage_delay=60), 0, 1)
    books.advance(1)
    assert list(books.usage.shown(60.9)) == []
    assert len(list(books.usage.shown(61))) == 1
    assert list(books.usage.shown(61, delay=1)) == []


def test_a_job_can_be_charged_more_than_its_price():
    books = keeper(cents=30)
    books.open_job(WORK, Fate(extra_cents=7), 0, 1)
    books.advance(1)
    assert books.wallet.balance_cents == -7
    assert [row.cents for row in books.usage.shown(1)] == [37]


def test_others_can_drain_only_what_nothing_holds_and_leave_a_row():
    books = keeper()
    books.open_job(WORK, GOOD, 0, 9)
    books.drain(500, 1)
    assert (books.wallet.available_cents, books.wallet.drained_cents) == (0, 70)
    [row] = books.usage.shown(1)
    assert (row.cents, row.api_key_id, row.service_type) == (70, STRANGER_KEY_ID, "music_generation")
    books.drain(5, 2)
    assert len(list(books.usage.shown(2))) == 1


def test_a_checkout_moves_no_money_until_it_is_paid_and_is_paid_once():
    books = keeper(cents=0)
    topup = books.wallet.open_checkout(500, 0)
    assert books.wallet.balance_cents == 0
    books.wallet.pay_checkout(topup.id, 1)
    books.wallet.pay_checkout(topup.id, 2)
    assert books.wallet.balance_cents == 500
    with pytest.raises(KeyError):
        books.wallet.pay_checkout("unknown", 3)


def test_credits_never_fall_below_zero():
    books = keeper(credits_=10)
    books.credits.add(-50)
    assert books.credits.balance == 0


def test_a_token_that_makes_two_jobs_is_written_down():
    books = keeper()
    books.open_job(replace(WORK, token="ek-1-2"), GOOD, 0, 1)
    assert books.snapshot().violations == ()
    books.open_job(replace(WORK, token="ek-1-2"), GOOD, 0, 1)
    assert books.snapshot().violations == ("token ek-1-2 made 2 jobs",)


def test_paid_twice_names_what_was_bought_again():
    books = keeper(cents=1000)
    for order in (WORK, replace(WORK, options={"language": "de"}), replace(WORK, sha256="b" * 64)):
        books.open_job(order, GOOD, 0, 1)
    books.open_job(WORK, Fate(ending="FAILED"), 0, 1)
    books.advance(1)
    assert books.snapshot().paid_twice() == ()
    books.open_job(WORK, GOOD, 2, 1)
    assert len(books.snapshot().paid_twice()) == 1


def test_jobs_of_one_service_can_be_asked_for():
    books = keeper()
    books.open_job(WORK, GOOD, 0, 1)
    books.open_job(replace(WORK, service="stems"), GOOD, 0, 1)
    assert [job.service for job in books.snapshot().jobs_of("stems")] == ["stems"]


FATES = st.builds(
    Fate,
    ending=st.sampled_from(["COMPLETED", "FAILED", "CANCELLED"]),
    charged=st.booleans(),
    usage=st.sampled_from(["normal", "never", "split", "twice", "without_job_id"]),
    extra_cents=st.integers(0, 5),
)
ACTS = st.one_of(
    st.tuples(st.just("open"), st.integers(0, 60), FATES),
    st.tuples(st.just("top_up"), st.integers(1, 200), st.none()),
    st.tuples(st.just("drain"), st.integers(0, 200), st.none()),
    st.tuples(st.just("delete"), st.integers(0, 20), st.none()),
    st.tuples(st.just("wait"), st.integers(0, 10), st.none()),
)


def act(books: Bookkeeper, now: float, what: str, amount: int, fate: Fate | None) -> float:
    match what:
        case "open":
            with suppress(ShortOfMoneyError):
                books.open_job(replace(WORK, cents=amount, credits=amount * 75), fate, now, 5)
        case "top_up":
            books.wallet.top_up(amount, now)
        case "drain":
            books.drain(amount, now)
        case "delete":
            jobs = list(books.newest_first("transcription"))
            if jobs:
                books.delete(jobs[amount % len(jobs)], now)
        case _:
            books.advance(now + amount)
            return now + amount
    return now


def check(books: Bookkeeper) -> None:
    seen = books.snapshot()
    running = [job for job in seen.jobs if job.status == "RUNNING"]
    assert seen.balance_cents == seen.topup_cents - seen.spent_cents - seen.drained_cents
    assert seen.spent_cents == sum(charge.cents for charge in seen.charges)
    assert seen.spent_cents == sum(job.charged_cents for job in seen.jobs)
    assert seen.holds_cents == sum(job.hold_cents for job in running) >= 0
    assert seen.credits_held == sum(job.hold_credits for job in running) >= 0
    assert seen.credits_spent == sum(job.charged_credits for job in seen.jobs)
    assert all(not job.hold_cents and not job.hold_credits for job in seen.jobs if job not in running)


@settings(deadline=None)
@given(st.lists(ACTS, max_size=40), st.booleans(), st.booleans())
def test_the_books_balance_whatever_happens(acts, charge_at_submit, credits_fallback):
    books = keeper(100, 5000, charge_at_submit=charge_at_submit, credits_fallback=credits_fallback)
    now = 0.0
    for what, amount, fate in acts:
        now = act(books, now, what, amount, fate)
        check(books)
    books.advance(now + 5)
    check(books)
    assert books.snapshot().holds_cents == books.snapshot().credits_held == 0


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 60), FATES), max_size=30))
def test_without_extras_the_wallet_is_never_overdrawn_and_shown_usage_is_what_was_spent(orders):
    books = keeper(300)
    for cents, fate in orders:
        honest = replace(fate, extra_cents=0, usage="normal")
        act(books, 0, "open", cents, honest)
    books.advance(5)
    assert books.wallet.balance_cents >= 0
    assert sum(row.cents for row in books.usage.shown(5)) == books.wallet.spent_cents
