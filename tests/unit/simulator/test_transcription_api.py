"""Transcription over HTTP: submits, lists, transcripts."""

from __future__ import annotations

import http.server
import io
import threading
import xml.etree.ElementTree as ET
import zipfile
from contextlib import contextmanager
from hashlib import sha256
from itertools import pairwise

import httpx
import pytest

PREFIX = "/api/v1/transcription"
TOKEN = "ek-0123456789abcdef-fedcba9876543210"
AT_ONCE = {"job_seconds": 0, "job_seconds_per_minute": 0}


def test_a_submit_is_answered_as_documented(desk):
    open_desk = desk()
    answer = open_desk.transcribe(61, enable_speaker_diarization="true", language="en")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["job_id"], body["status"], body["estimated_duration"]) == (1001, "PENDING", 61.0)
    assert body["source_urls"] == []


def test_the_books_keep_what_was_received(desk, wav):
    open_desk = desk()
    open_desk.transcribe(61, name=f"Gespräch.{TOKEN}.wav", language="de")
    [submit] = open_desk.sim.books.submits
    content = wav(61)
    assert (submit.service, submit.name) == ("transcription", f"Gespräch.{TOKEN}.wav")
    assert (submit.sha256, submit.size) == (sha256(content).hexdigest(), len(content))
    assert (submit.token, submit.job_id, submit.answer) == (TOKEN, 1001, "200")
    assert submit.options == {"language": "de"}
    [job] = open_desk.sim.books.jobs
    assert (job.order.cents, job.order.seconds, job.order.token) == (2, 61, TOKEN)


def test_a_job_waits_runs_and_ends(desk):
    open_desk = desk(job_seconds=100, job_seconds_per_minute=0)
    open_desk.transcribe()
    assert (open_desk.job(1001)["status"], open_desk.job(1001)["progress"]) == ("PENDING", 0)
    open_desk.clock.advance(50)
    running = open_desk.job(1001)
    assert (running["status"], running["progress"], running["completed_at"]) == ("PROCESSING", 50, None)
    assert open_desk.http.get(f"{PREFIX}/jobs/1001/transcript").status_code == 404
    open_desk.clock.advance(50)
    done = open_desk.job(1001)
    assert (done["status"], done["progress"], done["total_duration"]) == ("COMPLETED", 100, 20.0)
    assert done["display_name"] == "talk.wav"
    assert done["completed_at"] == "2025-11-24T16:01:40Z"
    assert open_desk.http.get(f"{PREFIX}/status/1001").json() == done


def test_a_job_takes_a_little_longer_for_a_longer_recording(desk):
    open_desk = desk(job_seconds=10, job_seconds_per_minute=6)
    open_desk.transcribe(120)
    [job] = open_desk.sim.books.jobs
    assert job.finishes_at == job.created_at + 22


def test_the_length_is_rounded_up_to_whole_seconds_and_priced_from_the_sound(desk):
    open_desk = desk(**AT_ONCE)
    open_desk.transcribe(60.25)
    assert open_desk.sim.books.spent_cents == 2
    assert open_desk.job(1001)["total_duration"] == 60.25


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"min_speakers": "0"}, "min_speakers"),
        ({"max_speakers": "21"}, "max_speakers"),
        ({"min_speakers": "three"}, "min_speakers"),
        ({"min_speakers": "5", "max_speakers": "2"}, "min_speakers"),
        ({"enable_word_timestamps": "perhaps"}, "enable_word_timestamps"),
        ({"chunk_duration": "-5"}, "chunk_duration"),
    ],
)
def test_a_wrong_option_is_a_schema_error_that_names_it(desk, fields, where):
    open_desk = desk()
    answer = open_desk.transcribe(**fields)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", where]
    assert open_desk.sim.books.jobs == ()
    assert [submit.answer for submit in open_desk.sim.books.submits] == ["422"]


def test_a_file_is_needed_and_one_is_enough(desk, wav):
    open_desk = desk()
    path = f"{PREFIX}/transcribe-upload"
    assert open_desk.http.post(path, files={"file": ("a.wav", wav(1))}).status_code == 422
    assert open_desk.http.post(path, json={}).status_code == 422
    two = [("files", ("a.wav", wav(1))), ("files", ("b.wav", wav(2)))]
    assert open_desk.http.post(path, files=two).status_code == 400
    assert open_desk.sim.books.jobs == ()


@pytest.mark.parametrize("content", [b"", b"not a sound", bytes(2000)])
def test_what_cannot_be_played_is_422_and_costs_nothing(desk, content):
    open_desk = desk()
    answer = open_desk.http.post(f"{PREFIX}/transcribe-upload", files={"files": ("a.mp3", content)})
    assert (answer.status_code, answer.json()["error"]) == (422, "PROCESSING_FAILED")
    assert open_desk.sim.books.holds_cents == 0


def test_premium_engines_have_no_price_here(desk):
    answer = desk().transcribe(model_type="premium")
    assert (answer.status_code, answer.json()["error"]) == (402, "PREMIUM_TIER_REQUIRED")


def test_an_empty_wallet_is_402_with_the_amounts(desk):
    answer = desk(wallet_cents=1).transcribe(61)
    assert answer.status_code == 402
    assert (answer.json()["required_cents"], answer.json()["available_cents"]) == (2, 1)


def test_lists_are_newest_first_with_names(desk):
    open_desk = desk()
    for number in range(3):
        open_desk.transcribe(name=f"{number}.wav")
    assert [job["display_name"] for job in open_desk.jobs()] == ["2.wav", "1.wav", "0.wav"]
    assert [job["id"] for job in open_desk.jobs(offset=1, limit=1)] == [1002]
    assert open_desk.jobs(offset=5) == []


def test_lists_can_be_narrowed_to_a_status(desk):
    open_desk = desk(job_seconds=10, job_seconds_per_minute=0)
    open_desk.transcribe()
    open_desk.clock.advance(10)
    open_desk.transcribe()
    assert [job["id"] for job in open_desk.jobs(status="COMPLETED")] == [1001]
    assert [job["id"] for job in open_desk.jobs(status="pending")] == [1002]


@pytest.mark.parametrize(
    ("paging", "query", "first"),
    [
        ("offset", {"offset": 1}, 1001),
        ("offset", {"skip": 1}, 1002),
        ("skip", {"skip": 1}, 1001),
        ("skip", {"offset": 1}, 1002),
        ("both", {"skip": 1}, 1001),
        ("both", {"offset": 1}, 1001),
    ],
)
def test_which_paging_name_is_obeyed_is_a_switch(desk, paging, query, first):
    open_desk = desk(transcription_paging=paging)
    open_desk.transcribe()
    open_desk.transcribe()
    assert open_desk.jobs(**query)[0]["id"] == first


@pytest.mark.parametrize("number", ["999", "abc", "-1", "1e3", "٣", "99999999999999999999"])
def test_an_unknown_job_is_404(desk, number):
    answer = desk().http.get(f"{PREFIX}/jobs/{number}")
    assert (answer.status_code, answer.json()["message"]) == (404, "Job not found or access denied")


def test_a_deleted_job_is_gone(desk):
    open_desk = desk()
    open_desk.transcribe()
    deleted = open_desk.http.delete(f"{PREFIX}/jobs/1001")
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert open_desk.http.delete(f"{PREFIX}/jobs/1001").status_code == 404
    assert open_desk.jobs() == []
    assert open_desk.sim.books.holds_cents == 0


# Transcripts.


def transcript(open_desk, form: str, path: str = "jobs/1001/transcript") -> httpx.Response:
    answer = open_desk.http.get(f"{PREFIX}/{path}", params={"format": form})
    assert answer.status_code == 200
    return answer


def test_a_json_transcript_covers_the_recording_from_end_to_end(desk):
    open_desk = desk(**AT_ONCE)
    open_desk.transcribe(20.5, enable_speaker_diarization="true")
    told = transcript(open_desk, "json").json()
    segments = told["segments"]
    assert (segments[0]["start"], segments[-1]["end"], told["total_duration"]) == (0, 20.5, 20.5)
    assert all(one["end"] == two["start"] for one, two in pairwise(segments))
    assert all(word["end"] <= segment["end"] for segment in segments for word in segment["words"])
    assert {speaker["label"] for speaker in told["speakers"]} == {"Speaker 1", "Speaker 2"}
    assert "statistics" not in told


def test_the_options_shape_the_transcript(desk):
    open_desk = desk(**AT_ONCE)
    open_desk.transcribe(30, enable_word_timestamps="false", language="de")
    told = transcript(open_desk, "json").json()
    assert "words" not in told["segments"][0]
    assert (told["detected_language"], len(told["speakers"])) == ("de", 1)
    open_desk.transcribe(30, enable_speaker_diarization="true", max_speakers="1")
    assert len(transcript(open_desk, "json", "jobs/1002/transcript").json()["speakers"]) == 1
    open_desk.transcribe(30, enable_speaker_diarization="true", min_speakers="3")
    assert len(transcript(open_desk, "json", "jobs/1003/transcript").json()["speakers"]) == 3


def test_the_second_address_adds_statistics(desk):
    open_desk = desk(**AT_ONCE)
    open_desk.transcribe(20)
    assert transcript(open_desk, "json", "transcript/1001").json()["statistics"]["segments"] == 3


def test_equal_sounds_are_transcribed_alike_and_others_not(desk):
    open_desk = desk(**AT_ONCE)
    for pitch in (0, 0, 1):
        open_desk.transcribe(20, pitch=pitch)
    texts = [transcript(open_desk, "txt", f"jobs/{number}/transcript").text for number in (1001, 1002, 1003)]
    assert texts[0] == texts[1] != texts[2]


def test_subtitles_have_their_formats(desk):
    open_desk = desk(**AT_ONCE)
    open_desk.transcribe(10)
    srt, vtt = transcript(open_desk, "srt").text, transcript(open_desk, "vtt").text
    assert srt.startswith("1\n00:00:00,000 --> 00:00:08,000\n")
    assert "2\n00:00:08,000 --> 00:00:10,000\n" in srt
    assert vtt.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:08.000\n")
    assert transcript(open_desk, "txt").text.count("\n") == 2


def test_documents_are_valid_files(desk):
    open_desk = desk(**AT_ONCE)
    open_desk.transcribe(700, name="a <b> & (c).wav")
    page = transcript(open_desk, "html")
    assert page.headers["content-type"].startswith("text/html")
    assert "a &lt;b&gt; &amp; (c).wav" in page.text
    with zipfile.ZipFile(io.BytesIO(transcript(open_desk, "docx").content)) as archive:
        assert archive.testzip() is None
        parts = {name: ET.fromstring(archive.read(name)) for name in archive.namelist()}
    text = "".join(parts["word/document.xml"].itertext())
    assert text.startswith("a <b> & (c).wav")


def test_a_pdf_says_where_each_of_its_objects_begins(desk):
    open_desk = desk(**AT_ONCE)
    open_desk.transcribe(700, name="a (b) \\ ☃.wav")
    pdf = transcript(open_desk, "pdf").content
    start = int(pdf.rpartition(b"startxref\n")[2].split()[0])
    table = pdf[start:].splitlines()
    assert table[0] == b"xref"
    for number, line in enumerate(table[3 : 2 + int(table[1].split()[1])], 1):
        assert pdf[int(line[:10]) :].startswith(b"%d 0 obj" % number)
    assert b"(a \\(b\\) \\\\ ?.wav) Tj" in pdf
    assert pdf.count(b"/Type /Page ") == 3


def test_an_unknown_format_is_refused(desk):
    open_desk = desk(**AT_ONCE)
    open_desk.transcribe()
    assert open_desk.http.get(f"{PREFIX}/jobs/1001/transcript?format=odt").status_code == 422


def test_downloads_are_written_down(desk):
    open_desk = desk(**AT_ONCE)
    open_desk.transcribe()
    size = len(transcript(open_desk, "srt").content)
    [download] = open_desk.sim.books.downloads
    assert (download.service, download.job_id, download.label, download.size) == (
        "transcription",
        1001,
        "srt",
        size,
    )


# By address.


class Files(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        content = self.server.files.get(self.path)
        if content is None:
            self.send_response(302)
            self.send_header("Location", "/talk.wav")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@contextmanager
def file_server(**files: bytes):
    server = http.server.HTTPServer(("127.0.0.1", 0), Files)
    server.files = {f"/{name}.wav": content for name, content in files.items()}
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def by_address(open_desk, *urls: str, **options) -> httpx.Response:
    return open_desk.http.post(f"{PREFIX}/transcribe", json={"source_urls": list(urls), **options})


def test_an_address_on_this_machine_is_fetched_and_measured(desk, wav):
    open_desk = desk(**AT_ONCE)
    with file_server(talk=wav(61)) as base:
        answer = by_address(open_desk, f"{base}/talk.wav", language="en", min_speakers=None)
    assert answer.json()["source_urls"] == [f"{base}/talk.wav"]
    job = open_desk.job(1001)
    assert (job["source_urls"], job["total_duration"], job["display_name"]) == (
        [f"{base}/talk.wav"],
        61.0,
        "talk.wav",
    )
    [submit] = open_desk.sim.books.submits
    assert (submit.name, submit.sha256) == ("talk.wav", sha256(wav(61)).hexdigest())
    assert open_desk.sim.books.spent_cents == 2


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/a.mp3",
        "http://192.0.2.1/a.mp3",
        "ftp://127.0.0.1/a.mp3",
        "http://127.0.0.1:1/a.mp3",
        "http://[broken/a.mp3",
        "http://localhost:99999/a.mp3",
        "a.mp3",
        "",
    ],
)
def test_no_other_address_is_fetched(desk, url):
    answer = by_address(desk(), url)
    assert (answer.status_code, answer.json()["error"]) == (400, "url_not_accessible")


def test_redirects_are_not_followed(desk, wav):
    with file_server(talk=wav(1)) as base:
        assert by_address(desk(), f"{base}/elsewhere").status_code == 400


def test_fetching_can_be_switched_off(desk):
    assert by_address(desk(media_addresses="none"), "http://127.0.0.1/a.mp3").status_code == 400


@pytest.mark.parametrize(
    "body",
    [{}, {"source_urls": []}, {"source_urls": "http://x/"}, {"source_urls": [1]}]
    + [{"source_urls": ["http://x/"], "min_speakers": value} for value in ("1", True, 0, 2.5)],
)
def test_a_body_that_does_not_fit_is_422(desk, body):
    assert desk().http.post(f"{PREFIX}/transcribe", json=body).status_code == 422


def test_several_addresses_are_refused(desk):
    assert by_address(desk(), "http://127.0.0.1/a", "http://127.0.0.1/b").status_code == 400
