"""What the client must know of a service to buy from it, and the kind that most services are.

A service that takes a file, names a job, lists jobs and shows results is a row of data
(`FileService`); an odd one overrides the method in which it is odd, in a file of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

import msgspec

from runner.api.address import Base
from runner.api.answers import Fields
from runner.api.interface import ResultFile


@dataclass(frozen=True, slots=True)
class Form:
    """One submit on the wire: a multipart form with one file."""

    path: str
    file_field: str
    fields: Mapping[str, str]


class Adapter(Protocol):
    """One service."""

    @property
    def name(self) -> str:
        """The catalogue's name."""
        ...

    @property
    def jobs_path(self) -> str:
        """Where the job list is; empty where the service has none."""
        ...

    @property
    def paging(self) -> tuple[str, ...]:
        """The query names that skip entries of the list."""
        ...

    @property
    def lengths(self) -> tuple[str, ...]:
        """Where a job shows the length that the service measured, in seconds."""
        ...

    def form(self, fields: Mapping[str, object]) -> Form:
        """The form that buys with these wire values."""
        ...

    def job_paths(self, job_id: str) -> tuple[str, ...]:
        """Where one job's status is: the usual address first, then those that sources also name."""
        ...

    def results(self, job_id: str, job: Fields, wanted: Mapping[str, object], base: Base) -> list[ResultFile]:
        """The files of a finished job; none where it shows no address."""
        ...


@dataclass(frozen=True, slots=True)
class FileService:
    """A service that takes a file. Results are its subclasses' business."""

    name: str
    submit_path: str
    file_field: str
    status_paths: tuple[str, ...]  # each with `{}` for the id; the usual one first
    jobs_path: str = ""
    paging: tuple[str, ...] = ("skip",)
    lengths: tuple[str, ...] = ()

    def form(self, fields: Mapping[str, object]) -> Form:
        """The form that buys with these wire values."""
        return Form(self.submit_path, self.file_field, wire(fields))

    def job_paths(self, job_id: str) -> tuple[str, ...]:
        """Where one job's status is."""
        return tuple(path.format(quoted(job_id)) for path in self.status_paths)


def wire(fields: Mapping[str, object]) -> dict[str, str]:
    """Wire values as form texts: `true` and `false`, lists as JSON text (docs/api.md 7)."""
    return {name: _text(value) for name, value in fields.items() if value is not None}


def quoted(job_id: str) -> str:
    """A job's id as one part of a path."""
    return quote(job_id, safe="")


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
