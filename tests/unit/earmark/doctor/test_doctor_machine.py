"""What the doctor says of this machine: versions, libraries, disks, results, ledger, terminal."""

import sqlite3
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from earmark.doctor import ledger, machine
from earmark.doctor.values import Standing
from earmark.terminal import Terminal
from manifests.exits import Exit
from manifests.money import Cents
from runner.file_locks import FileLocks
from runner.ledger.identity import remember
from runner.ledger.sqlite.ledger import SqliteLedger

GB = 1 << 30


def told(findings):
    return {each.check: each for each in findings}


# -- versions and libraries


def libraries(**installed):
    def version(name):
        if name not in installed:
            raise PackageNotFoundError(name)
        return installed[name]

    requires = ["av>=14.2", "httpx>=0.28", "pytest>=8.3; extra == 'test'"]
    return machine.Libraries(lambda _name: requires, version)


@pytest.mark.parametrize(
    ("installed", "standing", "words"),
    [
        ({"av": "14.2.0", "httpx": "0.28.1"}, Standing.OK, "2 as new as they must be"),
        ({"av": "18.1rc2", "httpx": "0.28"}, Standing.OK, "2 as new as they must be"),
        ({"av": "14.1.9", "httpx": "1.0"}, Standing.BAD, "av is 14.1.9, 14.2 is the least"),
        ({"httpx": "0.9"}, Standing.BAD, "av is missing; httpx is 0.9, 0.28 is the least"),
    ],
)
def test_libraries_are_as_new_as_they_must_be(installed, standing, words):
    found = told(machine.versions(libraries(**{"earmark-audio": "1.0"}, **installed)))
    assert (found["libraries"].standing, found["libraries"].words) == (standing, words)
    assert found["earmark"].words.startswith("1.0, Python ")


def test_a_program_that_is_not_installed_says_so():
    (found,) = machine.versions(libraries())
    assert (found.check, found.standing) == ("earmark", Standing.LOOK)


def test_both_libraries_of_sound_load_and_read():
    (found,) = machine.audio()
    assert found.standing is Standing.OK
    assert found.words.endswith(", both read")


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ('print(\'{"av": {"fault": "no codec"}}\')', "av: no codec"),
        ("import os; os.kill(os.getpid(), 11)", "PyAV or libsndfile crashes (exit -11)"),
        ("import time; time.sleep(9)", "PyAV and libsndfile did not load within 0.3 s"),
    ],
)
def test_libraries_that_fail_crash_or_hang_are_told(program, words):
    (found,) = machine.audio([sys.executable, "-S", "-c", program], 0.3 if "sleep" in program else 8)
    assert (found.standing, found.words) == (Standing.LOOK, words)


# -- disks, results, terminal


@pytest.mark.parametrize(
    ("free", "standing"), [(2 * GB, Standing.OK), (GB - 1, Standing.LOOK), ((16 << 20) - 1, Standing.BAD)]
)
def test_room_on_disks(tmp_path, free, standing):
    (found,) = machine.disks(
        {"results disk": tmp_path / "not/there"}, lambda place: (9, 9, free if place == tmp_path else 0)
    )
    assert found.standing is standing
    assert found.exit is (Exit.MACHINE if standing is Standing.BAD else Exit.DONE)


def test_results_may_not_be_there_yet_and_nothing_is_made(tmp_path):
    assert machine.results(tmp_path / "results").words.endswith("results, made by the first run")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_results_is_exit_10(tmp_path):
    (tmp_path / "results").touch()
    found = machine.results(tmp_path / "results")
    assert (found.standing, found.exit) == (Standing.BAD, Exit.MACHINE)


def test_a_folder_that_may_not_be_written_is_exit_10(tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda *_: False)
    assert "may not be written" in machine.results(tmp_path).words


def test_the_terminal_is_described():
    found = machine.terminal(Terminal(width=80), "utf-8", {"NO_COLOR": "1"})
    assert found.words == "80 columns, no colours (NO_COLOR), utf-8, progress as plain lines"
    assert machine.terminal(Terminal(), "ANSI_X3.4-1968", {}).standing is Standing.LOOK


# -- the ledger

HOUR = 1_795_000_000.0


@pytest.fixture
def place(tmp_path, monkeypatch):
    path = tmp_path / "state/ledger.db"
    monkeypatch.setenv("EARMARK_LEDGER", str(path))
    return path


def looked(place, **environ):
    return told(ledger.checks({"EARMARK_LEDGER": str(place), **environ}, lambda: HOUR))


def make(place, key=""):
    made = SqliteLedger(place, lambda: HOUR)
    with made.transaction():
        made.put_manifest("m1", Path("/m/manifest.yaml"), Cents(100))
        if key:
            remember(made, key)
    return made


def test_no_ledger_is_no_fault_and_none_is_made(place):
    found = looked(place)
    assert {each.standing for each in found.values()} == {Standing.OK}
    assert not place.parent.exists()


def test_a_ledger_in_order_tells_what_this_month_committed(place):
    made = make(place)
    with made.transaction():
        made.add_extra_charge("m1", Cents(7), "credits fell")
    made.close()
    found = looked(place)
    assert found["ledger"].standing is Standing.OK
    assert "$0.07 committed this month (UTC)" in found["ledger"].words
    assert found["runs"].words == "none under way; 1 manifest known"


def test_a_key_that_cannot_be_read_is_no_fault_of_the_ledger(place, tmp_path):
    make(place).close()
    found = looked(place, AUDIOPOD_API_KEY_FILE=str(tmp_path / "gone"))
    assert found["ledger"].standing is Standing.OK


def test_a_run_under_way_is_named(place):
    make(place).close()
    locks = FileLocks(place.parent / "locks")
    locks.take("m1")
    found = looked(place)
    locks.release()
    assert found["runs"].words == "under way: /m/manifest.yaml"


def test_a_key_that_the_ledger_does_not_know_is_told(place):
    made = make(place, "ap_first")
    with made.transaction():
        made.db.execute("INSERT INTO purchases VALUES (1, 'k', 's', 'transcription', '{}', 0, 1, 0, 0)")
        made.db.execute("INSERT INTO parts (id, purchase_id) VALUES (1, 1)")
        made.db.execute(
            "INSERT INTO attempts (part_id, manifest_id, service, token, state, purse, expected, ceiling,"
            " hold, created, changed) VALUES (1, 'm1', 's', 't', 'submitted', 'reserved', 1, 1, 1, 1, 1)"
        )
    made.close()
    assert looked(place, AUDIOPOD_API_KEY="ap_first")["ledger"].standing is Standing.OK
    found = looked(place, AUDIOPOD_API_KEY="ap_other")["ledger"]
    assert (found.standing, found.exit) == (Standing.BAD, Exit.KEY)  # nobody is there to be asked
    assert "--same-wallet" in found.to_do


@pytest.mark.parametrize(
    "content", [b"no database at all, but long enough to look like one" * 20, b"SQLite format 3\0"]
)
def test_a_file_that_is_no_ledger_is_exit_10(place, content):
    place.parent.mkdir()
    place.write_bytes(content)
    found = looked(place)
    assert (found["ledger"].standing, found["ledger"].exit) == (Standing.BAD, Exit.MACHINE)


def test_a_strange_database_is_exit_10(place):
    place.parent.mkdir()
    db = sqlite3.connect(place)
    db.execute("CREATE TABLE t (x)")
    db.commit()
    db.close()
    assert "is not an Earmark ledger" in looked(place)["ledger"].words


def test_an_empty_file_is_one_that_a_run_is_making(place):
    place.parent.mkdir()
    place.touch()
    assert looked(place)["ledger"].standing is Standing.LOOK


def test_an_older_ledger_is_left_as_it_is(place):
    made = make(place)
    made.db.execute("PRAGMA user_version = 3")
    made.close()
    before = place.read_bytes()
    found = looked(place)
    assert found["ledger"].standing is Standing.LOOK
    assert ", of version 3: the next run brings it to" in found["ledger"].words
    assert place.read_bytes() == before


def test_a_network_disk_is_exit_10(place, monkeypatch):
    monkeypatch.setattr("runner.ledger.sqlite.opening.file_system", lambda _path: "nfs4")
    found = looked(place)["ledger"]
    assert (found.exit, "network disk (nfs4)" in found.words) == (Exit.MACHINE, True)


def test_a_server_as_ledger_is_refused_as_a_run_refuses_it(place):
    found = looked("postgresql://host/db")["ledger"]
    assert (found.standing, found.exit) == (Standing.BAD, Exit.MACHINE)
