"""Commands as they are typed, against a simulator in the test's own process.

Those that are not about a process are done in the test's own as well (`Bench.do`), with shorter waits.
"""

from contextlib import ExitStack

import pytest

import simulator
from earmark import run_ends
from runner.engine import timing
from simulator import Scenario
from support.bench import Bench


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """Opens a workplace: `bench(*faults, events=..., wallet=5000, clock=None, **switches)`."""
    monkeypatch.setattr(run_ends, "READ_PATIENCE", 2.0)
    monkeypatch.setattr(timing, "USAGE_GAPS", (0.05, 0.1, 0.2, *timing.USAGE_GAPS))
    with ExitStack() as stack:

        def open_one(*faults, events=(), wallet=5000, clock=None, **switches):
            switches = {"job_seconds": 0.0, "job_seconds_per_minute": 0.0, **switches}
            scenario = Scenario(faults=faults, events=events, **switches)
            return Bench(
                tmp_path, stack.enter_context(simulator.serve(scenario, wallet_cents=wallet, clock=clock))
            )

        yield open_one
