"""What the client must know of a service to buy from it, and the kind that most services are.

A service that takes a file, names a job, lists jobs and shows results is a row of data
(`FileService`); an odd one overrides the method in which it is odd, in a file of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol
from urllib.parse import quote

import msgspec

from manifests.errors import UsageError
from runner.api.address import Base
from runner.api.answers import Fields
from runner.api.interface import Order, Rejected, ResultFile

Kind = Literal["multipart", "urlencoded", "json"]
"""How a submit's fields travel: a form sent as JSON loses all of them silently (docs/api.md 1)."""


@dataclass(frozen=True, slots=True)
class Form:
    """One submit on the wire."""

    path: str
    file_field: str  # where the file goes; empty: no file goes along
    fields: Mapping[str, object]  # texts, but where the kind is json
    kind: Kind = "multipart"
    query: Mapping[str, str] = field(default_factory=dict)
    missing: str = ""  # what a 404 means here, for people


class Ask(Protocol):
    """Reads before a submit; they cost nothing."""

    def __call__(self, path: str) -> object:
        """The JSON value at a path of the service.

        Raises:
            ApiError: no readable answer.
        """
        ...

    def once(self, path: str) -> object:
        """The same, asked once a client; None where there was no readable answer."""
        ...


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
    def listing(self) -> Mapping[str, str]:
        """Further query fields of the list."""
        ...

    @property
    def lengths(self) -> tuple[str, ...]:
        """Where a job shows the length that the service measured, in seconds."""
        ...

    @property
    def session(self) -> bool:
        """Whether a session token opens it, and the key does not (docs/api.md 16)."""
        ...

    def before(self, order: Order, ask: Ask) -> Order | Rejected:
        """The order as it is to be sent, or why it need not be: what the service tells beforehand.

        Raises:
            ApiError: it could not be asked what must be known.
        """
        ...

    def form(self, order: Order) -> Form:
        """The form that buys this.

        Raises:
            UsageError: an address for a service that takes files only.
        """
        ...

    def job_paths(self, job_id: str) -> tuple[str, ...]:
        """Where one job's status is: the usual address first, then those that sources also name."""
        ...

    def results(self, job_id: str, job: Fields, wanted: Mapping[str, object], base: Base) -> list[ResultFile]:
        """The files of a finished job; none where it shows no address."""
        ...

    def listed(
        self, job_id: str, entry: Fields, wanted: Mapping[str, object], base: Base
    ) -> list[ResultFile]:
        """The same from its entry in the job list; none where that need not show all, and the job is read."""
        ...


@dataclass(frozen=True, slots=True)
class FileService:
    """A service that takes a file, or an address in its place. Results are its subclasses' business."""

    name: str
    submit_path: str
    status_paths: tuple[str, ...]  # each with `{}` for the id; the usual one first
    file_field: str = "file"
    address_field: str = ""  # empty: it takes files only
    jobs_path: str = ""
    paging: tuple[str, ...] = ("skip",)
    listing: Mapping[str, str] = field(default_factory=dict)
    lengths: tuple[str, ...] = ()
    session: bool = False

    def before(self, order: Order, ask: Ask) -> Order | Rejected:  # noqa: ARG002 - most need not ask
        """The order as it is."""
        return order

    def form(self, order: Order) -> Form:
        """The form that buys this: with its file, or with its address."""
        return self.sent(order, self.submit_path, order.fields)

    def sent(self, order: Order, path: str, fields: Mapping[str, object]) -> Form:
        """A form to this path with these wire values."""
        if not order.address:
            return Form(path, self.file_field, wire(fields))
        if not self.address_field:
            raise UsageError(f"{self.name} takes files, no addresses: save {order.address} as a file first")
        return Form(path, "", {**wire(fields), self.address_field: order.address}, "urlencoded")

    def job_paths(self, job_id: str) -> tuple[str, ...]:
        """Where one job's status is."""
        return tuple(path.format(quoted(job_id)) for path in self.status_paths)

    def listed(
        self,
        job_id: str,  # noqa: ARG002 - of most lists it is not known whether they show all
        entry: Fields,  # noqa: ARG002
        wanted: Mapping[str, object],  # noqa: ARG002
        base: Base,  # noqa: ARG002
    ) -> list[ResultFile]:
        """Nothing: the job itself is read."""
        return []


def wire(fields: Mapping[str, object]) -> dict[str, str]:
    """Wire values as form texts: `true` and `false`, lists as JSON text (docs/api.md 7)."""
    return {name: _text(value) for name, value in fields.items() if value is not None}


def present(fields: Mapping[str, object], *without: str) -> dict[str, object]:
    """Wire values as they stand in JSON, without those that are nothing and those that are named."""
    return {name: value for name, value in fields.items() if value is not None and name not in without}


def quoted(job_id: str) -> str:
    """A job's id as one part of a path."""
    return quote(job_id, safe="")


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
