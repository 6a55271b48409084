"""A task: one part of a purchase with all that the engine needs to buy, watch, fetch and settle it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import PurePath

from manifests import catalogue
from manifests.catalogue import Currency
from manifests.keys import CLONE, Token, upload_name
from manifests.money import ZERO, Cents
from manifests.states import State
from manifests.stored import Location
from runner.api.interface import Order, Spans
from runner.ledger.rows import AttemptRow


@dataclass(frozen=True, slots=True)
class Target:
    """Where one item wants the results."""

    item_id: int
    file: str  # the source, for people
    base: str  # path under the results folder, without extension
    wanted: Mapping[str, object]  # fetch options
    have: frozenset[str] = frozenset()  # names that are on disk already


@dataclass(frozen=True, slots=True)
class Source:
    """What is sent: a recording, a text, the words of a prompt, or an address.

    `path` is None where no file is read: a prompt's words are among the task's fields.
    """

    path: Location | None
    size: int  # bytes
    spans: Spans
    sha256: str
    name: str = ""  # what the upload is called, where there is no path
    text: bool = False  # the file is a text, of which `span` is spoken
    span: tuple[int, int] | None = None  # in characters
    address: str = ""

    def upload_name(self, token: str) -> str:
        """The name that carries the token."""
        path = self.path or PurePath(self.name)
        return upload_name(path.stem, Token(token), "" if self.text else path.suffix)


@dataclass(slots=True)
class Task:
    """One part. `source` is None when only results or bills are still to come."""

    part_id: int
    manifest_id: str
    product: str
    service: str
    key: str  # content key
    fields: Mapping[str, object]  # submit options in wire values
    state: State
    expected: Cents = ZERO
    ceiling: Cents = ZERO
    since: float = 0.0  # when the state was entered
    reserved: float = 0.0  # when the attempt was made
    targets: list[Target] = field(default_factory=list)
    source: Source | None = None
    attempt_id: int = 0
    token: str = ""
    job_id: str = ""
    reason: str = ""
    tries: int = 0
    settled: bool = True
    charge: Cents = ZERO  # as far as it is known
    foreign: bool = False  # another run, alive, buys it
    words: str = ""  # the digest of the text that is spoken, where a job shows it
    needs: str = ""  # the content key of the clone whose voice it speaks with
    voice: str = ""  # that voice at the service, once it is made
    entry: Mapping[str, object] | None = None  # how a list showed the job as done, until it is fetched

    def bind(self, attempt: AttemptRow) -> None:
        """Take over what the ledger holds of the part's newest attempt."""
        self.attempt_id, self.token, self.job_id = attempt.attempt_id, attempt.token, attempt.job_id
        self.manifest_id = attempt.manifest_id
        self.expected, self.ceiling = attempt.expected, attempt.ceiling
        self.since, self.settled = attempt.changed, attempt.hold == 0
        self.reserved = attempt.created
        self.charge = ZERO if attempt.charge is None else attempt.charge

    @property
    def currency(self) -> Currency:
        """What its amounts count."""
        return _currency(self.service)

    @property
    def name(self) -> str:
        """The source file, for messages."""
        return self.targets[0].file if self.targets else f"job {self.job_id}"

    def order(self) -> Order:
        """What to upload.

        Raises:
            ValueError: the task has no source.
        """
        if self.source is None:
            raise ValueError(f"{self.name} has no source to upload")
        source = self.source
        return Order(
            service=self.service,
            fields=self._wire_fields(),
            path=None if source.text else source.path,
            size=source.size,
            upload_name=source.upload_name(self.token),
            spans=source.spans,
            sha256=source.sha256,
            address=source.address,
            spoken=source.path if source.text else None,
            span=source.span,
        )

    def _wire_fields(self) -> Mapping[str, object]:
        """The fields, with the voice in place of the clone that was to make it."""
        if not self.needs:
            return self.fields
        clone = f"{CLONE}{self.needs}"
        return {name: self.voice if value == clone else value for name, value in self.fields.items()}


@cache
def _currency(service: str) -> Currency:
    return catalogue.load().service(service).currency
