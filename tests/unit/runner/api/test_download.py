import errno
import hashlib
import os
import stat
from dataclasses import replace

import httpx
import pytest

from manifests.errors import MachineError
from runner.api.download import download
from runner.api.errors import (
    BadDownload,
    CallRefused,
    Gone,
    KeyRefused,
    LinkExpired,
    ServiceDown,
    TooManyCalls,
)
from runner.api.interface import ResultFile

LINK = ResultFile("vocals.wav", "https://media.example/7/vocals.wav?signature=s")
OWN = ResultFile(
    "json", "https://api.example/api/v1/t?format=json", own=True, also="https://api.example/api/v1/u"
)


class Body(httpx.SyncByteStream):
    def __init__(self, *pieces: bytes | BaseException) -> None:
        self._pieces = pieces

    def __iter__(self):
        for piece in self._pieces:
            if isinstance(piece, BaseException):
                raise piece
            yield piece


def gives(*pieces: bytes | BaseException, status: int = 200, **headers: str):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: httpx.Response(status, headers=named, stream=Body(*pieces))


def left_behind(folder) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_a_result_is_streamed_into_a_new_file(http_over, tmp_path):
    received = download(http_over(gives(b"abc", b"def", content_length="6")), LINK, tmp_path / "part")

    assert (received.path, received.size) == (tmp_path / "part", 6)
    assert received.sha256 == hashlib.sha256(b"abcdef").hexdigest()
    assert (tmp_path / "part").read_bytes() == b"abcdef"


def test_its_rights_are_what_the_umask_leaves(http_over, tmp_path):
    before = os.umask(0o027)
    try:
        download(http_over(gives(b"abc")), LINK, tmp_path / "part")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "part").stat().st_mode) == 0o640


def test_it_is_synced(http_over, tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr("os.fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_size))

    download(http_over(gives(b"abc")), LINK, tmp_path / "part")

    assert synced == [3]


@pytest.mark.parametrize(
    "cut",
    [httpx.ReadError("reset"), httpx.RemoteProtocolError("peer closed"), httpx.ReadTimeout("took too long")],
)
def test_a_cut_download_leaves_nothing(http_over, tmp_path, cut):
    with pytest.raises(BadDownload, match="fetch it again"):
        download(http_over(gives(b"abc", cut)), LINK, tmp_path / "part")

    assert left_behind(tmp_path) == []


def test_an_empty_file_is_no_result(http_over, tmp_path):
    with pytest.raises(BadDownload, match="empty"):
        download(http_over(gives(content_length="0")), LINK, tmp_path / "part")

    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("name", ["txt", "srt", "vtt"])
def test_silence_has_an_empty_transcript(http_over, tmp_path, name):
    result = ResultFile(name, "https://api.example/api/v1/t", own=True)

    assert download(http_over(gives()), result, tmp_path / "part").size == 0


def test_a_file_that_is_there_is_not_touched(http_over, tmp_path):
    (tmp_path / "part").write_text("mine")

    with pytest.raises(MachineError, match="part cannot be written: File exists"):
        download(http_over(gives(b"abc")), LINK, tmp_path / "part")

    assert (tmp_path / "part").read_text() == "mine"


def test_a_folder_that_is_not_there(http_over, tmp_path):
    with pytest.raises(MachineError, match="No such file"):
        download(http_over(gives(b"abc")), LINK, tmp_path / "none" / "part")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_full_disk_leaves_nothing_and_names_the_path(http_over, tmp_path, monkeypatch, number):
    def full(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("os.fsync", full)

    with pytest.raises(MachineError, match=f"{tmp_path}/part.*stays at the service"):
        download(http_over(gives(b"abc")), LINK, tmp_path / "part")

    assert left_behind(tmp_path) == []


def test_an_interrupt_leaves_nothing(http_over, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        download(http_over(gives(b"abc", KeyboardInterrupt())), LINK, tmp_path / "part")

    assert left_behind(tmp_path) == []


@pytest.mark.parametrize(
    ("result", "status", "body", "kind"),
    [
        (LINK, 403, b"<Error><Code>AccessDenied</Code></Error>", LinkExpired),
        (LINK, 403, b'{"detail": "The provided token has expired"}', LinkExpired),
        (LINK, 400, b"<Code>ExpiredToken</Code>", LinkExpired),
        (LINK, 400, b"bad range", CallRefused),
        (LINK, 401, b"", LinkExpired),
        (LINK, 404, b"", LinkExpired),
        (LINK, 410, b"", Gone),
        (LINK, 503, b"", ServiceDown),
        (LINK, 429, b"", TooManyCalls),
        (OWN, 401, b"", KeyRefused),
        (OWN, 403, b'{"detail": "API key revoked"}', KeyRefused),
        (OWN, 403, b'{"detail": "This link has expired"}', LinkExpired),
        (OWN, 403, b'{"detail": "docx is part of the Pro plan"}', CallRefused),
        (OWN, 404, b"", LinkExpired),
        (OWN, 409, b'{"detail": "the job is not completed"}', LinkExpired),
        (OWN, 410, b"", Gone),
        (OWN, 422, b"", CallRefused),
    ],
)
def test_a_refusal_says_what_may_be_done(http_over, tmp_path, result, status, body, kind):
    with pytest.raises(kind) as caught:
        download(http_over(gives(body, status=status)), result, tmp_path / "part")

    assert type(caught.value) is kind
    assert "signature" not in str(caught.value)
    assert left_behind(tmp_path) == []


def test_a_refusal_that_is_cut_is_still_one(http_over, tmp_path):
    with pytest.raises(Gone):
        download(http_over(gives(httpx.ReadError("reset"), status=410)), LINK, tmp_path / "part")


@pytest.mark.parametrize(
    "error", [httpx.ConnectError("refused"), httpx.ReadTimeout(""), httpx.InvalidURL("odd")]
)
def test_no_answer_is_a_service_that_is_down(http_over, tmp_path, error):
    def handler(_request: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(ServiceDown, match=r"media\.example"):
        download(http_over(handler), LINK, tmp_path / "part")


def test_the_second_address_is_tried_where_the_first_has_nothing(http_over, tmp_path):
    def handler(request: httpx.Request) -> httpx.Response:
        assert request.headers["x-api-key"]
        return httpx.Response(404) if request.url.path.endswith("/t") else httpx.Response(200, content=b"{}")

    assert download(http_over(handler), OWN, tmp_path / "part").size == 2


def test_a_second_address_that_knows_no_formats_is_not_taken_for_one(http_over, tmp_path):
    def handler(request: httpx.Request) -> httpx.Response:
        found = request.url.path == "/api/v1/second"
        return httpx.Response(200, json={"segments": []}) if found else httpx.Response(404)

    first, second = "https://api.example/api/v1/first", "https://api.example/api/v1/second"
    with pytest.raises(LinkExpired, match="no srt"):
        download(http_over(handler), ResultFile("srt", first, own=True, also=second), tmp_path / "p")

    got = download(http_over(handler), ResultFile("json", first, own=True, also=second), tmp_path / "p")
    assert got.size > 0


def test_both_addresses_may_have_nothing(http_over, tmp_path):
    with pytest.raises(LinkExpired, match="api/v1/u"):
        download(http_over(gives(status=404)), OWN, tmp_path / "part")


@pytest.mark.parametrize(
    "address", ["http://media.example/x", "file:///etc/passwd", "stems/7/vocals.wav", ""]
)
def test_unsafe_addresses_are_not_fetched(http_over, tmp_path, address):
    asked = []

    with pytest.raises(CallRefused, match="https only"):
        download(http_over(asked.append), ResultFile("x.wav", address), tmp_path / "part")

    assert asked == []


def test_a_body_that_comes_compressed_all_the_same_is_saved_plain(http_over, tmp_path):
    import gzip

    packed = gzip.compress(b"sound" * 1000)
    handler = gives(packed, content_encoding="gzip", content_length=str(len(packed)))

    assert download(http_over(handler), LINK, tmp_path / "part").size == 5000


@pytest.mark.parametrize("status", [201, 202, 204, 206])
@pytest.mark.parametrize("result", [LINK, OWN, ResultFile("srt", LINK.address)])
def test_another_success_than_200_is_no_result_yet(http_over, tmp_path, status, result):
    handler = gives(b'{"status": "processing"}', status=status)

    with pytest.raises(LinkExpired, match=f"not there yet \\({status}\\)"):
        download(http_over(handler), result, tmp_path / "part")

    assert left_behind(tmp_path) == []


def test_a_result_that_a_proxy_rewrote_is_one(http_over, tmp_path):
    assert download(http_over(gives(b"abc", status=203)), LINK, tmp_path / "part").size == 3


@pytest.mark.parametrize(
    "body", [b'{"segments": [{"te', b'{"segments": []', b"<html>busy</html>", b"\xff\xfe\xfd", b"[" * 100_000]
)
@pytest.mark.parametrize("name", ["json", "speakers.json"])
def test_what_is_no_whole_json_is_no_json_result(http_over, tmp_path, body, name):
    with pytest.raises(BadDownload, match="fetch it again"):
        download(http_over(gives(body)), ResultFile(name, LINK.address), tmp_path / "part")

    assert left_behind(tmp_path) == []


@pytest.mark.parametrize(
    "body", [b"[]\n", b'{"confidence": NaN}', b'\xef\xbb\xbf{"a": 1}', '{"ä": "ö"}'.encode("utf-16")]
)
def test_json_of_any_writer_is_kept_as_it_came(http_over, tmp_path, body):
    download(http_over(gives(body)), ResultFile("json", LINK.address), tmp_path / "part")

    assert (tmp_path / "part").read_bytes() == body


def test_json_beyond_any_transcript_is_kept_unread(http_over, tmp_path, monkeypatch):
    monkeypatch.setattr("runner.api.download.LARGEST_CHECKED", 3)

    assert download(http_over(gives(b"[1, 2")), ResultFile("json", LINK.address), tmp_path / "part").size == 5


POINTER = ResultFile("mp4", "https://api.example/api/v2/video/7/download", own=True, points=True)


@pytest.mark.parametrize(
    "said",
    [
        {"video_url": "https://media.example/v.mp4"},
        {
            "id": "7",
            "download_url": "https://media.example/v.mp4",
            "thumbnail": "https://media.example/t.png",
        },
        {"url": "https://media.example/v.mp4"},
        {"files": [{"where": "https://media.example/v.mp4"}], "note": "http://media.example/no"},
        ["https://media.example/v.mp4"],
    ],
)
def test_an_answer_may_name_the_address_of_the_file(http_over, tmp_path, said):
    seen = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append((request.url.host, "x-api-key" in request.headers))
        own = request.url.host == "api.example"
        return httpx.Response(200, json=said) if own else httpx.Response(200, content=b"video")

    assert download(http_over(handler), POINTER, tmp_path / "part").size == 5
    assert seen == [("api.example", True), ("media.example", False)]


def test_an_answer_may_be_the_file_itself(http_over, tmp_path):
    assert (
        download(http_over(gives(b"video", content_type="video/mp4")), POINTER, tmp_path / "part").size == 5
    )


def test_a_relative_address_is_taken_from_the_service(http_over, tmp_path):
    def handler(request: httpx.Request) -> httpx.Response:
        there = request.url.path == "/media/v.mp4"
        return (
            httpx.Response(200, content=b"v") if there else httpx.Response(200, json={"url": "/media/v.mp4"})
        )

    assert download(http_over(handler), POINTER, tmp_path / "part").size == 1


@pytest.mark.parametrize("said", [{}, {"status": "ready"}, [], "x", {"url": "file:///etc/passwd"}])
def test_an_answer_that_names_nothing_leads_to_the_other_address(http_over, tmp_path, said):
    def handler(request: httpx.Request) -> httpx.Response:
        own = request.url.host == "api.example"
        return httpx.Response(200, json=said) if own else httpx.Response(200, content=b"video")

    with pytest.raises(LinkExpired, match="names no address"):
        download(http_over(handler), POINTER, tmp_path / "part")
    also = replace(POINTER, also="https://media.example/v.mp4")
    assert download(http_over(handler), also, tmp_path / "part").size == 5


def test_an_answer_that_is_no_json_though_it_says_so(http_over, tmp_path):
    with pytest.raises(ServiceDown, match="not JSON"):
        download(http_over(gives(b"{", content_type="application/json")), POINTER, tmp_path / "part")


def test_a_named_address_that_has_nothing_leads_to_the_other_one(http_over, tmp_path):
    answers = {
        "/api/v2/video/7/download": httpx.Response(200, json={"url": "https://media.example/old"}),
        "/old": httpx.Response(403),
        "/v.mp4": httpx.Response(200, content=b"video"),
    }
    result = replace(POINTER, also="https://media.example/v.mp4")

    assert download(http_over(lambda r: answers[r.url.path]), result, tmp_path / "part").size == 5
