"""Speech has no list of jobs: a lost answer is proved by the words of a job that the wallet billed."""

from contextlib import nullcontext
from threading import Barrier

import pytest

from manifests.money import Cents
from runner.api import jobs
from runner.api.errors import Gone
from runner.api.interface import Doubtful, Job, JobStatus, UsageRow
from runner.billed import billed_jobs
from runner.report import Fate
from runner.spoken import said_the_same, voice_in
from support.fake_api import FakeApi
from support.small_run import ALL_RATES, manifest_of

LIVE = {"text_to_speech": ALL_RATES["tts"], "transcription": ALL_RATES["transcription"]}


@pytest.fixture
def speech(desk):
    """A manifest that speaks files of these names, each its own text."""

    def made(*names, **options):
        desk.api.live = LIVE
        items = [desk.item(name, "tts", options={"voice": "aria", **options}) for name in names]
        return manifest_of(items, rates={"tts": ALL_RATES["tts"]})

    return made


def loses(api, *, nth=1):
    """The answer to the n-th submit is lost, though its job is made."""

    def outcome(order, number):
        if number != nth:
            return None
        api.make(order)
        return Doubtful("reset, after the whole text was sent")

    api.outcome = outcome


def fates(report):
    return {item.file: item.fate for item in report.items}


def test_a_lost_answer_is_found_by_its_words_and_never_sent_again(desk, speech):
    loses(desk.api)
    report = desk.run(speech("a.txt", "b.txt"))

    assert fates(report) == {"a.txt": Fate.SAVED, "b.txt": Fate.SAVED}
    assert len(desk.api.orders) == 2


def test_a_later_run_finds_it_when_the_bill_came_late(desk, speech):
    plan = speech("a.txt")
    loses(desk.api)
    rows, desk.api.add_row = [], lambda *row: rows.append(row)
    assert fates(desk.run(plan)) == {"a.txt": Fate.IN_DOUBT}

    del desk.api.add_row
    desk.api.add_row(*rows[0])
    assert fates(desk.run(plan)) == {"a.txt": Fate.SAVED}
    assert len(desk.api.orders) == 1


def test_other_words_are_no_proof(desk, speech):
    plan = speech("a.txt")

    def outcome(order, _nth):
        desk.api.add_row("tts", desk.api.add_job("tts", "").job_id, 1)
        return Doubtful("reset")

    desk.api.outcome = outcome
    assert fates(desk.run(plan)) == {"a.txt": Fate.IN_DOUBT}


def test_two_doubts_with_the_same_words_are_left_to_a_person(desk, speech):
    plan = speech("a.txt")
    other = desk.item("a.txt", "tts", options={"voice": "ben"})
    plan = manifest_of([*plan.items, other], rates={"tts": ALL_RATES["tts"]})

    both = Barrier(2, timeout=10)
    meet, desk.api._lock = desk.api._lock, nullcontext()

    def outcome(order, _nth):
        with meet:
            desk.api.make(order)
        both.wait()
        return Doubtful("reset")

    desk.api.outcome = outcome
    report = desk.run(plan)
    assert [item.fate for item in report.items] == [Fate.IN_DOUBT] * 2


# -- the search itself


def api_with(*rows):
    """An account that billed these jobs; each is a job of speech unless its row says otherwise."""
    api = FakeApi()
    for service_type, created in rows:
        job = api.add_job("tts", "", JobStatus.COMPLETED)
        row = UsageRow(f"row {job.job_id}", service_type, Cents(1), 60, job.job_id, created)
        api.rows.insert(0, row)
    return api


def numbers(api, since=0.0, known=()):
    return [job.job_id for job in billed_jobs(api, "tts", since, known)]


def test_every_name_of_the_service_in_the_wallet_is_looked_behind():
    api = api_with(("text_to_speech", ""), ("transcription", ""), ("voice_cloning", ""))
    assert numbers(api) == ["3", "1"]


def test_jobs_that_are_known_and_rows_of_before_are_left_out():
    api = api_with(("text_to_speech", "2026-01-01T00:00:00Z"), ("text_to_speech", "2026-01-03T00:00:00Z"))
    noon_of_the_second = 1_767_355_200.0

    assert numbers(api, since=noon_of_the_second) == ["2"]
    assert numbers(api, known={"2"}) == ["1"]


def test_a_number_of_another_service_under_a_shared_name_is_passed_by():
    api = api_with(("voice_cloning", ""), ("text_to_speech", ""))
    api.fail("job", Gone("404"))
    assert numbers(api) == ["1"]


# -- the voice


@pytest.mark.parametrize(
    ("voices", "ordered", "proof"),
    [
        ({"101", "aura"}, "Aura", True),
        ({"101", "aura"}, "101", True),
        ({"102", "ember"}, "aura", False),
        (set(), "aura", True),
        ({"102", "ember"}, "", True),
    ],
    ids=["its name", "its number", "another voice", "none is shown", "a clone, whose name is not known"],
)
def test_words_of_another_voice_are_no_proof(voices, ordered, proof):
    job = Job("1", JobStatus.COMPLETED, text_sha256="a" * 64, voices=frozenset(voices))
    assert said_the_same(job, "a" * 64, ordered) is proof


def test_the_voice_of_a_job_has_all_its_names():
    shown = {"id": 1, "status": "completed", "voice_id": 101, "voice_info": {"uuid": "U-1", "name": "Aura"}}
    assert jobs.job(shown).voices == {"101", "u-1", "aura"}


def test_a_clone_is_no_voice_of_the_service():
    assert voice_in("tts", {"voice": "aura"}) == "aura"
    assert voice_in("tts", {"voice": "clone:" + "0" * 64}) == ""
    assert voice_in("transcription", {}) == ""
