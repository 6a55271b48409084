"""The document as JSON: its items a line each, written piece by piece; and read again."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec

from earmark.reports.document import SCHEMA, VERSION, Report
from manifests.errors import UsageError

TOGETHER = 1000
"""Items that are written at a time."""

_EMPTY = '"items": []'


class _Mark(msgspec.Struct, frozen=True):
    """What tells a document from any other JSON."""

    schema: str
    version: int


def render(report: Report, place: Path | None = None) -> Iterator[str]:  # noqa: ARG001 - as in all views
    """The text, some of it at a time: a million items are not put together. In ASCII, for any terminal."""
    around = msgspec.to_builtins(msgspec.structs.replace(report, items=[]))
    before, _, after = json.dumps(around, indent=2).rpartition(_EMPTY)  # the last field: no text holds it
    yield f'{before}"items": ['
    items, empty = iter(report.items), True
    while some := list(islice(items, TOGETHER)):
        yield ("\n    " if empty else ",\n    ") + ",\n    ".join(map(_line, some))
        empty = False
    yield f"{']' if empty else f'{chr(10)}  ]'}{after}\n"


def _line(item: object) -> str:
    return json.dumps(msgspec.to_builtins(item))


def text(report: Report) -> str:
    """The whole text."""
    return "".join(render(report))


def is_document(data: bytes) -> bool:
    """Whether this is a report rather than a manifest: it begins like one, and names its schema."""
    return data.lstrip()[:1] == b"{" and f'"{SCHEMA}"'.encode() in data[:4096]


def read(data: bytes, name: str) -> Report:
    """A document that was written before.

    Raises:
        UsageError: it is none, or another version's.
    """
    try:
        mark = msgspec.json.decode(data, type=_Mark)
        if (mark.schema, mark.version) == (SCHEMA, VERSION):
            return msgspec.json.decode(data, type=Report)
    except msgspec.DecodeError as error:
        raise UsageError(
            f"{name} is no report: {error}; `earmark report MANIFEST --json` writes one"
        ) from None
    raise UsageError(
        f"{name} is {mark.schema}, version {mark.version}; this Earmark reads {SCHEMA}, {VERSION}"
    )
