"""Submits: sent once; sent again only where they surely did not arrive."""

from collections import Counter
from itertools import pairwise

import pytest

from manifests.keys import find_tokens
from manifests.money import Cents
from manifests.states import State
from runner.api.interface import Accepted, NotAllowed, NotSent, OutOfMoney, Rejected, SourceChanged, Throttled
from runner.engine.messages import Answer, Halt, LastChunk, Signal, SubmitEnded, Upload
from runner.engine.world import Stop
from support.virtual import START, Behaviour, House, VirtualService


def first_only(outcome):
    return lambda _upload, nth: outcome if nth == 1 else None


def house_with(tmp_path, **does):
    return House(tmp_path, VirtualService(Behaviour(**does)))


def tokens(service):
    return [token for upload in service.submits for token in find_tokens([upload.order.upload_name])]


def test_the_sending_state_is_durable_before_the_last_chunk_goes(tmp_path):
    house = House(tmp_path)
    seen = []

    def spy(action):
        if isinstance(action, Answer) and action.go:
            seen.append(house.ledger.attempt(action.attempt_id).state)
        VirtualService.perform(house.service, action)

    house.service.perform = spy
    house.buy(house.add(3))
    assert seen == [State.SENDING] * 3


def test_the_reservation_is_durable_before_the_upload_starts(tmp_path):
    house = House(tmp_path)
    seen = []

    def spy(action):
        if isinstance(action, Upload):
            seen.append((house.ledger.attempt(action.attempt_id).state, house.amounts[1] > 0))
        VirtualService.perform(house.service, action)

    house.service.perform = spy
    house.buy(house.add(3))
    assert seen == [(State.RESERVED, True)] * 3


@pytest.mark.parametrize("outcome", [Throttled(3.0), Throttled(None), NotSent("refused")], ids=str)
def test_what_surely_did_not_arrive_is_sent_again_with_a_new_token(tmp_path, outcome):
    house = house_with(tmp_path, outcome=first_only(outcome))
    house.buy(house.add(1))

    assert len(house.service.submits) == 2
    assert len(set(tokens(house.service))) == 2
    assert house.states() == {"ep0.mp3": State.SAVED}
    assert house.amounts == (5, 0, 0)


def test_retry_after_is_obeyed(tmp_path):
    house = house_with(tmp_path, outcome=first_only(Throttled(77.0)))
    times = []
    perform = house.service.perform

    def spy(action):
        if isinstance(action, Upload):
            times.append(house.service.now)
        perform(action)

    house.service.perform = spy
    house.buy(house.add(1))
    assert times[1] - times[0] >= 77.0


@pytest.mark.parametrize("asked", [0.0, 0.01])
def test_a_retry_after_of_nothing_does_not_make_uploads_a_tight_loop(tmp_path, asked):
    house = house_with(tmp_path, outcome=lambda _upload, nth: Throttled(asked) if nth <= 6 else None)
    house.buy(house.add(1))
    assert house.service.jobs[0].ends - START >= 1 + 2 + 4 + 8 + 16 + 32
    assert house.states() == {"ep0.mp3": State.SAVED}


def test_nothing_but_429_without_a_wait_stops_after_few_uploads(tmp_path):
    house = house_with(tmp_path, outcome=lambda _upload, _nth: Throttled(0.0))
    house.buy(house.add(1))
    assert Stop.DOWN in house.engine.world.stops
    assert len(house.service.submits) < 30


def test_a_rejected_item_costs_nothing_and_the_run_goes_on(tmp_path):
    house = house_with(tmp_path, outcome=first_only(Rejected("no speech found")))
    house.buy(house.add(3))

    states = list(house.states().values())
    assert sorted(states) == sorted([State.REJECTED, State.SAVED, State.SAVED])
    assert house.amounts == (10, 0, 0)
    assert house.engine.world.stops == {}


def test_402_stops_submits_and_running_jobs_are_finished_and_saved(tmp_path):
    house = house_with(tmp_path, wallet=23)
    house.buy(house.add(12))

    states = list(house.states().values())
    assert states.count(State.SAVED) == 4
    assert states.count(State.PLANNED) == 8
    assert Stop.MONEY in house.engine.world.stops
    assert house.engine.world.shortfall.required == 5
    assert house.engine.world.shortfall.available == 3
    assert house.amounts == (20, 0, 0)
    refused = len(house.service.submits) - len(house.service.jobs)
    assert refused <= house.engine.world.terms.uploads  # those in flight when the first answer came


def test_a_402_without_amounts_stops_as_well(tmp_path):
    house = house_with(tmp_path, outcome=lambda _u, _n: OutOfMoney("credits too low"))
    house.buy(house.add(2))
    assert Stop.MONEY in house.engine.world.stops
    assert house.engine.world.shortfall.required is None
    assert house.amounts == (0, 0, 0)


def test_a_refused_key_stops_the_run_and_holds_nothing(tmp_path):
    house = house_with(tmp_path, outcome=lambda _u, _n: NotAllowed("revoked"))
    house.buy(house.add(5))
    assert house.engine.world.stops[Stop.KEY] == "revoked"
    assert house.amounts == (0, 0, 0)
    assert set(house.states().values()) == {State.PLANNED}


def test_a_source_that_changed_goes_back_to_planned_and_is_told(tmp_path):
    house = house_with(tmp_path, outcome=first_only(SourceChanged("other audio")))
    house.buy(house.add(2))
    assert [task.reason for task in house.engine.submits.stale] == ["other audio"]
    assert sorted(house.states().values()) == [State.PLANNED, State.SAVED]


def test_a_service_that_refuses_connections_stops_the_run_early(tmp_path):
    house = house_with(tmp_path, outcome=lambda _u, _n: NotSent("connection refused"))
    house.buy(house.add(50))

    assert Stop.DOWN in house.engine.world.stops
    assert len(house.service.submits) < 12
    assert house.amounts == (0, 0, 0)
    assert set(house.states().values()) == {State.PLANNED}


def test_after_a_429_fewer_uploads_go_out_at_once(tmp_path):
    house = house_with(tmp_path, outcome=lambda _u, nth: Throttled(1.0) if nth <= 4 else None)
    started = []
    perform = house.service.perform

    def spy(action):
        if isinstance(action, Upload):
            started.append(house.service.now)
        perform(action)

    house.service.perform = spy
    house.buy(house.add(20))
    assert len(set(started[:4])) == 1
    assert started[4] < started[5]  # one at a time until it goes well again
    assert set(house.states().values()) == {State.SAVED}


def test_the_cap_is_never_passed_even_when_more_is_approved(tmp_path):
    house = House(tmp_path, cap=20)
    highest = []
    house.service.on_take = lambda: highest.append(sum(house.amounts))
    house.buy(house.add(10, cents=5, ceiling=6))

    assert max(highest) <= 20
    assert Stop.CAP in house.engine.world.stops
    assert len(house.service.jobs) == 3


def test_a_job_number_of_another_job_is_in_doubt_not_trusted(tmp_path):
    house = House(tmp_path)
    house.buy(house.add(1))
    (job,) = house.service.jobs
    house.service.does.outcome = lambda _u, _n: Accepted(job.job_id)
    house.add(1, first=1)
    house.start()
    house.buy(house.candidates())

    assert house.states()["ep1.mp3"] is State.IN_DOUBT
    assert house.amounts == (5, 0, 6)


def test_the_first_signal_cuts_uploads_and_awaits_answers_that_are_out(tmp_path):
    house = house_with(tmp_path, upload_seconds=10.0, answer_seconds=2.0)
    house.service.later(10.5, Signal(2))  # the first uploads wait for their answers
    house.buy(house.add(20))

    states = list(house.states().values())
    assert states.count(State.SUBMITTED) == len(house.service.jobs) == 4
    assert states.count(State.PLANNED) == 16
    assert State.IN_DOUBT not in states
    assert house.engine.world.signal == 2


def test_answers_that_do_not_come_in_time_are_in_doubt(tmp_path):
    house = house_with(tmp_path, answer_seconds=60.0)
    house.service.later(2.0, Signal(15))
    house.buy(house.add(2))
    assert set(house.states().values()) == {State.IN_DOUBT}
    assert house.amounts == (0, 0, 12)


def test_two_signals_of_one_moment_are_one(tmp_path):
    house = house_with(tmp_path, answer_seconds=3.0)
    house.service.later(2.0, Signal(2))
    house.service.later(2.1, Signal(2))
    house.buy(house.add(1))
    assert set(house.states().values()) == {State.SUBMITTED}


def test_a_second_signal_leaves_at_once(tmp_path):
    house = house_with(tmp_path, answer_seconds=3.0)
    house.service.later(2.0, Signal(2))
    house.service.later(2.5, Signal(2))
    house.buy(house.add(1))
    assert set(house.states().values()) == {State.IN_DOUBT}
    assert house.service.now < 1_000_000.0 + 3.5


def test_a_cut_upload_that_asks_late_is_told_no(tmp_path):
    house = house_with(tmp_path, upload_seconds=5.0)
    house.approve(house.add(1))
    house.loop.run([Signal(2)], until=lambda: True)
    house.loop.run([LastChunk(1, 1)], until=lambda: True)
    assert Answer(1, go=False) in house.service.actions
    assert set(house.states().values()) == {State.PLANNED}


def test_an_answer_to_a_cut_upload_still_counts(tmp_path):
    """A service that makes a job before it has the whole file: money counts, whatever the order."""
    house = house_with(tmp_path, upload_seconds=50.0)
    house.approve(house.add(1))
    house.loop.run([Signal(2)], until=lambda: True)
    house.loop.run([SubmitEnded(1, 1, Accepted("77"))], until=lambda: True)
    assert set(house.states().values()) == {State.SUBMITTED}
    assert house.amounts == (0, 6, 0)


def test_credits_and_cents_are_counted_in_whole_cents(tmp_path):
    house = House(tmp_path)
    house.buy(house.add(1, cents=1, ceiling=1))
    assert all(isinstance(amount, int) for amount in house.amounts)
    assert house.ledger.amounts("m1").cap == Cents(10_000)


def test_nothing_but_429_for_a_quarter_of_an_hour_stops_the_run(tmp_path):
    house = house_with(tmp_path, outcome=lambda _u, _n: Throttled(30.0))
    house.buy(house.add(3))
    assert "429" in house.engine.world.stops[Stop.DOWN]
    assert 900 <= house.service.now - 1_000_000 < 1000
    assert house.amounts == (0, 0, 0)


def test_a_retry_after_of_a_month_stops_the_run(tmp_path):
    house = house_with(tmp_path, outcome=lambda _upload, _nth: Throttled(30 * 86400.0))
    house.buy(house.add(2))
    assert "wait for 2,592,000 seconds" in house.engine.world.stops[Stop.DOWN]
    assert house.service.now < START + 60
    assert house.amounts == (0, 0, 0)


def test_submits_keep_to_a_stated_rate(tmp_path):
    house = House(tmp_path, terms={"submit_rate": 0.5})
    begun = []

    def spy(action):
        if isinstance(action, Upload):
            begun.append(house.service.now)
        VirtualService.perform(house.service, action)

    house.service.perform = spy
    house.buy(house.add(5))
    assert len(begun) == 5
    assert all(after - before >= 2.0 - 1e-6 for before, after in pairwise(begun))
    assert begun[-1] - begun[0] == pytest.approx(8.0, abs=0.5)


def test_after_a_429_fewer_submits_go_out_a_second(tmp_path):
    """The service takes one a second; without a stated limit the run finds out, and is hardly refused."""
    taken = []

    def one_a_second(_upload, _nth):
        if taken and house.service.now - taken[-1] < 1.0:
            return Throttled(None)
        taken.append(house.service.now)
        return None

    house = house_with(tmp_path, outcome=one_a_second)
    house.buy(house.add(60))
    assert len(taken) == 60
    assert len(house.service.submits) - 60 < 20
    assert house.amounts[2] == 0


def test_somebody_may_have_nothing_more_submitted_and_what_runs_is_seen_through(tmp_path):
    house = House(tmp_path)
    house.approve(house.add(20))
    house.loop.run([], until=lambda: len(house.service.jobs) > 3)
    house.loop.run([Halt("the fleet was stopped")], until=lambda: house.engine.done)
    house.loop.finish()
    assert house.engine.world.stops == {Stop.TOLD: "the fleet was stopped"}
    states = Counter(house.states().values())
    assert states[State.SAVED] == len(house.service.jobs)
    assert states[State.PLANNED] == 20 - len(house.service.jobs) > 0
