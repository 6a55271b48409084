"""Hosts that work side by side in virtual time: threads, of which time waits for all to sleep."""

import heapq
from collections.abc import Callable, Iterable
from itertools import count
from threading import Condition, Thread

START = 1_800_000_000.0
"""Where virtual time begins: seconds since 1970."""


class Together:
    """Runs functions side by side; time goes on to the next waking when everybody sleeps."""

    def __init__(self, start: float = START) -> None:
        self._now = start
        self._turn = Condition()
        self._awake = 0
        self._order = count()
        self._sleepers: list[tuple[float, int]] = []
        self._woken: set[int] = set()
        self._failures: list[BaseException] = []

    def clock(self) -> float:
        """Seconds since 1970."""
        with self._turn:
            return self._now

    def sleep(self, seconds: float) -> None:
        """Sleep in virtual time."""
        with self._turn:
            me = next(self._order)
            heapq.heappush(self._sleepers, (self._now + max(0.0, seconds), me))
            self._awake -= 1
            self._wake_next()
            while me not in self._woken:
                self._turn.wait()
            self._woken.discard(me)

    def run(self, hosts: Iterable[Callable[[], object]]) -> None:
        """Run all of them to their ends; the first failure is raised."""
        threads = [Thread(target=self._live, args=(host,), daemon=True) for host in hosts]
        self._awake = len(threads)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive(), "a host hangs"
        if self._failures:
            raise self._failures[0]

    def _live(self, host: Callable[[], object]) -> None:
        try:
            host()
        except BaseException as failure:  # noqa: BLE001 - raised by whoever runs them
            self._failures.append(failure)
        finally:
            with self._turn:
                self._awake -= 1
                self._wake_next()

    def _wake_next(self) -> None:
        """Wake whoever is due next, once nobody is awake."""
        if not self._awake and self._sleepers:
            at, who = heapq.heappop(self._sleepers)
            self._now = max(self._now, at)
            self._awake += 1
            self._woken.add(who)
            self._turn.notify_all()
