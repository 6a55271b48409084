"""A database that goes away before, amid or at the end of a transaction: nothing is written twice or lost."""

import threading
from contextlib import closing
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from manifests.errors import MachineError
from manifests.keys import Token
from manifests.money import Cents
from manifests.states import State
from runner import readback
from runner.api.interface import Balance, Job, JobStatus, Wallet
from runner.engine.task import Target, Task
from runner.gate import Gate
from runner.ledger.fleet_rows import NewShift
from runner.ledger.interface import LedgerUnwritable
from runner.ledger.postgres import connecting
from runner.ledger.postgres import dsn as address
from runner.ledger.postgres.db import Patience, PostgresDb
from runner.ledger.postgres.ledger import PostgresLedger
from runner.ledger.rows import NewItem, Reservation
from runner.ledger.runs import RunBy
from runner.ledger.store import LeaseLost
from support.ledgers import migrated

SOON = Patience(10.0, 0.02)


def opened(dsn, patience=SOON):
    return PostgresLedger(dsn, lambda: 1000.0, patience=patience)


def filled(ledger):
    with ledger.transaction():
        ledger.put_manifest("m1", Path("/m1.yaml"), Cents(100))
        ledger.put_items("m1", [_item(number) for number in range(1, 6)])
    return ledger


def _item(number):
    return NewItem(
        line=f"l{number}", file=f"{number}.mp3", size=10, print="p", base="b", wanted="{}",
        content_key=f"{number:064x}", sha256="s", product="transcription", options="{}", generation=0,
        audio_bytes=5,
    )  # fmt: skip


@pytest.fixture(params=["leased", "bare"])
def ledger(request, ledger_database):
    """One whose turns are counted, and one without a run."""
    with closing(filled(opened(ledger_database))) as made:
        if request.param == "leased":
            with made.transaction():
                made.begin_run("m1", RunBy(), 600.0)
        yield made


def reserve(ledger, part=1):
    return ledger.reserve(Reservation(part, "m1", "transcription", f"t{part}", Cents(5), Cents(6)))


def cut(ledger):
    """End the server's side of a connection, as a restart or an operator does."""
    with psycopg.connect(ledger.dsn, autocommit=True) as other:
        pid = ledger.db.connection.info.backend_pid
        assert other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,)).fetchone() == (True,)


def attempts(ledger):
    return ledger.db.execute("SELECT count(*) FROM attempts").fetchone()[0]


def test_a_connection_that_was_lost_between_two_transactions_is_made_anew(ledger):
    cut(ledger)
    with ledger.transaction():
        reserve(ledger)
    cut(ledger)
    assert attempts(ledger) == 1


def test_a_connection_that_is_lost_again_at_once_is_made_once_more(monkeypatch, ledger):
    """As while a server stops: it lets in, and ends at once what it let in."""
    real, made = connecting.connect, []

    def short_lived(*where, **how):
        connection = real(*where, **how)
        made.append(connection)
        if len(made) == 1:
            with psycopg.connect(ledger.dsn, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", (connection.info.backend_pid,))
        return connection

    def buy():
        return reserve(ledger)

    monkeypatch.setattr(connecting, "connect", short_lived)
    cut(ledger)
    assert ledger.attempt(ledger.durably(buy)).hold == 6
    assert len(made) == 2


def test_what_was_lost_amid_a_transaction_did_not_happen_and_is_done_again(ledger):
    tries = []

    def buy():
        tries.append(1)
        made = reserve(ledger)
        if len(tries) == 1:
            cut(ledger)
        return reserve(ledger, 2), made

    ledger.durably(buy)
    assert (len(tries), attempts(ledger), ledger.amounts("m1").reserved) == (2, 2, 12)


def test_a_run_that_ends_as_its_connection_is_lost_has_ended(ledger):
    with ledger.transaction():
        run = ledger.begin_run("m1", RunBy(), ledger.lease and 600.0)
    tries = []

    def end():
        tries.append(1)
        ledger.end_run(0)
        if len(tries) == 1:
            cut(ledger)

    ledger.retried(end)
    ended = ledger.db.execute("SELECT exit, ended IS NOT NULL FROM runs WHERE id = ?", (run,)).fetchone()
    assert (len(tries), ended, ledger.lease) == (2, (0, True), None)


def test_a_shift_that_ends_as_its_connection_is_lost_has_ended(ledger):
    with ledger.transaction():
        ledger.begin_run("m1", RunBy(), 600.0)
        made = ledger.begin_dispatch("m1", "{}", "{}", 100)
        ledger.offer(made, NewShift("[]", ["l1"]))
        worker = ledger.enter(RunBy(), [])
        taken = ledger.take_shift(worker, RunBy())
    ledger.drives(taken)
    tries = []

    def end():
        tries.append(1)
        found = ledger.end_shift(taken.shift.shift_id, "{}", 0, [NewShift("[]", ["l1"])])
        if len(tries) == 1:
            cut(ledger)
        return found

    (rest,) = ledger.retried(end)
    states = ledger.db.execute("SELECT state FROM shifts ORDER BY id").fetchall()
    assert (len(tries), states) == (2, [("done",), ("waiting",)])
    assert ledger.shift(rest).size == 1


def test_two_runs_in_each_others_way_at_the_gate_both_get_their_answer(ledger_database):
    """As the server ends one of two transactions that wait for each other."""
    with closing(filled(opened(ledger_database))) as ledger:
        gate, tries = Gate(ledger, ledger.locks(), "m1", fits=False), []
        real = ledger.spoken_for

        def in_the_way():
            tries.append(1)
            if len(tries) == 1:
                ledger.db.execute(
                    "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'deadlock_detected'; END $$"
                )
            return real()

        ledger.spoken_for = in_the_way
        assert gate.decide((), Wallet(Balance(Cents(60), Cents(0)))).passes
        assert len(tries) == 2


@pytest.mark.parametrize("last", [True, False])
def test_nothing_is_written_alone_where_the_driver_knew_that_the_connection_is_lost(ledger, last):
    """As where the server's last word came together with the answer to the statement before."""
    tries = []

    def charge():
        tries.append(1)
        for cents in (5, 7):
            ledger.add_extra_charge("m1", Cents(cents), "test")
            if len(tries) == 1 and (cents == 7) is last:
                ledger.db.connection.close()

    ledger.durably(charge)
    assert (len(tries), ledger.amounts("m1").spent) == (2, 12)


def test_whoever_does_not_try_again_is_told_in_words(ledger):
    def buy():
        with ledger.transaction():
            reserve(ledger)
            cut(ledger)
            reserve(ledger, 2)

    with pytest.raises(LedgerUnwritable, match=r"postgresql://127.0.0.1:\d+/.* nothing is lost") as caught:
        buy()
    assert caught.value.exit_code == 10
    assert "earmark@" not in str(caught.value)
    assert attempts(ledger) == 0


@pytest.mark.parametrize("arrived", [True, False])
def test_a_commit_without_an_answer_is_looked_up_before_anything_else(monkeypatch, ledger, arrived):
    """The answer is lost after the server did it, or the word never reached it."""
    real, tries = PostgresDb.commit, []

    def lossy(db):
        monkeypatch.setattr(PostgresDb, "commit", real)
        if arrived:
            real(db)
        cut(ledger)
        real(db)

    def buy():
        tries.append(1)
        return reserve(ledger)

    monkeypatch.setattr(PostgresDb, "commit", lossy)
    made = ledger.durably(buy)
    assert len(tries) == (1 if arrived else 2)
    assert attempts(ledger) == 1
    assert ledger.attempt(made).hold == 6


def test_a_commit_of_which_the_server_itself_lost_track_is_not_guessed(monkeypatch, ledger_database):
    with closing(filled(opened(ledger_database, Patience(0.1, 0.02)))) as ledger:
        real = PostgresDb.execute

        def forgetful(db, sql, values=()):
            unknown = sql.startswith("SELECT pg_xact_status")
            return real(db, "SELECT CAST(NULL AS TEXT)" if unknown else sql, () if unknown else values)

        monkeypatch.setattr(PostgresDb, "execute", forgetful)

        def lost(db):
            cut(ledger)
            db.connection.execute("COMMIT")

        monkeypatch.setattr(PostgresDb, "commit", lost)
        with pytest.raises(LedgerUnwritable, match="whether it was cannot be told"), ledger.transaction():
            reserve(ledger)


def test_a_run_that_was_fenced_while_it_was_cut_off_writes_nothing_more(ledger_database):
    with closing(filled(opened(ledger_database))) as ledger, closing(opened(ledger_database)) as other:
        with ledger.transaction():
            ledger.begin_run("m1", RunBy(), 600.0)

        def buy():
            reserve(ledger)
            cut(ledger)
            other.db.execute("UPDATE runs SET fenced = 1")
            return reserve(ledger, 2)

        with pytest.raises(LeaseLost):
            ledger.durably(buy)
        assert attempts(other) == 0


def test_the_turns_of_one_process_do_not_queue_at_the_server(ledger_database):
    """Where it is paused each of them would hold up all hosts for as long as one may be idle."""
    with closing(filled(opened(ledger_database))) as ledger, closing(opened(ledger_database)) as beside:
        for each in (ledger, beside):
            with each.transaction():
                each.begin_run("m1", RunBy(), 600.0)
        done = threading.Event()

        def turn():
            with beside.transaction():
                done.set()

        waiting = threading.Thread(target=turn)
        with ledger.transaction():
            waiting.start()
            assert not done.wait(0.2)
            at_server = (
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            assert ledger.db.execute(at_server).fetchone() == (0,)
        waiting.join(30)
        assert done.is_set()


def test_a_server_that_is_killed_and_comes_back_is_waited_for(own_postgres):
    with own_postgres.fresh() as dsn:
        migrated(dsn)
        with closing(filled(opened(dsn, Patience(30.0, 0.05)))) as ledger:
            own_postgres.kill()
            back = threading.Timer(0.5, own_postgres.start)
            back.start()
            ledger.durably(lambda: reserve(ledger))
            back.join(30)
            assert attempts(ledger) == 1
            own_postgres.stop()
            slept = []
            away = Patience(3.0, 1.0, clock=lambda: float(len(slept)), sleep=slept.append)
            ledger.db.patience = away
            with pytest.raises(LedgerUnwritable, match=r"Way out: start it.* type the same command again"):
                ledger.durably(lambda: reserve(ledger, 2))
            assert len(slept) == 3
            own_postgres.start()


def test_what_hangs_on_the_server_of_a_line_that_was_cut_is_ended(monkeypatch, ledger):
    """The server does not know yet that the line is cut: its locks would hold up whoever comes."""
    before = ledger.db.connection
    monkeypatch.setattr(connecting, "close", lambda _connection: None)
    ledger.db.execute("BEGIN")
    reserve(ledger)
    ledger.db.reconnect()
    monkeypatch.undo()
    with pytest.raises(psycopg.OperationalError):
        before.execute("SELECT 1")
    before.close()
    with ledger.transaction():
        reserve(ledger)
    assert attempts(ledger) == 1


def test_a_host_that_stands_still_amid_a_transaction_holds_nobody_up(monkeypatch, ledger_database):
    with closing(filled(opened(ledger_database))):
        pass
    monkeypatch.setattr(address, "IDLE_SECONDS", 1)
    with closing(opened(ledger_database)) as paused, closing(opened(ledger_database)) as other:
        tries = []

        def buy():
            tries.append(1)
            if len(tries) == 1:
                reserve(paused)
                other.durably(lambda: reserve(other, 2))  # waits for the manifest's row, a second at most
            return reserve(paused, 3)

        paused.durably(buy)
        assert attempts(other) == 2


def test_two_transactions_in_each_others_way_both_come_through(ledger_database):
    with closing(filled(opened(ledger_database))) as one, closing(opened(ledger_database)) as two:
        met, tries = threading.Barrier(2), []

        def write(ledger, keys):
            for number, key in enumerate(keys):
                ledger.set_meta(key, "x")
                if not number and len(tries) < 2:
                    tries.append(1)
                    met.wait(30)

        with one.transaction():
            one.set_meta("a", "")
            one.set_meta("b", "")
        threads = [
            threading.Thread(target=ledger.durably, args=(partial(write, ledger, keys),))
            for ledger, keys in ((one, "ab"), (two, "ba"))
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join(30)
        assert (one.meta("a"), one.meta("b")) == ("x", "x")


def test_what_is_read_is_of_one_moment_and_nothing_can_be_written(ledger, ledger_database):
    with closing(PostgresLedger.reading(ledger_database, lambda: 0.0)) as seen:
        assert seen.stored_cap("m1") == 100
        with ledger.transaction():
            ledger.put_manifest("m1", Path("/m1.yaml"), Cents(7))
        assert seen.stored_cap("m1") == 100
        with pytest.raises(MachineError, match="read-only"):
            seen.db.execute("UPDATE manifests SET cap = 1")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda dsn: dsn.rpartition("/")[0] + "/nowhere", "createdb"),
        (lambda dsn: "postgresql://anna:swordfish@127.0.0.1:1/earmark", "Way out: start it"),
        (lambda dsn: dsn.replace("earmark@", "nobody@"), "name a user that the server knows"),
        (lambda dsn: dsn + "?sslmode=require", "sslmode"),
        (lambda dsn: dsn + "?sslmode=perhaps", "sslmode"),
        (lambda dsn: dsn + "?colour=blue", "postgresql://user@host:5432/database"),
        (lambda dsn: "postgresql://anna:sword@fish@127.0.0.1/earmark", "write @ as %40"),
        (lambda dsn: "postgresql://anna:sword%zzfish@127.0.0.1/earmark", "postgresql://user@host"),
    ],
)
def test_an_address_that_does_not_serve_says_what_to_do(ledger_database, change, words):
    with pytest.raises(MachineError) as caught:
        PostgresLedger(change(ledger_database), lambda: 0.0)
    assert words in str(caught.value)
    assert "fish" not in str(caught.value)
    assert caught.value.exit_code == 10
    assert "\n" not in str(caught.value)


def test_what_a_list_told_is_written_down_again(monkeypatch, ledger):
    real, tries = readback.adopt, []

    def adopt(*given):
        tries.append(1)
        if len(tries) == 1:
            cut(ledger)
        return real(*given)

    monkeypatch.setattr(readback, "adopt", adopt)
    key = f"{1:064x}"
    token = Token(f"ek-{key[:16]}-{'a' * 16}")
    job = Job("j1", next(iter(JobStatus)), frozenset({token}))
    lists = SimpleNamespace(of=lambda _service: SimpleNamespace(strange=[job], mark="j1"))
    task = Task(
        1,
        "m1",
        "transcription",
        "transcription",
        key,
        {},
        State.PLANNED,
        Cents(5),
        Cents(6),
        targets=[Target(1, "1.mp3", "b", {})],
    )
    assert readback.adopt_bought(lists, ledger, "m1", [task]) == [task]
    assert (len(tries), attempts(ledger)) == (2, 1)
