"""Jobs that the account's credits pay: their own purse, unverified charges, no false alarm, no missed one."""

from datetime import UTC, datetime

import pytest

from manifests.money import Cents
from manifests.states import State
from runner.api.interface import Balance, CreditRow, JobStatus, NotAllowed, OutOfMoney, Rejected, Wallet
from runner.engine.messages import (
    CallFailed,
    CallProblem,
    FetchFailed,
    FetchProblem,
    ReadCredits,
    ReadJob,
    ReadList,
    ReadUsage,
)
from runner.engine.timing import Patience
from runner.engine.world import Stop
from support.virtual import START, Behaviour, House, VirtualService

PRODUCT = "denoise:balanced"
WAIT = 120.0


def house(tmp_path, cap=10_000, left=None, **does):
    free = {"price": lambda _upload: 0, "usage_rows": lambda _job: [], "credits": left}
    service = VirtualService(Behaviour(**{**free, **does}))
    return House(tmp_path, service, credits_cap=cap, patience=Patience(bill=WAIT))


def add(made, count, first=0, cents=660, ceiling=667):
    return made.add(count, cents=cents, ceiling=ceiling, first=first, product=PRODUCT)


def guarded(made, left):
    made.approve([])
    made.engine.start_guard(Wallet(Balance(Cents(100_000), Cents(0)), left))


def row(at=START + 31, credits_=660, service_type="denoise_audio", row_id="r1"):
    return CreditRow(row_id, service_type, credits_, 60, datetime.fromtimestamp(at, UTC).isoformat())


def count(made, kind):
    return sum(isinstance(action, kind) for action in made.service.actions)


def test_done_jobs_count_as_expected_and_the_wallet_is_left_out_of_it(tmp_path):
    made = house(tmp_path)
    made.buy(add(made, 3))
    assert set(made.states().values()) == {State.SAVED}
    assert made.credits == (3 * 660, 0, 0)
    assert made.amounts == (0, 0, 0)
    settled = made.ledger.db.execute("SELECT DISTINCT settled, currency FROM attempts").fetchall()
    assert settled == [("unverified", "credits")]
    assert made.ledger.db.execute("SELECT count(*) FROM usage_rows").fetchone() == (0,)
    assert any("denoise are not verified" in note for note in made.engine.world.notes)
    assert (count(made, ReadUsage), count(made, ReadCredits)) == (0, 0)
    assert made.engine.settles.drift == {}


def test_the_cap_of_credits_stops_before_it_is_passed(tmp_path):
    made = house(tmp_path, cap=1400)
    made.buy(add(made, 3))
    assert sum(made.credits) == 2 * 660
    assert Stop.CAP in made.engine.world.stops


def test_a_wallet_job_and_a_credit_job_in_one_run_stay_apart(tmp_path):
    made = house(tmp_path, usage_rows=None, price=lambda upload: 5 * (upload.order.service != "denoise"))
    made.add(1)
    tasks = made.add(1, first=1, product=PRODUCT)
    made.buy(tasks)
    assert made.credits == (5, 0, 0)
    assert made.amounts == (5, 0, 0)
    assert made.engine.submits.submitted_cents == 6


def test_402_for_credits_stops_the_run_in_credits(tmp_path):
    def outcome(upload, nth):
        return OutOfMoney("Insufficient credits. Required: 660, Available: 1")

    made = house(tmp_path, outcome=outcome)
    made.buy(add(made, 1))
    assert "credits do not cover ep0.mp3: Insufficient credits" in made.engine.world.stops[Stop.CREDITS]
    assert Stop.MONEY not in made.engine.world.stops
    assert made.credits == (0, 0, 0)


# -- the guard -----------------------------------------------------------------------------


def falls(made, *readings):
    """The account's credits as they are read, one after the other."""
    for left in readings:
        made.engine.guard.credits_are(left)
    return made.engine.world.stops.get(Stop.CREDITS, "")


def test_what_own_jobs_take_is_no_alarm(tmp_path):
    made = house(tmp_path)
    guarded(made, 10_000)
    made.buy(add(made, 2))
    assert falls(made, 10_000 - 660, 10_000 - 1320) == ""
    assert made.amounts == (0, 0, 0)


def test_what_falls_beyond_own_jobs_stops_the_run_and_counts_in_cents(tmp_path):
    made = house(tmp_path)
    guarded(made, 10_000)
    made.buy(add(made, 1))
    told = falls(made, 10_000 - 667 - 750)
    assert told == "the account's credits fell by 750 (about $0.10) more than the jobs of this ledger explain"
    made.loop.finish()
    assert made.amounts == (10, 0, 0)
    assert made.credits == (660, 0, 0)


def test_what_runs_beside_on_the_same_ledger_take_is_no_alarm_either(tmp_path):
    made = house(tmp_path)
    guarded(made, 10_000)
    made.engine.world.credits_beside = 667
    assert falls(made, 10_000 - 660) == ""
    assert "more than the jobs of this ledger explain" in falls(made, 10_000 - 1320)


def test_each_job_explains_its_credits_once(tmp_path):
    made = house(tmp_path)
    guarded(made, 10_000)
    made.buy(add(made, 1))
    assert falls(made, 10_000 - 660) == ""
    assert "fell by 653" in falls(made, 10_000 - 1320)


def test_a_top_up_of_credits_in_between_is_no_news(tmp_path):
    made = house(tmp_path)
    guarded(made, 1000)
    made.buy(add(made, 1))
    assert falls(made, 9000, None, 9000 - 660) == ""


def test_a_job_whose_answer_was_lost_may_take_its_credits(tmp_path):
    made = house(tmp_path, lose_answer=lambda _upload, _nth: "cut", list_names=False)
    guarded(made, 10_000)
    made.buy(add(made, 1))
    assert made.credits == (0, 0, 667)
    assert falls(made, 10_000 - 660) == ""


def test_a_job_that_was_refused_explains_nothing(tmp_path):
    made = house(tmp_path, outcome=lambda _upload, _nth: Rejected("too short"))
    made.buy(add(made, 1))
    assert "fell by 660" in falls(made, 10_000, 10_000 - 660)


def test_what_earlier_runs_left_under_way_is_expected_and_what_ended_is_not(tmp_path):
    made = house(tmp_path, job_seconds=5000.0)
    made.approve(add(made, 1))
    made.loop.run([], until=lambda: made.engine.watches.running == 1)
    made.service.now += 10
    made.start()
    made.resume()
    made.engine.start_guard(Wallet(Balance(Cents(1), Cents(0)), 10_000))
    assert falls(made, 10_000 - 660) == ""
    made.finish()
    made.start()
    made.resume()
    assert "fell by 660" in falls(made, 9340, 9340 - 660)


# -- failed jobs ---------------------------------------------------------------------------


def failed(tmp_path, rows, fates=(JobStatus.FAILED,), **does):
    """A run whose jobs come to these ends, and the next run, which learns what that cost."""
    made = house(tmp_path, fate=lambda nth: fates[nth - 1], credit_rows=lambda _now: rows, **does)
    made.buy(add(made, len(fates)))
    assert made.credits[1] == 667
    made.resume()
    made.engine.credits.know(made.ledger.done_in_credits(0.0))
    made.finish()
    return made


@pytest.mark.parametrize(
    ("rows", "released"),
    [
        ((), True),
        ((row(),), False),
        ((row(service_type="denoise_audio_ultra"),), False),
        ((row(service_type="something_new"),), False),
        ((row(service_type="text_to_speech"),), True),
        ((row(START - 7200),), True),
        ((row(credits_=0),), True),
        ((CreditRow("r", "denoise_audio", 660),), False),
        (None, False),
    ],
)
def test_a_failed_job_is_given_back_only_where_no_row_could_be_its_charge(tmp_path, rows, released):
    made = failed(tmp_path, rows)
    assert made.states() == {"ep0.mp3": State.RELEASED if released else State.FAILED_CHARGED}
    assert made.credits == ((0, 0, 0) if released else (660, 0, 0))
    notes = " ".join(made.engine.world.notes)
    assert ("taken as charged" in notes) is not released


def test_rows_that_done_jobs_explain_are_not_the_failed_ones(tmp_path):
    fates = (JobStatus.COMPLETED, JobStatus.FAILED)
    made = failed(tmp_path, (row(),), fates)
    assert sorted(made.states().values()) == sorted([State.SAVED, State.RELEASED])
    assert made.credits == (660, 0, 0)


def test_one_row_more_than_done_jobs_explain_is_taken_for_a_charge(tmp_path):
    fates = (JobStatus.COMPLETED, JobStatus.FAILED)
    made = failed(tmp_path, (row(), row(row_id="r2")), fates)
    assert made.credits == (1320, 0, 0)


def test_rows_that_do_not_come_are_asked_for_again(tmp_path):
    asked = []

    def call(action, _nth):
        if isinstance(action, ReadCredits) and not asked:
            asked.append(action)
            return CallFailed(action, CallProblem.THROTTLED, "429", 20.0)
        return None

    made = failed(tmp_path, (), call=call)
    assert made.states() == {"ep0.mp3": State.RELEASED}
    assert count(made, ReadCredits) == 2


def test_a_failed_job_can_be_bought_again_in_credits_once_it_is_given_back(tmp_path):
    made = failed(tmp_path, ())
    made.service.does.fate = lambda _nth: JobStatus.COMPLETED
    made.buy(made.candidates(660, 667))
    assert made.credits == (660, 0, 0)
    assert made.states() == {"ep0.mp3": State.SAVED}


# -- a session token that is missing or expires: what the key opens is seen through


def both(made):
    """A job of the wallet and one of credits."""
    made.add(1)
    return made.add(1, first=1, product=PRODUCT)


def shut(action, _nth):
    closed = isinstance(action, ReadList | ReadJob) and action.service == "denoise"
    return CallFailed(action, CallProblem.SESSION, "401: expired") if closed else None


def opened(_action, _nth):
    return None


@pytest.mark.parametrize("job_seconds", [5.0, 3000.0])
def test_without_a_session_the_wallet_s_jobs_are_seen_through(tmp_path, job_seconds):
    made = house(tmp_path, usage_rows=None, call=shut, job_seconds=job_seconds)
    made.buy(both(made))
    assert made.states() == {"ep0.mp3": State.SAVED, "ep1.mp3": State.SUBMITTED}
    assert made.engine.world.stops == {Stop.SESSION: "401: expired"}
    assert made.credits[1] == 6  # its hold stays

    made.service.does.call = opened
    made.resume()
    made.finish()
    assert set(made.states().values()) == {State.SAVED}


def test_without_a_session_an_earlier_run_s_jobs_and_doubts_of_the_wallet_are_collected(tmp_path):
    made = house(tmp_path, usage_rows=None, call=shut, lose_answer=lambda _u, _n: "reset", list_delay=7200.0)
    made.buy(both(made))
    assert set(made.states().values()) == {State.IN_DOUBT}
    made.service.now += 7200.0
    made.resume()
    made.finish()
    assert made.states() == {"ep0.mp3": State.SAVED, "ep1.mp3": State.IN_DOUBT}


def test_a_session_that_expires_before_a_submit_stops_submits_and_leaves_nothing_behind(tmp_path):
    def outcome(upload, _nth):
        return NotAllowed("401: expired") if upload.order.service == "denoise" else None

    made = house(tmp_path, usage_rows=None, outcome=outcome, job_seconds=600.0)
    made.buy(both(made))
    assert made.states() == {"ep0.mp3": State.SAVED, "ep1.mp3": State.PLANNED}
    assert made.engine.world.stops == {Stop.SESSION: "401: expired"}
    assert made.credits == (0, 0, 0)


def test_a_session_that_expires_before_a_result_leaves_it_to_the_next_run(tmp_path):
    def fetch(action, _nth):
        shut_out = action.service == "denoise"
        return FetchFailed(action.part_id, FetchProblem.SESSION, "401: expired") if shut_out else None

    made = house(tmp_path, usage_rows=None, fetch=fetch)
    made.buy(both(made))
    assert made.states() == {"ep0.mp3": State.SAVED, "ep1.mp3": State.FINISHED}
    assert made.engine.world.stops == {Stop.SESSION: "401: expired"}
