"""Where a report may be written: over an older one, over nothing that is worth more."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from earmark.own_files import is_manifest
from manifests.durable import durable_file
from manifests.errors import UsageError
from manifests.paths import RECEIPTS


def check_target(
    target: Path, source: Path, results: Path, ledger: Path | None, wrote: Callable[[str], bool]
) -> None:
    """Refuse a place where something else lies.

    Args:
        target: where the report is to go.
        source: the manifest, or the document, that it is made of.
        results: the folder of its results.
        ledger: the account's file; None where it is on a server.
        wrote: whether the ledger knows a path as a result.

    Raises:
        UsageError: it is the manifest, its receipts, a result, or the ledger's.
    """
    whole = Path(os.path.realpath(target))
    what = ""
    if whole == Path(os.path.realpath(source)):
        what = "what the report is made of"
    elif is_manifest(str(whole)):
        what = "a manifest"
    elif whole.name.endswith(RECEIPTS):
        what = "receipts of what was bought"
    elif ledger is not None and _of_ledger(whole, Path(os.path.realpath(ledger))):
        what = "the ledger's"
    elif whole.exists() and (wrote(str(whole)) or _below(whole, results)):
        what = "a result"
    if what:
        raise UsageError(f"{target} is {what}: a report there would destroy it; name another file")


def _of_ledger(whole: Path, ledger: Path) -> bool:
    """Whether a file is, or may become, one of those that make a ledger; others may lie beside them."""
    home = ledger.parent
    return home / "locks" in whole.parents or (whole.parent == home and whole.name.startswith(ledger.stem))


def _below(whole: Path, results: Path) -> bool:
    return Path(os.path.realpath(results)) in whole.parents


def write(target: Path, pieces: Callable[[Path], Iterable[str]]) -> None:
    """Put a report in its place, whole or not at all.

    Args:
        target: where it goes.
        pieces: makes its text for the folder that it will lie in.

    Raises:
        UsageError: there is no such folder.
        MachineError: it cannot be written.
    """
    with durable_file(target) as file:
        for piece in pieces(target.absolute().parent):
            file.write(piece.encode())
