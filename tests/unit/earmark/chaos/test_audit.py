"""The selftest can fail: accounts with a double payment, a cap that was passed, a lost result are found."""

import json
from dataclasses import replace

import pytest

from earmark.chaos import audit
from earmark.chaos.accounts import LedgerView, Line, read_books, read_ledger
from earmark.chaos.audit import Findings, at_any_time, at_rest, at_the_end, unfinished
from manifests.exits import Exit
from simulator.books import Fate
from support.two_accounts import ATTEMPT, CAP, JOB, ORDER, books_of, ledger_of


@pytest.fixture
def line(tmp_path):
    """A line whose result is on disk."""
    path = tmp_path / "a.txt"
    path.write_text("words")
    return Line((str(path),), "m1", "a.wav", 1, "saved", "", 0)


def test_accounts_that_agree_are_clean(line):
    found = at_the_end(ledger_of(ATTEMPT, lines=[line]), books_of(JOB), {"m1"})
    assert found == Findings()
    assert found.clean


def test_the_same_content_paid_twice_is_found():
    again = replace(JOB, id=1002, order=replace(ORDER, token="t2"))
    assert len(at_any_time(ledger_of(ATTEMPT), books_of(JOB, again)).twice) == 1


def test_one_purchase_is_found_twice_also_under_other_tags_and_other_options():
    order = replace(ORDER, token="t2", sha256="b" * 64, options={"voice_id": 2})
    again = replace(JOB, id=1002, order=order)
    sent_again = replace(ATTEMPT, token="t2", job_id=None, superseded=True)
    found = at_any_time(ledger_of(ATTEMPT, sent_again), books_of(JOB, again))
    assert found.twice == (
        "part 1 of the ledger was bought as transcription job 1001, transcription job 1002",
    )
    free = replace(again, charged_cents=0)
    assert at_any_time(ledger_of(ATTEMPT, sent_again), books_of(JOB, free)).clean


def test_a_token_that_made_two_jobs_is_found():
    found = at_any_time(ledger_of(ATTEMPT), books_of(JOB, violations=("token t1 made 2 jobs", "a slip")))
    assert found.twice == ("token t1 made 2 jobs",)
    assert at_rest(ledger_of(ATTEMPT), books_of(JOB, violations=("a slip",))).odd == ("a slip",)


def test_a_failed_job_that_cost_nothing_is_no_double_payment():
    failed = replace(JOB, id=1002, status="FAILED", charged_cents=0, order=replace(ORDER, token="t2"))
    assert at_any_time(ledger_of(ATTEMPT), books_of(JOB, failed)).clean


@pytest.mark.parametrize(
    ("cap", "job", "over"),
    [
        (CAP, JOB, 0),
        (replace(CAP, cap=2, committed=2), JOB, 1),  # the books took more
        (replace(CAP, cap=2), replace(JOB, charged_cents=0, hold_cents=7), 5),  # or hold it
        (replace(CAP, committed=14), JOB, 4),  # the ledger says so itself
        (replace(CAP, committed=14), replace(JOB, fate=Fate(extra_cents=4)), 0),  # the service's own act
        # What will be charged on top is no excuse before it was.
        (replace(CAP, cap=2), replace(JOB, status="RUNNING", fate=Fate(extra_cents=4)), 1),
        (replace(CAP, cap=2), replace(JOB, charged_cents=0, hold_cents=7, fate=Fate(extra_cents=9)), 5),
        (replace(CAP, credits_cap=5, credits_committed=9), JOB, 4),
    ],
)
def test_what_passes_a_cap_is_measured(cap, job, over):
    assert at_any_time(ledger_of(ATTEMPT, caps=[cap]), books_of(job)).over == over


def test_a_job_whose_answer_was_lost_counts_by_its_token():
    lost = replace(ATTEMPT, job_id=None, state="in doubt", charge=None)
    assert at_any_time(ledger_of(lost, caps=[replace(CAP, cap=2)]), books_of(JOB)).over == 1


def test_money_that_the_ledger_does_not_count_is_odd():
    found = at_rest(ledger_of(ATTEMPT), books_of(replace(JOB, charged_cents=4)))
    assert found.odd == ("the service holds or took 4 c, the ledger counts 3 c",)
    on_top = replace(JOB, charged_cents=4, fate=Fate(extra_cents=1))
    assert at_rest(ledger_of(ATTEMPT), books_of(on_top)).clean


def test_prices_that_differ_are_odd(line):
    found = at_the_end(
        ledger_of(replace(ATTEMPT, charge=2), lines=[line]), books_of(replace(JOB, charged_cents=3)), {"m1"}
    )
    assert found.odd == ("transcription job 1001: charged 3, the ledger says 2",)
    unbilled = replace(ATTEMPT, charge=None, settled="")
    assert at_the_end(ledger_of(unbilled, lines=[line]), books_of(JOB), {"m1"}).clean


def test_a_result_that_is_not_on_disk_is_lost(line, tmp_path):
    (tmp_path / "a.txt").unlink()
    assert len(at_the_end(ledger_of(ATTEMPT, lines=[line]), books_of(JOB), {"m1"}).lost) == 1
    assert at_the_end(ledger_of(ATTEMPT, lines=[line]), books_of(JOB), {"m2"}).clean
    never = replace(line, results=())
    assert len(at_the_end(ledger_of(ATTEMPT, lines=[never]), books_of(JOB), {"m1"}).lost) == 1


def test_a_job_that_the_ledger_does_not_know_is_lost():
    unknown = replace(ATTEMPT, job_id=None, token="t2")
    found = at_the_end(ledger_of(unknown), books_of(JOB), ())
    assert found.lost == ("transcription job 1001 is done, and the ledger does not know it",)


def test_what_the_service_itself_does_not_show_is_not_lost():
    assert at_the_end(ledger_of(ATTEMPT), books_of(replace(JOB, fate=Fate(hides_result=True))), ()).clean
    assert at_the_end(ledger_of(ATTEMPT), books_of(replace(JOB, status="RUNNING")), ()).clean


@pytest.mark.parametrize(
    ("state", "tries", "code", "job", "rests"),
    [
        ("saved", 0, Exit.DONE, JOB, True),
        ("planned", 0, Exit.DONE, None, False),  # a run that says that all is done
        ("planned", 0, Exit.REFUSED, None, True),
        ("rejected", 0, Exit.SOME_FAILED, None, True),
        ("released", 1, Exit.SOME_FAILED, JOB, False),
        ("released", audit.TRIES, Exit.SOME_FAILED, JOB, True),
        ("released", 1, Exit.REFUSED, JOB, True),
        ("in doubt", 0, Exit.IN_DOUBT, None, False),
        ("submitted", 0, Exit.SERVICE_DOWN, replace(JOB, status="RUNNING"), True),
        ("submitted", 0, Exit.SERVICE_DOWN, JOB, False),
        ("submitted", 0, Exit.SERVICE_DOWN, replace(JOB, fate=Fate(word="QUEUED")), True),
        ("finished", 0, Exit.SOME_FAILED, JOB, False),
        ("finished", 0, Exit.SOME_FAILED, replace(JOB, fate=Fate(hides_result=True)), True),
        ("lost", 0, Exit.SOME_FAILED, None, False),
    ],
)
def test_where_a_line_may_stay(state, tries, code, job, rests):
    line = Line((), "m1", "a.wav", 1, state, "why", tries)
    attempt = replace(ATTEMPT, job_id=None if job is None else str(job.id))
    books = books_of(*([] if job is None else [job]))
    found = list(unfinished(ledger_of(attempt, lines=[line]), books, {"m1": code}))
    assert found == ([] if rests else [f"a.wav was left {state}: why"])
    assert list(unfinished(ledger_of(attempt, lines=[line]), books, {})) == []


def test_a_result_that_no_line_wants_any_more_is_lost(line):
    found = at_the_end(ledger_of(ATTEMPT, lines=[replace(line, part=2)]), books_of(JOB), {"m1"})
    assert found.lost == ("transcription job 1001 is done, and no line of any manifest wants its result",)


def test_findings_add_up():
    one = Findings(("a",), 3, ("b",), ())
    assert one + Findings(("a", "c"), 2, (), ("d",)) == Findings(("a", "c"), 3, ("b",), ("d",))
    assert not Findings(over=1).clean
    assert not Findings(odd=("x",)).clean


def test_the_ledger_is_read_by_its_bare_tables(desk_of_one):
    view = read_ledger(desk_of_one.ledger.path)
    assert (view.caps["m1"].cap, view.caps["m1"].committed) == (2, 1)
    (attempt,), (line,) = view.attempts, view.lines
    assert (attempt.state, attempt.job_id, attempt.charge, attempt.settled) == ("saved", "1", 1, "billed")
    assert (line.file, line.state, len(line.results)) == ("a.mp3", "saved", 2)
    assert view.by_job == {("transcription", "1"): attempt}


def test_no_ledger_is_an_empty_one(tmp_path):
    assert read_ledger(tmp_path / "ledger.db") == LedgerView({})
    (tmp_path / "ledger.db").touch()
    assert read_ledger(tmp_path / "ledger.db") == LedgerView({})


def test_books_are_read_from_the_simulators_json():
    import msgspec

    from simulator.admin import plain

    books = books_of(JOB, struck={"drop": 2})
    assert read_books(msgspec.json.encode(books, enc_hook=plain)) == books
    assert json.loads(msgspec.json.encode(books, enc_hook=plain))["struck"] == {"drop": 2}
