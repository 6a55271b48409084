"""What a run buys of its manifest, and when: the chosen lines, a sample before the rest, a time at most."""

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import replace

from manifests.manifest import Item
from runner.attentive import Attentive
from runner.choosing import Chosen, Lot, chosen
from runner.engine.engine import Engine
from runner.engine.messages import Event, Tick
from runner.gate import Gate, Passage
from runner.options import Offer, RunEnds, RunOptions
from runner.piloting import Piloted, Rest, piloted
from runner.report import ItemReport


class Portioned(Attentive):
    """A run that may be asked to buy a part of its manifest."""

    _engine: Engine
    _gate: Gate
    _id: str

    def __init__(self, options: RunOptions, ends: RunEnds) -> None:
        super().__init__()
        self._options, self._ends = options, ends
        self._phase = "collecting"
        self._passage: Passage | None = None
        self._declined = False
        self._chosen = Chosen()
        self._pilot: Piloted | None = None

    @property
    @abstractmethod
    def _blocked(self) -> bool:
        """Whether nothing may be bought."""

    @abstractmethod
    def _numbered(self) -> Iterable[tuple[int, Item, bool]]:
        """All lines by their numbers, and whether each is still to be bought."""

    @abstractmethod
    def _limit(self, lot: Lot | None) -> None:
        """Buy nothing but these from now on; None: all."""

    @abstractmethod
    def _item_reports(self) -> Iterable[ItemReport]:
        """What became of each line so far."""

    def _choose(self) -> None:
        """What --only and --first name, and the sample of a pilot, which is bought first."""
        if self._options.portion and not (self._stopped or self._options.only_collects):
            self._phase = "choosing"
            self._chosen = chosen(self._options.portion, self._numbered())
            self._limit(self._chosen.lines if self._chosen.sample is None else self._chosen.sample)

    def _goes_on(self) -> bool:
        """Whether a pilot was bought, and somebody wants the rest, too."""
        passed = self._passage is None or self._passage.passes
        left = self._declined or self._blocked or self._engine.world.leaving or not passed
        if self._chosen.sample is None or left:
            return False
        pilot = self._pilot = piloted(self._item_reports(), self._chosen.sample, self._chosen.lines)
        may_ask = pilot.rest.items and not self._stopped and self._has_room(pilot.rest)
        if may_ask and self._ends.go_on(pilot):
            self._pilot = replace(pilot, agreed=True)
        self._heed()
        self._limit(self._chosen.lines)
        return self._pilot.agreed and not self._stopped

    def _has_room(self, rest: Rest) -> bool:
        """Whether caps and limits have room for the rest of a pilot, or take of it what fits."""
        return self._options.fit or self._gate.leaves(rest.ceiling, rest.credits_ceiling)

    def _wants(self, offer: Offer) -> bool:
        """The user's word; that after a pilot counts for all that was told of then."""
        pilot = self._pilot
        if pilot is not None and pilot.agreed and _covers(pilot.rest, offer):
            return True
        return self._ends.ask(offer)

    def _overdue(self) -> list[Event]:
        until = self._engine.world.terms.until
        return [] if until is None or self._stopped or self._ends.clock() < until else [Tick()]


def _covers(rest: Rest, offer: Offer) -> bool:
    return offer.ceiling <= rest.ceiling and offer.credits_ceiling <= rest.credits_ceiling
