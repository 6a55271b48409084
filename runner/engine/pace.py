"""How many uploads run at once: more while that brings more through, half after a 429.

Pure: it is told what was sent and when, and asked for a number. Uploads are counted in *rounds*: as many
successes as there are slots. While each round brings clearly more through than the best one before it, the
slots are doubled; the first one that does not ends that, and from then on a quarter more is tried from
time to time, since networks change, and kept where it brings more. What does not bring more is taken back:
uploads that share a line only hold each other up. A 429, or a submit that did not get through, halves the
slots; a lost answer leaves one. After either they grow by one a round.
"""

from dataclasses import dataclass

FIRST_SLOTS = 4
"""Uploads at once to begin with."""

WORTH = 0.5
"""The share of the growth in slots by which a round must have grown to be worth them: twice the uploads
bring half as much again at least. Where they wait for the service they bring twice as much, where they
share a line nothing."""

REST = 8
"""Rounds at the best number before more is tried again."""

SHORTEST_ROUND = 0.1
"""Seconds that a round takes at least: the rate of shorter ones is noise."""

OVERHEAD = 64 * 1024
"""Bytes that a submit counts for beside its file: of small files, how many matters, not how large."""


@dataclass(frozen=True, slots=True)
class Round:
    """What has been brought through since a moment."""

    since: float  # seconds
    sent: int = 0
    work: int = 0  # bytes, with the overhead of each

    def plus(self, size: int) -> "Round":
        """With one more."""
        return Round(self.since, self.sent + 1, self.work + size + OVERHEAD)


class Pace:
    """The number of uploads at once, between 1 and a limit."""

    def __init__(self, limit: int) -> None:
        """`limit` is the most at once, at least 1."""
        self.slots = min(FIRST_SLOTS, limit)
        self._limit = limit
        self._best = self.slots  # slots
        self._rate = 0.0  # work a second with them
        self._doubling = True
        self._growing = False  # by one a round, after a halving
        self._rests = 0
        self._round: Round | None = None

    def went_well(self, size: int, now: float) -> None:
        """An upload was accepted.

        Args:
            size: bytes of its file.
            now: seconds; they only go on.
        """
        if self._round is None:  # when it began is not known
            self._round = Round(now)
            return
        self._round = self._round.plus(size)
        took = now - self._round.since
        if self._round.sent >= self.slots and took >= SHORTEST_ROUND:
            rate, self._round = self._round.work / took, Round(now)
            self._judge(rate)

    def halve(self) -> None:
        """The service wants less, or did not take it."""
        self._start_over(max(1, self.slots // 2))

    def drop(self) -> None:
        """An answer was lost: one at a time, until it is known that they come."""
        self._start_over(1)

    def pause(self) -> None:
        """There was less to send than slots: the round tells nothing about rates."""
        self._round = None

    def _start_over(self, slots: int) -> None:
        self.slots = self._best = slots
        self._rate, self._round = 0.0, None
        self._doubling, self._growing = False, True

    def _judge(self, rate: float) -> None:
        """Take in what a round brought through, in work a second; choose the slots of the next one."""
        if self._growing:
            # The service said that it was too much: what it takes is found slot by slot.
            self.slots = self._best = min(self.slots + 1, self._limit)
            self._growing = self.slots < self._limit
            return
        if self.slots == self._best:
            self._rate = rate  # the newest counts: lines become slower, too
        elif rate >= self._rate * (1 + WORTH * (self.slots / self._best - 1)):
            self._best, self._rate, self._rests = self.slots, rate, 0
        else:
            self.slots, self._rests, self._doubling = self._best, REST, False
            return
        self._rests = max(0, self._rests - 1)
        if not self._rests:
            more = self._best if self._doubling else max(1, self._best // 4)
            self.slots = min(self._best + more, self._limit)
