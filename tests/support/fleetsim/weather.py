"""What befalls the hosts of a simulated fleet, and when: drawn from a seed before anything runs."""

import random
from dataclasses import dataclass
from enum import StrEnum


class Blow(StrEnum):
    """Something that goes wrong."""

    KILL = "kill"  # the process is gone at once; the host starts another one after a while
    DOOM = "doom"  # the same, at the n-th durable step from now
    PAUSE = "pause"  # the host stands still, and wakes without noticing
    NAP = "nap"  # the same, from the n-th durable step from now on
    VANISH = "vanish"  # the host is gone for good
    CUT_LEDGER = "cut from the ledger"
    CUT_SERVICE = "cut from the service"
    LEDGER_DOWN = "ledger down"  # for all hosts
    SERVICE_DOWN = "service down"  # for all hosts


@dataclass(frozen=True, slots=True)
class Event:
    """One blow: to which host, for how many seconds, or before how many steps."""

    at: float  # seconds from the beginning
    blow: Blow
    host: int
    seconds: float
    steps: int


@dataclass(frozen=True, slots=True)
class Climate:
    """How often each blow falls on a host, in seconds between two of them; and how long it lasts."""

    between: float = 900.0
    until: float = float("inf")  # nothing befalls anybody after so many seconds
    vanishing: float = 0.1  # share of the hosts that may vanish

    def blows(self, hosts: int, seed: int) -> "list[Event]":
        """All of them, for a day at most, in their order."""
        rng = random.Random(f"weather {seed}")
        end, at, found = min(self.until, 86_400.0), 0.0, []
        left = int(hosts * self.vanishing)
        while (at := at + rng.expovariate(hosts / self.between)) < end:
            blow = rng.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
            if blow is Blow.VANISH:
                left -= 1
                blow = blow if left >= 0 else Blow.KILL
            found.append(
                Event(at, blow, rng.randrange(hosts), rng.uniform(*_SECONDS[blow]), rng.randint(1, 60))
            )
        return found


_WEIGHTS = {
    Blow.KILL: 3,
    Blow.DOOM: 6,
    Blow.PAUSE: 3,
    Blow.NAP: 6,
    Blow.VANISH: 1,
    Blow.CUT_LEDGER: 4,
    Blow.CUT_SERVICE: 3,
    Blow.LEDGER_DOWN: 0.3,
    Blow.SERVICE_DOWN: 0.3,
}
_SECONDS = {
    Blow.KILL: (3.0, 120.0),
    Blow.DOOM: (3.0, 120.0),
    Blow.PAUSE: (1.0, 120.0),
    Blow.NAP: (1.0, 120.0),
    Blow.VANISH: (0.0, 0.0),
    Blow.CUT_LEDGER: (1.0, 90.0),
    Blow.CUT_SERVICE: (1.0, 60.0),
    Blow.LEDGER_DOWN: (1.0, 45.0),
    Blow.SERVICE_DOWN: (1.0, 60.0),
}
