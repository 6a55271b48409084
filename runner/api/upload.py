"""One submit: the file streamed, hashed on its way, its last chunk held back until all is in order.

The closing boundary of the form is the last chunk, and where no file goes along the body's last byte.
Without it the body is incomplete, so whatever ends the upload before it, the service has surely not
received an order. Before it goes out the size and the digest must be those that were approved, and
the engine must have written down that it is about to be sent (docs/api.md 6).
"""

import errno
import hashlib
import io
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Self

import httpx

from manifests.content import SpanHasher
from runner.api import answers, deadlines, verdicts
from runner.api.adapter import Form
from runner.api.deadlines import Call
from runner.api.http import Http, why
from runner.api.interface import Cancelled, Doubtful, NotSent, Order, SourceChanged, SubmitOutcome
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

_THIS_MACHINE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""Reasons not to open a file that say nothing about the file."""


class CutError(Exception):
    """We cut the upload ourselves; `outcome` says why."""

    def __init__(self, outcome: SubmitOutcome) -> None:
        super().__init__(str(outcome))
        self.outcome = outcome


class ApprovedFile:
    """A source that is read once, hashed as it goes, and never beyond its approved size."""

    def __init__(self, file: BinaryIO, path: Path, order: Order) -> None:
        self._file = file
        self._path = path
        self._order = order
        self._read = 0
        self._hasher = SpanHasher(order.spans)

    @classmethod
    def open(cls, order: Order) -> Self:
        """Open the order's file.

        Raises:
            CutError: it is not there, not readable, not a file, or of another size.
        """
        assert order.path is not None
        try:
            # Never blocks: a pipe that took the file's place would wait for its writer for ever.
            descriptor = os.open(order.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            if error.errno in _THIS_MACHINE:
                raise CutError(NotSent(f"{answers.shown_path(order.path)}: {error.strerror}")) from error
            raise _changed(order.path, _reason(error)) from error
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode) and status.st_size == order.size:
            return cls(os.fdopen(descriptor, "rb", buffering=0), order.path, order)
        os.close(descriptor)
        raise _changed(order.path, _size_now(order, status))

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size` of them."""
        try:
            data = self._file.read(min(size, self._order.size - self._read)) or b""
        except OSError as error:
            raise _changed(self._path, _reason(error)) from error
        self._hasher.update(data)
        self._read += len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Tell httpx the approved size; the file itself is read once, from its start."""
        if whence == io.SEEK_END:
            return self._order.size
        if offset != self._read:
            raise io.UnsupportedOperation("the file is read once")
        return self._read

    def tell(self) -> int:
        """How much was read."""
        return self._read

    def check(self) -> None:
        """See that what was read is what was approved.

        Raises:
            CutError: it is not.
        """
        status = os.fstat(self._file.fileno())
        if self._read != self._order.size or status.st_size != self._order.size:
            raise _changed(self._path, _size_now(self._order, status))
        if self._hasher.hexdigest() != self._order.sha256:
            raise _changed(self._path, "its audio is not what was approved")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


class ApprovedText:
    """An order without a file: what is sent stands in its fields."""

    def __init__(self, order: Order) -> None:
        self._order = order

    def check(self) -> None:
        """See that a text is what was approved; prompts and addresses are approved as they stand.

        Raises:
            CutError: it is not.
        """
        text = self._order.fields.get("input_text")
        if isinstance(text, str) and hashlib.sha256(text.encode()).hexdigest() != self._order.sha256:
            raise CutError(SourceChanged(f"{self._order.upload_name}: its text is not what was approved"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


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
        for chunk in body:
            if held:
                alone = False
                yield held
            held = chunk
        if alone and len(held) > 1:
            yield held[:-1]
            held = held[-1:]
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


def _source(form: Form, order: Order) -> ApprovedFile | ApprovedText:
    return ApprovedFile.open(order) if form.file_field else ApprovedText(order)


def _request(http: Http, form: Form, order: Order, source: ApprovedFile | ApprovedText) -> httpx.Request:
    content: dict[str, Any] = {"json" if form.kind == "json" else "data": dict(form.fields)}
    if isinstance(source, ApprovedFile):
        ending = os.path.splitext(order.upload_name)[1].lower()  # noqa: PTH122 - a name, not a path
        part = (order.upload_name, source, MEDIA_TYPES.get(ending, "application/octet-stream"))
        content["files"] = {form.file_field: part}  # it reads, seeks and tells: all that httpx uses
    elif form.kind == "multipart":
        content = {"files": {name: (None, value) for name, value in form.fields.items()}}
    return http.uploads.build_request(
        "POST", http.base.url + form.path, params=dict(form.query) or None, **content
    )


def _gate(
    http: Http, source: ApprovedFile | ApprovedText, last_chunk: Callable[[], bool], call: Call
) -> Callable[[], None]:
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
        return _unanswered(error, form, complete=call.releasing and not call.withheld)
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


def _unanswered(error: httpx.HTTPError, form: Form, *, complete: bool) -> SubmitOutcome:
    unsent = isinstance(
        error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
    )
    if complete and not unsent:
        what = "file" if form.file_field else "order"
        return Doubtful(f"{why(error)}, after the whole {what} was sent")
    return NotSent(f"{why(error)}, before the end of the upload")


def _changed(path: Path, reason: str) -> CutError:
    return CutError(SourceChanged(f"{answers.shown_path(path)}: {reason}"))


def _size_now(order: Order, status: os.stat_result) -> str:
    if not stat.S_ISREG(status.st_mode):
        return "it is no longer a file"
    return f"it had {order.size} bytes, now it has {status.st_size}"


def _reason(error: OSError) -> str:
    if error.errno == errno.ENOENT:
        return "it is no longer there"
    return f"it cannot be read ({error.strerror or error})"
