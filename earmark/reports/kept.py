"""What only planning knows, kept beside the manifest: a report made later still says what is in no line.

It lies in the hidden folder in which a plan remembers its scan, goes with it, and is no part of the manifest:
where it is gone, or is another plan's, a report says so.
"""

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from earmark.reports.planned import Planned
from earmark.reports.texts import cleaned
from manifests.durable import durable_file
from manifests.errors import EarmarkError
from manifests.manifest import Head
from planner.wanted import SCAN_CACHE

VERSION = 1

MOST = 50
"""Plans whose notes lie in one folder; each plan without a name has an id of its own, and leaves one."""

LARGEST = 16 << 20
"""Bytes of a file that is read; one of ours has a thousand lines of each kind at most."""

GONE = "what planning left out is not told: its notes are not in .earmark/ beside the manifest"
ANOTHERS = "what planning left out is not told: the notes in .earmark/ are of another plan than the manifest"


class _File(msgspec.Struct, frozen=True):
    version: int
    id: str
    planned: Planned


@dataclass(frozen=True, slots=True)
class Kept:
    """What was found, and why nothing was."""

    planned: Planned | None = None
    notes: tuple[str, ...] = ()


def keep(planned: Planned, manifest: Path, manifest_id: str) -> None:
    """Write it beside the manifest; where that cannot be, nothing is kept and nothing else happens."""
    place = _place(manifest, manifest_id)
    with suppress(OSError, EarmarkError):
        if not place.parent.exists():
            place.parent.mkdir()
            (place.parent / ".gitignore").write_text("*\n", encoding="utf-8")
        text = msgspec.json.encode(cleaned(msgspec.to_builtins(_File(VERSION, manifest_id, planned))))
        with durable_file(place) as file:
            file.write(text)
        _forget_oldest(place.parent)


def _forget_oldest(folder: Path) -> None:
    """Let go of the notes of the plans that were made first."""
    newest_first = sorted(folder.glob("plan-*.json"), key=lambda each: each.stat().st_mtime_ns, reverse=True)
    for each in newest_first[MOST:]:
        each.unlink()


def kept(manifest: Path, head: Head) -> Kept:
    """What the plan of this very manifest kept."""
    try:
        with _place(manifest, head.id).open("rb") as file:
            found = msgspec.json.decode(file.read(LARGEST), type=_File)
    except (OSError, msgspec.DecodeError):
        return Kept(notes=(GONE,))
    if (found.version, found.id, found.planned.created) != (VERSION, head.id, head.created):
        return Kept(notes=(ANOTHERS,))
    return Kept(found.planned)


def _place(manifest: Path, manifest_id: str) -> Path:
    digest = hashlib.sha256(manifest_id.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return manifest.parent / SCAN_CACHE / f"plan-{digest}.json"
