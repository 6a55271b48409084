"""What holds for every test: loopback only, nobody's key, nobody's ledger, random cases that repeat in CI."""

import os
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from pytest_socket import socket_allow_hosts

from support import ledgers, pg

settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True, max_examples=50)
settings.register_profile("quick", deadline=None, derandomize=True, print_blob=True, max_examples=20)
settings.register_profile(
    "long", deadline=None, max_examples=2_000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))

NOBODY = "http://127.0.0.1:1"
"""An address where nothing answers: a test that forgets to name its server must not reach the real one."""

UNMEASURED = (
    "tests/property/",
    "tests/fuzz/",
    "tests/faults/test_fleet_",
    "tests/faults/test_kill.py",
    "tests/faults/test_two_runs.py",
    "tests/faults/test_fleet_",
    "tests/faults/test_many_on_one_ledger.py",
    "tests/faults/test_crash_points_on_server.py",
    "tests/e2e/test_run_on_a_server.py",
    "tests/e2e/test_stores.py",
    "tests/e2e/test_recipes_",
)
"""Tests that run for long through lines that others reach too: measuring these doubles their time."""

_states = count()


def pytest_collection_modifyitems(items):
    for item in items:
        if item.nodeid.startswith(UNMEASURED):
            item.add_marker("no_cover")


def pytest_runtest_setup() -> None:
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)


@pytest.fixture(autouse=True)
def _nobodys_wallet(request, monkeypatch, tmp_path_factory):
    """The environment of somebody who has set up nothing; child processes see it too."""
    for name in [each for each in os.environ if each.startswith(("AUDIOPOD_", "EARMARK_"))]:
        if not name.startswith("EARMARK_WHEEL"):
            monkeypatch.delenv(name)
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):  # CI's own are not told of tests
        monkeypatch.delenv(name, raising=False)
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")  # nobody's machine is asked for credentials
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    if request.node.get_closest_marker("no_cover"):
        monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
    monkeypatch.setenv("AUDIOPOD_BASE_URL", NOBODY)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / f"state-{next(_states)}"))


@pytest.fixture(scope="session")
def postgres(request, tmp_path_factory):
    """The session's PostgreSQL, one for all workers: a `support.pg.Server`."""
    _postgres_or_skip()
    base = tmp_path_factory.getbasetemp()
    with pg.shared(base.parent if hasattr(request.config, "workerinput") else base) as server:
        yield server


@pytest.fixture
def database(postgres):
    """The address of an empty database of the test's own."""
    with postgres.fresh() as dsn:
        yield dsn


@pytest.fixture(scope="session")
def _migrated_database(postgres):
    with postgres.fresh() as dsn:
        ledgers.migrated(dsn)
        yield dsn


@pytest.fixture
def ledger_database(_migrated_database):
    """The address of a database with the tables of a ledger, in which nothing is yet."""
    ledgers.emptied(_migrated_database)
    return _migrated_database


@pytest.fixture(params=ledgers.NAMES)
def store(request, tmp_path):
    """A ledger in either store: a `support.ledgers.Shelf`; a test that asks for it runs with both."""
    there = request.param == "postgres"
    place = request.getfixturevalue("ledger_database") if there else tmp_path / "state" / "ledger.db"
    made = ledgers.Shelf(request.param, place)
    yield made
    made.close()


@pytest.fixture
def own_postgres(tmp_path):
    """A server that a test may stop and kill."""
    _postgres_or_skip()
    with pg.shared(tmp_path) as server:
        yield server


def _postgres_or_skip():
    if pg.programs() is None:
        (pytest.fail if pg.NEEDED else pytest.skip)(pg.MISSING)


@pytest.fixture(scope="session")
def _s3_server():
    from support.s3 import serving

    with serving() as server:
        yield server


@pytest.fixture
def s3(_s3_server, monkeypatch):
    """An empty S3 server on loopback, which this process's environment names."""
    from stores import opening

    for name, value in _s3_server.environ.items():
        monkeypatch.setenv(name, value)
    opening.forget()
    yield _s3_server
    opening.forget()
    _s3_server.empty()
