"""What a shift came to beside what the ledger's rows tell: kept with the shift, merged by its dispatch."""

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from manifests.errors import MachineError
from manifests.money import Cents
from manifests.paths import as_written
from runner.engine.engine import Engine
from runner.engine.world import Stop
from runner.fleet.packing import rates_of, rates_text

LOCAL = frozenset({Stop.DISK, Stop.NAME, Stop.SIGNAL})
"""Stops that are about one host: its lines go back, and other hosts go on."""


class Outcome(Struct, frozen=True, omit_defaults=True):
    """How one shift ended; amounts in cents."""

    stops: Mapping[str, str] = {}  # why nothing more was submitted, in the order met
    notes: tuple[str, ...] = ()
    required: int | None = None  # as a 402 said
    available: int | None = None  # as a 402 said
    drift: Mapping[str, tuple[int, int]] = {}  # by service: expected, charged
    submitted: int = 0
    sent: int = 0  # bytes of what was submitted
    risen: Mapping[str, str] = {}  # prices that would have to be accepted, where any rose, as exact fractions
    changed: Mapping[str, str] = {}  # why a line's file is not as planned, by the key of the line
    alone: Mapping[str, str] = {}  # stops that no other host met: its own line is down, not the service
    failed: str = ""  # the error with which the shift ended early

    def encoded(self) -> str:
        """As the ledger keeps it."""
        return msgspec.json.encode(self).decode()

    @property
    def shared_stops(self) -> Mapping[Stop, str]:
        """The stops that are about the wallet or the service, and so about every host."""
        return {stop: text for stop, text in self._known.items() if stop not in LOCAL}

    @property
    def local_stops(self) -> Mapping[Stop, str]:
        """The stops that are about the one host alone."""
        return {stop: text for stop, text in self._known.items() if stop in LOCAL}

    @property
    def met(self) -> frozenset[str]:
        """All that stopped it, whether other hosts met it or not."""
        return frozenset({*self.stops, *self.alone})

    @property
    def _known(self) -> Mapping[Stop, str]:
        return {Stop(name): text for name, text in self.stops.items() if name in frozenset(Stop)}


def outcome_of(engine: Engine, changed: Mapping[str, str], failed: str = "") -> Outcome:
    """What one engine's shift came to; `changed` says why a line's file is not as planned."""
    world = engine.world
    return Outcome(
        stops={stop.value: _text(text) for stop, text in world.stops.items()},
        notes=tuple(_text(note) for note in world.notes),
        required=world.shortfall.required,
        available=world.shortfall.available,
        drift={service: (int(had), int(cost)) for service, (had, cost) in engine.settles.drift.items()},
        submitted=world.submitted,
        sent=engine.submits.sent,
        risen=rates_text(engine.guard.risen),
        changed={key: _text(reason) for key, reason in changed.items()},
        failed=_text(failed),
    )


def decoded(text: str) -> Outcome:
    """The outcome of such a text; of an empty one nothing.

    Raises:
        MachineError: it is none, or of a newer Earmark.
    """
    try:
        return msgspec.json.decode(text, type=Outcome) if text else Outcome()
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MachineError(
            f"the ledger holds what a shift came to in words of another Earmark: {error}"
        ) from error


def merge(outcome: Outcome, engine: Engine) -> None:
    """Let an engine say what a shift came to as if it had met it; what is about one host stays out."""
    world = engine.world
    for stop, message in outcome.shared_stops.items():
        world.stop(stop, message)
    for note in outcome.notes:
        world.note(note)
    if world.shortfall.required is None and outcome.required is not None:
        world.shortfall.required = Cents(outcome.required)
    if outcome.available is not None:
        world.shortfall.available = Cents(outcome.available)
    world.submitted += outcome.submitted
    engine.submits.sent += outcome.sent
    for service, (expected, charged) in outcome.drift.items():
        engine.settles.count(service, expected, charged)
    if outcome.risen:
        engine.guard.risen = {**engine.guard.risen, **rates_of(outcome.risen)}


def _text(text: str) -> str:
    """The text as JSON takes it: no lone surrogates."""
    return as_written(text)[0]
