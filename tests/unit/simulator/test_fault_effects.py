"""Every fault over the wire: what the client sees, and what the books say really happened."""

from __future__ import annotations

import socket
import time
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx
import pytest

from simulator import Event, Fault, ScenarioError

AT_ONCE = {"job_seconds": 0, "job_seconds_per_minute": 0}
SUBMIT = "submit:transcription"
UPLOAD = "/api/v1/transcription/transcribe-upload"


def scripted(desk, *faults: Fault, **switches):
    return desk(faults=faults, **{**AT_ONCE, **switches})


# The job is made, the answer is spoiled.


@pytest.mark.parametrize(
    ("do", "error"),
    [("drop", httpx.RemoteProtocolError), ("reset", (httpx.ReadError, httpx.RemoteProtocolError))],
)
def test_an_answer_can_be_lost_although_the_job_was_made(desk, do, error):
    open_desk = scripted(desk, Fault(at=SUBMIT, do=do, nth=1))
    with pytest.raises(error):
        open_desk.transcribe(60)
    books = open_desk.sim.books
    assert [submit.answer for submit in books.submits] == [do]
    assert books.spent_cents == 1
    assert open_desk.jobs()[0]["display_name"] == "talk.wav"
    assert open_desk.transcribe(60).json()["job_id"] == 1002


@pytest.mark.parametrize("status", [502, 504])
def test_a_gateway_can_speak_in_place_of_the_service(desk, status):
    open_desk = scripted(desk, Fault(at=SUBMIT, do="gateway", status=status))
    answer = open_desk.transcribe()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html")
    assert len(open_desk.sim.books.jobs) == 1


def test_a_slow_answer_outlasts_the_client(desk):
    open_desk = scripted(desk, Fault(at=SUBMIT, do="slow", seconds=30))
    open_desk.http.timeout = httpx.Timeout(5, read=0.1)
    with pytest.raises(httpx.ReadTimeout):
        open_desk.transcribe()
    assert len(open_desk.sim.books.jobs) == 1


def test_a_slow_answer_is_right_in_the_end(desk):
    open_desk = scripted(desk, Fault(at=SUBMIT, do="slow", seconds=0.01))
    assert open_desk.transcribe().json()["job_id"] == 1001


@pytest.mark.parametrize("do", ["trickle_head", "trickle_body"])
def test_a_trickling_answer_is_right_in_the_end(desk, do):
    open_desk = scripted(desk, Fault(at=SUBMIT, do=do, seconds=0))
    assert open_desk.transcribe().json()["job_id"] == 1001


@pytest.mark.parametrize(("do", "seen"), [("trickle_head", b"HTTP/1.1"), ("trickle_body", b"\r\n\r\n{")])
def test_a_trickling_answer_comes_byte_by_byte(desk, do, seen):
    open_desk = scripted(desk, Fault(at="wallet:balance", do=do, seconds=0.005))
    parts = urlsplit(open_desk.sim.url)
    with socket.create_connection((parts.hostname, parts.port)) as sock:
        head = f"GET /api/v1/api-wallet/balance HTTP/1.1\r\nHost: x\r\nX-API-Key: {open_desk.sim.key}"
        sock.sendall(f"{head}\r\n\r\n".encode())
        pieces = []
        while not b"".join(pieces).count(b"\r\n\r\n{"):
            pieces.append(sock.recv(4096))
    assert seen in b"".join(pieces)
    if do == "trickle_head":
        assert len(pieces) > 20


def test_an_endless_trickle_ends_with_the_simulator(desk):
    open_desk = scripted(desk, Fault(at="wallet:balance", do="trickle_body", seconds=60))
    open_desk.http.timeout = 0.1
    with pytest.raises(httpx.ReadTimeout):
        open_desk.balance()


def test_garbage_looks_like_success(desk):
    open_desk = scripted(
        desk, Fault(at=SUBMIT, do="garbage", nth=1), Fault(at=SUBMIT, do="garbage", text="<p>", status=201)
    )
    first, second = open_desk.transcribe(), open_desk.transcribe()
    assert (first.status_code, first.text) == (200, '{"job_id": 10')
    assert (second.status_code, second.text) == (201, "<p>")
    assert len(open_desk.sim.books.jobs) == 2


def test_what_is_refused_for_other_reasons_can_be_lost_too(desk):
    open_desk = scripted(desk, Fault(at=SUBMIT, do="drop"), wallet_cents=0)
    with pytest.raises(httpx.RemoteProtocolError):
        open_desk.transcribe()
    assert open_desk.sim.books.jobs == ()


# Nothing is done, and something else answered.


@pytest.mark.parametrize(
    ("do", "status", "code"),
    [
        ("unavailable", 503, "service_unavailable"),
        ("server_error", 500, "internal_error"),
        ("rate_limited", 429, "rate_limit_exceeded"),
        ("short_of_money", 402, "insufficient_api_balance"),
        ("premium_required", 402, "PREMIUM_TIER_REQUIRED"),
        ("unauthorized", 401, "unauthorized"),
        ("revoked", 403, "key_revoked"),
        ("plan_too_low", 403, "plan_required"),
        ("not_found", 404, "not_found"),
        ("bad_request", 400, "INVALID_AUDIO_FORMAT"),
    ],
)
def test_a_submit_can_be_refused_without_a_job(desk, do, status, code):
    open_desk = scripted(desk, Fault(at=SUBMIT, do=do, times=1))
    answer = open_desk.transcribe()
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert open_desk.sim.books.jobs == ()
    assert open_desk.transcribe().status_code == 200


@pytest.mark.parametrize(("do", "status"), [("too_large", 413), ("bad_gateway", 502)])
def test_a_refusal_can_be_a_page(desk, do, status):
    answer = scripted(desk, Fault(at=SUBMIT, do=do)).transcribe()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html")


def test_a_refusal_can_have_a_status_and_a_shape_of_its_own(desk):
    open_desk = scripted(desk, Fault(at=SUBMIT, do="server_error", status=507, body="nested"))
    answer = open_desk.transcribe()
    assert (answer.status_code, answer.json()["detail"]["error"]) == (507, "internal_error")


def test_money_runs_out_at_the_nth_submit_in_each_of_its_shapes(desk):
    flat = Fault(at=SUBMIT, do="short_of_money", nth=2, cents=1)
    nested = Fault(at=SUBMIT, do="short_of_money", nth=3, body="nested")
    text = Fault(at=SUBMIT, do="short_of_credits", nth=4)
    open_desk = scripted(desk, flat, nested, text)
    answers = [open_desk.transcribe(180) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 402, 402, 402]
    assert (answers[1].json()["required_cents"], answers[1].json()["available_cents"]) == (3, 1)
    assert answers[2].json()["detail"]["available_cents"] == 0
    assert answers[3].json() == {"detail": "Insufficient credits. Required: 8250, Available: 1000"}
    assert len(open_desk.sim.books.jobs) == 1


def test_429_comes_n_times_in_each_of_its_forms_and_then_success(desk):
    forms = ("seconds", "date", "none")
    faults = [
        Fault(at=SUBMIT, do="rate_limited", nth=n, retry_after=7, retry_form=f)
        for n, f in enumerate(forms, 1)
    ]
    open_desk = scripted(desk, *faults)
    answers = [open_desk.transcribe() for _ in range(4)]
    assert [answer.status_code for answer in answers] == [429, 429, 429, 200]
    assert answers[0].headers["retry-after"] == "7"
    when = parsedate_to_datetime(answers[1].headers["retry-after"])
    assert when.timestamp() == pytest.approx(open_desk.clock.now() + 7)
    assert "retry-after" not in answers[2].headers


def test_only_some_file_names_can_be_struck(desk):
    open_desk = scripted(desk, Fault(at="submit:*", do="unavailable", name="bad*"))
    assert open_desk.transcribe(name="good.wav").status_code == 200
    assert open_desk.transcribe(name="bad.wav").status_code == 503
    assert open_desk.separate(name="bad.wav").status_code == 503


def test_reads_can_be_refused_by_place_and_by_the_name_of_the_job(desk):
    open_desk = scripted(
        desk, Fault(at="status:*", do="unavailable", name="talk*"), Fault(at="list:*", do="server_error")
    )
    open_desk.transcribe()
    open_desk.separate()
    assert open_desk.http.get("/api/v1/transcription/jobs/1001").status_code == 503
    assert open_desk.http.get("/api/v1/transcription/jobs").status_code == 500
    assert open_desk.stem_job(1001)["status"] == "COMPLETED"


# The upload does not arrive.


def raw_upload(open_desk, *pieces: bytes, length: int | None = None) -> bytes:
    """Send a request by hand; gives what came back until the connection ended."""
    parts = urlsplit(open_desk.sim.url)
    head = (
        f"POST {UPLOAD} HTTP/1.1\r\nHost: x\r\nX-API-Key: {open_desk.sim.key}\r\n"
        "Content-Type: multipart/form-data; boundary=edge\r\nConnection: close\r\n"
    )
    framing = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    answer = b""
    with socket.create_connection((parts.hostname, parts.port)) as sock:
        try:
            sock.sendall(f"{head}{framing}\r\n\r\n".encode())
            for piece in pieces:
                sock.sendall(piece)
            while received := sock.recv(4096):
                answer += received
        except ConnectionError:
            pass
    return answer


PART = b'--edge\r\nContent-Disposition: form-data; name="files"; filename="talk.wav"\r\n\r\n'


def test_an_upload_can_be_cut_before_it_is_complete(desk, wav):
    open_desk = scripted(desk, Fault(at=SUBMIT, do="cut_upload", bytes=50_000))
    with pytest.raises(httpx.TransportError):
        open_desk.transcribe(600)
    [submit] = open_desk.sim.books.submits
    assert (submit.answer, submit.job_id, submit.name) == ("cut", None, "talk.wav")
    assert submit.size < len(wav(600))
    assert open_desk.sim.books.jobs == ()


def test_a_cut_upload_gets_no_answer_at_all_however_small(desk):
    open_desk = scripted(desk, Fault(at=SUBMIT, do="cut_upload"))
    body = PART + bytes(1000)
    assert raw_upload(open_desk, body, length=len(body) + 100) == b""
    assert raw_upload(open_desk, b"%x\r\n%s\r\n" % (len(body), body)) == b""
    assert {submit.answer for submit in open_desk.sim.books.submits} == {"cut"}


def test_a_cut_strikes_requests_without_a_file_too(desk):
    open_desk = scripted(desk, Fault(at="submit:stems", do="cut_upload", bytes=10**6))
    with pytest.raises(httpx.TransportError):
        open_desk.http.post("/api/v1/stem-extraction/api/extract", data={"url": "http://127.0.0.1/a"})


def test_a_client_that_hangs_up_in_the_middle_makes_no_job(desk, wav):
    open_desk = scripted(desk)
    parts = urlsplit(open_desk.sim.url)
    with socket.create_connection((parts.hostname, parts.port)) as sock:
        head = f"POST {UPLOAD} HTTP/1.1\r\nHost: x\r\nX-API-Key: {open_desk.sim.key}\r\n"
        head += "Content-Length: 99999\r\n"
        sock.sendall(
            f"{head}Content-Type: multipart/form-data; boundary=edge\r\n\r\n".encode() + PART + wav(1)[:500]
        )
    until(lambda: open_desk.sim.books.submits)
    [submit] = open_desk.sim.books.submits
    assert (submit.answer, submit.job_id) == ("hung up", None)
    assert submit.size < 600


def until(condition, seconds: float = 5) -> None:
    """Wait for something that another thread is about to do."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.002)


@pytest.mark.parametrize(
    "body",
    [
        PART + b"RIFF",
        PART + b"RIFF\r\n--edge\r\n",
        b"--other\r\n",
        b"--edge\r\nContent-Disposition: form-data\r\n\r\nx\r\n--edge--\r\n",
        b'--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
        + bytes(1_100_000)
        + b"\r\n--edge--\r\n",
    ],
)
def test_a_broken_body_is_400_and_makes_no_job(desk, body):
    open_desk = scripted(desk)
    assert b" 400 Bad Request" in raw_upload(open_desk, body, length=len(body))
    assert open_desk.sim.books.jobs == ()


def test_a_form_without_a_boundary_or_beyond_reason_is_400(desk):
    http = scripted(desk).http
    answer = http.post(UPLOAD, content=b"x", headers={"content-type": "multipart/form-data"})
    assert answer.status_code == 400
    huge = http.post("/api/v1/stem-extraction/api/extract", data={"url": "x" * 1_100_000})
    assert huge.status_code == 400


def test_a_refusal_can_come_before_the_upload_was_read(desk):
    open_desk = scripted(desk, Fault(at=SUBMIT, do="too_large", early=True))
    body = PART + bytes(1000)
    answer = raw_upload(open_desk, body, length=10**6)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert open_desk.sim.books.submits[0].answer == "413"


def test_uploads_leave_no_files_behind(desk):
    open_desk = scripted(desk)
    folder = open_desk.sim._world.folder
    open_desk.transcribe()
    open_desk.transcribe(min_speakers="x")
    open_desk.http.post(UPLOAD, files={"files": ("a.wav", b"")})
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("attempt", range(3))
def test_a_request_that_arrived_in_full_is_carried_out_although_its_sender_has_gone(desk, wav, attempt):
    open_desk = scripted(desk)
    parts, body = urlsplit(open_desk.sim.url), PART + wav(1) + b"\r\n--edge--\r\n"
    head = f"POST {UPLOAD} HTTP/1.1\r\nHost: x\r\nX-API-Key: {open_desk.sim.key}\r\n"
    head += f"Content-Length: {len(body)}\r\n"
    with socket.create_connection((parts.hostname, parts.port)) as sock:
        sock.sendall(f"{head}Content-Type: multipart/form-data; boundary=edge\r\n\r\n".encode() + body)
    until(lambda: open_desk.sim.books.submits)
    assert [submit.job_id for submit in open_desk.sim.books.submits] == [1001]


def test_a_job_begins_when_its_upload_is_complete(desk, wav):
    open_desk = scripted(desk, job_seconds=100)

    def dawdle():
        body = PART + wav(1) + b"\r\n--edge--\r\n"
        yield body[:500]
        until(lambda: any(open_desk.sim._world.folder.iterdir()))
        open_desk.clock.advance(500)
        yield body[500:]

    headers = {"content-type": "multipart/form-data; boundary=edge"}
    open_desk.http.post(UPLOAD, content=dawdle(), headers=headers)
    assert open_desk.job(1001)["status"] == "PENDING"


# The job turns out oddly.


@pytest.mark.parametrize(
    ("do", "status", "spent"),
    [("fail", "FAILED", 0), ("fail_charged", "FAILED", 1), ("cancel", "CANCELLED", 0)],
)
def test_a_job_can_end_badly(desk, do, status, spent):
    open_desk = scripted(desk, Fault(at=SUBMIT, do=do, text="no speech found"))
    open_desk.transcribe()
    job = open_desk.job(1001)
    assert (job["status"], job["error_message"]) == (
        status,
        "no speech found" if status == "FAILED" else None,
    )
    books = open_desk.sim.books
    assert (books.spent_cents, books.holds_cents, len(open_desk.usage())) == (spent, 0, spent)
    assert open_desk.http.get("/api/v1/transcription/jobs/1001/transcript").status_code == 404


def test_a_failed_job_has_some_reason_at_least(desk):
    open_desk = scripted(desk, Fault(at="submit:stems", do="fail"))
    open_desk.separate()
    assert open_desk.stem_job(1001)["error_message"] == "Processing failed"


def test_a_job_can_run_for_ever_or_for_a_time_of_its_own(desk):
    open_desk = scripted(
        desk,
        Fault(at=SUBMIT, do="never", nth=1),
        Fault(at=SUBMIT, do="job_seconds", seconds=50, nth=2),
        job_seconds=5,
    )
    open_desk.transcribe()
    open_desk.transcribe()
    open_desk.clock.advance(49)
    assert [job["status"] for job in open_desk.jobs()] == ["PROCESSING", "PROCESSING"]
    open_desk.clock.advance(1)
    assert [job["status"] for job in open_desk.jobs()] == ["COMPLETED", "PROCESSING"]


def test_a_status_word_can_be_one_that_nobody_knows(desk):
    open_desk = scripted(desk, Fault(at=SUBMIT, do="status_word", text="QUEUED_FOR_GPU"), job_seconds=10)
    open_desk.transcribe()
    assert open_desk.job(1001)["status"] == "QUEUED_FOR_GPU"
    open_desk.clock.advance(10)
    assert open_desk.job(1001)["status"] == "COMPLETED"


def test_a_failed_job_can_be_called_an_error(desk):
    open_desk = scripted(
        desk, Fault(at=SUBMIT, do="fail"), Fault(at=SUBMIT, do="status_word", text="ERROR"), job_seconds=10
    )
    open_desk.transcribe()
    assert open_desk.job(1001)["status"] == "PENDING"
    open_desk.clock.advance(10)
    assert open_desk.job(1001)["status"] == "ERROR"


def test_a_completed_job_can_be_without_any_result(desk):
    open_desk = scripted(desk, Fault(at="submit:*", do="no_result"))
    open_desk.transcribe()
    open_desk.separate()
    assert (open_desk.job(1001)["status"], open_desk.job(1001)["transcript_path"]) == ("COMPLETED", None)
    assert open_desk.http.get("/api/v1/transcription/jobs/1001/transcript").status_code == 404
    stems = open_desk.stem_job(1001)
    assert (stems["status"], stems["download_urls"]) == ("COMPLETED", None)
    assert open_desk.sim.books.spent_cents == 1 + 4


def test_usage_rows_can_be_late_missing_doubled_split_or_nameless(desk):
    kinds = ("usage_late", "usage_never", "usage_twice", "usage_split", "usage_without_job_id")
    faults = [Fault(at=SUBMIT, do=do, seconds=60, name=f"{do}.wav") for do in kinds]
    open_desk = scripted(desk, *faults)
    seen = {}
    for do in kinds:
        before = len(open_desk.usage(limit=100))
        open_desk.transcribe(120, name=f"{do}.wav")
        seen[do] = open_desk.usage(limit=100)[: len(open_desk.usage(limit=100)) - before]
    assert {do: [row["amount_cents"] for row in rows] for do, rows in seen.items()} == {
        "usage_late": [],
        "usage_never": [],
        "usage_twice": [2, 2],
        "usage_split": [1, 1],
        "usage_without_job_id": [2],
    }
    assert "job_id" not in seen["usage_without_job_id"][0]
    assert open_desk.sim.books.spent_cents == 10
    open_desk.clock.advance(60)
    assert len([row for row in open_desk.usage() if row.get("job_id") == "1001"]) == 1


def test_a_charge_can_be_above_its_price(desk):
    open_desk = scripted(desk, Fault(at=SUBMIT, do="charge_extra", cents=3))
    open_desk.transcribe(60)
    assert open_desk.sim.books.spent_cents == 4
    assert [row["amount_cents"] for row in open_desk.usage()] == [4]


# Lists and downloads.


def test_a_list_can_show_its_first_page_again_and_again(desk):
    open_desk = scripted(
        desk, Fault(at="list:transcription", do="repeat_page"), Fault(at="wallet:usage", do="repeat_page")
    )
    for _ in range(3):
        open_desk.transcribe()
    assert open_desk.jobs(offset=2, limit=2) == open_desk.jobs(limit=2)
    assert open_desk.usage(page=2, limit=2) == open_desk.usage(limit=2)


def vocals(open_desk) -> str:
    if not open_desk.sim.books.jobs:
        open_desk.separate(2, mode="two")
    return open_desk.stem_job(1001)["download_urls"]["vocals"]


@pytest.mark.parametrize("most", [None, 100, 0])
def test_a_download_can_be_cut_in_the_middle(desk, most):
    open_desk = scripted(desk, Fault(at="download:stems", do="cut_download", bytes=most, nth=1))
    link = vocals(open_desk)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        open_desk.fetch(link)
    assert open_desk.sim.books.downloads == ()
    assert len(open_desk.fetch(link).content) == 16_044
    assert len(open_desk.sim.books.downloads) == 1


def test_a_long_download_can_be_cut_in_the_middle(desk):
    open_desk = scripted(desk, Fault(at="download:stems", do="cut_download"))
    open_desk.separate(500, mode="two")
    with httpx.stream("GET", vocals(open_desk)) as answer:
        assert answer.headers["content-length"] == str(500 * 8000 + 44)
        with pytest.raises(httpx.TransportError):
            answer.read()
    assert 0 < answer.num_bytes_downloaded <= 250 * 8000 + 22


def test_a_transcript_can_be_cut_too(desk):
    open_desk = scripted(desk, Fault(at="result:transcription", do="cut_download"))
    open_desk.transcribe()
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        open_desk.http.get("/api/v1/transcription/jobs/1001/transcript")


def test_a_length_can_be_a_lie(desk):
    open_desk = scripted(
        desk,
        Fault(at="download:*", do="wrong_length", nth=1),
        Fault(at="download:*", do="wrong_length", bytes=-44, nth=2),
    )
    link = vocals(open_desk)
    with pytest.raises(httpx.RemoteProtocolError):
        open_desk.fetch(link)
    assert len(open_desk.fetch(link).content) == 16_000


@pytest.mark.parametrize(
    ("do", "status"), [("link_expired", 403), ("gone", 410), ("not_found", 404), ("unavailable", 503)]
)
def test_a_download_can_be_refused(desk, do, status):
    open_desk = scripted(desk, Fault(at="download:stems", do=do, times=1))
    link = vocals(open_desk)
    assert [open_desk.fetch(link).status_code for _ in range(2)] == [status, 200]


# Live.


def test_a_fault_at_no_place_is_a_mistake(desk):
    with pytest.raises(ScenarioError, match="submit:transcription"):
        scripted(desk, Fault(at="sumbit:*", do="drop"))
    with pytest.raises(ScenarioError, match="no request is"):
        scripted(desk).sim.add(Fault(at="submit:juggling", do="drop"))


def test_faults_can_be_added_and_cleared_during_the_run(desk):
    open_desk = scripted(desk)
    open_desk.sim.add(Fault(at="wallet:*", do="unavailable"))
    assert open_desk.http.get("/api/v1/api-wallet/balance").status_code == 503
    open_desk.sim.clear_faults()
    assert open_desk.http.get("/api/v1/api-wallet/balance").status_code == 200


def test_a_bug_in_the_simulator_is_no_answer_of_the_service_and_stays_in_the_books(desk):
    open_desk = scripted(desk)
    del open_desk.sim._world.books.credits
    assert open_desk.http.get("/api/v1/credits").json()["error"] == "simulator_bug"
    open_desk.sim._world.books.credits = type(
        "Empty", (), {"balance": 0, "held": 0, "spent": 0, "rows": ()}
    )()
    [violation] = open_desk.sim._world.books.violations
    assert violation.startswith("bug in the simulator: Traceback")
    open_desk.sim._world.books.violations.clear()


def test_money_can_be_moved_by_hand(desk):
    open_desk = scripted(desk, wallet_cents=0)
    open_desk.sim.top_up(70)
    open_desk.sim.drain(20)
    assert open_desk.balance()["balance_cents"] == 50
    open_desk.sim.add(Event(do="drain", cents=50, after_submits=0))
    assert open_desk.balance()["balance_cents"] == 0
