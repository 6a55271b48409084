"""AudioPod on loopback: a rehearsal room that keeps its own books and misbehaves on request.

    with simulator.serve(Scenario(), wallet_cents=5000) as sim:
        ...  # sim.url, sim.key, sim.books

It shares no code with what it tests. Importing it loads none of its web libraries; `serve` and `run` do.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from simulator.books import Books, Charge, Fate, Job, Order, Submit, TopUp, UsageRow
from simulator.clock import Clock, ManualClock, SystemClock
from simulator.errors import ExtraMissingError, NotLoopbackError, ScenarioError, SimulatorError
from simulator.loading import load_scenario
from simulator.scenario import PUBLIC_KEY, PUBLIC_SESSION_TOKEN, Event, Fault, Scenario

if TYPE_CHECKING:
    from simulator.server import Simulator

__all__ = [
    "DEFAULT_PORT",
    "PUBLIC_KEY",
    "PUBLIC_SESSION_TOKEN",
    "Books",
    "Charge",
    "Clock",
    "Event",
    "ExtraMissingError",
    "Fate",
    "Fault",
    "Job",
    "ManualClock",
    "NotLoopbackError",
    "Order",
    "Scenario",
    "ScenarioError",
    "SimulatorError",
    "Submit",
    "SystemClock",
    "TopUp",
    "UsageRow",
    "load_scenario",
    "run",
    "serve",
]

DEFAULT_PORT = 8077
"""Where the command listens, as in the OpenAPI file's list of servers."""

LIBRARIES = frozenset({"anyio", "av", "h11", "python_multipart", "starlette", "uvicorn"})


def serve(
    scenario: Scenario | None = None,
    *,
    wallet_cents: int = 5000,
    host: str = "127.0.0.1",
    port: int = 0,
    clock: Clock | None = None,
) -> AbstractContextManager[Simulator]:
    """A simulator in a background thread, ready when the context begins; port 0 takes a free one.

    Raises NotLoopbackError, OSError for a port in use, ExtraMissingError when its libraries are missing.
    """
    _load()
    from simulator import server

    return server.serving(
        server.Setup(scenario or Scenario(), wallet_cents, host, port, clock or SystemClock())
    )


def run(
    host: str,
    port: int,
    scenario: Scenario,
    wallet_cents: int,
    on_ready: Callable[[str], None],
    *,
    clock: Clock | None = None,
) -> int:
    """Serve in the foreground until SIGINT or SIGTERM, and return that signal's number; prints nothing.

    `on_ready` gets the address once it listens. To be called in the main thread. Raises as `serve` does.
    """
    _load()
    from simulator import server

    return server.running(server.Setup(scenario, wallet_cents, host, port, clock or SystemClock()), on_ready)


def _load() -> None:
    """Do the heavy imports, so that what is missing has one message."""
    try:
        import simulator.server  # noqa: F401
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in LIBRARIES:
            raise
        raise ExtraMissingError(
            f"The simulator needs {error.name}, which is missing: pip install 'earmark-audio[simulator]'"
        ) from error
