"""Who asks for a run: for the ledger, and so for the bill."""

import getpass
import os
import socket
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from runner.ledger.runs import RunBy

WHO = "EARMARK_WHO"
"""Says who runs, in a person's own words."""

HOST = "EARMARK_HOST"
"""What this machine is called, where its own name does not last, as in containers."""

CI_ACTORS = (("GITHUB_ACTIONS", "GITHUB_ACTOR"), ("GITLAB_CI", "GITLAB_USER_LOGIN"))
"""Where a CI says that it is one, and who set it off."""

LONGEST = 200
"""Characters of a name that are kept."""


def run_by(environ: Mapping[str, str], manifest: Path, digest: str, name: str = "") -> RunBy:
    """Who runs a manifest now, on which machine, with which Earmark."""
    host = host_name(environ)
    return RunBy(
        who=_short(_who(environ, host)),
        host=_short(host),
        pid=os.getpid(),
        version=version("earmark-audio"),
        name=_short(name or called(manifest)),
        digest=digest,
    )


def called(manifest: Path) -> str:
    """What a manifest without a name goes by: its file, and the folder that it lies in."""
    folder = manifest.absolute().parent.name
    return f"{folder}/{manifest.name}" if folder else manifest.name


def _who(environ: Mapping[str, str], host: str) -> str:
    said = environ.get(WHO, "").strip()
    if said:
        return said
    for mark, actor in CI_ACTORS:
        if environ.get(mark) and environ.get(actor, "").strip():
            return environ[actor].strip()
    return f"{_user()}@{host}"


def _user() -> str:
    """The user's name; a number where the system knows none, as in many containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def host_name(environ: Mapping[str, str]) -> str:
    """What this machine is called in the ledger; empty where it has no name."""
    try:
        return environ.get(HOST, "").strip() or socket.gethostname()
    except OSError:
        return ""


def _short(text: str) -> str:
    """The text as it can be kept: no lone surrogates, which SQLite would not take."""
    return text.encode("utf-8", "backslashreplace").decode()[:LONGEST]
