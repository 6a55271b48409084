"""What is asked of a store, and how it may fail; tests put stores of their own here."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from manifests.errors import EarmarkError, MachineError, UsageError
from manifests.exits import Exit


@dataclass(frozen=True, slots=True)
class About:
    """What a store says of an object; a hint only, as the times of a file are.

    `size` is in bytes, `mtime_ns` in nanoseconds since 1970 (0: not said), `mark` is what the store
    changes with the content (an ETag; empty: it has none).
    """

    size: int
    mtime_ns: int = 0
    mark: str = ""


class Store(Protocol):
    """A store, through URLs without a slash at their end. Threads share it.

    Everything here may raise `NotThere`, `NotAllowed` or `StoreDown`.
    """

    def about(self, url: str) -> About | None:
        """An object; None where the URL names a prefix of others and no object."""
        ...

    def below(self, url: str) -> Iterator[tuple[str, About]]:
        """The objects under a prefix with their keys below it, sorted; none where there are none."""
        ...

    def read(self, url: str, start: int, end: int) -> bytes:
        """The bytes from `start` to before `end`, all of them."""
        ...

    def put(self, source: Path, url: str) -> None:
        """Store a file of this machine, and see that it arrived whole."""
        ...

    def move(self, url: str, target: str) -> None:
        """Give an object its place, whatever lies there."""
        ...

    def remove(self, url: str) -> None:
        """Take an object away; fine where there is none."""
        ...

    def has(self, url: str) -> bool:
        """Whether an object is there, by a list of its neighbours that may be a minute old."""
        ...


class NotThere(EarmarkError):
    """No such object, or no such bucket."""

    exit_code = Exit.USAGE


class NotAllowed(EarmarkError):
    """The credentials do not allow it."""

    exit_code = Exit.USAGE


class NoKeys(NotAllowed):
    """There are no credentials, or they open nothing: not known, wrong, expired."""


class StoreDown(MachineError):
    """The store could not be reached, or broke off; later it may answer."""


class NoSuchStore(UsageError):
    """What reads such URLs is not installed."""
