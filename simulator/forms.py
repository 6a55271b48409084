"""Request bodies: forms are read as they arrive, files straight to disk, so that memory stays flat."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qsl

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from simulator.refusals import Refusal, invalid

LARGEST_FIELD = 1 << 20
"""Bytes of all fields of a form that are no files; a text to speak is the longest."""


@dataclass(slots=True)
class Upload:
    """One file of a form, on disk for as long as its request lasts."""

    field: str
    name: str
    """The file name as it was received."""
    path: Path
    sha256: str = ""
    size: int = 0


@dataclass(slots=True)
class Form:
    """A form's fields, in order, and its files."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    uploads: list[Upload] = field(default_factory=list)

    def text(self, name: str) -> str | None:
        """A field's last value; an empty one counts as left out."""
        values = self.fields.get(name)
        return values[-1] if values and values[-1] != "" else None


class FormReader:
    """Reads one form from a stream of chunks.

    `on_upload(name)` is called as soon as a file's name is known, before its content; what it raises ends
    the reading. `on_bytes(total)` is called after every chunk.
    """

    def __init__(
        self,
        content_type: str,
        folder: Path,
        on_upload: Callable[[str], None] = lambda _name: None,
        on_bytes: Callable[[int], None] = lambda _total: None,
    ) -> None:
        self.form = Form()
        self.received = 0
        self._kind, self._options = parse_options_header(content_type)
        self._folder = folder
        self._on_upload = on_upload
        self._on_bytes = on_bytes
        self._part = _Part()
        self._complete = False

    async def read(self, chunks: AsyncIterator[bytes]) -> Form:
        """Read the whole body. Raises Refusal 400 for a broken one, 422 for one that is no form."""
        if self._kind == b"multipart/form-data":
            await self._read_multipart(chunks)
        elif self._kind == b"application/x-www-form-urlencoded":
            await self._read_urlencoded(chunks)
        else:
            # A form sent as anything else loses its fields (docs/api.md 1).
            raise invalid("Field required", "body")
        return self.form

    def close(self) -> None:
        """Forget the files."""
        self._part.close()
        for upload in self.form.uploads:
            upload.path.unlink(missing_ok=True)

    def partly(self) -> Upload | None:
        """The file that was being received when the reading ended early, with what had arrived of it."""
        self._part.close()
        if self._part.upload is not None:
            return self._part.upload
        return self.form.uploads[-1] if self.form.uploads else None

    async def _read_urlencoded(self, chunks: AsyncIterator[bytes]) -> None:
        body = bytearray()
        async for chunk in chunks:
            body += chunk
            self._count(chunk)
            if len(body) > LARGEST_FIELD:
                raise _malformed("the form is too large")
        for name, value in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True):
            self.form.fields.setdefault(name, []).append(value)

    async def _read_multipart(self, chunks: AsyncIterator[bytes]) -> None:
        boundary = self._options.get(b"boundary")
        if not boundary:
            raise _malformed("no boundary was given")
        try:
            parser = MultipartParser(boundary, self._callbacks())  # type: ignore[arg-type]
            async for chunk in chunks:
                parser.write(chunk)
                self._count(chunk)
        except FormParserError as error:
            raise _malformed(str(error)) from error
        if not self._complete:
            raise _malformed("the last boundary is missing")

    def _count(self, chunk: bytes) -> None:
        self.received += len(chunk)
        self._on_bytes(self.received)

    def _callbacks(self) -> Mapping[str, Callable[..., None]]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._part.header(data[start:end]),
            "on_header_value": lambda data, start, end: self._part.value(data[start:end]),
            "on_header_end": lambda: self._part.end_header(),  # noqa: PLW0108 - the part changes
            "on_headers_finished": self._open,
            "on_part_data": lambda data, start, end: self._part.write(data[start:end]),
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def _begin(self) -> None:
        self._part = _Part()

    def _open(self) -> None:
        name = self._part.open(self._folder)
        if name is not None:
            self._on_upload(name)

    def _end(self) -> None:
        part = self._part
        part.close()
        if part.upload is not None:
            self.form.uploads.append(part.upload)
        else:
            self.form.fields.setdefault(part.field, []).append(part.text.decode("utf-8", "replace"))
        self._part = _Part()

    def _finish(self) -> None:
        self._complete = True


class _Part:
    """One part of a multipart body while it arrives."""

    def __init__(self) -> None:
        self.field = ""
        self.text = bytearray()
        self.upload: Upload | None = None
        self._file: BinaryIO | None = None
        self._hash = hashlib.sha256()
        self._name, self._value = b"", b""
        self._disposition = b""

    def header(self, data: bytes) -> None:
        self._name += data

    def value(self, data: bytes) -> None:
        self._value += data

    def end_header(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._disposition = self._value
        self._name, self._value = b"", b""

    def open(self, folder: Path) -> str | None:
        """Start the content; gives the file name when it is a file."""
        _, options = parse_options_header(self._disposition)
        if b"name" not in options:
            raise _malformed("a part has no name")
        self.field = options[b"name"].decode("utf-8", "replace")
        if b"filename" not in options:
            return None
        name = options[b"filename"].decode("utf-8", "replace")
        handle, path = tempfile.mkstemp(dir=folder, suffix=_suffix(name))
        self._file = os.fdopen(handle, "wb")
        self.upload = Upload(self.field, name, Path(path))
        return name

    def write(self, data: bytes) -> None:
        if self.upload is None:
            self.text += data
            if len(self.text) > LARGEST_FIELD:
                raise _malformed("a field is too large")
            return
        assert self._file is not None
        self._file.write(data)
        self._hash.update(data)
        self.upload.size += len(data)

    def close(self) -> None:
        if self._file is not None and self.upload is not None:
            self._file.close()
            self.upload.sha256 = self._hash.hexdigest()


def _suffix(name: str) -> str:
    """The name's ending, as a hint for the decoder; nothing odd gets into a path."""
    ending = name.rpartition(".")[2]
    return f".{ending}" if ending.isascii() and ending.isalnum() and len(ending) <= 5 else ""  # noqa: PLR2004


def _malformed(what: str) -> Refusal:
    return Refusal(400, "malformed_body", f"There was an error parsing the body: {what}")


def read_json(body: bytes) -> Any:
    """A JSON body. Raises Refusal 422 for anything else."""
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise invalid(f"JSON decode error: {error}", "body") from error
