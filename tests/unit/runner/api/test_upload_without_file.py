"""Submits without a file: texts, prompts and addresses hold back their last byte."""

import hashlib
import json
from dataclasses import replace
from urllib.parse import parse_qs

import httpx
import pytest

from runner.api.adapter import Form
from runner.api.interface import Accepted, Cancelled, Doubtful, NotSent, Order, Rejected, SourceChanged
from runner.api.upload import submit

TEXT = "Grüße, “Welt” & Co.\n\nA second line = 100 % more.\n"
ORDER = Order(
    "tts",
    {"input_text": TEXT},
    None,
    len(TEXT.encode()),
    "talk.ek-0011223344556677-8899aabbccddeeff.txt",
    (),
    hashlib.sha256(TEXT.encode()).hexdigest(),
)
URLENCODED = Form("/api/v1/voice/voices/1/generate", "", {"input_text": TEXT, "speed": "1"}, "urlencoded")
JSON = Form("/api/v1/music/text2music", "", {"prompt": TEXT, "audio_duration": 30, "seed": None}, "json")
MULTIPART = Form("/api/v1/x", "", {"url": "https://example.com/a.mp3"}, "multipart", {"num_speakers": "2"})
FORMS = pytest.mark.parametrize("form", [URLENCODED, JSON, MULTIPART], ids=lambda form: form.kind)


class Service:
    """Reads piece by piece, and notes when the engine was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers) or [httpx.Response(200, json={"id": 7})]
        self.seen: list[bytes | str] = []
        self.request: httpx.Request | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.request = request
        self.seen.extend(request.stream)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def go(self) -> bool:
        self.seen.append("asked")
        return True

    @property
    def body(self) -> bytes:
        return b"".join(piece for piece in self.seen if isinstance(piece, bytes))


@FORMS
def test_the_last_byte_waits_for_the_engine(http_over, form):
    service = Service()

    assert submit(http_over(service, unread=True), form, ORDER, service.go) == Accepted("7")

    assert service.seen[-2] == "asked"
    assert service.seen.count("asked") == 1
    assert len(service.body) == int(service.request.headers["content-length"])
    assert "transfer-encoding" not in service.request.headers


def test_of_a_body_in_one_piece_exactly_one_byte_waits(http_over):
    for form in (URLENCODED, JSON):
        service = Service()
        submit(http_over(service, unread=True), form, ORDER, service.go)
        assert [len(piece) for piece in service.seen[1:]] == [len("asked"), 1]


def test_a_form_brings_its_text_as_it_is(http_over):
    service = Service()

    submit(http_over(service, unread=True), URLENCODED, ORDER, service.go)

    assert service.request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(service.body.decode()) == {"input_text": [TEXT], "speed": ["1"]}


def test_json_keeps_its_types(http_over):
    service = Service()

    submit(http_over(service, unread=True), JSON, ORDER, service.go)

    assert service.request.headers["content-type"] == "application/json"
    assert json.loads(service.body) == {"prompt": TEXT, "audio_duration": 30, "seed": None}


def test_a_query_goes_along(http_over):
    service = Service()

    submit(http_over(service, unread=True), MULTIPART, ORDER, service.go)

    assert dict(service.request.url.params) == {"num_speakers": "2"}
    assert service.request.headers["content-type"].startswith("multipart/form-data")
    assert b'name="url"\r\n\r\nhttps://example.com/a.mp3\r\n' in service.body
    assert b"filename" not in service.body


@FORMS
def test_the_engine_can_say_no(http_over, form):
    service = Service()

    assert submit(http_over(service, unread=True), form, ORDER, lambda: False) == Cancelled()
    assert len(service.body) < 1000


@FORMS
@pytest.mark.parametrize("error", [httpx.ReadError("reset"), httpx.ReadTimeout("")])
def test_a_lost_answer_counts_by_whether_the_last_byte_was_out(http_over, form, error):
    def before(_request: httpx.Request) -> httpx.Response:
        raise error

    assert isinstance(submit(http_over(before, unread=True), form, ORDER, lambda: True), NotSent)

    found = submit(http_over(Service(error), unread=True), form, ORDER, lambda: True)
    assert isinstance(found, Doubtful)
    assert "after the whole order was sent" in found.reason


def never() -> bool:
    raise AssertionError("asked for a text that is not as approved")


def test_a_text_that_is_not_what_was_approved_is_cut(http_over):
    service = Service()

    outcome = submit(http_over(service, unread=True), URLENCODED, replace(ORDER, sha256="0" * 64), never)

    assert isinstance(outcome, SourceChanged)
    assert "text is not what was approved" in outcome.reason


def test_prompts_and_addresses_are_approved_as_they_stand(http_over):
    order = replace(ORDER, fields={"prompt": "calm"}, sha256="0" * 64)

    assert submit(http_over(Service(), unread=True), JSON, order, lambda: True) == Accepted("7")


def test_what_a_404_means_here_is_said(http_over):
    form = replace(URLENCODED, missing="there is no voice 'Aura' for this key")
    service = Service(httpx.Response(404, json={"error": "voice_not_found"}))

    outcome = submit(http_over(service, unread=True), form, ORDER, lambda: True)

    assert outcome == Rejected("there is no voice 'Aura' for this key (404: (voice_not_found))")


def test_the_length_that_the_service_expects_is_read(http_over):
    service = Service(httpx.Response(200, json={"job_id": 7, "estimated_duration": 4.25}))

    assert submit(http_over(service, unread=True), URLENCODED, ORDER, lambda: True) == Accepted("7", 4250)
