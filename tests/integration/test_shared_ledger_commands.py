"""`earmark ledger …` on a server: made, brought up to date, moved into; what stands in the way, in words."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from earmark import main
from manifests.exits import Exit
from manifests.keys import content_key
from manifests.money import Cents
from manifests.states import State
from runner.file_locks import FileLocks
from runner.ledger.postgres import connecting, importing, migrating
from runner.ledger.postgres.ledger import PostgresLedger
from runner.ledger.rows import Move, NewItem, Reservation, ResultRow
from runner.ledger.runs import RunBy
from runner.ledger.sqlite.ledger import SqliteLedger


@pytest.fixture
def earmark(monkeypatch, capsys):
    """Run `earmark ARGUMENTS` on a database; exit code, stdout, stderr."""

    def run(dsn, *arguments):
        monkeypatch.setenv("EARMARK_LEDGER", dsn)
        code = main.through_the_door("earmark", lambda: main.group, list(arguments))
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


@pytest.fixture
def local(tmp_path):
    """A ledger in a file in which there is something of everything."""
    path = tmp_path / "state" / "ledger.db"
    with closing(SqliteLedger(path, lambda: 1000.5)) as ledger, ledger.transaction():
        ledger.put_manifest("m1", Path("/talks/m.yaml"), Cents(100), 7)
        ledger.begin_run("m1", RunBy("anna", "desk", 7, "1.0", "talks", "d"))
        ledger.put_items("m1", [_item(number) for number in range(1, 6)])
        ledger.allot("m1", 60)
        for part in (1, 2, 3):
            ledger.reserve(Reservation(part, "m1", "transcription", f"t{part}", Cents(5), Cents(6)))
        for state in (State.UPLOADING, State.SENDING, State.SUBMITTED, State.FINISHED, State.SAVED):
            ledger.move(Move(1, state, "odd \0 word", "7" if state is State.SUBMITTED else None))
        ledger.move(Move(2, State.UPLOADING))
        ledger.move(Move(2, State.SENDING))
        ledger.move(Move(2, State.IN_DOUBT, "cut"))
        ledger.put_results([ResultRow(1, "srt", "/talks/a\udcff.srt", 10, "ab")])
        ledger.add_extra_charge("m1", Cents(3), "credits")
        ledger.set_meta("colour", "blue")
        ledger.end_run(7)
    return path


def _item(number):
    return NewItem(
        line=f"l{number}", file=f"a{number}\udcff.mp3", size=10, print="p", base="b", wanted="{}",
        content_key=content_key(f"s{number}", "transcription", {}, 0),
        sha256=f"s{number}", product="transcription", options="{}", generation=0,
        audio_bytes=5,
    )  # fmt: skip


def test_a_database_without_a_ledger_is_refused_until_it_is_migrated(earmark, database):
    code, _, err = earmark(database, "ledger", "check")
    assert code == Exit.MACHINE
    assert "the database holds no ledger yet" in err
    assert "`earmark ledger migrate`" in err
    assert earmark(database, "ledger", "migrate")[0] == Exit.DONE
    code, out, _ = earmark(database, "ledger", "check")
    assert code == Exit.DONE
    assert "in order" in out


def test_a_server_that_does_not_answer_is_told_in_a_sentence(earmark):
    code, _, err = earmark("postgresql://anna:secret@127.0.0.1:1/db", "ledger", "check")
    assert code == Exit.MACHINE
    assert "Connection refused. Way out: start it, or mend the address or the network" in " ".join(
        err.split()
    )
    assert "?" not in err
    assert "secret" not in err


def test_a_user_without_rights_is_told_whom_to_name(earmark, ledger_database):
    with psycopg.connect(ledger_database, autocommit=True) as connection:
        connection.execute(b"DROP ROLE IF EXISTS stranger")
        connection.execute(b"CREATE ROLE stranger LOGIN")
        code, _, err = earmark(ledger_database.replace("earmark@", "stranger@"), "ledger", "check")
        connection.execute(b"DROP ROLE stranger")
    assert code == Exit.MACHINE
    assert "permission denied" in err
    assert "name the user who made the tables in EARMARK_LEDGER" in " ".join(err.split())


def test_migrating_says_what_it_did_and_does_it_once(earmark, database):
    code, out, _ = earmark(database, "ledger", "migrate", "--json")
    told = json.loads(out)
    assert (code, told["schema_before"], told["schema"]) == (0, 0, 5)
    assert len(told["queue"]) == 1
    assert "postgresql://127.0.0.1" in told["ledger"]
    code, out, _ = earmark(database, "ledger", "migrate")
    assert code == 0
    assert "is up to date (version 5)" in out


def test_an_older_ledger_is_brought_up_to_date_with_what_is_in_it(earmark, database):
    with closing(connecting.connect(database, purpose="test", writes=True)) as connection:
        migrating.migrate(connection, 4)
        connection.execute("INSERT INTO meta VALUES ('colour', 'blue')")
    code, _, err = earmark(database, "ledger", "check")
    assert code == Exit.MACHINE
    assert "the ledger has version 4, and this Earmark needs version 5: `earmark ledger migrate`" in err
    assert "brought the ledger from version 4 to 5" in earmark(database, "ledger", "migrate")[1]
    with closing(PostgresLedger.reading(database, lambda: 0.0)) as ledger:
        assert ledger.meta("colour") == "blue"


def test_a_newer_ledger_is_left_to_the_newer_earmark(earmark, database):
    earmark(database, "ledger", "migrate")
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO earmark_versions VALUES (99, now())")
    for command in ("migrate", "check"):
        code, _, err = earmark(database, "ledger", command)
        assert code == Exit.MACHINE
        assert "use the newer Earmark" in err


def test_tables_of_another_program_stay_its_own(earmark, database):
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE items (name TEXT)")
    code, _, err = earmark(database, "ledger", "migrate")
    assert code == Exit.MACHINE
    assert "tables of another program that are called as a ledger's are: items" in err
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT to_regclass('manifests')").fetchone() == (None,)


def test_runs_under_way_hold_a_migration_up(database):
    with closing(connecting.connect(database, purpose="test", writes=True)) as connection:
        migrating.migrate(connection)
        with closing(PostgresLedger(database, lambda: 0.0)) as ledger, ledger.transaction():
            ledger.put_manifest("m1", Path("/m.yaml"), Cents(1))
            ledger.begin_run("m1", RunBy(), 30.0)
        with pytest.raises(Exception, match="1 runs of earlier versions are under way"):
            migrating.migrate(connection, 6)


@pytest.mark.parametrize("command", ["migrate", "import"])
def test_a_ledger_in_a_file_needs_none_of_it(earmark, tmp_path, command):
    rest = [str(tmp_path / "x.db")] if command == "import" else []
    code, _, err = earmark(str(tmp_path / "ledger.db"), "ledger", command, *rest)
    assert code == Exit.USAGE
    assert "set EARMARK_LEDGER to postgresql://" in err


def test_a_copy_is_made_by_the_servers_own_tool(earmark, ledger_database):
    code, _, err = earmark(ledger_database, "ledger", "backup", "my copy.db")
    assert code == Exit.USAGE
    assert "pg_dump --format=custom --file='my copy.db' postgresql://127.0.0.1" in err


# Moving in


def test_a_local_ledger_moves_with_every_row(earmark, ledger_database, local):
    code, out, _ = earmark(ledger_database, "ledger", "import", str(local), "--json")
    told = json.loads(out)
    assert code == Exit.DONE
    assert told["rows"]["attempts"] == 3
    assert told["rows"]["history"] == 11
    with closing(PostgresLedger(ledger_database, lambda: 0.0)) as ledger:
        assert ledger.meta("colour") == "blue"
        assert ledger.amounts("m1").in_doubt == 6
        assert ledger.results(1)[0].path == "/talks/a\udcff.srt"
        assert [each.run_id for each in ledger.runs()] == [1]
        with ledger.transaction():  # numbers go on
            assert ledger.reserve(Reservation(4, "m1", "transcription", "t4", Cents(5), Cents(6))) == 4
            ledger.add_extra_charge("m1", Cents(1), "more")
    assert "in order" in earmark(ledger_database, "ledger", "check", "--quick")[1]


def test_the_file_that_was_moved_is_used_no_more(earmark, ledger_database, local):
    earmark(ledger_database, "ledger", "import", str(local))
    for command in (["ledger", "check"], ["bill"], ["ledger", "backup", "copy.db"]):
        code, out, err = earmark(str(local), *command)
        assert code == Exit.MACHINE, command
        assert "was moved to postgresql://127.0.0.1" in out + err
        assert "earmark@" not in out + err
    code, out, _ = earmark(ledger_database, "ledger", "import", str(local))
    assert code == Exit.DONE
    assert "were moved before" in out


def test_two_ledgers_do_not_become_one(earmark, ledger_database, local):
    with closing(PostgresLedger(ledger_database, lambda: 0.0)) as ledger, ledger.transaction():
        ledger.put_manifest("m9", Path("/m.yaml"), Cents(1))
    code, _, err = earmark(ledger_database, "ledger", "import", str(local))
    assert code == Exit.MACHINE
    assert "is in use already" in err
    SqliteLedger(local, lambda: 0.0).close()  # still ours


def test_a_run_on_the_local_ledger_is_not_torn_in_two(earmark, ledger_database, local):
    running = FileLocks(local.parent / "locks")
    running.take("m1")
    code, _, err = earmark(ledger_database, "ledger", "import", str(local))
    running.release()
    assert code == Exit.MACHINE
    assert "is under way, and would be torn in two" in err
    SqliteLedger(local, lambda: 0.0).close()


def test_what_is_not_in_order_is_not_moved(earmark, ledger_database, local):
    with sqlite3.connect(local) as db:
        db.execute("UPDATE manifests SET spent = 99")
    db.close()
    code, _, err = earmark(ledger_database, "ledger", "import", str(local))
    assert code == Exit.MACHINE
    assert "99 cents spent, its attempts say" in err
    SqliteLedger(local, lambda: 0.0).close()
    assert not _rows(ledger_database)


@pytest.mark.parametrize("committed", [True, False])
def test_a_move_whose_end_nobody_heard_is_found_out_by_the_same_command(
    monkeypatch, earmark, ledger_database, local, committed
):
    """The connection is lost while COMMIT is on its way, before the server did it or after."""
    real = importing._commit

    def cut(server, path):
        if committed:
            server.connection.execute("COMMIT")
        server.connection.close()
        real(server, path)

    monkeypatch.setattr(importing, "_commit", cut)
    code, _, err = earmark(ledger_database, "ledger", "import", str(local))
    assert code == Exit.MACHINE
    assert "is marked as moved" in err
    assert earmark(str(local), "bill")[0] == Exit.MACHINE
    monkeypatch.setattr(importing, "_commit", real)
    code, out, _ = earmark(ledger_database, "ledger", "import", str(local))
    assert code == Exit.DONE
    assert ("were moved before" in out) is committed
    assert _rows(ledger_database) == 3


def _rows(dsn):
    with psycopg.connect(dsn) as connection:
        return connection.execute("SELECT count(*) FROM attempts").fetchone()[0]


def test_all_tables_are_moved(local):
    with closing(sqlite3.connect(local)) as db:
        tables = {row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert {name for name, _ in importing.TABLES} == tables
