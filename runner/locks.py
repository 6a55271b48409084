"""One run a manifest at a time: locks that end with whoever holds them, so there is nothing to take over."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable

from manifests.errors import MachineError

LOOKS = 5
LOOK_GAP = 0.05
"""How often, and how many seconds apart, a lock is tried: those who only look hold it for an instant."""


class Busy(MachineError):
    """Another run holds the lock."""


class Locks(ABC):
    """The locks of one process."""

    def __init__(self, sleep: Callable[[float], object] = time.sleep) -> None:
        self._sleep = sleep

    def take(self, manifest_id: str) -> None:
        """Take a manifest's lock for the life of this process.

        Raises:
            Busy: another run of this manifest is under way.
        """
        self._insist(manifest_id, self.try_take)

    def share(self, manifest_id: str) -> None:
        """Take a manifest's lock together with others that share it; nobody can have it alone meanwhile.

        Raises:
            Busy: somebody has it alone.
        """
        self._insist(manifest_id, self.try_share)

    def _insist(self, manifest_id: str, attempt: Callable[[str], bool]) -> None:
        for number in range(LOOKS):
            if number:
                self._sleep(LOOK_GAP)
            if attempt(manifest_id):
                return
        raise Busy(
            f"another run of this manifest is under way{self._holder(manifest_id)}, or one that looks"
            " after what it left: wait for it, or stop it with Ctrl-C, then type the same command again"
        )

    @abstractmethod
    def try_take(self, manifest_id: str) -> bool:
        """Take a manifest's lock; False when another process holds or shares it."""

    @abstractmethod
    def try_share(self, manifest_id: str) -> bool:
        """Share a manifest's lock; False when another process holds it alone."""

    @abstractmethod
    def is_free(self, manifest_id: str) -> bool:
        """Whether no other process holds a manifest's lock right now."""

    @abstractmethod
    def taken(self, manifest_id: str) -> bool:
        """Whether a process holds a manifest's lock right now; for those who only look: makes nothing."""

    @abstractmethod
    def release(self) -> None:
        """Give all locks back."""

    @abstractmethod
    def _holder(self, manifest_id: str) -> str:
        """Who holds it, in brackets with a space before; empty where that is not known."""
