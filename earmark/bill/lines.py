"""The bill's lines and what they add up to: each job with who ran it, or sums by what it was for."""

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from earmark.bill.period import Period
from earmark.run_by import called
from runner.ledger.bill import Entry, Extra, entries, extras
from runner.ledger.interface import Ledger
from runner.ledger.runs import RunBy, RunRow

UNKNOWN = "unknown"
"""Stands for what the ledger does not know: of before it knew runs, or found again."""


@dataclass(slots=True)
class Sums:
    """Some lines added up; dollars and credits apart, in cents and in credits."""

    jobs: int = 0
    planned: int = 0
    ceiling: int = 0
    charged: int = 0
    reserved: int = 0
    in_doubt: int = 0
    unverified: int = 0  # of what is charged: no row of the wallet names the job
    credits_planned: int = 0
    credits_ceiling: int = 0
    credits_charged: int = 0
    credits_reserved: int = 0
    credits_in_doubt: int = 0
    credit_worth: int = 0  # cents that account credits paid instead of the wallet: no dollars of it

    def add(self, entry: Entry) -> None:
        """One more line."""
        self.jobs += entry.first
        if entry.currency == "credits":
            self.credits_planned += entry.planned
            self.credits_ceiling += entry.ceiling
            self.credits_charged += entry.charged
            self.credits_reserved += entry.reserved
            self.credits_in_doubt += entry.in_doubt
            return
        self.planned += entry.planned
        self.ceiling += entry.ceiling
        self.charged += entry.charged
        self.reserved += entry.reserved
        self.in_doubt += entry.in_doubt
        if entry.settled == "unverified":
            self.unverified += entry.charged


AMOUNTS = ("planned", "ceiling", "charged", "reserved", "in_doubt")
"""Of a line, and of a sum."""


@dataclass(frozen=True, slots=True)
class Line:
    """A job, or a row of its bill, with the run that made it."""

    entry: Entry
    by: RunBy
    run: RunRow | None

    @property
    def folder(self) -> str:
        """Where its file lies under the manifest's root."""
        return posixpath.dirname(self.entry.file) or "."


KEYS: Mapping[str, Callable[[Line], str]] = {
    "name": lambda line: line.by.name,
    "service": lambda line: line.entry.product,
    "folder": lambda line: line.folder,
    "host": lambda line: line.by.host or UNKNOWN,
}
"""What a bill can be grouped by."""


@dataclass(frozen=True)
class Bill:
    """What a ledger paid in a period; its lines are read anew each time they are gone through."""

    ledger: Ledger
    period: Period
    _runs: dict[int, RunRow] = field(init=False, repr=False)
    _names: dict[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        runs = self.ledger.runs()
        names = {manifest_id: called(path) for manifest_id, path in self.ledger.manifests()}
        names |= {run.manifest_id: run.by.name for run in runs if run.by.name}
        object.__setattr__(self, "_runs", {run.run_id: run for run in runs})
        object.__setattr__(self, "_names", names)

    @property
    def runs(self) -> Iterable[RunRow]:
        """All that the ledger knows of."""
        return self._runs.values()

    def lines(self) -> Iterator[Line]:
        """By runs, and in them as they were sent."""
        for entry in entries(self.ledger, self.period.start, self.period.end):
            run = None if entry.run_id is None else self._runs[entry.run_id]
            yield Line(entry, self._by(entry.manifest_id) if run is None else run.by, run)

    def extras(self) -> Iterator[tuple[Extra, RunBy]]:
        """What account credits paid instead of the wallet, with the manifests for which they did."""
        for extra in extras(self.ledger, self.period.start, self.period.end):
            yield extra, self._by(extra.manifest_id)

    def _by(self, manifest_id: str) -> RunBy:
        """What is known where no run is: what the manifest was called at its last run."""
        return RunBy(name=self._names.get(manifest_id, UNKNOWN))

    def sums(self, by: str | None = None) -> tuple[Sums, dict[str, Sums]]:
        """Everything added up, and by one of `KEYS`."""
        total, groups = Sums(), dict[str, Sums]()
        key = KEYS[by] if by else None
        for line in self.lines():
            total.add(line.entry)
            if key is not None:
                groups.setdefault(key(line), Sums()).add(line.entry)
        for extra, asked in self.extras():
            total.credit_worth += extra.cents
            if key is not None:
                name = asked.name if by == "name" else UNKNOWN
                groups.setdefault(name, Sums()).credit_worth += extra.cents
        return total, groups
