"""A manifest's head and items to start from; each test says only what it is about."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from msgspec.structs import replace

from manifests import catalogue
from manifests.length import Grade
from manifests.manifest import Head, Item, total

RATES = {
    "transcription": Fraction(1),
    "stems:two": Fraction(10),
    "stems:six": Fraction(10),
    "stems:single": Fraction(10),
    "stems:karaoke": Fraction(15),
}

HEAD = """\
version: 1
id: 7c0e5a41d2f94b6b
created: 2026-11-23T05:00:00Z
root: .
prices: {catalogue: "2026-05-22", cents_per_minute: {"transcription": 1, "stems:six": 10}}
total: {items: 1, seconds: 1834, cents: 31, ceiling: 31}
items:
"""

LINE = (
    '- {"file": "talks/ep1.mp3", "service": "transcription", "seconds": 1834.21, "grade": "exact",'
    ' "cents": 31, "ceiling": 31, "size": 29347560, "print": "9f2c41d07ab3",'
    ' "options": {"formats": ["json", "srt"]}}\n'
)

FIRST_LINE = HEAD.count("\n") + 1
"""The line number of the first item below `HEAD`."""


def make_item(file: str = "talks/ep1.mp3", service: str = "transcription", **fields) -> Item:
    """An item that is right in itself, unless a field makes it wrong."""
    plain = {
        "seconds": 1834.21,
        "grade": Grade.EXACT,
        "cents": 0,
        "ceiling": 0,
        "size": 29347560,
        "print": "9f2c41d07ab3",
    }
    item = Item(file=file, service=service, **{**plain, **fields})
    if item.paid or "cents" in fields:
        return item
    rate = RATES.get(service, Fraction(10))
    cost = item.cost(catalogue.load().product("transcription"), rate)
    return replace(item, cents=cost.expected, ceiling=cost.ceiling)


def make_head(items=(), **fields) -> Head:
    """A head for the items."""
    plain = {
        "id": "7c0e5a41d2f94b6b",
        "created": "2026-11-23T05:00:00Z",
        "root": ".",
        "catalogue": "2026-05-22",
        "rates": RATES,
        "total": total(list(items)),
    }
    return Head(**{**plain, **fields})


@pytest.fixture
def item() -> Callable[..., Item]:
    return make_item


@pytest.fixture
def head() -> Callable[..., Head]:
    return make_head


@pytest.fixture
def head_text() -> str:
    return HEAD


@pytest.fixture
def line() -> str:
    return LINE


@pytest.fixture
def first() -> int:
    return FIRST_LINE


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Writes a manifest's text into a file and gives its path."""

    def _write(text: str | bytes) -> Path:
        path = tmp_path / "manifest.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return _write
