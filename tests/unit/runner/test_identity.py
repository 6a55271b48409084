"""Whose a ledger is: keys are told apart by fingerprints, asked about once, and never written down."""

from contextlib import closing
from pathlib import Path

import pytest

from manifests.errors import MachineError
from manifests.exits import Exit
from manifests.money import Cents
from runner.ledger import identity
from runner.ledger.identity import AnotherKey, Kinship
from runner.ledger.rows import NewItem, Reservation
from runner.ledger.sqlite.ledger import SqliteLedger

FIRST, SECOND = "ap_first_key", "ap_second_key"


def clock():
    return 1000.0


@pytest.fixture
def place(tmp_path):
    return tmp_path / "state" / "ledger.db"


@pytest.fixture
def ledger(store):
    return store.open()


def buy(ledger):
    """Let the ledger count some money."""
    item = NewItem("l", "a.mp3", 1, "p", "a", "{}", "c" * 64, "d" * 64, "transcription", "{}", 0, 1)
    with ledger.transaction():
        ledger.put_manifest("m1", Path("/m1.yaml"), Cents(100))
        ledger.put_items("m1", [item])
        ledger.reserve(Reservation(1, "m1", "transcription", "t", Cents(1), Cents(2)))


def never():
    raise AssertionError("nobody should be asked")


def test_the_first_key_is_taken_and_known_from_then_on(ledger):
    assert identity.kinship(ledger, FIRST) is Kinship.FIRST
    identity.admit(ledger, FIRST, never)
    assert identity.kinship(ledger, FIRST) is Kinship.KNOWN
    identity.admit(ledger, FIRST, never)


def test_another_key_is_asked_about_once(ledger):
    identity.admit(ledger, FIRST, never)
    buy(ledger)
    assert identity.kinship(ledger, SECOND) is Kinship.OTHER
    identity.admit(ledger, SECOND, lambda: True)
    for key in (FIRST, SECOND):
        identity.admit(ledger, key, never)


def test_another_key_that_nobody_knows_is_refused_with_the_two_ways_out(store, ledger):
    identity.admit(ledger, FIRST, never)
    buy(ledger)
    other = "make a database of its own .*EARMARK_LEDGER.*`earmark ledger migrate`"
    way_out = {"sqlite": "add --new-wallet", "postgres": other}[store.name]
    with pytest.raises(AnotherKey, match=rf"add --same-wallet.*{way_out}") as refused:
        identity.admit(ledger, SECOND, lambda: False)
    assert refused.value.exit_code is Exit.KEY
    assert identity.kinship(ledger, SECOND) is Kinship.OTHER
    assert SECOND not in str(refused.value)


def test_a_key_with_a_typing_error_does_not_make_the_right_one_a_stranger(ledger):
    identity.admit(ledger, "ap_frist_key", never)
    identity.admit(ledger, FIRST, never)
    buy(ledger)
    assert identity.kinship(ledger, "ap_frist_key") is Kinship.OTHER
    assert identity.kinship(ledger, FIRST) is Kinship.KNOWN


def test_no_key_is_ever_written_down(ledger):
    identity.admit(ledger, FIRST, never)
    kept = dict(ledger.db.execute("SELECT key, value FROM meta").fetchall())
    assert FIRST not in "".join(kept.values())


def test_no_key_is_ever_in_the_file(place):
    with closing(SqliteLedger(place, clock)) as ledger:
        identity.admit(ledger, FIRST, never)
    files = [path.read_bytes() for path in place.parent.iterdir() if path.is_file()]
    assert not any(FIRST.encode() in data for data in files)


def test_fingerprints_tell_keys_and_ledgers_apart():
    assert identity.fingerprint(FIRST, "00" * 16) == identity.fingerprint(FIRST, "00" * 16)
    assert identity.fingerprint(FIRST, "00" * 16) != identity.fingerprint(SECOND, "00" * 16)
    assert identity.fingerprint(FIRST, "00" * 16) != identity.fingerprint(FIRST, "01" * 16)


# Ledgers side by side


def made(path, key):
    ledger = SqliteLedger(path, clock)
    identity.admit(ledger, key, never)
    buy(ledger)
    ledger.close()


def test_where_there_is_no_ledger_the_first_place_is_taken(place):
    assert identity.place_of(place, FIRST, clock) == place
    assert identity.new_place(place) == place
    assert identity.beside(place) == []
    assert identity.is_open_to(place, FIRST, clock)


def test_each_key_finds_its_ledger_and_a_stranger_the_first(place):
    second = place.with_name("ledger-2.db")
    made(place, FIRST)
    assert identity.new_place(place) == second
    made(second, SECOND)
    assert identity.beside(place) == [place, second]
    assert identity.place_of(place, FIRST, clock) == place
    assert identity.place_of(place, SECOND, clock) == second
    assert identity.place_of(place, "ap_third", clock) == place
    assert identity.new_place(place) == place.with_name("ledger-3.db")
    assert identity.is_open_to(second, SECOND, clock)
    assert not identity.is_open_to(second, FIRST, clock)


def test_a_file_that_another_process_is_about_to_fill_knows_nobody(place):
    place.parent.mkdir(parents=True)
    place.touch()
    assert identity.kinship_at(place, FIRST, clock) is Kinship.FIRST
    assert identity.place_of(place, FIRST, clock) == place


def test_a_foreign_file_is_an_error_and_not_a_ledger_that_knows_nobody(place):
    place.parent.mkdir(parents=True)
    place.write_text("just some words that are long enough to be no database")
    with pytest.raises(MachineError, match="cannot be read"):
        identity.place_of(place, FIRST, clock)
