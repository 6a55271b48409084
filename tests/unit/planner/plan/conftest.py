"""Recordings and lines made up for the tests of pricing."""

from collections.abc import Callable
from pathlib import PurePosixPath

import pytest

from manifests import catalogue
from manifests.length import Grade
from planner.choices import Choice, choices
from planner.lengths.interface import Length
from planner.pricing import Line, line
from planner.recording import Recording
from planner.roots import Root
from planner.sales import Sale, sale

MakeRecording = Callable[..., Recording]
MakeLine = Callable[..., Line]


@pytest.fixture
def recording() -> MakeRecording:
    """A recording under /media; its sound is all of its bytes."""

    def make(
        name: str = "a.mp3",
        *,
        ms: int = 60_000,
        grade: Grade = Grade.EXACT,
        high_ms: int | None = None,
        size: int = 1000,
        mtime_ns: int = 0,
        video: bool = False,
    ) -> Recording:
        length = Length(ms, grade, ms, ms if high_ms is None else high_ms, "mp3", "its header")
        return Recording(
            str(PurePosixPath("/media", name)), size, mtime_ns, "0123456789ab", length, size, video
        )

    return make


@pytest.fixture
def chosen() -> Callable[..., tuple[Choice, ...]]:
    """Choices as the command line gives them."""

    def make(*services: str, settings: tuple[str, ...] = ()) -> tuple[Choice, ...]:
        return choices(catalogue.load(), services or ("transcription",), settings)

    return make


@pytest.fixture
def priced(recording: MakeRecording, chosen: Callable[..., tuple[Choice, ...]]) -> MakeLine:
    """A line to pay, for a recording made from the other arguments."""

    def make(name: str = "a.mp3", service: str = "transcription", **facts: object) -> Line:
        offered = sale(recording(name, **facts), chosen(service)[0])
        assert isinstance(offered, Sale)
        return line(offered, Root("/media"))

    return make
