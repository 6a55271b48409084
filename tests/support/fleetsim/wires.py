"""The simulated network: what a message takes from a host to the service or the ledger, and cuts."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Chances:
    """What goes wrong by itself, as shares of submits, readings and downloads; seconds otherwise."""

    cut: float = 0.004  # uploads cut before their last chunk
    lost: float = 0.002  # answers lost after a job was made
    refused: float = 0.001  # answers lost where none was made
    unread: float = 0.002  # readings without an answer
    unfetched: float = 0.002  # downloads that break off
    trip: tuple[float, float] = (0.01, 0.2)  # one way
    upload: tuple[float, float] = (1.0, 8.0)


@dataclass(slots=True)
class Wire:
    """One host's way to one place. While it is cut nothing passes, and nobody is told so."""

    clock: Callable[[], float]
    rng: random.Random
    trip: tuple[float, float]
    cut_until: float = 0.0
    messages: int = field(default=0)

    @property
    def is_cut(self) -> bool:
        """Whether nothing passes right now."""
        return self.clock() < self.cut_until

    def cut(self, seconds: float) -> None:
        """Let nothing pass for so long."""
        self.cut_until = max(self.cut_until, self.clock() + seconds)

    def seconds(self) -> float:
        """What the next message takes, one way."""
        self.messages += 1
        return self.rng.uniform(*self.trip)
