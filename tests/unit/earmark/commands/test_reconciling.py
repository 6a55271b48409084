"""A session of reconciling: names are understood first, then each decision is written and told."""

import json
from dataclasses import replace

import pytest

from earmark.reconciling import Decision, Session, Wishes, amounts, decisions, named, take_locks
from earmark.screens.reconcile import Result, document, question, render
from earmark.terminal import Terminal
from manifests.errors import UsageError
from manifests.money import Cents
from runner.api.interface import Doubtful, Job, JobStatus
from runner.file_locks import FileLocks
from runner.ledger.rows import NewItem
from runner.locks import Busy
from runner.reconcile import Choice, NotAdoptable
from support.small_run import manifest_of

PLAIN = Terminal()


@pytest.fixture
def session(desk):
    """Two purchases of one file and one of another, all answers lost."""
    desk.api.outcome = lambda _order, _nth: Doubtful("the line broke")
    items = [desk.item("a.mp3"), desk.item("a.mp3", "stems:two"), desk.item("b=1.mp3")]
    plan = manifest_of(items)
    desk.run(plan, spend=100)
    lines = [desk.lines(manifest_of([each]))[each.file] for each in items]
    desk.locks.release()
    return Session("m1", lines, desk.ledger, desk.locks, desk.api)


def found(desk, text="", service="transcription"):
    """A job that the service made and that no ledger knows."""
    return desk.api.add_job(service, text)


def screen(session):
    return render(Result.of("m.yaml", "m1", session), PLAIN)


# Names


def test_files_and_tokens_name_doubts(session):
    doubts = session.doubts()
    one = named("b=1.mp3", doubts, Choice.GIVE_UP)
    assert one.file == "b=1.mp3"
    assert named(one.attempt.token, doubts, Choice.GIVE_UP) is one


def test_a_file_that_is_in_doubt_twice_is_named_by_its_token(session):
    with pytest.raises(UsageError, match=r"more than once; name one by its token: ek-.*stems:two") as refused:
        named("a.mp3", session.doubts(), Choice.ADOPT)
    token = str(refused.value).split("token: ")[1].split()[0]
    assert named(token, session.doubts(), Choice.ADOPT).file == "a.mp3"


def test_what_is_not_in_doubt_is_refused_with_what_is(session):
    with pytest.raises(UsageError, match=r"c\.mp3 is not in doubt; in doubt: a\.mp3, b=1\.mp3"):
        named("c.mp3", session.doubts(), Choice.GIVE_UP)
    with pytest.raises(UsageError, match="in doubt: nothing"):
        named("c.mp3", [], Choice.GIVE_UP)


def test_a_decided_one_can_only_be_decided_otherwise_where_that_makes_sense(session):
    (doubt,) = (each for each in session.doubts() if each.file == "b=1.mp3")
    session.decide(Decision(Choice.GIVE_UP, doubt))
    with pytest.raises(UsageError, match="`send again` is not possible any more, it was given up"):
        named("b=1.mp3", session.doubts(), Choice.SEND_AGAIN)
    assert named("b=1.mp3", session.doubts(), Choice.ADOPT).decided


def test_what_was_sent_again_can_still_be_given_up_but_not_sent_once_more(session):
    (doubt,) = (each for each in session.doubts() if each.file == "b=1.mp3")
    session.decide(Decision(Choice.SEND_AGAIN, doubt))
    with pytest.raises(UsageError, match="it was sent again"):
        named("b=1.mp3", session.doubts(), Choice.SEND_AGAIN)
    assert named("b=1.mp3", session.doubts(), Choice.GIVE_UP).decided


# Wishes


def test_an_adoption_is_split_at_its_last_sign(session):
    (decision,) = decisions(Wishes(adopt=["b=1.mp3=1044"]), session.doubts())
    assert (decision.choice, decision.doubt.file, decision.job_id) == (Choice.ADOPT, "b=1.mp3", "1044")


@pytest.mark.parametrize("text", ["b.mp3", "=7", "b.mp3=", "b.mp3= "])
def test_an_adoption_needs_a_file_and_a_job(session, text):
    with pytest.raises(UsageError, match="write FILE=JOB"):
        decisions(Wishes(adopt=[text]), session.doubts())


def test_two_decisions_about_one_are_refused_before_anything_is_written(session):
    with pytest.raises(UsageError, match="two decisions"):
        decisions(Wishes(send_again=["b=1.mp3"], give_up=["b=1.mp3"]), session.doubts())


def test_what_was_proved_meanwhile_needs_no_decision(session):
    doubts = session.doubts()
    proved = [each for each in doubts if each.file == "b=1.mp3"]
    rest = [each for each in doubts if each.file != "b=1.mp3"]
    assert decisions(Wishes(give_up=["b=1.mp3"]), rest, proved) == []
    assert not Wishes()
    assert Wishes(give_up=["b"])


# Looking and deciding


def test_a_look_clears_what_is_proved_and_gathers_evidence_for_the_rest(desk, session):
    stems, speech, other = sorted(session.doubts(), key=lambda each: (each.file, each.product))
    found(desk, other.attempt.token, other.attempt.service)
    stray = found(desk)
    session.look()
    assert [(doubt.file, doubt.product) for doubt, _ in session.cleared] == [(other.file, other.product)]
    evidence = {case.doubt.product: [each.job_id for each in case.evidence] for case in session.cases()}
    assert evidence == {speech.product: [stray.job_id], stems.product: []}


def test_a_job_that_was_adopted_is_no_evidence_any_more(desk, session):
    stray = found(desk)
    session.look()
    (doubt,) = (each for each in session.doubts() if each.file == "b=1.mp3")
    assert "a run or fetch brings its result" in session.decide(Decision(Choice.ADOPT, doubt, stray.job_id))
    assert all(not case.evidence for case in session.cases())


def test_a_job_of_another_length_is_adopted_with_a_word_of_doubt(desk, session):
    (doubt,) = (each for each in session.doubts() if each.file == "b=1.mp3")
    desk.api.lists["transcription"] = [Job("9", JobStatus.COMPLETED, ms=300_000)]
    told = session.decide(Decision(Choice.ADOPT, doubt, "9"))
    assert "(look twice: it has 300 s, the file has 59 to 62 s)" in told


def test_jobs_that_do_not_exist_or_are_others_are_refused(desk, session):
    (doubt,) = (each for each in session.doubts() if each.file == "b=1.mp3")
    with pytest.raises(UsageError, match="the service knows no transcription job 777"):
        session.decide(Decision(Choice.ADOPT, doubt, "777"))
    other = found(desk, "ek-ffffffffffffffff-ffffffffffffffff")
    with pytest.raises(NotAdoptable):
        session.decide(Decision(Choice.ADOPT, doubt, other.job_id))
    assert session.told == []


def test_nothing_is_asked_where_nothing_is_in_doubt(desk):
    session = Session("m1", [], desk.ledger, desk.locks, desk.api)
    session.look()
    assert (desk.api.calls, session.cases()) == ([], [])


def test_what_credits_pay_is_told_in_credits(session):
    doubt = session.cases()[0].doubt
    attempt = replace(doubt.attempt, currency="credits", ceiling=Cents(672), hold=Cents(660))
    assert amounts(replace(doubt, attempt=attempt)) == ("672 credits", "660 credits")


# Locks


def attach(desk, manifest_id, row):
    """An item of another manifest that waits for the same purchase."""
    same = ("line", "file", "size", "print", "base", "wanted", "content_key", "sha256", "product", "options")
    with desk.ledger.transaction():
        desk.ledger.put_manifest(manifest_id, desk.folder / "other.yaml", Cents(100))
        item = NewItem(**{name: getattr(row, name) for name in same}, generation=0, audio_bytes=1)
        desk.ledger.put_items(manifest_id, [item])


def test_every_manifest_whose_attempts_may_change_is_locked(desk, session):
    attach(desk, "m2", next(row for row in desk.ledger.items("m1") if row.file == "b=1.mp3"))
    elsewhere = FileLocks(desk.folder / "state" / "locks")
    elsewhere.take("m1")
    with pytest.raises(Busy):
        take_locks(desk.ledger, desk.locks, "m2")
    elsewhere.release()
    take_locks(desk.ledger, desk.locks, "m2")
    assert not elsewhere.is_free("m1")
    assert not elsewhere.is_free("m2")


# The screen


def test_the_screen_shows_evidence_and_the_commands_that_decide(desk, session):
    stray = found(desk)
    desk.api.add_row("transcription", stray.job_id, 1)
    session.look()
    told = screen(session)
    assert told.startswith("m.yaml: 3 purchases in doubt, $0.1")
    assert f"job {stray.job_id}: done, 1 min 00 s, charged $0.01   its length and time fit" in told
    assert f"earmark reconcile m.yaml --adopt b=1.mp3={stray.job_id}" in told
    assert "earmark reconcile m.yaml --send-again b=1.mp3   (may cost twice: $0.02 stays set aside" in told
    assert "no job at the service fits its length and its time" in told
    assert told.rstrip().endswith("earmark reconcile m.yaml   (lists may lag; free)")


def test_the_commands_name_a_file_that_is_in_doubt_twice_by_its_tokens(session):
    told = screen(session)
    for doubt in session.doubts():
        if doubt.file == "a.mp3":
            assert f"--adopt {doubt.attempt.token}=JOB" in told
            assert f"--send-again {doubt.attempt.token} " in told
            assert f"--give-up {doubt.attempt.token} " in told
    assert "--adopt a.mp3" not in told


def test_many_jobs_that_might_be_it_are_cut(desk, session):
    for _ in range(7):
        found(desk)
    session.look()
    assert "and 2 more jobs; all of them: --json" in screen(session)


def test_what_was_decided_is_told_with_the_way_on(desk, session):
    doubts = {(each.file, each.product): each for each in session.doubts()}
    session.decide(Decision(Choice.GIVE_UP, doubts["b=1.mp3", "transcription"]))
    session.decide(Decision(Choice.SEND_AGAIN, doubts["a.mp3", "transcription"]))
    proved = doubts["a.mp3", "stems:two"]
    job = found(desk, proved.attempt.token, "stems")
    session.look()
    told = screen(session)
    assert told.startswith("m.yaml: nothing is in doubt\n")
    assert f"  found    a.mp3 (stems:two): job {job.job_id}, by its token" in told
    assert "  decided  b=1.mp3 (transcription): $0.02 counts as spent" in told
    assert "  besides  $0.02 for 1 purchase sent again, the first attempts stay set aside" in told
    assert "  besides  $0.02 for 1 purchase given up" in told
    assert told.rstrip().endswith("Go on:  run m.yaml")


def test_without_a_session_nothing_is_in_doubt():
    assert render(Result.of("m.yaml", "m1", None), PLAIN) == "m.yaml: nothing is in doubt\n"


def test_the_question_says_what_each_answer_costs(session):
    told = question(session.cases()[0])
    assert "s: send again, may cost twice (" in told
    assert "counts as spent, no result)" in told


def test_the_document_has_the_choices_and_the_evidence(desk, session):
    stray = found(desk)
    session.look()
    (doubt,) = (each for each in session.doubts() if each.file == "b=1.mp3")
    session.decide(Decision(Choice.SEND_AGAIN, doubt))
    data = json.loads(document(Result.of("m.yaml", "m1", session)))
    assert {each["service"]: each["choices"] for each in data["in_doubt"]} == {
        "transcription": ["adopt", "send again", "give up"],
        "stems:two": ["adopt", "send again", "give up"],
    }
    speech = next(each for each in data["in_doubt"] if each["service"] == "transcription")
    assert speech["evidence"][0]["job_id"] == stray.job_id
    assert speech["evidence"][0]["status"] == "completed"
    assert [each["decision"] for each in data["decided"]] == ["send again"]
    assert [each["sent_again"] for each in data["set_aside"]] == [True]
    assert data["found"] == []
