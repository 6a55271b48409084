"""Usage rows that come split, with refunds, for nothing, or to another run first."""

import pytest

from manifests.money import Cents
from manifests.states import State
from runner.api.interface import JobStatus
from runner.engine.messages import Load, UsageRead
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


@pytest.mark.parametrize("amounts", [(-5, 5), (5, -5), (0,), (-5,)])
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
