"""Results into an object store: fetched to this machine, stored as a part, checked, then given their place.

A store shows an object whole or not at all, but not every kind of store does; and what was cut on its way
there must never have a result's name.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from manifests.errors import EarmarkError, MachineError
from manifests.stored import Location, Stored, is_stored
from runner.points import Point, Reach
from stores.interface import NoSuchStore, Store
from stores.opening import store_of

MARK = ".earmark-results"
"""The object that marks the folder as Earmark's, so that no plan takes what lies there for input."""

BLOCK_BYTES = 4 << 20
"""Read at a time."""

PARTS = ".earmark-parts"
"""Where unfinished objects lie, below the results folder."""


@contextmanager
def spooled() -> Iterator[Path]:
    """A new name in a folder of this machine (`TMPDIR`) for a file on its way to a store."""
    try:
        with tempfile.TemporaryDirectory(prefix="earmark-") as folder:
            yield Path(folder) / "result.part"
    except OSError as error:
        raise MachineError(
            f"{tempfile.gettempdir()} cannot take a result on its way to a store: {error.strerror or error};"
            " nothing is lost: make room or name another folder in TMPDIR, then type the same command again"
        ) from error


def store_file(part: Path, path: Stored, output: Stored, reach: Reach) -> None:
    """Put a file of this machine in its place in a store.

    Raises:
        MachineError: the store does not take it.
    """
    url, unfinished = str(path), f"{output}/{PARTS}/{token_hex(8)}"
    with _kept(url):
        store = store_of(url)
        reach(Point.DOWNLOADED)
        store.put(part, unfinished)
        store.move(unfinished, url)
        _check(store, url, part.stat().st_size)
        reach(Point.RENAMED)


def _check(store: Store, url: str, size: int) -> None:
    about = store.about(url)
    if about is None or about.size != size:
        raise MachineError(f"{about.size if about else 0:,} bytes of {size:,} are there")


def check_writable(output: Stored) -> None:
    """Refuse to buy what could not be saved; leaves the mark of a results folder.

    The mark is written each time: that it is there says nothing about the credentials of now.

    Raises:
        NoSuchStore: what reads such places is not installed.
        MachineError: the store does not take anything there.
    """
    url = f"{output}/{MARK}"
    with _kept(url):
        store = store_of(url)
        with spooled() as file:
            file.write_bytes(b"Results of Earmark lie here; no plan takes them for recordings.\n")
            store.put(file, url)


def sweep(output: Stored, before: float) -> None:
    """Remove the unfinished objects that killed runs left, those from before a time in seconds since 1970."""
    url = f"{output}/{PARTS}"
    with _kept(url):
        store = store_of(url)
        for key, about in store.below(url):
            if 0 < about.mtime_ns < before * 1e9:
                store.remove(f"{url}/{key}")


@contextmanager
def _kept(url: str) -> Iterator[None]:
    """What a store says, as the error of a result that cannot be kept."""
    try:
        yield
    except NoSuchStore:
        raise
    except EarmarkError as error:
        raise MachineError(
            f"{url} cannot be written: {str(error).removeprefix(f'{url}: ')}; nothing is lost:"
            " mend that or name another folder with --output, then type the same command again"
        ) from error


def digest_at(path: Location) -> str:
    """The SHA-256 of a result, on a disk or in a store, as hex.

    Raises:
        OSError: it cannot be read.
        EarmarkError: the same of a store; `NotThere` where there is none.
    """
    if not isinstance(path, Stored):
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    store, url, digest = store_of(str(path)), str(path), hashlib.sha256()
    about = store.about(url)
    size = about.size if about is not None else 0
    for start in range(0, size, BLOCK_BYTES):
        digest.update(store.read(url, start, min(start + BLOCK_BYTES, size)))
    return digest.hexdigest()


def is_there(path: str | Location) -> bool:
    """Whether a result is where it was saved, on a disk or in a store.

    Raises:
        EarmarkError: the store does not say.
    """
    text = os.fspath(path)
    return store_of(text).has(text) if is_stored(text) else os.path.isfile(text)  # noqa: PTH113


def seems_there(path: str, exists: Callable[[str], bool] = os.path.exists) -> bool:
    """The same for reports: what a store does not say is taken for true, since it was saved and checked."""
    if not is_stored(path):
        return exists(path)
    try:
        return store_of(path).has(path)
    except EarmarkError:
        return True
