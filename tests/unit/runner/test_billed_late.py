"""Charges that come after a failed job's hold was given back: looked for before more is bought."""

import pytest

from manifests.exits import Exit
from manifests.states import State
from runner.api.errors import CallRefused, Gone
from runner.api.interface import JobStatus
from runner.billed import LATE, billed_late
from support.small_run import BILLED, Desk


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    yield made
    made.close()


def released(desk):
    """A run whose only job failed, and the next one, which gave the hold back."""
    manifest = desk.manifest("a.mp3", cap=2)
    desk.api.ends = JobStatus.FAILED
    assert desk.run(manifest).exit is Exit.SOME_FAILED
    desk.run(manifest, max_tries=1)
    assert [row.state for row in desk.ledger.items("m1")] == [State.RELEASED]
    return manifest


def calls(desk, name):
    return desk.api.calls.count(name)


def test_what_was_charged_late_counts_before_the_gate_and_is_not_tried_again(desk):
    manifest = released(desk)
    desk.api.add_row("transcription", "1", 1)
    desk.api.ends = JobStatus.COMPLETED
    report = desk.run(manifest, patience=BILLED)
    assert report.exit is Exit.SOME_FAILED
    assert (report.amounts.spent, report.amounts.left) == (1, 1)
    assert len(desk.api.orders) == 1


def test_another_manifest_with_the_same_audio_does_not_try_it_again_either(desk):
    released(desk)
    desk.api.add_row("transcription", "1", 1)
    desk.api.ends = JobStatus.COMPLETED
    report = desk.run(desk.manifest("a.mp3", id="m2"), patience=BILLED)
    assert report.exit is Exit.SOME_FAILED
    assert desk.ledger.amounts("m1").spent == 1
    assert len(desk.api.orders) == 1


def test_what_was_never_charged_is_tried_again(desk):
    manifest = released(desk)
    desk.api.ends = JobStatus.COMPLETED
    report = desk.run(manifest, patience=BILLED)
    assert report.exit is Exit.DONE
    assert (report.amounts.spent, len(desk.api.orders)) == (1, 2)


@pytest.mark.parametrize("error", [Gone("404"), CallRefused("403", 403)])
def test_rows_that_may_not_be_read_stop_nothing(desk, error):
    released(desk)
    desk.api.fail("usage_pages", error)
    assert billed_late(desk.api, desk.ledger, "m1", desk.ledger._clock()) == []


def test_nothing_is_read_where_nothing_was_given_back_lately(desk):
    released(desk)
    before = calls(desk, "usage_pages")
    assert billed_late(desk.api, desk.ledger, "m2", desk.ledger._clock()) == []
    assert billed_late(desk.api, desk.ledger, "m1", desk.ledger._clock() + 2 * LATE) == []
    assert calls(desk, "usage_pages") == before
