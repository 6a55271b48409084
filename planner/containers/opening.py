"""The one way into a recording, wherever it lies."""

from contextlib import AbstractContextManager

from manifests.stored import is_stored
from planner.containers.source import OnDisk, Source


def opened(path: str) -> AbstractContextManager[Source]:
    """A regular file on a disk, or an object in a store, opened for looking.

    Raises:
        Unreadable: no such file any more, no permission, or not a regular file.
    """
    if "://" in path and is_stored(path):
        from planner.containers.stored import StoredSource

        return StoredSource(path)
    return OnDisk(path)
