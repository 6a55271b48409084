"""The one way to a store: what reads it is loaded when a URL is first seen."""

from threading import Lock

from manifests.stored import parts_of
from stores.interface import Store

_stores: dict[str, Store] = {}
_lock = Lock()


def store_of(url: str) -> Store:
    """The store that a URL leads to, one for each bucket.

    Raises:
        NoSuchStore: what reads such URLs is not installed; the message has the command.
    """
    place, _ = parts_of(url)
    with _lock:
        found = _stores.get(place)
        if found is None:
            from stores.fsspec_store import FsspecStore

            found = _stores[place] = FsspecStore(place)
        return found


def use(place: str, store: Store) -> None:
    """Put a store of one's own in a place such as `s3://bucket`: tests do."""
    with _lock:
        _stores[place] = store


def forget() -> None:
    """Open every store anew when it is next asked for."""
    with _lock:
        _stores.clear()
