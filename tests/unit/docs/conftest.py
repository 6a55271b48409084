"""A simulator with the wallet of the pictures."""

import pytest

import simulator


@pytest.fixture
def served():
    with simulator.serve(simulator.Scenario(job_seconds=0.0), wallet_cents=300) as played:
        yield played
