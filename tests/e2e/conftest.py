"""The installed commands against a simulator in the test's own process."""

from contextlib import ExitStack

import pytest

import simulator
from simulator import Scenario
from support.bench import Bench


@pytest.fixture
def bench(tmp_path):
    """Opens a workplace: `bench(*faults, events=..., wallet=5000, clock=None, **switches)`."""
    with ExitStack() as stack:

        def open_one(*faults, events=(), wallet=5000, clock=None, **switches):
            switches = {"job_seconds": 0.0, "job_seconds_per_minute": 0.0, **switches}
            scenario = Scenario(faults=faults, events=events, **switches)
            return Bench(
                tmp_path, stack.enter_context(simulator.serve(scenario, wallet_cents=wallet, clock=clock))
            )

        yield open_one
