"""What a run heeds while it does something else: signals, and the answers that came meanwhile."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import TypeVar

from runner.engine.messages import Event, Signal
from runner.loop import Loop, take
from runner.performer import Inbox

T = TypeVar("T")


class Interrupted(BaseException):
    """A signal while the main thread itself called the service."""


class Attentive(ABC):
    """A run's main thread, which calls the service and reads files between the turns of its loop."""

    _loop: Loop

    def __init__(self) -> None:
        self._inbox: Inbox = SimpleQueue()
        self._calling = False

    @property
    @abstractmethod
    def _stopped(self) -> bool:
        """Whether something stops the run."""

    @abstractmethod
    def _tell(self) -> None:
        """Tell how far the run is."""

    @abstractmethod
    def _overdue(self) -> list[Event]:
        """A Tick where the time that the run was given is over, and it does not know yet."""

    def _heeding(self, items: Iterable[T]) -> Iterator[T]:
        """The items, until something stops the run: a signal does not wait for the last file."""
        for item in items:
            yield item
            self._tell()
            self._heed()
            if self._stopped:
                return

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Calls of the main thread itself, which nothing but a signal ends early.

        Raises:
            Interrupted: a signal came.
        """
        self._calling = True
        try:
            yield
        finally:
            self._calling = False

    def _signalled(self, number: int) -> None:
        """A signal: an event for the loop, or the end of a call that the loop waits for."""
        self._inbox.put(Signal(number))
        if self._calling:
            self._calling = False
            raise Interrupted

    def _heed(self) -> None:
        """Take in what happened outside the loop."""
        events = take(self._inbox, 0) or self._overdue()
        if events:
            self._loop.run(events, until=lambda: True)
