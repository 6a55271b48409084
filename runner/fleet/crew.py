"""A dispatching process's own hands: some threads, each with a ledger of its own, that take shifts."""

import threading
from collections.abc import Callable
from contextlib import closing

from manifests.errors import EarmarkError
from runner.fleet.ends import FleetEnds, Hand
from runner.ledger.interface import LeaseLost, Ledger
from runner.performer import Crash, Inbox

TROUBLED = 2.0
"""Seconds after which a thread looks again whose shift ended with an error."""

Take = Callable[[Ledger], Hand | None]
"""Takes a shift that waits; None where none may be taken."""


class Crew:
    """Threads that take shifts until they are told to stop."""

    def __init__(self, ends: FleetEnds, inbox: Inbox) -> None:
        """A bug in a thread goes to the inbox."""
        self._ends, self._inbox = ends, inbox
        self._stopping = threading.Event()
        self._hands: dict[int, Hand] = {}  # by the thread that has it
        self._busy = 0  # threads that take a shift, or have one
        self._lock = threading.Lock()
        self._signals: list[int] = []
        self._threads: list[threading.Thread] = []
        self.troubles: list[str] = []  # what shifts ended with that did not come to their end

    def start(self, take: Take) -> None:
        """Begin; the first time counts."""
        if self._threads:
            return
        for number in range(self._ends.at_once):
            name = f"shift-{number}"
            thread = threading.Thread(target=self._serve, args=(take,), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    @property
    def idle(self) -> bool:
        """Whether no shift is being worked on here."""
        with self._lock:
            return not self._busy

    def interrupt(self, number: int) -> None:
        """Take no more shifts; those under way end as a run ends on a signal. In no signal handler."""
        self._stopping.set()
        with self._lock:
            self._signals.append(number)
            hands = list(self._hands.values())
        for hand in hands:
            hand.interrupt(number)

    def close(self, seconds: float) -> None:
        """Take no more shifts, and wait at most so long for each thread to end."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(seconds)

    def _serve(self, take: Take) -> None:
        try:
            while not self._stopping.is_set():
                self._connected(take)
        except BaseException as error:  # noqa: BLE001 - a bug must reach the run, whatever it is
            crash = Crash(f"in {threading.current_thread().name}: {error!r}")
            crash.__cause__ = error
            self._inbox.put(crash)

    def _connected(self, take: Take) -> None:
        """Take shifts for as long as there is a connection; a server that is away is tried again."""
        try:
            with closing(self._ends.connect()) as ledger:
                while not self._stopping.is_set():
                    self._stopping.wait(self._serve_one(take, ledger))
        except EarmarkError as error:
            self.troubles.append(str(error))
            self._stopping.wait(TROUBLED)

    def _serve_one(self, take: Take, ledger: Ledger) -> float:
        """Take a shift and see it through; seconds to wait before the next one."""
        with self._lock:
            self._busy += 1
        try:
            hand = take(ledger)
            if hand is None:
                return self._ends.look
            self._begun(hand)
            hand.work()
        except LeaseLost:  # whoever has the shift now goes on
            return self._ends.look
        except EarmarkError as error:
            self.troubles.append(str(error))
            return TROUBLED
        finally:
            with self._lock:
                self._busy -= 1
                self._hands.pop(threading.get_ident(), None)
        return 0.0

    def _begun(self, hand: Hand) -> None:
        """A signal that came while it was taken reaches it now."""
        with self._lock:
            self._hands[threading.get_ident()] = hand
            signals = list(self._signals)
        for signal in signals:
            hand.interrupt(signal)
