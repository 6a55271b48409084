"""What can be wrong with the simulator itself; what it refuses to its callers is in `refusals`."""

from __future__ import annotations


class SimulatorError(Exception):
    """Root of the simulator's own errors."""


class NotLoopbackError(SimulatorError, ValueError):
    """The simulator was asked to listen where others could reach it."""


class ScenarioError(SimulatorError, ValueError):
    """A scenario that cannot be read, with the place and what is wrong there."""


class ExtraMissingError(SimulatorError, ImportError):
    """The libraries of the simulator are not installed."""
