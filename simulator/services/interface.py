"""What a service is to the simulator. A new one is a file in this folder that has a `SERVICE`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator.books import Job
from simulator.endpoints import Endpoint
from simulator.replies import Stream
from simulator.world import World


@dataclass(frozen=True, slots=True)
class Result:
    """One result file of a job."""

    content_type: str
    body: Stream


def _no_results(_world: World, _job: Job, _label: str) -> Result | None:
    return None


@dataclass(frozen=True, slots=True)
class Service:
    """A service: its name, which is also the last part of its endpoints' kinds, and how it is reached."""

    name: str
    service_type: str
    """The wallet's name for it."""
    endpoints: tuple[Endpoint, ...]
    result: Callable[[World, Job, str], Result | None] = _no_results
    """The result file with a given name under `/media/NAME/ID/`, or nothing."""
