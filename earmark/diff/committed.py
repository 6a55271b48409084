"""A manifest as a commit has it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from earmark.diff.git import LINK, Base, Repository
from earmark.diff.sides import manifest_side
from earmark.diff.values import Side
from manifests.errors import ManifestError


@contextmanager
def committed_side(repository: Repository, base: Base, path: str) -> Iterator[tuple[Side, str]]:
    """A manifest as it was committed; without lines where there was none, with a note that says so.

    Args:
        repository: of the work tree.
        base: the commit.
        path: below the top of the work tree.
    """
    with TemporaryDirectory(prefix="earmark-diff-") as home, ExitStack() as stack:
        place = Path(home, "manifest.yaml")
        why = _copied(repository, base, path, place)
        side = Side()
        if not why:
            try:
                side = stack.enter_context(manifest_side(place))
            except ManifestError as error:  # a change that mends it is not stopped by it
                why = str(error).replace(str(place), f"{path} at {base.ref}")
        yield side, why and f"{why}: all counts as added"


def _copied(repository: Repository, base: Base, path: str, place: Path) -> str:
    """Copy a committed file; why there is none."""
    found = [
        each for each in repository.entries(base.commit, path) if each.path == path and each.mode != LINK
    ]
    if not found:
        return f"{path} is not in {base.ref}"
    with place.open("xb") as file, repository.blobs() as blobs:
        known = blobs.copy(found[0].oid, file) is not None
    return "" if known else f"{path} of {base.ref} is not in this partial clone"
