"""Looks at the service that all hosts of a fleet share: the ledger says who looks, and what was seen.

A *look* is one reading, under a name such as `list transcription`. Looks of a name are numbered in the order
in which they begin. Whoever has a question notes the number of the look that began last, and takes the
answer of any look with a higher number: it began after the question. No clock has a part in this, so hosts
whose clocks differ, and a database whose clock is set back, change nothing.

Whoever looks holds a claim for a few seconds and renews it with each page. One who is killed, or whose host
is gone, holds nobody up longer than that: the next begins a look of its own. Should the first one live
all the same, two look at once, and both saw the truth.
"""

from typing import Protocol

from runner.ledger.looking import FURTHEST, Board, LiveJobs, Look

__all__ = ["FURTHEST", "Board", "LiveJobs", "Look", "Looks"]


class Looks(Protocol):
    """The looks of one ledger; any thread may call.

    All methods raise MachineError where the ledger cannot be reached: then a host looks for itself.
    """

    def board(self, name: str, after: int = 0) -> Board:
        """The looks of a name as they stand; `latest` only with a number higher than `after`."""
        ...

    def begin(self, name: str, seconds: float) -> int | None:
        """Begin a look and claim the name for so many seconds; its number.

        None where somebody else looks, or where the name rests.
        """
        ...

    def sign(self, name: str, number: int, seconds: float) -> None:
        """Hold the claim for so many seconds more; without effect once another look began."""
        ...

    def end(self, name: str, number: int, body: str, rest: float) -> None:
        """Tell what was seen; no look of this name begins until `rest` seconds after this one began.

        Without effect where a later look has ended.
        """
        ...

    def drop(self, name: str, number: int) -> None:
        """Nothing was seen that others could use: the next one may look at once."""
        ...

    def live_jobs(self, service: str) -> LiveJobs:
        """The jobs of a service that any run waits for."""
        ...
