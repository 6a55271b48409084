"""The ends of the commands: whose key, which ledger, which client; and simulators that cannot start."""

import subprocess
import sys

import click
import pytest

from earmark import run_ends, simulate_command
from earmark.main import COMMANDS, load
from earmark.wallet_choice import Whose, whose
from earmark.wallet_ends import account, anyone, set_key
from manifests.errors import MachineError, UsageError
from manifests.money import Cents
from runner.api.errors import KeyRefused
from runner.ledger.identity import AnotherKey
from runner.ledger.rows import NewItem, Reservation


@pytest.fixture
def environ(tmp_path):
    return {"XDG_STATE_HOME": str(tmp_path), "AUDIOPOD_API_KEY": "ap_one"}


def buy(ledger):
    item = NewItem("l", "a.mp3", 1, "p", "a", "{}", "c" * 64, "d" * 64, "transcription", "{}", 0, 1)
    with ledger.transaction():
        ledger.put_manifest("m1", run_ends.Path("/m1.yaml"), Cents(100))
        ledger.put_items("m1", [item])
        ledger.reserve(Reservation(1, "m1", "transcription", "t", Cents(3), Cents(4)))


@pytest.fixture
def counted(environ):
    """A ledger that counted money with the key ap_one; the environment of the key ap_two."""
    with run_ends.opened(environ) as (ledger, _):
        buy(ledger)
    return {**environ, "AUDIOPOD_API_KEY": "ap_two"}


# The ledger of a key


def test_a_new_key_is_refused_where_nobody_is_there_to_ask(counted):
    with pytest.raises(AnotherKey), run_ends.opened(counted):
        pass


def test_the_same_wallet_shares_the_ledger(counted, environ):
    with run_ends.opened(counted, Whose.SAME) as (ledger, _):
        assert ledger.stored_cap("m1") == 100
    with run_ends.opened(counted) as (ledger, _):
        assert ledger.stored_cap("m1") == 100
    assert run_ends.ledger_place(counted) == run_ends.ledger_place(environ)


def test_a_new_wallet_gets_a_ledger_beside_and_keeps_it(counted, environ):
    for whose_key in (Whose.NEW, Whose.ASK, Whose.NEW):
        with run_ends.opened(counted, whose_key) as (ledger, _):
            assert ledger.path.name == "ledger-2.db"
            assert ledger.stored_cap("m1") is None
    with run_ends.reading(counted) as (ledger, _):
        assert ledger.path.name == "ledger-2.db"
    with run_ends.opened(environ) as (ledger, _):
        assert ledger.path.name == "ledger.db"


def test_a_first_wallet_needs_no_second_ledger(environ):
    with run_ends.opened(environ, Whose.NEW) as (ledger, _):
        assert ledger.path.name == "ledger.db"


def test_without_a_key_the_first_ledger_is_opened_and_no_key_is_remembered(counted):
    keyless = {**counted, "AUDIOPOD_API_KEY": ""}
    with run_ends.opened(keyless) as (ledger, _):
        assert ledger.stored_cap("m1") == 100
    with pytest.raises(AnotherKey), run_ends.opened(counted):
        pass


def test_looking_makes_nothing(environ, tmp_path):
    with run_ends.reading(environ) as (ledger, locks):
        assert ledger is None
        assert not locks.taken("m1")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_about_to_become_a_ledger_is_none_yet(environ):
    place = run_ends.ledger_place(environ)
    place.parent.mkdir(parents=True)
    place.touch()
    assert run_ends.looked_into(environ) is None


@pytest.mark.parametrize(
    ("same", "new", "expected"),
    [(False, False, Whose.ASK), (True, False, Whose.SAME), (False, True, Whose.NEW)],
)
def test_the_two_options_say_whose_a_key_is(same, new, expected):
    assert whose({"same_wallet": same, "new_wallet": new}) is expected


def test_both_options_at_once_say_nothing():
    with pytest.raises(click.UsageError, match="not both"):
        whose({"same_wallet": True, "new_wallet": True})


# Clients


def test_a_client_of_the_account_needs_a_key_and_one_for_prices_does_not(tmp_path):
    with pytest.raises(KeyRefused, match="no key: set AUDIOPOD_API_KEY"):
        account({})
    assert "ap_" not in repr(account({"AUDIOPOD_API_KEY": "ap_one"}))
    assert anyone({"AUDIOPOD_BASE_URL": "http://127.0.0.1:9"}).base.url == "http://127.0.0.1:9"
    (tmp_path / "key").write_text("ap_from_file\n")
    assert set_key({"AUDIOPOD_API_KEY_FILE": str(tmp_path / "key")}) == "ap_from_file"
    assert set_key({}) == ""
    with pytest.raises(UsageError, match="cannot be read"):
        set_key({"AUDIOPOD_API_KEY_FILE": str(tmp_path / "none")})


# Simulators that cannot start


@pytest.mark.parametrize("missing", ["av", "uvicorn"])
@pytest.mark.parametrize("words", [("simulate", "--port", "0"), ("demo", ".")])
def test_a_missing_extra_is_named_with_the_command_that_installs_it(missing, words, tmp_path):
    program = f"import sys; sys.modules[{missing!r}] = None; from earmark.main import earmark; earmark()"
    ended = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (ended.returncode, ended.stdout) == (10, "")
    assert f"needs {missing}, which is missing: pip install 'earmark-audio[simulator]'" in ended.stderr


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(98, "Address already in use"), "127.0.0.1:8077: address already in use"),
        (OSError("odd"), "127.0.0.1:8077: odd"),
    ],
)
def test_what_the_system_says_about_a_port_is_told(error, words):
    with pytest.raises(MachineError, match=words) as told, simulate_command.explained(8077):
        raise error
    assert "--port 0" in str(told.value)


# The table of commands


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_an_example(name):
    command = load(name)
    assert "Example" in (command.epilog or "")
    assert f"earmark {name}" in command.epilog or name in ("plan", "run")
