"""Jobs that end, badly or well; results that do not come; bills late, twice, nameless or too high."""

from dataclasses import replace

import pytest

from manifests.money import Cents
from manifests.states import State
from runner.api.interface import JobStatus
from runner.engine import timing
from runner.engine.messages import CallFailed, CallProblem, FetchFailed, FetchProblem, ReadList, UsageRead
from runner.engine.timing import Patience
from runner.engine.world import Stop
from runner.ledger.rows import ResultRow
from support.virtual import START, Behaviour, House, VirtualService, usage_row


def house_with(tmp_path, **does):
    return House(tmp_path, VirtualService(Behaviour(**does)))


def fails(_nth):
    return JobStatus.FAILED


# -- failed jobs


def test_a_failed_job_ends_the_run_at_once_with_its_money_set_aside(tmp_path):
    house = house_with(tmp_path, fate=fails)
    house.buy(house.add(1))
    assert set(house.states().values()) == {State.FAILED}
    assert house.amounts == (0, 6, 0)
    assert house.service.now < START + 100


def test_a_later_run_gives_the_money_back_when_no_bill_came(tmp_path):
    house = house_with(tmp_path, fate=fails)
    house.buy(house.add(1))
    house.service.now += 200
    house.resume()
    assert set(house.states().values()) == {State.RELEASED}
    assert house.amounts == (0, 0, 0)


def test_a_rerun_soon_after_waits_for_the_bill_before_it_may_try_again(tmp_path):
    house = house_with(tmp_path, fate=fails)
    house.buy(house.add(1))
    house.resume()
    assert set(house.states().values()) == {State.FAILED}
    house.finish()
    assert set(house.states().values()) == {State.RELEASED}
    assert house.service.now >= START + 120


@pytest.mark.parametrize("delay", [0.0, 50.0])
def test_a_failure_that_is_charged_counts_and_is_not_tried_again_by_itself(tmp_path, delay):
    house = house_with(tmp_path, fate=fails, charge_failed=True, usage_delay=delay)
    house.buy(house.add(1))
    house.service.now += 60
    house.resume()
    house.finish()
    assert set(house.states().values()) == {State.FAILED_CHARGED}
    assert house.amounts == (5, 0, 0)
    assert house.candidates() == []


def test_a_bill_that_comes_after_the_release_is_counted_after_all(tmp_path):
    house = house_with(tmp_path, fate=fails, charge_failed=True, usage_delay=500.0)
    house.buy(house.add(1))
    house.service.now += 200
    house.resume()
    assert house.states() == {"ep0.mp3": State.RELEASED}
    house.service.does.fate = lambda _nth: JobStatus.COMPLETED
    house.service.does.charge_failed = False
    house.buy(house.candidates())  # tried again, and well this time
    house.service.now += 600
    house.service.does.charge_failed = True
    house.add(1, first=9)
    house.start()
    house.buy(house.candidates())
    assert house.amounts == (10, 6, 0)  # both first bills; the third job's is still to come


def test_a_cancelled_job_is_a_failed_one(tmp_path):
    house = house_with(tmp_path, fate=lambda _nth: JobStatus.CANCELLED)
    house.buy(house.add(1))
    assert set(house.states().values()) == {State.FAILED}


# -- jobs that never end, or vanish


def test_a_job_that_never_ends_is_left_after_the_wait(tmp_path):
    service = VirtualService(Behaviour(job_seconds=1e9))
    house = House(tmp_path, service, patience=Patience(job=3600.0))
    house.buy(house.add(1))
    assert Stop.WAITED in house.engine.world.stops
    assert set(house.states().values()) == {State.SUBMITTED}
    assert house.amounts == (0, 6, 0)
    assert START + 3600 <= service.now < START + 3700


def test_waiting_an_hour_takes_few_looks(tmp_path):
    house = house_with(tmp_path, job_seconds=3600.0)
    house.buy(house.add(20))
    looks = [action for action in house.service.actions if isinstance(action, ReadList)]
    assert len(looks) < 3600 / 20


def test_a_job_that_the_service_no_longer_knows_is_lost_and_not_bought_again(tmp_path):
    house = house_with(tmp_path, job_seconds=1000.0)
    house.approve(house.add(1))
    house.loop.run([], until=lambda: bool(house.service.jobs))
    house.service.jobs[0].gone = True
    house.service.jobs[0].listed = False
    house.finish()
    assert set(house.states().values()) == {State.LOST}
    assert house.candidates() == []


def test_a_job_that_one_list_misses_is_looked_at_by_itself(tmp_path):
    house = house_with(tmp_path)
    house.approve(house.add(1))
    house.loop.run([], until=lambda: bool(house.service.jobs))
    house.service.jobs[0].listed = False
    house.finish()
    assert set(house.states().values()) == {State.SAVED}


def test_a_service_that_stops_answering_ends_the_run_and_nothing_is_lost(tmp_path):
    house = house_with(tmp_path, call=lambda action, _n: CallFailed(action, CallProblem.DOWN, "502"))
    house.buy(house.add(2))
    assert Stop.UNREACHABLE in house.engine.world.stops
    assert set(house.states().values()) == {State.SUBMITTED}
    house.service.does.call = lambda _action, _n: None
    house.resume()
    house.finish()
    assert set(house.states().values()) == {State.SAVED}


def test_a_key_refused_while_watching_ends_the_run(tmp_path):
    house = house_with(tmp_path, call=lambda action, _n: CallFailed(action, CallProblem.KEY, "401"))
    house.buy(house.add(1))
    assert house.engine.world.stops == {Stop.KEY: "401"}


# -- results


def first_fetches(problem, count):
    def answer(fetch, nth):
        return FetchFailed(fetch.part_id, problem, "why") if nth <= count else None

    return answer


@pytest.mark.parametrize("problem", [FetchProblem.LATER, FetchProblem.EMPTY])
def test_a_result_that_does_not_come_is_fetched_again(tmp_path, problem):
    house = house_with(tmp_path, fetch=first_fetches(problem, 3))
    house.buy(house.add(1))
    assert set(house.states().values()) == {State.SAVED}


def test_a_result_that_never_comes_is_left_to_the_next_run(tmp_path):
    house = house_with(tmp_path, fetch=first_fetches(FetchProblem.LATER, 99))
    house.buy(house.add(1))
    assert set(house.states().values()) == {State.FINISHED}
    house.service.does.fetch = lambda _fetch, _nth: None
    house.resume()
    assert set(house.states().values()) == {State.SAVED}
    assert len(house.service.submits) == 1


def test_a_finished_job_without_any_address_is_lost_and_paid(tmp_path):
    house = house_with(tmp_path, fetch=first_fetches(FetchProblem.EMPTY, 99))
    house.buy(house.add(1))
    assert set(house.states().values()) == {State.LOST}
    assert house.amounts == (5, 0, 0)


def test_a_result_past_its_time_is_lost(tmp_path):
    house = house_with(tmp_path, fetch=first_fetches(FetchProblem.GONE, 99))
    house.buy(house.add(1))
    assert set(house.states().values()) == {State.LOST}


def test_a_full_disk_stops_the_run_and_the_next_one_fetches_free(tmp_path):
    house = house_with(tmp_path, fetch=first_fetches(FetchProblem.DISK, 99))
    house.buy(house.add(9))
    assert Stop.DISK in house.engine.world.stops
    house.service.does.fetch = lambda _fetch, _nth: None
    before = len(house.service.submits)
    house.resume()
    house.finish()
    assert State.FINISHED not in house.states().values()
    assert len(house.service.submits) == before


def test_a_key_refused_at_a_result_stops_the_run(tmp_path):
    house = house_with(tmp_path, fetch=first_fetches(FetchProblem.KEY, 99))
    house.buy(house.add(1))
    assert Stop.KEY in house.engine.world.stops


# -- bills


def test_a_late_bill_is_waited_for_while_it_makes_sense(tmp_path):
    house = house_with(tmp_path, usage_delay=20.0)
    house.buy(house.add(2))
    assert house.amounts == (10, 0, 0)


def test_a_bill_that_does_not_come_leaves_the_ceiling_set_aside(tmp_path):
    house = house_with(tmp_path, usage_delay=1e9)
    house.buy(house.add(2))
    assert set(house.states().values()) == {State.SAVED}
    assert house.amounts == (0, 12, 0)


def test_the_next_run_settles_what_was_left_open(tmp_path):
    house = house_with(tmp_path, usage_delay=300.0)
    house.buy(house.add(2))
    house.service.now += 400
    house.resume()
    assert house.amounts == (10, 0, 0)


def test_a_row_shown_twice_counts_once(tmp_path):
    house = house_with(tmp_path, usage_rows=lambda job: [usage_row(job), usage_row(job)])
    house.buy(house.add(2))
    assert house.amounts == (10, 0, 0)


def test_several_rows_of_one_job_add_up(tmp_path):
    def halves(job):
        return [usage_row(job, row_id=f"{job.job_id}{half}", cents=Cents(2)) for half in "ab"]

    house = house_with(tmp_path, usage_rows=halves)
    house.buy(house.add(2))
    assert house.amounts == (8, 0, 0)


def test_a_row_of_another_service_with_the_same_number_is_not_ours(tmp_path):
    house = house_with(tmp_path, usage_rows=lambda job: [usage_row(job, service_type="stem_extraction")])
    house.buy(house.add(1))
    assert house.amounts == (0, 6, 0)


def test_rows_without_job_numbers_leave_the_expected_price_unverified(tmp_path):
    house = house_with(tmp_path, usage_rows=lambda job: [replace(usage_row(job), job_id="")])
    house.buy(house.add(2))
    assert house.amounts == (10, 0, 0)
    assert "not verified" in " ".join(house.engine.world.notes)


def test_a_charge_above_its_ceiling_is_counted_named_and_stops_submits(tmp_path):
    house = house_with(tmp_path, price=lambda _upload: 50)
    house.buy(house.add(400))
    assert "above the most it could cost" in house.engine.world.stops[Stop.OVER]
    assert house.ledger.amounts("m1").spent == house.service.charged == 50 * len(house.service.jobs)
    assert len(house.service.jobs) < 400


def test_drift_is_told_by_service(tmp_path):
    house = house_with(tmp_path, price=lambda _upload: 6)
    house.buy(house.add(3))
    assert house.engine.settles.drift == {"transcription": (15, 18)}


def test_a_bill_that_comes_before_the_job_is_seen_to_end_is_not_waited_for_again(tmp_path):
    house = house_with(tmp_path, job_seconds=30.0)
    house.approve(house.add(2))
    house.loop.run([], until=lambda: len(house.service.jobs) == 2)
    house.loop.run([], until=lambda: set(house.states().values()) == {State.SUBMITTED})
    rows = tuple(usage_row(job) for job in house.service.jobs)
    house.loop.run([UsageRead(rows)], until=lambda: True)
    assert house.amounts == (10, 0, 0)
    house.finish()
    assert set(house.states().values()) == {State.SAVED}
    assert house.service.now < START + 45


def test_a_bill_that_comes_before_a_job_is_seen_to_fail_makes_it_a_charged_failure(tmp_path):
    house = house_with(tmp_path, fate=fails)
    house.approve(house.add(1))
    house.loop.run([], until=lambda: set(house.states().values()) == {State.SUBMITTED})
    house.loop.run([UsageRead((usage_row(house.service.jobs[0]),))], until=lambda: True)
    house.finish()
    assert set(house.states().values()) == {State.FAILED_CHARGED}
    assert house.amounts == (5, 0, 0)


def test_what_came_before_a_failure_is_recorded_and_not_fetched_again(tmp_path):
    asked = []

    def one_misses(fetch, nth):
        (goal,) = fetch.targets
        asked.append(goal.have)
        kept = (ResultRow(goal.item_id, "txt", "/results/ep0.txt", 3, "0" * 64),)
        return FetchFailed(fetch.part_id, FetchProblem.LATER, "json: 403", kept) if nth == 1 else None

    house = house_with(tmp_path, fetch=one_misses)
    house.buy(house.add(1))
    assert asked == [frozenset(), frozenset({"txt"})]
    assert set(house.states().values()) == {State.SAVED}


def refuses_srt(fetch, _nth):
    """A service that gives the json, and refuses the srt whenever it is asked for it."""
    (goal,) = fetch.targets
    if "srt" in goal.have:
        return None
    kept = (ResultRow(goal.item_id, "json", "/results/ep0.json", 3, "0" * 64),)
    return FetchFailed(fetch.part_id, FetchProblem.LATER, "400", kept, (("srt", "no such format (400)"),))


def test_a_refused_result_is_asked_for_once_a_run_and_the_ledger_keeps_the_words(tmp_path):
    asked = []

    def answer(fetch, nth):
        asked.extend(goal.have for goal in fetch.targets)
        return refuses_srt(fetch, nth)

    house = house_with(tmp_path, fetch=answer)
    house.buy(house.add(1))
    assert asked == [frozenset(), frozenset({"json", "srt"})]
    (row,) = house.ledger.items("m1")
    assert (row.state, row.reason) == (State.FINISHED, "srt: no such format (400)")
    assert "srt: no such format (400)" in house.engine.world.notes[0]
    assert house.amounts == (5, 0, 0)


def test_a_refused_result_is_asked_for_again_by_the_next_run(tmp_path):
    house = house_with(tmp_path, fetch=refuses_srt)
    house.buy(house.add(1))
    house.service.does.fetch = lambda _fetch, _nth: None
    house.resume()
    (row,) = house.ledger.items("m1")
    assert (row.state, row.reason) == (State.SAVED, "")


def test_a_refusal_is_forgotten_when_the_service_only_does_not_answer(tmp_path):
    house = house_with(tmp_path, fetch=refuses_srt)
    house.buy(house.add(1))
    house.service.does.fetch = first_fetches(FetchProblem.LATER, 99)
    house.resume()
    (row,) = house.ledger.items("m1")
    assert (row.state, row.reason) == (State.FINISHED, "")


def test_a_job_that_is_not_found_at_first_is_not_lost(tmp_path):
    house = house_with(tmp_path, fetch=first_fetches(FetchProblem.EMPTY, timing.FETCH_TRIES - 1))
    house.buy(house.add(1))
    assert set(house.states().values()) == {State.SAVED}


def test_a_job_that_was_not_always_missing_is_left_to_the_next_run(tmp_path):
    def answer(fetch, nth):
        problem = FetchProblem.LATER if nth == 1 else FetchProblem.EMPTY
        return FetchFailed(fetch.part_id, problem, "why")

    house = house_with(tmp_path, fetch=answer)
    house.buy(house.add(1))
    assert set(house.states().values()) == {State.FINISHED}
