"""Attempts of one part after each other: whichever turns out to have a job has the part."""

import pytest

from manifests.money import Cents
from manifests.states import State
from runner.ledger.interface import AlreadyLive
from runner.ledger.rows import Move, Reservation
from runner.prepare import check, new_items
from support.small_run import PROBES, manifest_of


@pytest.fixture
def ledger(each_desk):
    """A ledger with one item to be bought."""
    found = check(each_desk.lines(manifest_of([each_desk.item("a.mp3")])).values(), PROBES)
    with each_desk.ledger.transaction():
        each_desk.ledger.put_manifest("m1", each_desk.folder / "m.yaml", Cents(100))
        each_desk.ledger.put_items("m1", list(new_items(found, {}, PROBES)))
    return each_desk.ledger


def attempt(ledger, token, *states):
    with ledger.transaction():
        wish = Reservation(1, "m1", "transcription", token, Cents(2), Cents(2))
        made = ledger.reserve(wish)
        for state in states:
            ledger.move(Move(made, state, "", token if state is State.SUBMITTED else None))
    return made


def found(ledger, made, job="77"):
    with ledger.transaction():
        ledger.move(Move(made, State.SUBMITTED, "found by its token in the job list", job))


FAILED = (State.UPLOADING, State.SENDING, State.SUBMITTED, State.FAILED, State.RELEASED)


@pytest.mark.parametrize("since", [(State.PLANNED,), FAILED], ids=["cut", "failed"])
def test_a_job_that_a_cut_upload_made_all_the_same_has_the_part(ledger, since):
    """Otherwise it would be paid, and neither watched nor fetched."""
    first = attempt(ledger, "t1", State.UPLOADING, State.PLANNED)
    attempt(ledger, "t2", *since)
    found(ledger, first)
    state, newest = ledger.part(1)
    assert (state, newest.attempt_id, newest.job_id) == (State.SUBMITTED, first, "77")
    assert ledger.items("m1")[0].attempt == newest
    with pytest.raises(AlreadyLive):
        attempt(ledger, "t3")
    assert ledger.amounts("m1").committed == 2


def test_a_job_of_a_cut_upload_counts_beside_the_attempt_that_has_the_part_by_then(ledger):
    """Its money is gone whatever the ledger would like better."""
    first = attempt(ledger, "t1", State.UPLOADING, State.PLANNED)
    second = attempt(ledger, "t2", *FAILED[:3])
    found(ledger, first)
    assert ledger.part(1)[1].attempt_id == second
    assert ledger.attempt(first).superseded
    assert ledger.amounts("m1").reserved == 4
    with ledger.transaction():
        ledger.move(Move(first, State.FINISHED))
        ledger.move(Move(first, State.SAVED))
    assert ledger.part(1)[0] is State.SUBMITTED


def test_a_number_that_is_another_job_s_proves_nothing_of_a_cut_upload(ledger):
    first = attempt(ledger, "t1", State.UPLOADING, State.PLANNED)
    attempt(ledger, "t2", *FAILED[:3])
    with pytest.raises(AlreadyLive):
        found(ledger, first, job="t2")
    assert not ledger.attempt(first).superseded
    assert ledger.amounts("m1").committed == 2
