"""Nothing is written where a link inside the results folder leads out of it.

The folder itself may be a link: who names it means where it leads. A link below it may have come
with a checkout, and the names of results come from a manifest and from a service.
"""

import os
from pathlib import Path

from manifests.errors import MachineError


class NameTaken(MachineError):
    """One result cannot have its name; others can be kept."""


def check_within(output: Path, path: Path) -> None:
    """Refuse a place outside the results folder, wherever links lead.

    Args:
        output: the results folder.
        path: below it, as a name; its last part may itself be a link, which the result replaces.

    Raises:
        NameTaken: it is not within.
    """
    root, real = os.path.realpath(output), os.path.realpath(path.parent)
    if os.path.commonpath((root, real)) == root:
        return
    raise NameTaken(
        f"{path} lies behind a link that leads out of the results folder, to {real}: nothing is written"
        " there, and nothing is lost. Take the link away, or name another folder with --output, then type"
        " the same command again"
    )
