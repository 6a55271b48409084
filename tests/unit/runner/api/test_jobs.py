import hashlib

import pytest

from manifests.keys import Token
from runner.api import jobs
from runner.api.answers import UnreadableError
from runner.api.interface import Job, JobStatus

TOKEN = "ek-0011223344556677-8899aabbccddeeff"


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"id": 7}, "7"),
        ({"job_id": "7"}, "7"),
        ({"id": None, "job_id": 7}, "7"),
        ({"job": {"id": 7}, "message": "m"}, "7"),
        ({"job": {"job_id": 7}}, "7"),
        ({"id": "5b1c-uuid"}, "5b1c-uuid"),
        ({"job": "7"}, ""),
        ({"task_id": "7"}, ""),
        ({}, ""),
    ],
)
def test_the_id_stands_in_one_of_four_places(fields, name):
    assert jobs.job_id(fields) == name


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ({"id": 7}, "7"),
        ([{"job_id": 7}], "7"),
        ({"jobs": [{"id": 7}], "message": "m"}, "7"),
        ([{"jobs": [{"id": 7}]}], "7"),
        ({"id": 7, "jobs": [{"id": 8}]}, "7"),
        ({"jobs": [{"id": 7}, {"id": 8}]}, ""),
        ({"jobs": []}, ""),
        ({"jobs": ["7"]}, ""),
        ({"files": [{"id": 7}]}, ""),
    ],
)
def test_a_submit_may_be_answered_with_a_list_of_its_one_job(value, name):
    assert jobs.submitted(value) == name


@pytest.mark.parametrize("value", [[], [{"id": 7}, {"id": 8}], ["7"], "7", None])
def test_several_jobs_or_none_are_no_answer_to_a_submit(value):
    with pytest.raises(UnreadableError):
        jobs.submitted(value)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("COMPLETED", JobStatus.COMPLETED),
        ("completed", JobStatus.COMPLETED),
        ("Failed", JobStatus.FAILED),
        ("ERROR", JobStatus.FAILED),
        ("cancelled", JobStatus.CANCELLED),
        ("CANCELED", JobStatus.CANCELLED),
        ("PENDING", JobStatus.RUNNING),
        ("processing", JobStatus.RUNNING),
        ("paused for maintenance", JobStatus.RUNNING),
        ("", JobStatus.RUNNING),
    ],
)
def test_unknown_words_mean_still_running(word, status):
    assert jobs.status(word) is status


def test_a_job_is_read_from_its_entry():
    entry = {
        "id": 12,
        "status": "Processing",
        "display_name": None,
        "input_path": f"inputs/job12/talk.{TOKEN.upper()}.mp3",
        "total_duration": 61.0,
        "created_at": "2025-12-11T12:39:37.385561",
        "unheard_of": {"deep": [1, "x"]},
    }

    assert jobs.job({**entry, "total_duration": "61.5"}, ("total_duration",)) == Job(
        job_id="12",
        status=JobStatus.RUNNING,
        tokens=frozenset({Token(TOKEN)}),
        error="",
        ms=61500,
        created="2025-12-11T12:39:37.385561Z",
        word="Processing",
    )


def test_an_entry_without_id_is_no_job():
    assert jobs.job({"status": "COMPLETED"}) is None


def test_a_job_inside_its_answer_is_read_alike():
    found = jobs.job({"job": {"id": 3, "status": "FAILED", "error_message": "no speech"}, "message": "m"})

    assert found == Job("3", JobStatus.FAILED, error="no speech", word="FAILED")


def test_what_is_said_of_the_call_does_not_hide_what_is_said_of_the_job():
    inner = {"id": 3, "status": "FAILED", "error": "e"}
    found = jobs.job({"status": "success", "error": "none", "job": inner})

    assert found == Job("3", JobStatus.FAILED, error="e", word="FAILED")


def test_what_the_job_leaves_open_is_read_around_it():
    found = jobs.job({"status": "COMPLETED", "job": {"id": 3, "status": None}})

    assert found == Job("3", JobStatus.COMPLETED, word="COMPLETED")


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"error_message": "a", "error": "b"}, "a"),
        ({"error_message": None, "error": "b"}, "b"),
        ({"error": {"message": "c"}}, "c"),
        ({"failure_reason": "d\x1b[0m"}, "d[0m"),
        ({"error": {}}, ""),
        ({}, ""),
    ],
)
def test_the_error_of_a_job_is_found(fields, error):
    found = jobs.job({"id": 1, **fields})

    assert found is not None
    assert found.error == error


def test_the_first_length_that_is_there_counts():
    lengths = ("parameters.duration", "duration", "seconds.total")
    found = jobs.job({"id": 1, "parameters": "none", "duration": None, "seconds": {"total": 3}}, lengths)

    assert found is not None
    assert found.ms == 3000


@pytest.mark.parametrize(
    ("word", "shown", "strange"),
    [
        ("PENDING", True, False),
        ("processing", True, False),
        ("Queued", True, True),
        ("", False, False),
        ("FAILED", True, False),
    ],
)
def test_words_that_nobody_knows_and_no_word_at_all_are_told_apart(word, shown, strange):
    job = jobs.job({"id": 1, "status": word})
    assert (job.shown, job.strange) == (shown, strange)


def test_a_shown_text_is_known_by_its_digest():
    text = "Grüße.\n"
    found = jobs.job({"id": 7, "status": "completed", "input_text": text})

    assert found is not None
    assert found.text_sha256 == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("text", [None, "", 3, ["x"]])
def test_where_no_text_is_shown_there_is_no_digest(text):
    found = jobs.job({"id": 7, "input_text": text})

    assert found is not None
    assert found.text_sha256 == ""


def test_half_a_character_breaks_nothing():
    assert jobs.job({"id": 7, "input_text": "\ud800"}).text_sha256


@pytest.mark.parametrize(
    ("value", "ms"),
    [
        ({"estimated_duration": 30}, 30_000),
        ({"job": {"estimated_duration": "4.25"}}, 4250),
        ([{"estimated_duration": 1}], 1000),
        ({"estimated_duration": -1}, None),
        ({}, None),
        ([], None),
        ("x", None),
    ],
)
def test_the_length_that_is_expected_stands_in_the_answer_to_a_submit(value, ms):
    assert jobs.estimated(value) == ms


def test_an_error_may_stand_in_error_alone():
    found = jobs.job({"id": "a5500e11", "status": "failed", "error": "no vocals"})

    assert (found.job_id, found.status, found.error) == ("a5500e11", JobStatus.FAILED, "no vocals")


@pytest.mark.parametrize("field", ["voice_info", "target_voice_name", "input_text", "lyrics"])
def test_a_token_in_a_voices_name_or_in_words_proves_nothing(field):
    token = "ek-0123456789abcdef-fedcba9876543210"
    value = {"name": f"anna.{token}"} if field == "voice_info" else f"anna.{token}"
    shown = {"id": 7, "status": "completed", field: value}

    assert jobs.job(shown).tokens == frozenset()
    assert {each.text for each in jobs.job({**shown, "display_name": token}).tokens} == {token}
