"""Where a manifest's results lie: beside it, or in the folder that its last run was told of."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from manifests.errors import UsageError
from manifests.stored import Location, Stored, is_stored, location, plain, problem, without_password

if TYPE_CHECKING:
    from runner.ledger.interface import Ledger

RESULTS = "results"
"""The folder beside the manifest that results go to."""


def beside(manifest: Path) -> Path:
    """Where they go when nobody says otherwise."""
    return manifest.parent / RESULTS


def folder_of(named: str, flag: str = "--output") -> Location:
    """A results folder that was named, as an absolute path or as a place in a store.

    Raises:
        UsageError: it is a URL, and no place in a store.
    """
    if not is_stored(named):
        return Path(os.path.abspath(named))  # noqa: PTH100 - symlinks stay as named
    wrong = problem(named)
    if wrong:
        raise UsageError(f"{flag} {without_password(named)}: {wrong}")
    return Stored(plain(named))


def results_folder(manifest: Path, manifest_id: str, ledger: "Ledger | None") -> Location:
    """The folder, as seen from here if it lies below; that of `--output` as long as it is there."""
    from runner.results import place

    usual = beside(manifest)
    offered = ledger.last_options(manifest_id) if ledger is not None else ""
    if offered:  # to several hosts: where one of them keeps results is that host's own affair
        return _offered(offered, usual)
    last = ledger.last_result(manifest_id) if ledger is not None else None
    if last is None:
        return usual
    product, base, name, path = last
    tail = f"/{place(Path(), product.partition(':')[0], base, name)}"
    folder = path.removesuffix(tail)
    if folder != path and is_stored(folder):
        return Stored(folder)
    if folder in (path, os.path.abspath(usual)) or not os.path.isdir(folder):  # noqa: PTH100, PTH112 - as runs write it
        return usual
    return _seen_from_here(Path(folder))


def _offered(options: str, usual: Path) -> Location:
    """The folder of the run that offered shifts."""
    from runner.fleet.terms import decoded

    found = location(decoded(options).output or os.fspath(usual))
    if isinstance(found, Stored):
        return found
    is_usual = os.path.abspath(found) == os.path.abspath(usual)  # noqa: PTH100 - as runs write it
    return _seen_from_here(found) if found.is_dir() and not is_usual else usual


def _seen_from_here(folder: Path) -> Path:
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def output_flag(manifest: Path, output: Location) -> dict[str, str]:
    """What a `run` that goes on has to be told of the folder, as an option and its value."""
    if isinstance(output, Stored):
        return {"--output": str(output)}
    return {} if os.path.abspath(output) == os.path.abspath(beside(manifest)) else {"--output": str(output)}  # noqa: PTH100
