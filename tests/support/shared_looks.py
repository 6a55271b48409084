"""The looks of a fleet in memory, with a clock of their own."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from manifests.errors import MachineError
from runner.fleet.looks import FURTHEST, Board, LiveJobs, Look


@dataclass
class Entry:
    """What a row of the ledger holds."""

    begun: int = 0
    began: float = 0.0
    claimed: float = 0.0
    rests: float = 0.0
    ended: int = 0
    body: str = ""


@dataclass
class MemoryLooks:
    """What hosts share; `down` is a database that cannot be reached."""

    clock: Callable[[], float]
    live: dict[str, set[str]] = field(default_factory=dict)
    age: float = 0.0  # of half of the jobs
    down: bool = False
    entries: defaultdict[str, Entry] = field(default_factory=lambda: defaultdict(Entry))
    lock: Lock = field(default_factory=Lock)

    def board(self, name: str, after: int = 0) -> Board:
        with self._open():
            entry, now = self.entries[name], self.clock()
            latest = Look(entry.ended, entry.body) if entry.ended > after else None
            waits = max(_left(entry.claimed, now), _left(entry.rests, now))
            return Board(entry.begun, waits, _left(entry.claimed, now) > 0, latest)

    def begin(self, name: str, seconds: float) -> int | None:
        with self._open():
            entry, now = self.entries[name], self.clock()
            if _left(entry.claimed, now) or _left(entry.rests, now):
                return None
            entry.begun, entry.began, entry.claimed = entry.begun + 1, now, now + seconds
            return entry.begun

    def sign(self, name: str, number: int, seconds: float) -> None:
        with self._open():
            entry = self.entries[name]
            if entry.begun == number and entry.ended < number:
                entry.claimed = self.clock() + seconds

    def end(self, name: str, number: int, body: str, rest: float) -> None:
        with self._open():
            entry = self.entries[name]
            if number > entry.ended:
                entry.ended, entry.body = number, body
            if number == entry.begun:
                entry.claimed, entry.rests = 0.0, entry.began + rest

    def drop(self, name: str, number: int) -> None:
        with self._open():
            if number == self.entries[name].begun:
                self.entries[name].claimed = 0.0

    def live_jobs(self, service: str) -> LiveJobs:
        with self._open():
            return LiveJobs(frozenset(self.live.get(service, ())), self.age)

    def _open(self) -> Lock:
        if self.down:
            raise MachineError("the database is gone")
        return self.lock


def _left(until: float, now: float) -> float:
    """The seconds that are left; none where a clock was set."""
    return until - now if now < until <= now + FURTHEST else 0.0
