"""A recording at an address: the service fetches it, we read its header at most."""

import os
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from manifests.addresses import content_digest, print_of
from manifests.length import Basis, Grade
from planner.addresses import Address
from planner.containers.pictures import has_video
from planner.containers.source import Source
from planner.lengths.interface import Length
from planner.lengths.registry import length_of
from planner.survey import VIDEO_SUFFIXES

STATED = "stated"

FILMS = (*VIDEO_SUFFIXES, ".mp4", ".mov", ".m4v", ".3gp")
"""Endings that are taken for films where nobody looks inside."""


@dataclass(frozen=True, slots=True)
class Distant:
    """A recording at an address; `mark` is its server's ETag or Last-Modified, `size` is 0 where unknown."""

    address: Address
    length: Length
    size: int = 0
    mark: str = ""
    video: bool = False
    mtime_ns: int = 0

    @property
    def path(self) -> str:
        """The address, where files have a path."""
        return self.address.url

    @property
    def kind(self) -> Literal["audio", "video"]:
        """What it is, in the catalogue's words."""
        return "video" if self.video else "audio"

    @property
    def sha256(self) -> str:
        """The digest that stands for what lies there."""
        return content_digest(self.address.url, self.mark, self.size)

    @property
    def print(self) -> str:
        """The first digits of it."""
        return print_of(self.sha256)

    @property
    def basis(self) -> Basis:
        """What its price is counted on."""
        return Basis.STATED if self.length.reader == STATED else Basis.INPUT


def stated(address: Address) -> Distant | None:
    """A recording whose length the user stated: nobody looks at the address. None where it was not stated."""
    ms = address.stated_ms
    if ms is None:
        return None
    length = Length(ms, Grade.HEADER, ms, ms, STATED, f"stated at {address.where}")
    return Distant(address, length, video=_ending(address.url) in FILMS)


def surveyed(address: Address, source: Source, mark: str) -> Distant:
    """A recording whose header can be read through `source`.

    Raises:
        Unreadable: no length that can be trusted.
    """
    length = length_of(source)
    return Distant(address, length, source.size, mark, has_video(source, length.reader))


def _ending(url: str) -> str:
    return os.path.splitext(urlsplit(url).path)[1].lower()  # noqa: PTH122
