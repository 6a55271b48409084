"""The performer: pools of threads, the gate before the last chunk, and each error as the right event."""

import threading
from pathlib import Path
from queue import SimpleQueue

import pytest

from manifests.errors import MachineError
from manifests.keys import Token
from manifests.money import Cents
from runner.api.errors import (
    BadDownload,
    CallRefused,
    Gone,
    KeyRefused,
    LinkExpired,
    ServiceDown,
    TooManyCalls,
)
from runner.api.interface import (
    Accepted,
    Balance,
    Cancelled,
    CreditRow,
    Job,
    JobStatus,
    Order,
    UsageRow,
    Wallet,
)
from runner.engine.messages import (
    Answer,
    CallFailed,
    CallProblem,
    CreditsRead,
    Fetch,
    Fetched,
    FetchFailed,
    FetchProblem,
    LastChunk,
    Listed,
    Looked,
    RatesRead,
    ReadCredits,
    ReadJob,
    ReadList,
    ReadRates,
    ReadUsage,
    ReadWallet,
    SubmitEnded,
    Upload,
    UsageRead,
    WalletRead,
)
from runner.engine.task import Target
from runner.performer import Crash, Gate, Performer, Pool
from runner.reading import LIST_PAGES, USAGE_PAGES, read_job, read_list, read_usage
from support.fake_api import RATES, FakeApi

PATIENCE = 10.0
"""Seconds after which something that should have happened at once fails the test."""

TOKENS = [Token(f"ek-{number:016x}-{0:016x}") for number in range(300)]


@pytest.fixture
def inbox():
    return SimpleQueue()


@pytest.fixture
def api():
    return FakeApi()


@pytest.fixture
def performer(api, tmp_path, inbox):
    return Performer(lambda: api, tmp_path / "results", inbox, uploads=2)


def upload(attempt_id=5, part_id=3):
    token = TOKENS[attempt_id].text
    order = Order("transcription", {}, Path("a.mp3"), 1, f"a.{token}.mp3", ((0, 1),), "0" * 64)
    return Upload(part_id, attempt_id, order)


def fetch_of(name="a"):
    return Fetch(3, "transcription", "7", (Target(1, f"{name}.mp3", name, {"formats": ["json"]}),))


# -- pools


def test_a_pool_runs_as_many_at_once_as_it_may_and_no_more(inbox):
    pair, lock, running, most = threading.Barrier(2, timeout=PATIENCE), threading.Lock(), [0], [0]

    def job():
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        pair.wait()  # two must be here together to go on
        with lock:
            running[0] -= 1
        return "done"

    pool = Pool("call", 2, inbox)
    for _ in range(10):
        pool.run(job)
    assert [inbox.get(timeout=PATIENCE) for _ in range(10)] == ["done"] * 10
    assert most == [2]


def test_a_pool_of_one_keeps_the_order(inbox):
    pool = Pool("call", 1, inbox)
    for number in range(20):
        pool.run(lambda number=number: number)
    assert [inbox.get(timeout=PATIENCE) for _ in range(20)] == list(range(20))


@pytest.mark.parametrize("bug", [RuntimeError("oops"), AssertionError(), SystemExit(3), KeyboardInterrupt()])
def test_a_bug_in_a_thread_reaches_the_loop_with_its_cause_and_the_pool_goes_on(inbox, bug):
    def broken():
        raise bug

    pool = Pool("fetch", 1, inbox)
    pool.run(broken)
    pool.run(lambda: "next")
    crash = inbox.get(timeout=PATIENCE)
    assert isinstance(crash, Crash)
    assert crash.__cause__ is bug
    assert str(crash) == f"in fetch: {bug!r}"
    assert inbox.get(timeout=PATIENCE) == "next"


def test_threads_of_a_pool_never_keep_a_process_alive(inbox):
    Pool("upload", 1, inbox).run(threading.current_thread)
    assert inbox.get(timeout=PATIENCE).daemon


# -- the gate


def test_the_gate_asks_and_waits_for_the_word():
    gate, asked = Gate(), []
    for word in (True, False):
        gate = Gate()
        assert gate.ask(lambda gate=gate, word=word: (asked.append(word), gate.answer(word))) is word
    assert asked == [True, False]


def test_a_word_that_is_there_already_is_not_asked_for():
    gate = Gate()
    gate.answer(False)
    assert gate.ask(lambda: pytest.fail("asked")) is False


def test_the_first_word_stands():
    gate = Gate()
    gate.answer(False)
    gate.answer(True)
    assert gate.ask(lambda: None) is False


# -- uploads


@pytest.mark.parametrize("go", [True, False])
def test_an_upload_asks_before_its_last_chunk_and_does_as_it_is_told(performer, inbox, api, go):
    performer.perform(upload())
    assert inbox.get(timeout=PATIENCE) == LastChunk(3, 5)
    assert api.lists == {}
    performer.perform(Answer(5, go))
    outcome = Accepted("1") if go else Cancelled()
    assert inbox.get(timeout=PATIENCE) == SubmitEnded(3, 5, outcome)
    assert len(api.lists.get("transcription", ())) == int(go)


def test_an_upload_that_was_cut_before_it_began_asks_nothing(performer, inbox, api):
    told = threading.Event()
    api.on_call = lambda _name: told.wait(PATIENCE)
    performer.perform(upload())
    performer.perform(Answer(5, go=False))
    told.set()
    assert inbox.get(timeout=PATIENCE) == SubmitEnded(3, 5, Cancelled())


def test_a_word_for_an_upload_that_ended_long_ago_changes_nothing(performer, inbox):
    performer.perform(upload())
    inbox.get(timeout=PATIENCE)
    performer.perform(Answer(5, go=True))
    inbox.get(timeout=PATIENCE)
    performer.perform(Answer(5, go=False))
    performer.perform(Answer(99, go=True))
    assert inbox.empty()


def test_words_reach_their_own_uploads(performer, inbox):
    performer.perform(upload(5, 3))
    performer.perform(upload(6, 4))
    assert {inbox.get(timeout=PATIENCE), inbox.get(timeout=PATIENCE)} == {LastChunk(3, 5), LastChunk(4, 6)}
    performer.perform(Answer(6, go=False))
    assert inbox.get(timeout=PATIENCE) == SubmitEnded(4, 6, Cancelled())
    performer.perform(Answer(5, go=True))
    assert inbox.get(timeout=PATIENCE) == SubmitEnded(3, 5, Accepted("1"))


def test_a_bug_during_an_upload_is_no_outcome(performer, inbox, api):
    """Nobody may conclude from it that nothing arrived."""
    api.fail("submit", RuntimeError("oops"))
    performer.perform(upload())
    assert isinstance(inbox.get(timeout=PATIENCE), Crash)
    performer.perform(Answer(5, go=True))
    assert inbox.empty()


# -- fetches


def test_fetched_results_are_told_with_their_places(performer, inbox, tmp_path):
    performer.perform(fetch_of())
    event = inbox.get(timeout=PATIENCE)
    assert isinstance(event, Fetched)
    assert event.part_id == 3
    assert [row.path for row in event.results] == [str(tmp_path / "results" / "a.json")]


@pytest.mark.parametrize(
    ("call", "error", "problem"),
    [
        ("result_files", Gone("/jobs/7: no longer there (410)"), FetchProblem.GONE),
        ("result_files", Gone("/jobs/7: no longer there (404: not_found)"), FetchProblem.EMPTY),
        ("download", Gone("410"), FetchProblem.GONE),
        ("download", KeyRefused("401"), FetchProblem.KEY),
        ("download", MachineError("disk full"), FetchProblem.DISK),
        ("download", LinkExpired("403"), FetchProblem.LATER),
        ("download", BadDownload("cut"), FetchProblem.LATER),
        ("download", ServiceDown("503"), FetchProblem.LATER),
        ("result_files", TooManyCalls("429"), FetchProblem.LATER),
        ("result_files", CallRefused("409"), FetchProblem.LATER),
    ],
)
def test_why_results_did_not_come(performer, inbox, api, call, error, problem):
    api.fail(call, error)
    performer.perform(fetch_of())
    assert inbox.get(timeout=PATIENCE) == FetchFailed(3, problem, str(error))


def test_a_file_that_the_service_refuses_is_named_with_its_words(performer, inbox, api):
    api.fail("download", CallRefused("no such format", 400))
    performer.perform(fetch_of())
    event = inbox.get(timeout=PATIENCE)
    assert (event.problem, event.refused) == (FetchProblem.LATER, (("json", "no such format"),))


def test_a_finished_job_without_a_result_is_a_problem_of_its_own(performer, inbox, api):
    api.results = ()
    performer.perform(fetch_of())
    assert inbox.get(timeout=PATIENCE).problem is FetchProblem.EMPTY


def test_a_results_folder_that_cannot_be_written_stops_nothing_but_the_fetch(performer, inbox, tmp_path):
    (tmp_path / "results").write_text("in the way")
    performer.perform(fetch_of())
    assert inbox.get(timeout=PATIENCE).problem is FetchProblem.NAME


# -- small calls


def usage_of(*numbers, known=(), service="transcription"):
    return ReadUsage(frozenset((service, number) for number in numbers), frozenset(known))


CALLS = {
    "pages": ReadList("transcription", frozenset({"7"}), frozenset()),
    "job": ReadJob(3, "transcription", "7"),
    "usage_pages": ReadUsage(frozenset({("transcription", "7")}), frozenset()),
    "rates": ReadRates(),
    "credit_rows": ReadCredits(),
    "balance": ReadWallet(),
    "credits": ReadWallet(),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (KeyRefused("401"), CallProblem.KEY),
        (ServiceDown("503"), CallProblem.DOWN),
        (TooManyCalls("429"), CallProblem.THROTTLED),
        (CallRefused("409"), CallProblem.REFUSED),
    ],
    ids=["key", "down", "throttled", "refused"],
)
def test_why_a_read_did_not_answer(performer, inbox, api, call, error, problem):
    api.fail(call, error)
    performer.perform(CALLS[call])
    assert inbox.get(timeout=PATIENCE) == CallFailed(CALLS[call], problem, str(error))


@pytest.mark.parametrize("kind", [ServiceDown, TooManyCalls])
@pytest.mark.parametrize(("asked", "told"), [(200.0, 200.0), (None, 0.0)])
def test_how_long_the_service_asks_to_wait_is_handed_on(performer, inbox, api, kind, asked, told):
    api.fail("rates", kind("later", asked))
    performer.perform(ReadRates())
    assert inbox.get(timeout=PATIENCE).retry_after == told


def test_a_missing_key_is_told_too(tmp_path, inbox):
    def no_key():
        raise KeyRefused("set AUDIOPOD_API_KEY")

    performer = Performer(no_key, tmp_path, inbox, uploads=1)
    performer.perform(ReadRates())
    assert inbox.get(timeout=PATIENCE).problem is CallProblem.KEY
    performer.perform(fetch_of())
    assert inbox.get(timeout=PATIENCE).problem is FetchProblem.KEY


def test_what_the_reads_answer(performer, inbox, api):
    api.credits_left = 30
    api.credit_usage = [CreditRow("r", "denoise_audio", 660)]
    job = api.add_job("transcription", "a.mp3")
    api.add_row("transcription", job.job_id, 12)
    answers = {
        ReadList("transcription", frozenset({"1"}), frozenset()): Listed(
            "transcription", (job,), frozenset({"1"})
        ),
        ReadJob(3, "transcription", "1"): Looked(3, job),
        usage_of("1"): UsageRead(tuple(api.rows)),
        ReadRates(): RatesRead(RATES, frozenset(RATES)),
        ReadCredits(): CreditsRead((CreditRow("r", "denoise_audio", 660),)),
        ReadWallet(): WalletRead(Wallet(Balance(Cents(988), Cents(12)), 30)),
    }
    for action, answer in answers.items():
        performer.perform(action)
        assert inbox.get(timeout=PATIENCE) == answer


# -- how far is read


def listed(api, count=300, page_size=10, service="transcription"):
    """So many jobs, each with its own token; the oldest, on the last page, has number 1."""
    api.page_size = page_size
    for number in range(count):
        api.add_job(service, TOKENS[number].text, JobStatus.RUNNING)
    return api


def ask(jobs=(), tokens=()):
    return ReadList("transcription", frozenset(jobs), frozenset(tokens))


def pages(api):
    return api.calls.count("pages")


@pytest.mark.parametrize(
    ("jobs", "tokens", "seen", "read"),
    [
        (["300"], (), {"300"}, 1),
        (["300", "285"], (), {"300", "285"}, 2),
        ((), [TOKENS[289]], {"290"}, 2),
        (["300"], [TOKENS[269]], {"300", "270"}, 4),
        (["300"], [TOKENS[299]], {"300"}, 1),
        ((), (), set(), 1),
        (["1"], (), {"1"}, 30),
        (["none"], (), set(), 30),
        (["300"], [Token("ek-ffffffffffffffff-ffffffffffffffff")], {"300"}, 30),
    ],
)
def test_a_list_is_read_until_all_that_was_asked_for_was_seen(api, jobs, tokens, seen, read):
    event = read_list(listed(api), ask(jobs, tokens))
    assert {job.job_id for job in event.jobs} == seen
    assert event.asked == frozenset(jobs)
    assert pages(api) == read


def test_a_list_without_end_is_given_up(api):
    read_list(listed(api, page_size=1), ask(["none"]))
    assert pages(api) == LIST_PAGES


def test_a_job_with_several_tokens_answers_for_all_of_them(api):
    api.page_size = 1
    api.add_job("transcription", "old.mp3")
    api.add_job("transcription", f"{TOKENS[1].text} {TOKENS[2].text}")
    event = read_list(api, ask(tokens=TOKENS[1:3]))
    assert [job.job_id for job in event.jobs] == ["2"]
    assert pages(api) == 1


def test_a_job_that_the_service_does_not_know_is_no_error(api):
    assert read_job(api, 3, "transcription", "77") == Looked(3, None)


def billed(api, count=300, page_size=10):
    api.page_size = page_size
    for number in range(count):
        api.add_row("transcription", str(number), 1)
    return api


@pytest.mark.parametrize(
    ("jobs", "known", "read"),
    [
        ({"299"}, (), 1),
        ({"299", "281"}, (), 2),
        ({"299", "280"}, (), 3),  # the page ends with it: another row of it may follow
        ({"0"}, (), 30),
        ({"none"}, (), 30),
        (set(), (), 1),
        ({"none"}, range(290, 300), 1),
        ({"none"}, range(280, 290), 2),
        ({"none"}, range(285, 295), 30),
        ({"0"}, range(280, 290), 2),
    ],
)
def test_usage_is_read_until_all_jobs_were_seen_or_an_earlier_reading_is_met(api, jobs, known, read):
    rows = frozenset(f"transcription {number}" for number in known)
    event = read_usage(billed(api), usage_of(*jobs, known=rows))
    assert api.calls.count("usage_pages") == read
    assert len(event.rows) == read * 10


def test_a_job_that_a_list_shows_without_a_status_is_missing_from_it(api):
    api.lists["transcription"] = [Job("7", JobStatus.RUNNING, shown=False), Job("8", JobStatus.COMPLETED)]
    asked = frozenset({"7", "8"})
    assert [job.job_id for job in read_list(api, ReadList("transcription", asked, frozenset())).jobs] == ["8"]


def test_usage_without_end_is_given_up(api):
    read_usage(billed(api, page_size=1), usage_of("none"))
    assert api.calls.count("usage_pages") == USAGE_PAGES


def test_a_wallet_without_rows_has_no_rows(api):
    assert read_usage(api, usage_of("1")) == UsageRead(())


def test_a_row_of_another_service_with_the_same_number_is_not_the_one_looked_for(api):
    api.page_size = 1
    api.add_row("transcription", "6", 1)
    api.add_row("transcription", "7", 1)
    api.add_row("stems", "7", 10)
    api.rows.insert(0, UsageRow("m1", "music_generation", Cents(4), job_id="7"))
    assert len(read_usage(api, usage_of("7")).rows) == 4
    assert len(read_usage(api, usage_of("7", service="stems")).rows) == 3


def test_a_row_under_a_name_that_two_services_share_is_one_of_either(api):
    api.page_size = 1
    api.rows = [UsageRow(str(n), "voice_cloning", Cents(4), job_id=str(n)) for n in (8, 7, 6, 5)]
    assert len(read_usage(api, usage_of("7", service="tts")).rows) == 3
    assert len(read_usage(api, usage_of("7", service="clone")).rows) == 3


def test_where_new_rows_come_last_an_earlier_reading_is_no_end(api):
    api.page_size = 2
    api.rows = [
        UsageRow(f"r{n}", "transcription", Cents(1), job_id=str(n), created=f"2026-11-23T00:00:0{n}.000000Z")
        for n in range(6)
    ]
    event = read_usage(api, usage_of("5", known={"r0", "r1", "r2", "r3"}))
    assert {row.job_id for row in event.rows} >= {"5"}


@pytest.mark.parametrize(
    ("job", "known", "joined"),
    [
        ("299", (), False),
        ("299", {"transcription 295"}, True),
        ("none", (), True),
        ("1", (), False),
        ("0", (), True),
    ],
)
def test_a_reading_says_whether_it_left_a_gap(api, job, known, joined):
    assert read_usage(billed(api), usage_of(job, known=known)).joined is joined


@pytest.mark.parametrize("before", [1, 2, 3])
def test_all_rows_of_a_job_are_read_where_a_page_ends_between_them(api, before):
    api.page_size = 2
    others = [UsageRow(f"o{n}", "transcription", Cents(1), job_id=f"o{n}") for n in range(9)]
    ours = [UsageRow(f"r{n}", "transcription", Cents(1), job_id="7") for n in range(2)]
    api.rows = others[:before] + ours + others[before:]
    found = read_usage(api, usage_of("7")).rows
    assert {row.row_id for row in found} >= {"r0", "r1"}
    assert len(found) < len(api.rows), "and not more than is needed"
