"""The selftest: rounds in houses of their own until the time is over, or something is found."""

import json
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from earmark.chaos import house as houses
from earmark.chaos.batches import Maker
from earmark.chaos.house import House
from earmark.chaos.ills import Ills, drawn
from earmark.chaos.rounds import OneKill, Round, fetch_all
from earmark.chaos.tally import Tally

ROUNDS_A_HOUSE = 6
"""Rounds on one wallet: more would make its books long, and every look at them slow."""

TWO = 0.35
"""The share of rounds with two manifests on the wallet."""

PREFIX = "earmark-selftest-"

SCENARIO, BOOKS = "scenario.json", "books.json"
"""What is written into a folder that stays: what went wrong on purpose, and the simulator's books."""


@dataclass(slots=True)
class Selftest:
    """Rounds, counted; the quick test is one of them, the chaos as many as there is time for."""

    tally: Tally
    tell: Callable[[Tally], None]
    _started: float = field(default_factory=time.monotonic)

    def quick(self) -> Tally:
        """One round without faults, whose first run is killed."""
        self._in_a_house(self._one_kill)
        return self.tally

    def chaos(self) -> Tally:
        """Random rounds until the time is over, or something was found."""
        while self._goes_on:
            self._in_a_house(self._some_rounds)
        return self.tally

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._started

    @property
    def _goes_on(self) -> bool:
        return self._seconds < self.tally.asked and self.tally.findings.clean

    def _in_a_house(self, play: Callable[[House], None]) -> None:
        """Play on a new wallet; its folder stays where something was found, or went wrong."""
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.tally.kept = folder
        with houses.opened(folder) as house:
            play(house)
        if self.tally.findings.clean:
            self.tally.kept = None
            shutil.rmtree(folder)
        self.tally.seconds = self._seconds

    def _one_kill(self, house: House) -> None:
        maker = Maker(random.Random(str(self.tally.seed)))
        batch = maker.batch_of("mixed", house.folder / "round")
        self._count(house, OneKill(house, maker.rng, [batch], Ills((), {}), self._started))

    def _some_rounds(self, house: House) -> None:
        maker = Maker(random.Random())
        for _ in range(ROUNDS_A_HOUSE):
            if not self._goes_on:
                break
            maker.rng = random.Random(f"{self.tally.seed} {self.tally.rounds}")
            self._count(house, self._drawn(house, maker))
        if self.tally.findings.clean:
            self.tally.findings += fetch_all(house)

    def _drawn(self, house: House, maker: Maker) -> Round:
        """A round as the seed wants it."""
        ills = drawn(maker.rng)
        letters = "ab" if maker.rng.random() < TWO else "a"
        folders = [house.folder / f"round-{self.tally.rounds:04}-{letter}" for letter in letters]
        until = self._started + self.tally.asked
        return Round(house, maker.rng, [maker.batch(folder) for folder in folders], ills, until)

    def _count(self, house: House, it: Round) -> None:
        """Play a round, and count what happened in it."""
        tally, before = self.tally, house.books()
        tally.findings += it.play()
        after = house.books()
        tally.rounds += 1
        tally.runs += it.runs
        tally.reconciled += it.reconciled
        tally.kills += it.kills
        tally.faults += Counter(after.struck) - Counter(before.struck)
        tally.submits += len(after.submits) - len(before.submits)
        tally.jobs += len(after.jobs) - len(before.jobs)
        tally.cents += after.spent_cents - before.spent_cents
        tally.seconds = self._seconds
        if not tally.findings.clean:
            keep(house, it.ills)
        self.tell(tally)


def keep(house: House, ills: Ills) -> None:
    """Write what went wrong, and the books, beside the ledger."""
    (house.folder / SCENARIO).write_text(json.dumps(ills.scenario, indent=1), encoding="utf-8")
    (house.folder / BOOKS).write_bytes(house.raw_books())
