"""Speaker separation over HTTP: tracks, times, and how many speakers there are."""

from __future__ import annotations

import pytest

PREFIX = "/api/v1/speaker"
AT_ONCE = {"job_seconds": 0, "job_seconds_per_minute": 0}


def submit(desk, content, how="extract", name="panel.wav", params=None, **fields):
    files = {"file": (name, content)}
    return desk.http.post(f"{PREFIX}/{how}", files=files, data=fields, params=params)


def job(desk, number=1001):
    return desk.http.get(f"{PREFIX}/jobs/{number}").json()


def test_a_job_is_shown_as_documented(desk, wav):
    open_desk = desk(job_seconds=10, job_seconds_per_minute=0)
    submitted = submit(open_desk, wav(100)).json()
    assert (submitted["id"], submitted["job_type"], submitted["status"]) == (1001, "extraction", "PENDING")
    assert "result" not in submitted
    open_desk.clock.advance(10)
    result = job(open_desk)["result"]
    assert [speaker["label"] for speaker in result["speakers"]] == ["SPEAKER_0", "SPEAKER_1"]
    assert [file["type"] for file in result["files"]] == ["audio", "audio", "rttm"]
    assert result["rttm_path"] == "processed/1001/extraction.rttm"
    [made] = open_desk.sim.books.jobs
    assert (made.order.service_type, made.charged_cents) == ("speaker_diarization", 34)


def test_every_file_can_be_had(desk, wav):
    open_desk = desk(**AT_ONCE)
    submit(open_desk, wav(13))
    result = job(open_desk)["result"]
    tracks = [open_desk.fetch(speaker["download_url"]).content for speaker in result["speakers"]]
    assert [file[:4] for file in tracks] == [b"RIFF", b"RIFF"]
    assert tracks[0] != tracks[1]
    assert open_desk.fetch(result["files"][2]["download_url"]).text.splitlines() == [
        "SPEAKER 1001 1 0.000 6.000 <NA> <NA> SPEAKER_0 <NA> <NA>",
        "SPEAKER 1001 1 6.000 6.000 <NA> <NA> SPEAKER_1 <NA> <NA>",
        "SPEAKER 1001 1 12.000 1.000 <NA> <NA> SPEAKER_0 <NA> <NA>",
    ]


def test_diarization_gives_times_only(desk, wav):
    open_desk = desk(**AT_ONCE)
    submit(open_desk, wav(13), "diarize")
    result = job(open_desk)["result"]
    assert [file["type"] for file in result["files"]] == ["rttm"]
    assert result["speakers"] == [{"id": 0, "label": "SPEAKER_0"}, {"id": 1, "label": "SPEAKER_1"}]


@pytest.mark.parametrize(
    ("how", "params", "fields", "heard"),
    [
        ("extract", None, {"num_speakers": "3"}, 3),
        ("extract", {"num_speakers": 3}, {}, 3),
        ("diarize", {"num_speakers": 3}, {"num_speakers": "3"}, 3),
        ("diarize", None, {"num_speakers": "3"}, 2),
        ("extract", {"num_speakers": 1_000_000}, {}, 20),
    ],
)
def test_the_number_of_speakers_is_read_where_the_service_reads_it(desk, wav, how, params, fields, heard):
    open_desk = desk(**AT_ONCE)
    submit(open_desk, wav(1), how, params=params, **fields)
    assert len(job(open_desk)["result"]["speakers"]) == heard


def test_a_number_that_is_none_is_422(desk, wav):
    open_desk = desk()
    assert submit(open_desk, wav(1), num_speakers="0").status_code == 422
    assert submit(open_desk, wav(1), num_speakers="two").status_code == 422
    assert submit(open_desk, wav(1), params={"num_speakers": 0}).status_code == 422
    assert open_desk.sim.books.jobs == ()


def test_the_list_is_an_envelope_with_names_and_files_without_addresses(desk, wav):
    open_desk = desk(**AT_ONCE)
    submit(open_desk, wav(1), name="a.wav")
    submit(open_desk, wav(1), "diarize", name="b.wav")
    page = open_desk.http.get(f"{PREFIX}/jobs", params={"limit": 1}).json()
    assert (page["total"], page["hasMore"]) == (2, True)
    assert (page["items"][0]["filename"], page["items"][0]["display_name"]) == ("b.wav", "b.wav")
    assert page["items"][0]["outputFiles"] == [{"type": "rttm", "path": "processed/1002/diarization.rttm"}]
    last = open_desk.http.get(f"{PREFIX}/jobs", params={"limit": 1, "skip": 1}).json()
    assert ([item["id"] for item in last["items"]], last["hasMore"]) == ([1001], False)
    of_kind = open_desk.http.get(f"{PREFIX}/jobs", params={"job_type": "extraction"}).json()
    assert ([item["id"] for item in of_kind["items"]], of_kind["total"]) == ([1001], 1)
    assert open_desk.http.get(f"{PREFIX}/jobs", params={"job_type": "karaoke"}).status_code == 422


def test_addresses_and_deletion(desk, wav):
    open_desk = desk(**AT_ONCE)
    submit(open_desk, wav(3))
    link = job(open_desk)["result"]["speakers"][0]["download_url"]
    assert open_desk.http.post(f"{PREFIX}/diarize", data={"url": link}).json()["id"] == 1002
    assert open_desk.http.post(f"{PREFIX}/extract").status_code == 422
    assert open_desk.http.post(f"{PREFIX}/extract", data={"num_speakers": "2"}).status_code == 400
    assert open_desk.http.delete(f"{PREFIX}/jobs/1001").status_code == 204
    assert open_desk.fetch(link).status_code == 404
