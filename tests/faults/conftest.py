"""Hosts on one ledger, for faults of every kind."""

import subprocess
from contextlib import ExitStack

import pytest

import simulator
from simulator import Scenario
from support import hosts, pg
from support.bench import COMMANDS


@pytest.fixture
def fleet(request, tmp_path):
    """Opens a site with a migrated database: `fleet(*faults, own=False, wallet=5000, **switches)`.

    With `own` the server is the test's own, to be killed.
    """
    with ExitStack() as stack:

        def open_one(*faults, own=False, wallet=5000, **switches):
            server = request.getfixturevalue("postgres")
            if own:
                server = stack.enter_context(pg.shared(tmp_path))
            dsn = stack.enter_context(server.fresh(server.template("migrated", _migrate)))
            switches = {"job_seconds": 0.3, "job_seconds_per_minute": 0.0, **switches}
            sim = stack.enter_context(
                simulator.serve(Scenario(faults=faults, **switches), wallet_cents=wallet)
            )
            return stack.enter_context(hosts.site(tmp_path, sim, server, dsn))

        yield open_one


@pytest.fixture
def migrated_database(postgres):
    """The address of a database of the test's own, with all that a shared ledger needs."""
    with postgres.fresh(postgres.template("migrated", _migrate)) as dsn:
        yield dsn


def _migrate(dsn):
    command = [COMMANDS / "earmark", "ledger", "migrate"]
    done = subprocess.run(
        command, env={"EARMARK_LEDGER": dsn, "PATH": "/usr/bin"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
