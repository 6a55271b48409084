"""Where shifts are taken: one process of a host, with its disks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from manifests.stored import Location
from runner.fleet.beating import Pulse
from runner.fleet.rates import SharedRates
from runner.ledger.runs import RunBy

Ring: TypeAlias = Callable[[Sequence[int]], None]
"""Tells hosts of shifts that wait; called inside the transaction in which they begin to."""


def _nobody(_shifts: Sequence[int]) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Place:
    """Where shifts are taken: one process of a host."""

    worker_id: int
    by: RunBy  # host, process and version; who asked is the dispatch's to say
    output: Location | None  # where results go; None for the folder of whoever runs the manifest
    pulse: Pulse
    roots: Sequence[Location] = ()  # where files are looked for; else where the manifest does
    uploads: int | None = None  # at most this many at once
    ring: Ring = _nobody
    rates: SharedRates = field(default_factory=SharedRates)  # those of its process
