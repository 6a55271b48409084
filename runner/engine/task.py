"""A task: one part of a purchase with all that the engine needs to buy, watch, fetch and settle it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from manifests.keys import Token, upload_name
from manifests.money import ZERO, Cents
from manifests.states import State
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
    """The audio to upload."""

    path: Path
    size: int  # bytes
    spans: Spans
    sha256: str


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

    def bind(self, attempt: AttemptRow) -> None:
        """Take over what the ledger holds of the part's newest attempt."""
        self.attempt_id, self.token, self.job_id = attempt.attempt_id, attempt.token, attempt.job_id
        self.manifest_id = attempt.manifest_id
        self.expected, self.ceiling = attempt.expected, attempt.ceiling
        self.since, self.settled = attempt.changed, attempt.hold == 0
        self.reserved = attempt.created
        self.charge = ZERO if attempt.charge is None else attempt.charge

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
        path = self.source.path
        return Order(
            service=self.service,
            fields=self.fields,
            path=path,
            size=self.source.size,
            upload_name=upload_name(path.stem, Token(self.token), path.suffix),
            spans=self.source.spans,
            sha256=self.source.sha256,
        )
