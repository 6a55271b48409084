"""One submit: the file streamed, hashed on its way, its last chunk held back until all is in order.

The closing boundary of the form is the last chunk, and where no file goes along the body's last byte.
Without it the body is incomplete, so whatever ends the upload before it, the service has surely not
received an order. Before it goes out the size and the digest must be those that were approved, and
the engine must have written down that it is about to be sent (docs/api.md 6).
"""

import os
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import httpx

from manifests.stored import Stored
from runner.api import deadlines, verdicts
from runner.api.adapter import Form
from runner.api.approved import ApprovedFile, ApprovedText, CutError
from runner.api.approved_object import ApprovedObject
from runner.api.deadlines import Call
from runner.api.http import Http
from runner.api.interface import Cancelled, Doubtful, NotSent, Order, SubmitOutcome
from runner.api.verdicts import Answer

MEDIA_TYPES = {
    ".aac": "audio/aac",
    ".avi": "video/x-msvideo",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".m4v": "video/mp4",
    ".mkv": "video/x-matroska",
    ".mov": "video/quicktime",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".oga": "audio/ogg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".wav": "audio/wav",
    ".webm": "video/webm",
}
"""Named here, since the table that httpx asks depends on the machine."""


Approved: TypeAlias = ApprovedFile | ApprovedObject | ApprovedText
"""What is sent: it reads, seeks and tells, and says in the end whether it was what was approved."""

BLOCK = 64 * 1024
"""Bytes that go out together at least: httpx makes a chunk of each line of a form, and each would be a write
of its own."""


class HeldBack(httpx.SyncByteStream):
    """A request body whose last chunk waits for `ready`; of a body in one piece that is its last byte."""

    def __init__(self, body: Iterator[bytes], ready: Callable[[], None]) -> None:
        self._body: Iterator[bytes] | None = body
        self._ready = ready

    def __iter__(self) -> Iterator[bytes]:
        body, self._body = self._body, None
        if body is None:  # whoever repeats a request would ask for the last chunk again
            raise httpx.StreamConsumed
        held, alone = b"", True
        block: list[bytes] = []
        size = 0
        for chunk in body:
            if held:
                alone = False
                block.append(held)
                size += len(held)
                if size >= BLOCK:
                    yield b"".join(block)
                    block, size = [], 0
            held = chunk
        if alone and len(held) > 1:
            block, held = [held[:-1]], held[-1:]
        if block:
            yield b"".join(block)
        self._ready()
        yield held


def submit(http: Http, form: Form, order: Order, last_chunk: Callable[[], bool]) -> SubmitOutcome:
    """Send once, and say how it ended; nothing here or below sends again.

    Whatever `last_chunk` raises passes through, with the upload cut before its last chunk.
    """
    try:
        with _source(form, order) as source:
            request = _request(http, form, order, source)
            size = int(request.headers["Content-Length"])
            with deadlines.call(http.limits.transfer(size)) as call:
                return _send(http, form, request, _gate(http, source, last_chunk, call), call)
    except CutError as cut:
        return cut.outcome


def _source(form: Form, order: Order) -> Approved:
    if not form.file_field:
        return ApprovedText(order)
    return ApprovedObject.open(order) if isinstance(order.path, Stored) else ApprovedFile.open(order)


def _request(http: Http, form: Form, order: Order, source: Approved) -> httpx.Request:
    content: dict[str, Any] = {"json" if form.kind == "json" else "data": dict(form.fields)}
    if not isinstance(source, ApprovedText):
        ending = os.path.splitext(order.upload_name)[1].lower()  # noqa: PTH122 - a name, not a path
        part = (order.upload_name, source, MEDIA_TYPES.get(ending, "application/octet-stream"))
        content["files"] = {form.file_field: part}  # it reads, seeks and tells: all that httpx uses
    elif form.kind == "multipart":
        content = {"files": {name: (None, value) for name, value in form.fields.items()}}
    return http.uploads.build_request(
        "POST", http.base.url + form.path, params=dict(form.query) or None, **content
    )


def _gate(http: Http, source: Approved, last_chunk: Callable[[], bool], call: Call) -> Callable[[], None]:
    def ready() -> None:
        source.check()
        if not last_chunk():
            raise CutError(Cancelled())
        call.allow(http.limits.answer)
        call.releasing = True

    return ready


def _send(
    http: Http, form: Form, request: httpx.Request, ready: Callable[[], None], call: Call
) -> SubmitOutcome:
    assert isinstance(request.stream, httpx.SyncByteStream)
    request.stream = HeldBack(iter(request.stream), ready)
    call.uploading = True
    try:
        response = http.uploads.send(request, stream=True)
        answer = _whole(http, response)
    except httpx.HTTPError as error:
        return _unanswered(http.why(error), error, form, complete=call.releasing and not call.withheld)
    complete = call.releasing and not call.withheld
    return verdicts.outcome(answer, complete=complete, now=http.now(), missing=form.missing)


def _whole(http: Http, response: httpx.Response) -> Answer:
    """The answer; of a refusal whose text was cut, the status is enough."""
    try:
        return http.answer(response)
    except httpx.HTTPError:
        if response.is_success:
            raise
        return Answer(response.status_code, dict(response.headers))
    finally:
        response.close()


def _unanswered(why: str, error: httpx.HTTPError, form: Form, *, complete: bool) -> SubmitOutcome:
    unsent = isinstance(
        error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
    )
    if complete and not unsent:
        what = "file" if form.file_field else "order"
        return Doubtful(f"{why}, after the whole {what} was sent")
    return NotSent(f"{why}, before the end of the upload")
