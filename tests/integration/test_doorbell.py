"""The bell on a real PostgreSQL: rung in the caller's transaction, answered once, never lost."""

import time

import psycopg
import pytest

from manifests.errors import MachineError
from runner.executors import procrastinate_door as door
from support.bellringers import eventually, hosts, jobs, ring, rows

DEAD_HOST = """
WITH dead AS (
  INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute') RETURNING id
)
INSERT INTO procrastinate_jobs (queue_name, task_name, lock, args, status, worker_id)
SELECT %s, %s, %s, %s, 'doing', dead.id FROM dead
"""
"""A host that was killed in the middle of a job."""


@pytest.fixture
def dsn(database):
    with psycopg.connect(database) as connection:
        door.migrate(connection)
    return database


# -- ringing


def test_a_bell_is_heard_when_its_transaction_is_committed(dsn):
    with hosts(dsn) as host, psycopg.connect(dsn) as connection:
        door.defer(connection, [7])
        assert jobs(dsn) == []
        connection.commit()
        eventually(lambda: host.ended == [7])


def test_a_bell_is_rolled_back_with_its_transaction(dsn):
    with psycopg.connect(dsn) as connection:
        door.defer(connection, [7])
        connection.rollback()
    assert jobs(dsn) == []


def test_a_job_carries_the_id_of_its_shift_and_nothing_else(dsn):
    ring(dsn, 7, 8)
    assert jobs(dsn) == [{"shift": 7}, {"shift": 8}]


def test_ringing_for_none_leaves_no_job(dsn):
    ring(dsn)
    assert jobs(dsn) == []


def test_thousands_are_rung_for_in_one_go(dsn):
    ring(dsn, *range(2_500))
    assert [each["shift"] for each in jobs(dsn)] == list(range(2_500))


def test_a_connection_that_broke_is_told_in_the_words_of_the_driver(dsn):
    with psycopg.connect(dsn) as connection:
        rows(dsn, "SELECT pg_terminate_backend(%s)", connection.info.backend_pid)
        with pytest.raises(psycopg.OperationalError):
            door.defer(connection, [7])


# -- answering


def test_hosts_share_what_waits_and_answer_each_bell_once(dsn):
    ring(dsn, *range(40))
    with hosts(dsn, 2, at_once=2) as (one, other):
        eventually(lambda: len(one.ended) + len(other.ended) == 40)
    assert sorted(one.ended + other.ended) == list(range(40))
    assert jobs(dsn) == []


def test_no_more_shifts_are_under_way_than_at_once(dsn):
    ring(dsn, *range(5))
    with hosts(dsn, at_once=2) as host:
        host.holds()
        eventually(lambda: len(host.began) >= 2)
        ring(dsn, 5)
        eventually(lambda: host.looks > 1)
        assert len(host.began) - len(host.ended) <= 2
        host.go_on.set()
        eventually(lambda: sorted(host.ended) == list(range(6)))


def test_what_a_shift_raises_ends_the_host(dsn):
    with hosts(dsn) as host:
        host.fails_at(7, MachineError("the disk is full"))
        ring(dsn, 7)
        host.is_gone()
    assert str(host.failure) == "the disk is full"


def test_a_host_with_room_takes_what_waits_and_nobody_rang_for(dsn):
    left = [1, 1, 1]

    def looks():
        return bool(left) and bool(left.pop())

    with hosts(dsn, looks=looks, at_once=2) as host:
        host.holds()
        eventually(lambda: len(host.began) == 2)
        ring(dsn, 7)
        host.go_on.set()
        eventually(lambda: len(host.ended) == 4)
    assert set(host.ended) == {None, 7}


def test_a_look_that_fails_is_told_and_the_bell_is_answered_all_the_same(dsn):
    def looks():
        raise MachineError("no ledger today")

    with hosts(dsn, looks=looks) as host:
        eventually(lambda: host.told)
        ring(dsn, 7)
        eventually(lambda: host.ended == [7])
    assert host.told[0] == "what waits could not be looked for: no ledger today"


# -- recovery


def test_a_shift_that_waits_with_no_bell_is_rung_for(dsn):
    waiting = {3}
    with hosts(dsn, recover=lambda: sorted(waiting)) as host:
        eventually(lambda: 3 in host.ended)
        waiting.clear()


def test_a_shift_that_was_rung_for_is_not_rung_for_again(dsn):
    ring(dsn, 1, 3)
    with hosts(dsn, recover=lambda: [3]) as host:
        host.holds()
        eventually(lambda: host.looks > 2)
        assert jobs(dsn).count({"shift": 3}) == 1


def test_the_recovery_looks_while_every_slot_is_taken(dsn):
    with hosts(dsn) as host:
        host.holds()
        ring(dsn, 1)
        eventually(lambda: host.began == [1])
        looked = host.looks
        eventually(lambda: host.looks > looked + 1)


def test_many_hosts_look_once_between_them(dsn):
    with hosts(dsn, 3) as all_three:
        eventually(lambda: sum(host.looks for host in all_three) > 2)
        due = rows(dsn, "SELECT count(*) FROM procrastinate_periodic_defers")
        assert due == [(1,)]


def test_the_bell_of_a_host_that_died_is_removed_and_rung_again(dsn):
    rows(dsn, DEAD_HOST, door.SHIFTS, "earmark:shift", None, '{"shift": 9}')
    waiting = [9]
    with hosts(dsn, recover=lambda: list(waiting)) as host:
        eventually(lambda: host.ended)
        waiting.clear()
    assert set(host.ended) == {9}


def test_a_recovery_that_died_with_its_lock_does_not_end_all_recovery(dsn):
    rows(dsn, DEAD_HOST, door.RECOVERY, "earmark:recover", door.RECOVERY, '{"timestamp": 1}')
    with hosts(dsn) as host:
        eventually(lambda: host.looks > 1)


def test_a_look_that_fails_is_told_once_and_the_next_one_tries_again(dsn):
    trouble = [MachineError("no ledger today")] * 2

    def recover():
        if trouble:
            raise trouble.pop()
        return [4]

    with hosts(dsn, recover=recover) as host:
        eventually(lambda: 4 in host.ended)
    assert host.told == ["what is dead could not be recovered: no ledger today"]


def test_a_bug_in_the_recovery_ends_the_host(dsn):
    with hosts(dsn, recover=lambda: 1 // 0) as host:
        host.is_gone()
    assert isinstance(host.failure, ZeroDivisionError)


def test_the_recovery_counts_its_times_anew_when_the_clock_was_set_back(dsn):
    """Else it would look again when the clock shows the old time once more."""
    set_back = [0.0]
    sessions = "SELECT last_value FROM procrastinate_workers_id_seq"
    with hosts(dsn, clock=lambda: time.time() - set_back[0]) as host:
        eventually(lambda: host.looks > 0)
        before = rows(dsn, sessions)
        set_back[0] = 3_600.0
        eventually(lambda: rows(dsn, sessions) > before)
        looked = host.looks
        eventually(lambda: host.looks > looked)
    assert host.told == []


# -- losses


def cut(dsn):
    """Break every connection of others to this database."""
    rows(
        dsn,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )


def test_a_broken_connection_costs_no_shift_under_way_and_the_bell_is_answered_again(dsn):
    with hosts(dsn, at_once=2) as host:
        host.holds()
        ring(dsn, 1)
        eventually(lambda: host.began == [1])
        cut(dsn)
        ring(dsn, 2)
        eventually(lambda: host.began == [1, 2])
        assert host.ended == []
        host.go_on.set()
        eventually(lambda: sorted(host.ended) == [1, 2])
        ring(dsn, 3, 4)
        eventually(lambda: sorted(host.ended) == [1, 2, 3, 4])
    assert host.failure is None


# -- the end


def test_a_host_that_is_to_stop_begins_nothing_and_waits_for_what_is_under_way(dsn):
    with hosts(dsn) as host:
        host.holds()
        ring(dsn, 1, 2)
        eventually(lambda: host.began == [1])
        host.stop.set()
        host.go_on.set()
        host.is_gone()
    assert host.began == host.ended == [1]
    assert jobs(dsn) == [{"shift": 2}]
    assert rows(dsn, "SELECT count(*) FROM procrastinate_workers") == [(0,)]


def test_the_bell_outlives_a_restart_of_the_database_and_a_host_leaves_while_it_is_away(own_postgres):
    dsn = own_postgres.dsn()
    with psycopg.connect(dsn) as connection:
        door.migrate(connection)
    with hosts(dsn, at_once=2) as host:
        host.holds()
        ring(dsn, 1)
        eventually(lambda: host.began == [1])
        own_postgres.kill()
        eventually(lambda: host.told)
        own_postgres.start()
        ring(dsn, 2)
        eventually(lambda: host.began == [1, 2])
        assert host.ended == []
        host.go_on.set()
        eventually(lambda: sorted(host.ended) == [1, 2])
        own_postgres.kill()
        eventually(lambda: len(host.told) > 2)
    assert host.failure is None
    away = "the database is away, trying again"
    assert [line.split(" after ")[0].split(":")[0] for line in host.told] == [
        away,
        "the database is back",
        away,
    ]
