"""Fetching: the collecting half of a run, one look long."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from earmark.results_folder import folder_of, results_folder
from earmark.run_progress import following
from earmark.terminal import Terminal
from manifests.errors import ManifestError
from manifests.exits import Exit, strongest
from manifests.manifest import Manifest
from manifests.stored import Location, Stored
from manifests.text import read_manifest
from runner.locks import Busy
from runner.options import RunEnds, RunOptions
from runner.report import Fate, RunReport
from runner.start import run


@dataclass(frozen=True, slots=True)
class Fetch:
    """What was fetched of one manifest, into `place`, the folder as it was named."""

    path: Path
    place: Location
    report: RunReport

    @property
    def brought(self) -> int:
        """Items whose results are on disk now and were not before."""
        return max(0, self.report.count(Fate.SAVED) - self.report.here)

    @property
    def exit(self) -> Exit:
        """What the fetch of this manifest came to: what is not paid is none of its business."""
        paid = [item for item in self.report.items if item.fate in _PAID]
        codes = set(replace(self.report, items=paid, refused=None).codes)
        if self.report.count(Fate.RUNNING):
            codes.add(Exit.STOPPED_AS_TOLD)
        return strongest(codes)


_PAID = frozenset({Fate.SAVED, Fate.NOT_SAVED, Fate.IN_DOUBT, Fate.LOST})
"""Ends of which a result is, or may be, paid; jobs that still run are counted apart."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A manifest of the ledger that could not be looked at; `reason` says why, and what to do."""

    path: Path
    reason: str


def fetch_one(
    plan: Manifest, path: Path, output: Location, ends: RunEnds, shown: Terminal, *, quiet: bool
) -> Fetch:
    """Fetch what is missing of one manifest.

    Raises:
        Busy: a run of it is under way.
        KeyRefused: there is something to fetch, and no key.
        MachineError: the ledger or the results folder cannot be used.
    """
    options = RunOptions(
        manifest=path.absolute(),
        output=folder_of(str(output)),
        one_look=True,
    )
    with following(shown, len(plan.items), quiet=quiet, stream=sys.stderr) as listener:
        return Fetch(path, output, run(plan, options, replace(ends, listener=listener.show)))


def fetch_all(
    ends: RunEnds, results: str, shown: Terminal, *, quiet: bool
) -> tuple[list[Fetch], list[Skipped]]:
    """Fetch what is missing of every manifest of the ledger, into the folder `results` beside each.

    Where results went to a store, that is where they are looked for, and go.

    Raises:
        KeyRefused: there is something to fetch, and no key.
        MachineError: the ledger or a results folder cannot be used.
    """
    found: list[Fetch] = []
    skipped: list[Skipped] = []
    for manifest_id, path in ends.ledger.manifests():
        try:
            plan = _still(manifest_id, path)
            last = results_folder(path, manifest_id, ends.ledger)
            place = last if isinstance(last, Stored) else path.parent / results
            found.append(fetch_one(plan, path, place, ends, shown, quiet=quiet))
        except (ManifestError, Busy) as error:
            if ends.ledger.items(manifest_id):
                skipped.append(Skipped(path, str(error)))
            continue
        if found[-1].report.signal:
            break
    return found, skipped


def _still(manifest_id: str, path: Path) -> Manifest:
    """The manifest, if it still is where it was.

    Raises:
        ManifestError: it is not; what it bought is not lost, a new plan of the same files finds it paid.
    """
    way = "plan the same files again: what is paid stays paid, and `run` fetches it free"
    try:
        plan = read_manifest(path)
    except ManifestError as error:
        raise ManifestError(f"{error}; {way}") from error
    if plan.head.id != manifest_id:
        raise ManifestError(f"another manifest took its place; {way}")
    return plan


def exit_of(found: Iterable[Fetch]) -> Exit:
    """The exit code of all of them."""
    return strongest(each.exit for each in found)
