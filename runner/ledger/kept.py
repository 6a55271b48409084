"""Files of results that a ledger recorded, looked at where they lie: there, and byte for byte as saved."""

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from manifests.stored import Stored, is_stored
from runner.ledger.db import Db
from runner.ledger.places import Place, look_into
from runner.ledger.sqlite import opening
from runner.stored_results import digest_at
from stores.interface import NotThere
from stores.opening import store_of

CLOCKS = 2.0
"""Seconds by which a file's time may seem later than that of its record."""


class Fate(StrEnum):
    """What became of a file."""

    GONE = "gone"
    EDITED = "edited"  # changed since it was saved: somebody may have corrected it
    DAMAGED = "damaged"  # other bytes than were saved, with the time of then; or unreadable


@dataclass(frozen=True, slots=True)
class Odd:
    """A file that is not as it was saved, and the manifest whose results it is one of."""

    fate: Fate
    path: str
    manifest: Path


def odd_results(place: Place, host: str = "") -> Iterator[Odd]:
    """All recorded files that are not as they were saved; reads every byte of them.

    Args:
        place: the ledger's.
        host: of a fleet, whose disks are looked at; files on the disks of others are left out.

    Raises:
        MachineError: the ledger cannot be read.
        EarmarkError: a store in which results lie does not say.
    """
    if isinstance(place, Path):
        with closing(opening.connect_as_it_is(place)) as db:
            yield from _odd(db, host)
    else:
        with closing(look_into(place, time.time)) as ledger:
            yield from _odd(ledger.db, host)


def _odd(db: Db, host: str) -> Iterator[Odd]:
    rows = db.execute(
        "SELECT r.path, r.size, r.sha256, r.saved, m.path FROM results r JOIN items i ON i.id = r.item_id"
        " JOIN manifests m ON m.id = i.manifest_id WHERE r.host IN ('', ?)"
        " ORDER BY m.created, i.id, r.name",
        (host,),
    )
    for raw, size, sha256, saved, manifest in rows:
        fate = _fate(os.fsdecode(raw), size, sha256, saved)
        if fate is not None:
            yield Odd(fate, os.fsdecode(raw), Path(os.fsdecode(manifest)))


def _fate(path: str, size: int, sha256: str, saved: float) -> Fate | None:
    if is_stored(path):
        return _fate_in_store(path, sha256, saved)
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - names stay as the system knows them
            found = os.fstat(file.fileno())
            if found.st_size == size and hashlib.file_digest(file, "sha256").hexdigest() == sha256:
                return None
    except (FileNotFoundError, NotADirectoryError):
        return Fate.GONE
    except OSError:  # a disk that fails; another user's file
        return Fate.DAMAGED
    return Fate.EDITED if found.st_mtime > saved + CLOCKS else Fate.DAMAGED


def _fate_in_store(url: str, sha256: str, saved: float) -> Fate | None:
    """The same of an object; of a store that does not say, the error is the caller's."""
    try:
        if digest_at(Stored(url)) == sha256:
            return None
        about = store_of(url).about(url)
    except NotThere:
        return Fate.GONE
    return Fate.EDITED if about is None or about.mtime_ns > (saved + CLOCKS) * 1e9 else Fate.DAMAGED
