"""Usage rows that come split, with refunds, for nothing, or to another run first."""

import pytest

from manifests.money import Cents
from manifests.states import State
from runner.api.interface import JobStatus
from runner.engine.messages import CallFailed, CallProblem, Load, ReadUsage, UsageRead
from support.virtual import START, Behaviour, House, VirtualService, usage_row


def rows_of(*amounts):
    """Each job's rows, the newest first."""

    def rows(job):
        return [
            usage_row(job, row_id=f"row-{job.job_id}-{number}", cents=Cents(cents))
            for number, cents in enumerate(amounts)
        ]

    return rows


def fails(_nth):
    return JobStatus.FAILED


def failed(tmp_path, *amounts):
    """A job that failed, with such rows; seen through by a second run."""
    behaviour = Behaviour(fate=fails, charge_failed=True, usage_rows=rows_of(*amounts))
    made = House(tmp_path, VirtualService(behaviour))
    made.buy(made.add(1))
    made.resume()
    made.finish()
    return made


@pytest.mark.parametrize("amounts", [(-5, 5), (5, -5), (0,)])
def test_a_failure_that_was_paid_back_may_be_tried_again(tmp_path, amounts):
    made = failed(tmp_path, *amounts)
    assert set(made.states().values()) == {State.RELEASED}
    assert made.amounts == (0, 0, 0)


@pytest.mark.parametrize("amounts", [(5,), (-2, 5), (3, 2)])
def test_a_failure_that_was_charged_in_the_end_is_not_tried_again_by_itself(tmp_path, amounts):
    made = failed(tmp_path, *amounts)
    assert set(made.states().values()) == {State.FAILED_CHARGED}
    assert made.amounts == (sum(amounts), 0, 0)
    assert made.candidates() == []


def test_a_repayment_alone_does_not_settle_a_job(tmp_path):
    """Its charge is still to come, or the wallet writes charges with a minus sign: the hold stays."""
    made = House(tmp_path, VirtualService(Behaviour(usage_rows=rows_of(-5))))
    made.buy(made.add(1))
    assert made.amounts == (0, 6, 0)
    charge = usage_row(made.service.jobs[0], row_id="charge", cents=Cents(9))
    made.loop.run([UsageRead((charge,))], until=lambda: True)
    assert made.amounts == (4, 0, 0)


@pytest.mark.parametrize(
    "hides",
    [
        {"job_id": ""},
        {"service_type": "a_new_name"},
        {"service_type": "", "job_id": ""},
        {"priced": False, "cents": Cents(0)},
        {"cents": Cents(-5)},
        {"job_id": "", "created": "1970-01-12T13:50:00.000000Z"},
    ],
    ids=" ".join,
)
def test_a_failure_whose_charge_may_hide_in_a_row_counts_as_charged_and_is_not_bought_again(tmp_path, hides):
    behaviour = Behaviour(fate=fails, charge_failed=True, usage_rows=lambda job: [usage_row(job, **hides)])
    made = House(tmp_path, VirtualService(behaviour))
    made.buy(made.add(2))
    made.resume()
    made.finish()
    assert set(made.states().values()) == {State.FAILED_CHARGED}
    assert made.amounts == (10, 0, 0)
    assert made.candidates() == []
    assert "taken as charged" in made.engine.world.notes[0]


def test_rows_without_job_numbers_that_finished_jobs_explain_hide_no_charge(tmp_path):
    behaviour = Behaviour(
        fate=lambda nth: JobStatus.FAILED if nth == 1 else JobStatus.COMPLETED,
        usage_rows=lambda job: [usage_row(job, job_id="")],
    )
    made = House(tmp_path, VirtualService(behaviour))
    made.approve(made.add(3))
    made.loop.run([], until=lambda: made.service.now > START + 400)
    made.finish()
    assert sorted(made.states().values()) == [State.RELEASED, State.SAVED, State.SAVED]
    assert made.amounts == (10, 0, 0)


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"job_id": "", "created": "1970-01-12T12:40:00.000000Z"},  # long before the job was sent
        {"job_id": "", "service_type": "stem_extraction"},
        {"service_type": "stem_extraction"},  # a job of the same number of another service
        {"job_id": "somebody's"},
    ],
    ids=["old", "other service", "same number", "other job"],
)
def test_rows_that_bill_something_else_do_not_keep_a_failed_job_s_money(tmp_path, elsewhere):
    behaviour = Behaviour(
        fate=fails, charge_failed=True, usage_rows=lambda job: [usage_row(job, **elsewhere)]
    )
    made = House(tmp_path, VirtualService(behaviour))
    made.buy(made.add(1))
    made.resume()
    made.finish()
    assert set(made.states().values()) == {State.RELEASED}
    assert made.amounts == (0, 0, 0)


@pytest.mark.parametrize("problem", [CallProblem.REFUSED, CallProblem.THROTTLED])
def test_a_wallet_that_never_shows_its_rows_does_not_keep_a_run_for_ever(tmp_path, problem):
    """The hold of a failed job stays, and the next run asks again."""
    made = House(tmp_path, VirtualService(Behaviour(fate=fails)))
    made.buy(made.add(1))

    def refuses(action, _nth):
        return CallFailed(action, problem, "no") if isinstance(action, ReadUsage) else None

    made.service.does.call = refuses
    made.resume()
    made.finish()
    assert made.service.now < START + 300
    assert made.amounts == (0, 6, 0)
    assert made.candidates() == []


def test_usage_rows_are_not_read_before_the_time_that_the_service_asked_for(tmp_path):
    made = House(tmp_path, VirtualService())
    refused = []

    def busy(action, _nth):
        if not isinstance(action, ReadUsage) or refused:
            return None
        refused.append(made.service.now)
        return CallFailed(action, CallProblem.THROTTLED, "429", retry_after=25.0)

    made.service.does.call = busy
    readings = []
    read = made.service._rows
    made.service._rows = lambda: readings.append(made.service.now) or read()
    made.buy(made.add(1))
    assert readings[0] >= refused[0] + 25
    assert made.amounts == (5, 0, 0)


def test_a_refund_that_comes_days_later_frees_the_money_and_the_item(tmp_path):
    made = failed(tmp_path, 5)
    refund = usage_row(made.service.jobs[0], row_id="refund", cents=Cents(-5))
    made.loop.run([UsageRead((refund,))], until=lambda: True)
    assert set(made.states().values()) == {State.RELEASED}
    assert made.amounts == (0, 0, 0)


def test_a_refund_after_the_item_was_bought_again_changes_the_first_try_only(tmp_path):
    made = failed(tmp_path, 0)
    made.service.does.fate = lambda _nth: JobStatus.COMPLETED
    first = made.service.jobs[0]
    made.service.does.usage_rows = lambda job: [] if job is first else [usage_row(job)]
    made.start()
    made.buy(made.candidates())
    assert set(made.states().values()) == {State.SAVED}
    for number, cents in enumerate((5, -5)):
        row = usage_row(first, row_id=f"late-{number}", cents=Cents(cents))
        made.loop.run([UsageRead((row,))], until=lambda: True)
        assert made.amounts == (10 if cents > 0 else 5, 0, 0)
        assert set(made.states().values()) == {State.SAVED}


def test_a_bill_that_was_paid_back_before_the_job_is_seen_to_fail_frees_it(tmp_path):
    made = House(tmp_path, VirtualService(Behaviour(fate=fails)))
    made.approve(made.add(1))
    made.loop.run([], until=lambda: set(made.states().values()) == {State.SUBMITTED})
    rows = tuple(rows_of(-5, 5)(made.service.jobs[0]))
    made.loop.run([UsageRead(rows)], until=lambda: True)
    made.finish()
    assert set(made.states().values()) == {State.RELEASED}


def test_drift_counts_a_job_once_however_many_rows_it_has(tmp_path):
    made = House(tmp_path, VirtualService(Behaviour(usage_rows=rows_of(2, 4))))
    made.buy(made.add(2))
    assert made.engine.settles.drift == {"transcription": (10, 12)}
    assert made.amounts == (12, 0, 0)


@pytest.mark.parametrize("fate", [JobStatus.FAILED, JobStatus.COMPLETED])
def test_rows_that_another_run_recorded_first_settle_ours_too(tmp_path, fate):
    """Two runs of the same wallet drive one ended job: the second one must not wait for its row for ever."""
    behaviour = Behaviour(fate=lambda _nth: fate, charge_failed=True, usage_delay=200.0)
    made = House(tmp_path, VirtualService(behaviour))
    made.buy(made.add(1))
    made.resume()
    other = House(tmp_path, made.service)
    (task,) = made.engine.world.tasks.values()
    other.loop.run([Load((task,))], until=lambda: True)
    made.service.now = max(made.service.now, START + 300)
    rows = tuple(made.service._rows())
    other.loop.run([UsageRead(rows)], until=lambda: True)
    made.finish()
    assert made.service.now < START + 350
    assert made.amounts == (5, 0, 0)
    assert made.engine.settles.open == 0


# -- what may be free


def clone(house):
    (task,) = house.add(1, cents=0, ceiling=2)
    task.service = task.product = "clone"
    return task


def test_what_was_expected_at_nothing_and_has_no_row_was_free(tmp_path):
    house = House(tmp_path, VirtualService(Behaviour(usage_rows=lambda _job: [])))
    house.buy([clone(house)])

    assert house.amounts == (0, 0, 0)
    assert set(house.states().values()) == {State.SAVED}


def test_its_row_counts_also_when_it_comes_after_that(tmp_path):
    price = lambda _upload: 2  # noqa: E731 - one figure
    service = VirtualService(Behaviour(usage_rows=lambda _job: [], price=price))
    house = House(tmp_path, service)
    house.buy([clone(house)])
    service.does.usage_rows = lambda job: [usage_row(job, service_type="voice_cloning")]
    house.resume()
    house.buy(house.add(1, first=1))

    assert house.ledger.amounts("m1").spent >= 2
