"""Submits over a fake transport; tests/integration/test_api_sockets.py has them over real sockets."""

import errno
import hashlib
import io
import os

import httpx
import pytest

from runner.api.adapter import Form
from runner.api.approved import ApprovedFile
from runner.api.interface import Accepted, Cancelled, Doubtful, NotSent, Rejected, SourceChanged
from runner.api.upload import HeldBack, submit

FORM = Form("/api/v1/transcription/transcribe-upload", "files", {"language": "en"})


class Service:
    """Reads the whole form, as a real one does, then answers."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers) or [httpx.Response(200, json={"job_id": 7})]
        self.forms: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.forms.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_form_goes_out_as_ordered(http_over, order_for):
    service = Service()
    order = order_for(b"0123456789" * 20_000)

    outcome = submit(http_over(service), FORM, order, lambda: True)

    assert outcome == Accepted("7")
    (request,) = service.forms
    body = request.content
    assert request.method == "POST"
    assert str(request.url) == "https://api.example/api/v1/transcription/transcribe-upload"
    assert request.headers["x-api-key"] == "ap_test_0123456789"
    assert int(request.headers["content-length"]) == len(body)
    assert b'name="language"\r\n\r\nen\r\n' in body
    assert b'name="files"; filename="talk.ek-0011223344556677-8899aabbccddeeff.mp3"' in body
    assert b"Content-Type: audio/mpeg" in body
    assert b"0123456789" * 20_000 in body


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.WAV", b"audio/wav"), ("a.xyz", b"application/octet-stream"), ("a", b"application/octet-stream")],
)
def test_the_media_type_does_not_depend_on_the_machine(http_over, order_for, name, kind):
    service = Service()

    submit(http_over(service), FORM, order_for(upload_name=name), lambda: True)

    assert b"Content-Type: " + kind in service.forms[0].content


def test_an_empty_file_and_no_fields_make_a_form_too(http_over, order_for):
    outcome = submit(http_over(Service()), Form("/api/v1/x", "file", {}), order_for(b""), lambda: True)

    assert outcome == Accepted("7")


def test_the_engine_is_asked_when_all_but_the_last_chunk_is_out(http_over, order_for):
    seen = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.extend(request.stream)
        return httpx.Response(200, json={"id": 1})

    def last_chunk() -> bool:
        seen.append("asked")
        return True

    submit(http_over(handler, unread=True), FORM, order_for(), last_chunk)

    assert seen[-2] == "asked"
    assert seen[-1].startswith(b"--")
    assert seen[-1].endswith(b"--\r\n")
    assert seen.count("asked") == 1


def test_the_engine_can_say_no(http_over, order_for):
    service = Service()

    assert submit(http_over(service), FORM, order_for(), lambda: False) == Cancelled()


def test_what_the_engine_raises_passes_through(http_over, order_for):
    def last_chunk() -> bool:
        raise RuntimeError("the ledger is full")

    with pytest.raises(RuntimeError, match="ledger"):
        submit(http_over(Service()), FORM, order_for(), last_chunk)


def never() -> bool:
    raise AssertionError("asked for a file that is not as approved")


def changed(outcome: object) -> str:
    assert isinstance(outcome, SourceChanged)
    return outcome.reason


def test_a_file_with_other_audio_is_cut(http_over, order_for):
    order = order_for()
    order.path.write_bytes(b"noise" * 100)

    assert "not what was approved" in changed(submit(http_over(Service()), FORM, order, never))


def test_only_the_audio_counts(http_over, order_for):
    order = order_for(b"tag1sound", spans=((4, 9),))
    order.path.write_bytes(b"TAG2sound")

    assert submit(http_over(Service()), FORM, order, lambda: True) == Accepted("7")


@pytest.mark.parametrize("data", [b"", b"sound", b"sound" * 101])
def test_a_file_of_another_size_is_not_begun(http_over, order_for, data):
    service = Service()
    order = order_for()
    order.path.write_bytes(data)

    assert f"it had 500 bytes, now it has {len(data)}" in changed(
        submit(http_over(service), FORM, order, never)
    )
    assert service.forms == []


@pytest.mark.parametrize("size", [0, 100_000, 300_000])
def test_a_file_whose_size_changes_on_the_way_is_cut(http_over, order_for, size):
    order = order_for(bytes(200_000))

    def handler(request: httpx.Request) -> httpx.Response:
        for _ in request.stream:
            os.truncate(order.path, size)
        return httpx.Response(200, json={"id": 1})

    assert f"now it has {size}" in changed(submit(http_over(handler, unread=True), FORM, order, never))


def test_a_file_that_vanished(http_over, order_for):
    order = order_for()
    order.path.unlink()

    assert "no longer there" in changed(submit(http_over(Service()), FORM, order, never))


def test_a_folder_or_a_pipe_in_its_place(http_over, order_for):
    order = order_for()
    order.path.unlink()
    order.path.mkdir()
    assert "no longer a file" in changed(submit(http_over(Service()), FORM, order, never))
    order.path.rmdir()
    os.mkfifo(order.path)
    assert "no longer a file" in changed(submit(http_over(Service()), FORM, order, never))


def failing(number: int):
    def fail(*_args, **_more):
        raise OSError(number, os.strerror(number))

    return fail


def test_a_file_that_cannot_be_opened(http_over, order_for, monkeypatch):
    order = order_for()
    monkeypatch.setattr("os.open", failing(errno.EACCES))

    assert "Permission denied" in changed(submit(http_over(Service()), FORM, order, never))


def test_a_machine_out_of_handles_says_nothing_about_the_file(http_over, order_for, monkeypatch):
    order = order_for()
    monkeypatch.setattr("os.open", failing(errno.EMFILE))

    assert isinstance(submit(http_over(Service()), FORM, order, never), NotSent)


def test_a_disk_that_fails_while_reading(http_over, order_for, monkeypatch):
    class Broken(io.FileIO):
        read = staticmethod(failing(errno.EIO))

    order = order_for()
    monkeypatch.setattr("os.fdopen", lambda descriptor, *_a, **_m: Broken(descriptor))

    assert "Input/output error" in changed(submit(http_over(Service()), FORM, order, never))


@pytest.mark.parametrize(
    "error",
    [httpx.ConnectError("refused"), httpx.ConnectTimeout(""), httpx.ProxyError("407"), httpx.PoolTimeout("")],
)
def test_no_connection_is_surely_not_received(http_over, order_for, error):
    assert isinstance(submit(http_over(Service(error)), FORM, order_for(), lambda: True), NotSent)


@pytest.mark.parametrize(
    "error", [httpx.ReadError("reset"), httpx.ReadTimeout(""), httpx.RemoteProtocolError("eof")]
)
def test_a_cut_counts_by_whether_the_last_chunk_was_out(http_over, order_for, error):
    def before(request: httpx.Request) -> httpx.Response:
        raise error

    def after(request: httpx.Request) -> httpx.Response:
        request.read()
        raise error

    assert isinstance(submit(http_over(before, unread=True), FORM, order_for(), lambda: True), NotSent)
    found = submit(http_over(after, unread=True), FORM, order_for(), lambda: True)
    assert isinstance(found, Doubtful)
    assert "after the whole file was sent" in found.reason


class Cut(httpx.SyncByteStream):
    def __iter__(self):
        yield b'{"job'
        raise httpx.ReadError("reset")


@pytest.mark.parametrize(("status", "kind"), [(200, Doubtful), (413, Rejected), (502, Doubtful)])
def test_of_a_refusal_whose_text_was_cut_the_status_is_enough(http_over, order_for, status, kind):
    service = Service(httpx.Response(status, stream=Cut()))

    assert isinstance(submit(http_over(service), FORM, order_for(), lambda: True), kind)


def test_nothing_is_sent_twice(http_over, order_for):
    for answer in (
        httpx.Response(503),
        httpx.Response(429),
        httpx.Response(307, headers={"location": "/api/v1/x"}),
        httpx.ReadError("x"),
    ):
        service = Service(answer)
        submit(http_over(service), FORM, order_for(), lambda: True)
        assert len(service.forms) == 1


def test_the_digest_is_that_of_the_spans(http_over, order_for):
    data = bytes(range(256)) * 1000
    spans = ((10, 70_000), (100_000, 256_000))
    order = order_for(data, spans=spans)
    assert order.sha256 == hashlib.sha256(data[10:70_000] + data[100_000:]).hexdigest()

    assert submit(http_over(Service()), FORM, order, lambda: True) == Accepted("7")


def test_the_file_is_read_once(order_for):
    with ApprovedFile.open(order_for()) as file:
        assert file.seek(0) == 0
        file.read(100)
        with pytest.raises(io.UnsupportedOperation):
            file.seek(0)


def test_the_body_goes_out_once(http_over, order_for):
    asked = []

    def repeating(request: httpx.Request) -> httpx.Response:
        list(request.stream)
        list(request.stream)
        raise AssertionError("sent twice")

    with pytest.raises(httpx.StreamConsumed):
        submit(http_over(repeating, unread=True), FORM, order_for(), lambda: not asked.append(1))

    assert asked == [1]


def test_a_form_goes_out_in_blocks_and_its_end_alone():
    """A write for each line of a form would be most of what a small upload costs."""
    lines = [
        b"--x\r\n",
        b"name\r\n",
        b"\r\n",
        b"en\r\n",
        b"d" * 70_000,
        b"d" * 70_000,
        b"d" * 10,
        b"\r\n--x--\r\n",
    ]
    ready = []
    blocks = []
    for block in HeldBack(iter(lines), lambda: ready.append(len(blocks))):
        blocks.append(block)  # noqa: PERF402 - what is out when it is asked
    assert b"".join(blocks) == b"".join(lines)
    assert blocks[-1] == lines[-1]
    assert ready == [len(blocks) - 1]
    assert len(blocks) == 4
