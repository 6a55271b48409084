"""One result into one new file: streamed, counted, hashed, synced; nothing is left behind on failure."""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import httpx
import msgspec

from manifests.errors import MachineError
from runner.api import answers, deadlines, links, verdicts
from runner.api.deadlines import Call
from runner.api.errors import ApiError, BadDownload, KeyRefused, LinkExpired, ServiceDown
from runner.api.http import Http
from runner.api.interface import Received, ResultFile
from runner.api.verdicts import Answer

MAY_BE_EMPTY = frozenset({"txt", "srt", "vtt"})
"""Transcripts of silence; every other format has bytes even then."""

JSON = "application/json"

UNKNOWN_SIZE = 2 * 2**30
"""Bytes that the deadline assumes where the answer does not say: the largest upload that is taken."""

LARGEST_CHECKED = 256 * 2**20
"""Bytes up to which a JSON result is read back and checked: days of speech, word by word, have fewer."""

LARGEST = 64 * 2**30
"""Bytes of one result. Sixteen hours of stereo sound, undecoded and at twice the usual rate, have a fifth;
a server that sends without end must not fill the disk."""

_WHOLE = frozenset({200, 203})
"""203 is a 200 that a proxy rewrote. Any other 2xx, above all 202, speaks of a result and is none."""

_POINTERS = ("video_url", "download_url", "url", "output_url")
"""Where an answer that is no file names the file's address (docs/api.md 14)."""

_BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _CONFLICT = 400, 401, 403, 404, 409
_JSON_SYNTAX = msgspec.json.Decoder(msgspec.Raw)  # checks the text and builds nothing of it
_LENIENT = (
    (re.compile(rb"-?\b(?:NaN|Infinity)\b"), b"0"),
    (re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}"), rb"\\u0041"),  # half a pair of surrogates
)
"""What some servers write, and no strict reader takes; and something of the kind that every reader takes."""

_OLD = re.compile(rb"expired|signature", re.IGNORECASE)


def download(http: Http, result: ResultFile, into: Path) -> Received:
    """Stream a result into a new file.

    Args:
        http: the clients.
        result: what to fetch.
        into: must not exist yet; it is made with the rights that the umask leaves.

    Raises:
        Gone: past its retention time (410).
        LinkExpired: there is nothing at its addresses, or they are too old; the job may show
            better ones. A 202 or a 404 is not taken for the end: the file may not be there yet.
        BadDownload: it was cut, is empty, or is no JSON where it should be; nothing is left on disk.
        ServiceDown: no answer, or one that says later.
        ApiError: it is refused.
        MachineError: the file cannot be written.
    """
    try:
        return _download(http, result, result.address, into)
    except LinkExpired:
        if not result.also:
            raise
        return _download(http, result, result.also, into)


def _download(http: Http, result: ResultFile, address: str, into: Path) -> Received:
    limits = http.limits
    with deadlines.call(limits.read) as call:
        try:
            with http.follow(address, keyed=result.own) as response:
                if not response.is_success:
                    raise _refusal(http, response, result, address)
                if response.status_code not in _WHOLE:
                    raise LinkExpired(f"{http.shown(address)}: not there yet ({response.status_code})")
                if address == result.also and _is_the_json(response, result):
                    raise LinkExpired(f"{http.shown(address)}: it has the json only, no {result.name}")
                if not (result.points and _is_the_json(response, result)):
                    return _save(http, response, result, into, call)
                place = _pointed_at(http, response, address)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ServiceDown(f"{http.shown(address)}: {http.why(error)}") from None
    return _download(http, replace(result, points=False, also=""), place, into)


def _pointed_at(http: Http, response: httpx.Response, address: str) -> str:
    """The address in an answer whose shape is not published: under a usual name, else anywhere."""
    try:
        value = answers.json_value(http.answer(response).body)
    except answers.UnreadableError as error:
        raise ServiceDown(f"{http.shown(address)}: the answer is {error}") from None
    usual = links.shown(value, *_POINTERS) if isinstance(value, dict) else ""
    found = next((text for text in [usual, *answers.texts(value)] if _leads_somewhere(http, text)), "")
    if not found:
        raise LinkExpired(f"{http.shown(address)}: it names no address of the result")
    return http.base.absolute(found)


def _leads_somewhere(http: Http, text: str) -> bool:
    return bool(text) and (text.startswith("/") or http.base.may_fetch(text))


def _is_the_json(response: httpx.Response, result: ResultFile) -> bool:
    """Whether a second address, which need not know formats, gives its json where another was asked for."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == JSON and result.name != "json"


def _save(http: Http, response: httpx.Response, result: ResultFile, into: Path, call: Call) -> Received:
    declared = answers.whole(response.headers.get("content-length"))
    if declared is not None and declared > LARGEST:
        raise BadDownload(f"{into.name}: {declared:,} bytes, more than any result has")
    call.allow(http.limits.transfer(UNKNOWN_SIZE if declared is None else declared))
    digest, size = hashlib.sha256(), 0
    with _new_file(into) as file:
        for piece in _pieces(http, response, into):
            digest.update(piece)
            size += len(piece)
            if size > LARGEST:
                raise BadDownload(f"{into.name}: more than {LARGEST:,} bytes, which no result has")
            file.write(piece)
        if not size and result.name not in MAY_BE_EMPTY:
            raise BadDownload(f"{into.name}: the service sent an empty file; fetch it again")
        file.flush()
        os.fsync(file.fileno())
        if size <= LARGEST_CHECKED and result.name.rpartition(".")[2] == "json":
            _check_json(into)
    return Received(into, size, digest.hexdigest())


def _check_json(path: Path) -> None:
    """Refuse what is no JSON: where an answer declares no length, nothing else shows that it was cut.

    Nothing is built of it: two hundred megabytes of brackets would take gigabytes.
    """
    body = path.read_bytes()
    try:
        _JSON_SYNTAX.decode(body)
    except (msgspec.DecodeError, RecursionError):
        try:  # it was paid for all the same: UTF-16, a byte order mark, NaN
            plain = body.decode(json.detect_encoding(body)).encode()
            for odd, usual in _LENIENT:
                plain = odd.sub(usual, plain)
            _JSON_SYNTAX.decode(plain)
        except (ValueError, msgspec.DecodeError, RecursionError):
            raise BadDownload(f"{path.name}: cut, or no JSON at all; fetch it again") from None


def _pieces(http: Http, response: httpx.Response, into: Path) -> Iterator[bytes]:
    """The body; httpx itself sees whether it is as long as declared, or whether its last chunk is missing."""
    try:
        yield from response.iter_bytes()
    except httpx.HTTPError as error:
        got = response.num_bytes_downloaded
        raise BadDownload(f"{into.name}: {http.why(error)} after {got} bytes; fetch it again") from None


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """A file that was not there before, and is not there after a failure."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
    except BaseException as error:
        with suppress(OSError):
            path.unlink()
        if isinstance(error, OSError):
            raise _unwritable(path, error) from error
        raise


def _unwritable(path: Path, error: OSError) -> MachineError:
    return MachineError(
        f"{answers.shown_path(path)} cannot be written: {error.strerror or error}."
        " What was paid for stays at the service; make room or rights, then run the same command again"
    )


def _refusal(http: Http, response: httpx.Response, result: ResultFile, address: str) -> ApiError:
    """What a refused download means; of a signed link, 403 says that it is too old, of some storages 400."""
    try:
        answer = http.answer(response)
    except httpx.HTTPError:
        answer = Answer(response.status_code, dict(response.headers))
    error = verdicts.refusal(answer, http.shown(address), http.now(), http.variable)
    if _unusable(answer, error, signed=not (result.own and http.base.is_call(address))):
        return LinkExpired(f"{http.shown(address)}: nothing there for us, or not any more ({answer.status})")
    return error


def _unusable(answer: Answer, error: ApiError, *, signed: bool) -> bool:
    if answer.status in (_NOT_FOUND, _CONFLICT) or (signed and answer.status in (_UNAUTHORIZED, _FORBIDDEN)):
        return True  # with a signed link no key went along, so none was refused
    spoken_of = answer.status in (_FORBIDDEN, _BAD_REQUEST) and _OLD.search(answer.body) is not None
    return spoken_of and not isinstance(error, KeyRefused)
