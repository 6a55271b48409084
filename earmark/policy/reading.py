"""The policy of a folder: every `earmark.toml` that counts for it, read and merged."""

import os
from collections.abc import Mapping, Sequence

from earmark.policy import files
from earmark.policy.caps import limits_of
from earmark.policy.values import Policy, merged
from manifests.catalogue import Catalogue
from manifests.limits import Limits
from manifests.stored import is_stored


def policy_of(folder: str, catalogue: Catalogue) -> Policy:
    """What the files in a folder and above it say; nothing where there is none.

    Raises:
        UsageError: one of them cannot be read, or something in it is wrong.
    """
    places = files.found(folder)
    if not places:
        return Policy()
    from earmark.policy import text  # which knows of plans: most runs have no such file

    return merged([text.read(path, catalogue) for path in places])


def limits_for(manifest: str, environ: Mapping[str, str], catalogue: Catalogue) -> Limits:
    """The limits of a run: those of the environment, and of the files in the manifest's folder and above.

    Raises:
        UsageError: a file cannot be read, something in it is wrong, or a variable holds no amount.
    """
    folder = os.path.dirname(os.path.abspath(manifest))  # noqa: PTH100, PTH120 - symlinks stay as named
    return limits_of(environ, policy_of(folder, catalogue), catalogue)


def planned_folder(paths: Sequence[str], output: str) -> str:
    """The folder whose policy a plan obeys: that with all paths; the manifest's, if none is on a disk."""
    if all(map(is_stored, paths)):
        return os.path.dirname(os.path.abspath(output))  # noqa: PTH100, PTH120
    from planner.roots import root_of

    return root_of(paths).folder
