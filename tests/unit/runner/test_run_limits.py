"""Whole runs under limits, on good days and bad ones: what the ledger commits never passes any of them."""

from contextlib import ExitStack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.exits import Exit
from manifests.limits import Limit, Limits, Scope
from manifests.money import Cents
from runner.api.interface import Doubtful, JobStatus, Rejected
from runner.engine import timing
from runner.limiting import month_start
from support.fake_api import FakeApi
from support.small_run import Desk

FILES = ("a.mp3", "b.mp3", "c.mp3", "d.mp3")
OUTCOMES = st.sampled_from([None, None, Rejected("no audio"), Doubtful("lost")])
DAYS = st.tuples(*[OUTCOMES] * len(FILES), st.sampled_from([JobStatus.COMPLETED, JobStatus.FAILED]))
"""What becomes of each file's submit, and of all jobs."""


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(timing, "OLD_DOUBT_LOOKS", (0.0, 0.05))
        yield tmp_path_factory


def committed(desk, since=0):
    """What attempts hold or were charged, those behind a number."""
    return sum(desk.ledger.committed_after("m1", since).values())


@settings(max_examples=12)
@given(
    st.lists(DAYS, min_size=1, max_size=3),
    st.integers(0, 9),
    st.integers(0, 12),
    st.booleans(),
)
def test_no_day_brings_a_run_or_a_month_above_its_limit(places, days, a_run, a_month, fit):
    with ExitStack() as stack:
        desk = Desk(places.mktemp("desk"), FakeApi(balance_cents=5000))
        stack.callback(desk.close)
        plan = desk.manifest(*FILES)  # 2 cents each at most
        limits = Limits(
            (
                Limit(Scope.RUN, Cents(a_run), "EARMARK_MAX_SPEND_RUN"),
                Limit(Scope.MONTH, Cents(a_month), "earmark.toml:3"),
            )
        )
        for *day, desk.api.ends in days:
            before, sent = desk.ledger.newest_attempt(), len(desk.api.orders)
            outcomes = dict(zip(FILES, day, strict=True))
            desk.api.outcome = lambda order, _nth, told=outcomes: told[f"{order.path.stem}.mp3"]
            report = desk.run(plan, limits=limits, fit=fit, retry_failed=True)
            assert committed(desk, before) <= a_run
            assert desk.ledger.committed_since(month_start(desk.ledger._clock())) <= a_month
            if report.refused is not None:
                assert (report.exit, len(desk.api.orders)) == (Exit.REFUSED, sent)


def test_each_run_has_the_whole_of_its_own_limit(desk):
    plan = desk.manifest(*FILES)
    limits = Limits((Limit(Scope.RUN, Cents(4), "EARMARK_MAX_SPEND_RUN"),))
    first = desk.run(plan, limits=limits, fit=True)
    assert (first.submitted, first.exit, committed(desk) <= 4) == (2, Exit.STOPPED_AS_TOLD, True)
    again = desk.run(plan, limits=limits, fit=True)
    assert (again.submitted, again.exit) == (2, Exit.DONE)
