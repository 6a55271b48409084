"""The queue's tables: made once, brought up to date, refused where they are not Earmark's."""

import re
import threading

import psycopg
import pytest
from procrastinate.schema import SchemaManager, migrations_path

from manifests.errors import MachineError
from runner.executors import procrastinate_door as door
from runner.executors.queue_schema import NoQueue
from support.bellringers import rows

SHAPE = """
SELECT 'column', table_name || '.' || column_name, data_type || is_nullable || coalesce(column_default, '')
FROM information_schema.columns WHERE table_schema = 'public' AND table_name LIKE 'procrastinate%'
UNION ALL SELECT 'function', proname, pg_get_functiondef(oid) FROM pg_proc WHERE proname LIKE 'procrastinate%'
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE indexname LIKE '%procrastinate%'
UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname LIKE 'procrastinate%'
UNION ALL SELECT 'value', enumlabel, '' FROM pg_enum
"""
OLD = "03.01.00"


def migrated(dsn):
    with psycopg.connect(dsn) as connection:
        return door.migrate(connection)


def checked(dsn):
    with psycopg.connect(dsn) as connection:
        door.check(connection)


def serve(dsn):
    door.serve(dsn, lambda _shift: None, list, threading.Event())


def test_the_queue_is_made_once(database):
    (said,) = migrated(database)
    assert re.fullmatch(r"made the queue's tables \(as of Procrastinate 3(\.\d+)+\)", said)
    assert migrated(database) == []
    checked(database)


def test_what_the_caller_rolls_back_is_not_made(database):
    with psycopg.connect(database) as connection:
        door.migrate(connection)
        connection.rollback()
    with pytest.raises(NoQueue):
        checked(database)


def test_an_older_queue_is_brought_up_to_date_and_is_as_a_new_one(postgres, database):
    with psycopg.connect(database, autocommit=True) as connection:
        older = sorted(each for each in migrations_path.glob("*.sql") if each.name < OLD)
        for each in older:
            connection.execute(each.read_bytes())
        connection.execute("CREATE TABLE procrastinate_applied (name TEXT PRIMARY KEY, applied TIMESTAMPTZ)")
        connection.execute("INSERT INTO procrastinate_applied VALUES (%s, now())", [older[-1].name])
    with pytest.raises(NoQueue, match="earmark ledger migrate"):
        checked(database)
    assert len(migrated(database)) > 3
    checked(database)
    with postgres.fresh() as new:
        migrated(new)
        ours = {row for row in rows(new, SHAPE) if "procrastinate_applied" not in row[1]}
        assert ours <= set(rows(database, SHAPE))


def test_a_newer_queue_is_refused_with_the_way_out(database):
    migrated(database)
    rows(database, "INSERT INTO procrastinate_applied (name) VALUES ('99.00.00_01_tomorrow.sql')")
    for refused in (migrated, checked, serve):
        with pytest.raises(NoQueue, match=r"99\.00.*pip install --upgrade procrastinate"):
            refused(database)


def test_somebody_elses_queue_is_left_alone(database):
    with psycopg.connect(database) as connection:
        connection.execute(SchemaManager.get_schema())
    for refused in (migrated, checked, serve):
        with pytest.raises(NoQueue, match="a database of its own"):
            refused(database)


def test_a_host_does_not_begin_before_there_is_a_queue(database):
    with pytest.raises(NoQueue, match="earmark ledger migrate"):
        serve(database)


def test_a_host_does_not_begin_while_the_database_is_away():
    with pytest.raises(MachineError, match=r"cannot be used.*nothing is lost"):
        serve("postgresql://earmark@127.0.0.1:1/nothing")
