"""The tests' PostgreSQL: up within a second, shared, killed and started, gone with those who used it."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from support import pg, pg_keeper
from support.waiting import until

USER = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from support import pg
with pg.shared(Path(sys.argv[2])) as server:
    print(server.folder, server.data, flush=True)
    time.sleep(600)
"""
"""A session that uses a server until somebody ends it."""


def test_each_test_has_an_empty_database_of_its_own(database, postgres):
    with psycopg.connect(database) as connection:
        assert connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone() == (0,)
        connection.execute("CREATE TABLE mine (id int)")
    with postgres.fresh() as other, psycopg.connect(other) as connection:
        assert connection.execute("SELECT to_regclass('mine')").fetchone() == (None,)


def test_a_database_is_gone_after_its_test_also_when_somebody_is_still_in_it(postgres):
    with postgres.fresh() as dsn:
        name = dsn.rpartition("/")[2]
        left = psycopg.connect(dsn)
    assert postgres.do(f"SELECT 1 FROM pg_database WHERE datname = '{name}'") == []
    with pytest.raises(psycopg.OperationalError):
        left.execute("SELECT 1")
    left.close()


def test_a_template_is_filled_once_and_copied(postgres):
    made = []

    def make(dsn):
        made.append(dsn)
        with psycopg.connect(dsn) as connection:
            connection.execute("CREATE TABLE paid AS SELECT 7 AS cents")

    name = f"filled_{os.getpid()}"
    with ThreadPoolExecutor(4) as four:
        assert set(four.map(lambda _: postgres.template(name, make), range(4))) == {name}
    assert len(made) == 1
    for _ in range(2):
        with postgres.fresh(name) as dsn, psycopg.connect(dsn) as connection:
            assert connection.execute("UPDATE paid SET cents = cents + 1 RETURNING cents").fetchone() == (8,)


def test_a_template_that_could_not_be_filled_is_filled_by_the_next(postgres):
    name = f"broken_{os.getpid()}"
    with pytest.raises(ZeroDivisionError):
        postgres.template(name, lambda _: 1 / 0)
    assert postgres.template(name, lambda _: None) == name


def test_the_first_of_a_meeting_starts_it_and_the_others_join(tmp_path):
    with ExitStack() as stack:
        with ThreadPoolExecutor(4) as four:
            servers = list(four.map(lambda _: stack.enter_context(pg.shared(tmp_path)), range(4)))
        assert len(set(servers)) == 1
        one = servers[0]
        assert one.do("SELECT 1") == [(1,)]
        stack.close()
        until(lambda: not one.folder.exists())
    assert pg_keeper.processes(one.data) == []


def test_after_the_last_has_gone_the_next_starts_another(tmp_path):
    with pg.shared(tmp_path) as first:
        assert first.pid
    until(lambda: not first.folder.exists())
    with pg.shared(tmp_path) as second:
        assert second.folder != first.folder
        assert second.do("SELECT 1") == [(1,)]


def test_nothing_is_left_when_its_user_is_killed(tmp_path):
    tests = Path(pg.__file__).parents[1]
    with subprocess.Popen(
        [sys.executable, "-c", USER, tests, tmp_path],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as user:
        folder, data = map(Path, user.stdout.readline().split())
        assert pg_keeper.server_of(data)
        os.killpg(user.pid, signal.SIGKILL)
    until(lambda: not folder.exists())
    assert pg_keeper.processes(data) == []


def test_what_was_committed_survives_a_kill(own_postgres):
    with own_postgres.fresh() as dsn:
        with psycopg.connect(dsn) as connection:
            connection.execute("CREATE TABLE paid AS SELECT 7 AS cents")
        open_one = psycopg.connect(dsn)
        open_one.execute("UPDATE paid SET cents = 8")
        own_postgres.kill()
        assert own_postgres.pid is None
        with pytest.raises(psycopg.OperationalError):
            open_one.execute("SELECT 1")
        open_one.close()
        own_postgres.start()
        with psycopg.connect(dsn) as connection:
            assert connection.execute("SELECT cents FROM paid").fetchone() == (7,)


def test_it_is_stopped_and_started_again(own_postgres):
    with psycopg.connect(own_postgres.dsn()) as connection:
        own_postgres.stop()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    own_postgres.start()
    assert own_postgres.do("SELECT 1") == [(1,)]


def test_where_there_is_none_it_says_so_and_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(pg, "DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pg.programs() is None
    assert "install `postgresql`" in pg.MISSING


def test_the_newest_of_several_is_taken(monkeypatch, tmp_path):
    for version in ("9", "15", "17"):
        folder = tmp_path / version / "bin"
        folder.mkdir(parents=True)
        for name in ("pg_ctl", "initdb"):
            (folder / name).touch()
    monkeypatch.setattr(pg, "DEBIAN", tmp_path)
    assert pg.programs() == tmp_path / "17" / "bin"
