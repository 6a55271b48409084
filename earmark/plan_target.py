"""Where the manifest will be written, looked at before the first file is read."""

import os
from collections.abc import Callable
from pathlib import Path

from manifests.errors import MachineError, ManifestError, UsageError
from manifests.text import read_head


def check_target(output: str, unfinished: Callable[[str], int], *, force: bool) -> None:
    """Whether a manifest may be written here.

    Args:
        output: the path as the user gave it.
        unfinished: how many purchases of a manifest are under way.
        force: take the place of whatever file is there.

    Raises:
        UsageError: no such folder, no file's name, a file that is no manifest, or a manifest with
            purchases under way.
        MachineError: the folder may not be written.
    """
    path = Path(output)
    _check_place(path, output)
    if not path.exists() or force or path.stat().st_size == 0:
        return
    try:
        manifest_id = read_head(path).id
    except ManifestError as error:
        raise UsageError(
            f"{output} is there and is no manifest of ours ({error}): name another with -o, or add --force"
        ) from error
    count = unfinished(manifest_id)
    if count:
        raise UsageError(
            f"{output} has {count} unfinished purchases: finish them with `run {output}`, write the new plan"
            " elsewhere with -o, or add --force (they stay in the ledger)"
        )


def _check_place(path: Path, output: str) -> None:
    if not output.strip():
        raise UsageError("-o is empty: name a file, such as -o manifest.yaml")
    if path.is_dir() or output.endswith(os.sep):
        raise UsageError(f"{output} is a folder: name a file in it, such as {path / 'manifest.yaml'}")
    if path.exists() and not path.is_file():
        raise UsageError(f"{output} is no plain file: a manifest is written beside its place and renamed")
    if not path.parent.is_dir():
        raise UsageError(f"no such folder: {path.parent}; make it, or name another file with -o")
    if not os.access(path.parent, os.W_OK):
        folder = "this folder" if path.parent == Path() else path.parent
        raise MachineError(f"{folder} may not be written: name another file with -o")
