"""Locks that a server keeps: they end with the process that holds them, and with its connection."""

import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from runner.ledger.postgres.ledger import PostgresLedger
from runner.ledger.runs import RunBy
from runner.locks import Busy
from support.ledgers import migrated

HOLDER = """
import sys, time
from runner.ledger.postgres.ledger import PostgresLedger
locks = PostgresLedger(sys.argv[1], time.time).locks()
{"alone": locks.take, "shared": locks.share}[sys.argv[2]]("m1")
print("held", flush=True)
sys.stdin.read()
"""
PATIENCE = 20.0
"""Seconds within which a server notices that a process has ended."""


@contextmanager
def another_process(dsn, how="alone"):
    """A process that holds or shares the lock of m1 while the block runs."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, dsn, how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    try:
        yield process
    finally:
        process.communicate()


def becomes(true):
    """Whether something comes true before long."""
    end = time.monotonic() + PATIENCE
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


@pytest.fixture
def host(ledger_database):
    """Makes the locks of one more host; all are given back at the end."""
    made = []

    def another(dsn=ledger_database):
        ledger = PostgresLedger(dsn, time.time)
        made.append((ledger, ledger.locks()))
        return made[-1][1]

    yield another
    for ledger, locks in made:
        locks.release()
        ledger.close()


def test_one_host_alone_has_a_lock_and_may_take_it_again(host):
    here, there = host(), host()
    here.take("m1")
    here.take("m1")
    assert here.try_take("m1")
    assert here.is_free("m1")
    assert not there.try_take("m1")
    assert not there.try_share("m1")
    assert not there.is_free("m1")
    assert there.try_take("m2")
    with pytest.raises(Busy, match=r"another run .* \(earmark locks \d+ on 127\.0\.0\.1\), or one .*: wait"):
        there.take("m1")
    here.release()
    there.take("m1")


def test_a_lock_is_shared_by_many_and_had_by_nobody_alone_meanwhile(host):
    here, there, third = host(), host(), host()
    here.share("m1")
    there.share("m1")
    assert third.taken("m1")
    with pytest.raises(Busy):
        third.take("m1")
    here.release()
    assert not third.try_take("m1")
    there.release()
    third.take("m1")
    with pytest.raises(Busy):
        here.share("m1")


def test_those_who_only_look_hold_nothing_up(host):
    here, there = host(), host()
    assert not here.taken("m1")
    there.take("m1")
    assert here.taken("m1")
    there.release()
    assert becomes(lambda: not here.taken("m1"))
    here.take("m1")


def test_what_a_run_with_a_lease_works_on_is_taken(host, ledger_database):
    locks = host()
    with closing(PostgresLedger(ledger_database, time.time)) as ledger:
        with ledger.transaction():
            ledger.put_manifest("m1", Path("/m1.yaml"), 100)
            ledger.begin_run("m1", RunBy(), 600.0)
        assert locks.taken("m1")
        assert not locks.is_free("m1")
        assert not locks.taken("m2")
        with ledger.transaction():
            ledger.end_run(0)
    assert not locks.taken("m1")


@pytest.mark.parametrize("how", ["alone", "shared"])
def test_a_process_that_is_killed_leaves_nothing_to_take_over(host, ledger_database, how):
    locks = host()
    with another_process(ledger_database, how) as holder:
        assert locks.taken("m1")
        holder.kill()
        holder.wait()
        assert becomes(lambda: locks.try_take("m1"))


def test_a_lock_ends_with_its_connection_and_is_not_believed_in_after(host, postgres, ledger_database):
    here, there = host(), host()
    here.take("m1")
    here.take("m2")
    postgres.do(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'earmark locks %'"
        f" AND datname = '{ledger_database.rpartition('/')[2]}'"
    )
    assert becomes(lambda: there.try_take("m1"))
    assert not here.is_free("m1")
    assert not here.try_take("m1")
    assert there.try_take("m2")  # lost with the first, which nobody was told of


def test_locks_of_two_ledgers_do_not_meet(host, postgres):
    with postgres.fresh() as other:
        migrated(other)
        here, there = host(), host(other)
        here.take("m1")
        assert not there.taken("m1")
        there.take("m1")
        there.release()
        assert here.taken("m1")
