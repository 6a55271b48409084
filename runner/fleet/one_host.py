"""Whether a service that does not answer is down, or this host's way to it: another host's word decides."""

from collections.abc import Mapping

from msgspec.structs import replace

from runner.engine.world import Stop
from runner.fleet.outcome import Outcome, decoded
from runner.fleet.place import Place
from runner.ledger.fleet_rows import LEASE
from runner.ledger.interface import Ledger

UNSURE = frozenset({Stop.DOWN, Stop.UNREACHABLE})
"""Stops that one host may meet although the service is well."""

LATELY = 120.0
"""Seconds within which hosts that meet the same mean the service."""

SHARE = 3
"""The part of the living hosts that must meet it, two at least: of a hundred, two have bad lines any time."""


def unsure(stops: Mapping[Stop, str]) -> str:
    """Why the service did not answer; empty where that is not what stopped a shift."""
    return next((text for stop, text in stops.items() if stop in UNSURE), "")


def is_alone(ledger: Ledger, dispatch_id: int, place: Place) -> bool:
    """Whether other hosts live, and too few of them met the same lately: then it is this host's line."""
    now, mine = ledger.moment(), {place.by.host}
    living = mine | {each.host for each in ledger.hosts(now - LEASE) if each.alive}
    if living == mine:
        return False
    lately = ledger.ended_shifts(dispatch_id, now - LATELY)
    met = mine | {each.host for each in lately if UNSURE.intersection(decoded(each.outcome).met)}
    return len(met) < max(2, -(-len(living) // SHARE))


def for_one_host(outcome: Outcome, host: str) -> Outcome:
    """The outcome of a shift whose host alone has no way to the service: others go on."""
    alone = {stop: text for stop, text in outcome.stops.items() if stop in UNSURE}
    stops = {stop: text for stop, text in outcome.stops.items() if stop not in UNSURE}
    note = f"host {host} got no answer from the service ({next(iter(alone.values()))}): others took its lines"
    return replace(outcome, stops=stops, alone=alone, notes=(*outcome.notes, note))
