"""Doubts: proof clears them, a person decides the rest, and every cent stays where the decision puts it."""

from dataclasses import replace

import pytest
from msgspec import structs

from manifests.keys import Token, new_token
from manifests.length import Basis, Grade
from manifests.states import State
from runner import reconcile
from runner.api.interface import Doubtful, Job, JobStatus, Rejected
from runner.reconcile import Choice, NotAdoptable
from support.small_run import QUICK

REASON = "the connection was lost after the whole file was sent"


BILLED = replace(QUICK, settle=5.0)
"""The fake service's rows are there at once; a run that waits for them ends as soon as it has them."""


def run(desk, manifest):
    return desk.run(manifest, spend=100, patience=BILLED)


def sums(desk, manifest="m1"):
    found = desk.ledger.amounts(manifest)
    return found.spent, found.reserved, found.in_doubt


def history(desk):
    rows = desk.ledger.db.execute("SELECT state, reason FROM history ORDER BY rowid").fetchall()
    return [tuple(row) for row in rows]


@pytest.fixture
def lost(desk):
    """A recording whose submit got no answer: the desk, the manifest, its lines."""
    desk.api.outcome = lambda _order, _nth: Doubtful(REASON)
    manifest = desk.manifest("a.mp3")
    run(desk, manifest)
    return desk, manifest, list(desk.lines(manifest).values())


def doubts(lost):
    desk, _, lines = lost
    return reconcile.doubts_of(desk.ledger, "m1", lines)


def job_of(doubt, number="77", status=JobStatus.COMPLETED):
    return Job(number, status, frozenset({new_token(doubt.attempt.token[3:19], lambda n: "0" * 2 * n)}))


def proof_of(doubt, number="77", status=JobStatus.COMPLETED):
    return Job(number, status, frozenset({Token(doubt.attempt.token)}))


def test_a_doubt_names_its_item_its_money_and_what_may_be_decided(lost):
    (doubt,) = doubts(lost)
    assert (doubt.file, doubt.product, doubt.reason) == ("a.mp3", "transcription", REASON)
    assert doubt.amount == doubt.attempt.ceiling == 2
    assert not doubt.decided
    assert doubt.choices == (Choice.ADOPT, Choice.SEND_AGAIN, Choice.GIVE_UP)


@pytest.mark.parametrize(("seconds", "fits"), [(58, False), (59, True), (60, True), (62, True), (63, False)])
def test_a_length_fits_within_what_the_service_may_count(lost, seconds, fits):
    (doubt,) = doubts(lost)
    assert doubt.fits(seconds) is fits
    assert doubt.fits(None)


@pytest.mark.parametrize(
    ("changes", "shortest"),
    [
        ({"basis": Basis.OUTPUT}, 0),
        ({"grade": Grade.ESTIMATED, "longest": 61.0}, 0),
        ({"basis": Basis.STATED}, None),
    ],
    ids=["what is made", "estimated", "stated"],
)
def test_what_was_not_measured_may_turn_out_shorter(lost, changes, shortest):
    desk, manifest, (line,) = lost
    line = replace(line, item=structs.replace(line.item, **changes))
    (doubt,) = reconcile.doubts_of(desk.ledger, manifest.head.id, [line])
    assert doubt.shortest == shortest
    assert doubt.fits(5)


def test_of_a_line_that_left_the_manifest_any_length_fits(lost):
    desk, _, _ = lost
    (doubt,) = reconcile.doubts_of(desk.ledger, "m1", [])
    assert doubt.file == "a.mp3"
    assert doubt.fits(5_000)


# Proof


def test_a_job_with_the_token_is_proof_and_clears_the_doubt(lost):
    desk, manifest, _ = lost
    (doubt,) = doubts(lost)
    job = desk.api.add_job("transcription", doubt.attempt.token)
    desk.api.add_row("transcription", job.job_id, 1)
    assert reconcile.proofs([doubt], {"transcription": [job]}) == [(doubt, job)]
    assert reconcile.clear(desk.ledger, doubt, job)
    assert doubts(lost) == []
    assert history(desk)[-1] == ("submitted", "found by its token in the job list")
    run(desk, manifest)
    assert sums(desk) == (1, 0, 0)
    assert len(desk.api.orders) == 1


@pytest.mark.parametrize(
    ("service", "job"),
    [
        ("stems", proof_of),
        ("transcription", job_of),
        ("transcription", lambda _doubt: Job("7", JobStatus.RUNNING)),
    ],
)
def test_another_service_another_token_or_none_is_no_proof(lost, service, job):
    (doubt,) = doubts(lost)
    assert reconcile.proofs([doubt], {service: [job(doubt)]}) == []


def test_proof_for_a_job_that_was_adopted_for_another_file_is_left_to_a_person(lost):
    desk, _, _ = lost
    (doubt,) = doubts(lost)
    desk.api.outcome = lambda _order, _nth: None
    desk.run(desk.manifest("b.mp3", id="m2"))
    taken = desk.api.lists["transcription"][0].job_id
    assert not reconcile.clear(desk.ledger, doubt, proof_of(doubt, taken))
    assert doubts(lost) == [doubt]


# Adopting


def test_an_adopted_job_is_watched_fetched_and_billed_like_any_other(lost):
    desk, manifest, _ = lost
    (doubt,) = doubts(lost)
    job = desk.api.add_job("transcription", "a name without a token")
    desk.api.add_row("transcription", job.job_id, 2)
    reconcile.adopt(desk.ledger, doubt, job)
    assert sums(desk) == (0, 2, 0)
    assert history(desk)[-1] == ("submitted", f"job {job.job_id} adopted by hand")
    report = run(desk, manifest)
    assert (report.exit, sums(desk)) == (0, (2, 0, 0))
    assert (desk.output / "a.json").is_file()


def test_a_job_of_another_purchase_is_not_adopted(lost):
    desk, _, _ = lost
    (doubt,) = doubts(lost)
    desk.api.outcome = lambda _order, _nth: None
    desk.run(desk.manifest("b.mp3", id="m2"))
    taken = desk.api.lists["transcription"][0]
    with pytest.raises(NotAdoptable, match="other audio") as refused:
        reconcile.adopt(desk.ledger, doubt, taken)
    assert refused.value.exit_code == 2
    with pytest.raises(NotAdoptable, match="result of another purchase"):
        reconcile.adopt(desk.ledger, doubt, Job(taken.job_id, JobStatus.COMPLETED))
    assert sums(desk) == (0, 0, 2)


def test_a_job_of_the_same_audio_bought_elsewhere_may_be_adopted(lost):
    desk, _, _ = lost
    (doubt,) = doubts(lost)
    assert not reconcile.is_anothers(doubt, job_of(doubt))
    reconcile.adopt(desk.ledger, doubt, job_of(doubt))
    assert doubts(lost) == []


# Sending again


def sent_again(lost):
    """The doubt was sent again, and its second attempt is saved; what is left of the first one's doubt."""
    desk, manifest, _ = lost
    (doubt,) = doubts(lost)
    reconcile.send_again(desk.ledger, doubt)
    assert sums(desk) == (0, 0, 2)
    desk.api.outcome = lambda _order, _nth: None
    assert run(desk, manifest).exit == 0
    (left,) = doubts(lost)
    return left


def test_what_is_sent_again_may_cost_twice_and_its_first_hold_stays(lost):
    desk, _, _ = lost
    left = sent_again(lost)
    assert sums(desk) == (1, 0, 2)
    assert (left.decided, left.choices) == (True, (Choice.ADOPT, Choice.GIVE_UP))
    assert ("planned", "to be sent again, by hand; it may cost twice") in history(desk)


def test_a_first_attempt_whose_job_turns_up_before_it_is_sent_again_takes_its_part_back(lost):
    desk, manifest, _ = lost
    (doubt,) = doubts(lost)
    reconcile.send_again(desk.ledger, doubt)
    (aside,) = doubts(lost)
    job = desk.api.add_job("transcription", doubt.attempt.token)
    desk.api.add_row("transcription", job.job_id, 1)
    assert reconcile.clear(desk.ledger, aside, job)
    assert run(desk, manifest).exit == 0
    assert sums(desk) == (1, 0, 0)
    assert len(desk.api.orders) == 1  # it was not sent again


def test_a_run_finds_it_too_before_it_sends_again(lost):
    desk, manifest, _ = lost
    (doubt,) = doubts(lost)
    reconcile.send_again(desk.ledger, doubt)
    job = desk.api.add_job("transcription", doubt.attempt.token)
    desk.api.add_row("transcription", job.job_id, 1)
    assert run(desk, manifest).exit == 0
    assert len(desk.api.orders) == 1
    assert sums(desk) == (1, 0, 0)


def test_a_second_job_is_billed_too(lost):
    desk, manifest, _ = lost
    left = sent_again(lost)
    job = desk.api.add_job("transcription", left.attempt.token)
    desk.api.add_row("transcription", job.job_id, 2)
    assert reconcile.clear(desk.ledger, left, job)
    assert doubts(lost) == []
    assert run(desk, manifest).exit == 0
    assert sums(desk) == (3, 0, 0)
    assert desk.ledger.items("m1")[0].state is State.SAVED


@pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.CANCELLED])
def test_a_second_job_that_failed_keeps_its_hold_until_it_is_known_not_to_be_charged(lost, status):
    desk, _, _ = lost
    left = sent_again(lost)
    assert reconcile.clear(desk.ledger, left, proof_of(left, status=status))
    assert sums(desk) == (1, 2, 0)
    assert [attempt.state for attempt in desk.ledger.unsettled()] == [State.FAILED]
    assert desk.ledger.items("m1")[0].state is State.SAVED


def test_a_second_job_that_still_runs_is_left_in_doubt_until_it_ends(lost):
    desk, _, _ = lost
    left = sent_again(lost)
    assert not reconcile.clear(desk.ledger, left, proof_of(left, status=JobStatus.RUNNING))
    assert doubts(lost) == [left]


def test_an_attempt_that_failed_before_is_pushed_aside_by_the_one_that_comes_back(lost):
    desk, manifest, _ = lost
    (doubt,) = doubts(lost)
    reconcile.send_again(desk.ledger, doubt)
    desk.api.outcome = lambda _order, _nth: Rejected("no speech found")
    run(desk, manifest)
    assert desk.ledger.items("m1")[0].state is State.REJECTED
    (aside,) = doubts(lost)
    assert reconcile.clear(desk.ledger, aside, proof_of(aside))
    row = desk.ledger.items("m1")[0]
    assert (row.state, row.attempt.attempt_id) == (State.SUBMITTED, doubt.attempt.attempt_id)


def test_a_second_job_that_still_runs_is_not_adopted_by_hand_either(lost):
    left = sent_again(lost)
    with pytest.raises(NotAdoptable, match="still runs"):
        reconcile.adopt(lost[0].ledger, left, job_of(left, status=JobStatus.RUNNING))
    assert doubts(lost) == [left]


@pytest.mark.parametrize("status", [JobStatus.RUNNING, JobStatus.COMPLETED])
def test_the_first_job_is_fetched_where_the_second_was_given_up(lost, status):
    """Its result is paid for, and nothing else of the part is wanted any more."""
    desk, manifest, _ = lost
    (first,) = doubts(lost)
    reconcile.send_again(desk.ledger, first)
    run(desk, manifest)
    (aside, second) = sorted(doubts(lost), key=lambda doubt: doubt.attempt.attempt_id)
    reconcile.give_up(desk.ledger, second)
    job = desk.api.add_job("transcription", aside.attempt.token)
    desk.api.add_row("transcription", job.job_id, 1)
    (aside, _) = sorted(doubts(lost), key=lambda doubt: doubt.attempt.attempt_id)
    reconcile.adopt(desk.ledger, aside, Job(job.job_id, status, job.tokens))
    assert run(desk, manifest).exit == 0
    assert desk.ledger.items("m1")[0].state is State.SAVED
    assert sums(desk) == (3, 0, 0)


# Giving up


def test_what_is_given_up_counts_as_spent_and_is_never_bought_by_itself(lost):
    desk, manifest, _ = lost
    (doubt,) = doubts(lost)
    reconcile.give_up(desk.ledger, doubt)
    assert sums(desk) == (2, 0, 0)
    (left,) = doubts(lost)
    assert (left.decided, left.choices, left.amount) == (True, (Choice.ADOPT,), 2)
    report = run(desk, manifest)
    assert report.exit == 1
    assert len(desk.api.orders) == 1
    assert sums(desk) == (2, 0, 0)


def test_a_job_may_still_be_adopted_after_it_was_given_up(lost):
    desk, manifest, _ = lost
    (doubt,) = doubts(lost)
    reconcile.give_up(desk.ledger, doubt)
    job = desk.api.add_job("transcription", "a")
    desk.api.add_row("transcription", job.job_id, 1)
    (left,) = doubts(lost)
    reconcile.adopt(desk.ledger, left, job)
    assert run(desk, manifest).exit == 0
    assert sums(desk) == (1, 0, 0)


def test_a_first_attempt_that_was_sent_again_can_be_given_up_too(lost):
    desk, _, _ = lost
    left = sent_again(lost)
    reconcile.give_up(desk.ledger, left)
    assert sums(desk) == (3, 0, 0)
    assert history(desk)[-1] == ("given up", "given up by hand, counted as spent")
    assert desk.ledger.items("m1")[0].state is State.SAVED  # its part is the other attempt's


def test_a_decision_that_came_too_late_changes_nothing(lost):
    desk, _, _ = lost
    (doubt,) = doubts(lost)
    reconcile.give_up(desk.ledger, doubt)
    with pytest.raises(ValueError, match="not in doubt"):
        reconcile.send_again(desk.ledger, doubt)
    assert sums(desk) == (2, 0, 0)


def test_nothing_is_unclear_about_a_manifest_that_the_ledger_does_not_know(lost):
    desk, _, lines = lost
    assert reconcile.doubts_of(desk.ledger, "another", lines) == []
