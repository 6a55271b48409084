"""What the doctor says of address, service, clock, prices, key and wallet."""

import json
from contextlib import closing
from email.utils import formatdate
from socket import socket

import pytest

import simulator
from earmark.doctor import service
from earmark.doctor.values import Checked, Standing
from manifests.exits import Exit
from simulator import Scenario
from support.file_server import serving

ROOT = "/api/v1/api-wallet"
NOW = 1_800_000_000.0
KEY = "ap_sim_key"


@pytest.fixture(scope="module")
def there():
    """A simulator that all tests of this page ask; the key is right."""
    with simulator.serve(Scenario(), wallet_cents=1234) as sim:
        yield {"AUDIOPOD_BASE_URL": sim.url, "AUDIOPOD_API_KEY": KEY}


@pytest.fixture
def site():
    """A service of which each answer is made up."""
    with serving() as made:
        made.answers[f"{ROOT}/pricing"] = lambda handler: _json(handler, {"services": {}})
        yield made


def _json(handler, value, *, status=200, date=None):
    if date is not None:
        handler.date_time_string = lambda *_: date
    handler.reply(status, json.dumps(value).encode(), Content_Type="application/json")


def found(environ, **ends):
    """The findings by name, and the exit code."""
    told = list(service.checks(environ, service.Ends(**ends)))
    assert sorted(each.check for each in told) == sorted(service.NAMES)
    return {each.check: each for each in told}, Checked(tuple(told)).exit


def standings(told):
    return {name: each.standing.value for name, each in told.items() if each.standing is not Standing.OK}


def test_all_is_well_with_the_right_key(there):
    told, code = found(there)
    assert (standings(told), code) == ({}, Exit.DONE)
    assert told["wallet"].words == "$12.34 in it"
    assert told["key"].words == "set by AUDIOPOD_API_KEY, and taken"
    assert told["service"].words.startswith("answers: name ")
    assert told["prices"].words.startswith("as in the catalogue of ")
    assert KEY not in str(told)


def test_without_a_key_the_service_and_its_prices_are_looked_at_all_the_same(there):
    told, code = found({**there, "AUDIOPOD_API_KEY": " "})
    assert code is Exit.KEY
    assert standings(told) == {"key": "bad", "wallet": "look"}
    assert told["key"].to_do.startswith("export AUDIOPOD_API_KEY=")


@pytest.mark.parametrize(
    ("key", "told"), [("ap_no_such_key", "and refused"), ("ap_\u00e4", "characters that no key has")]
)
def test_a_wrong_key_is_exit_5(there, key, told):
    findings, code = found({**there, "AUDIOPOD_API_KEY": key})
    assert (code, findings["key"].standing) == (Exit.KEY, Standing.BAD)
    assert told in findings["key"].words
    assert key not in findings["key"].words


def test_a_key_may_come_from_a_file(there, tmp_path):
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    environ = {"AUDIOPOD_BASE_URL": there["AUDIOPOD_BASE_URL"], "AUDIOPOD_API_KEY_FILE": str(file)}
    told, code = found(environ)
    assert (code, told["key"].words) == (Exit.DONE, f"set by AUDIOPOD_API_KEY_FILE, {file}, and taken")
    told, code = found({**environ, "AUDIOPOD_API_KEY_FILE": str(tmp_path / "gone")})
    assert (code, told["key"].standing) == (Exit.USAGE, Standing.BAD)
    assert "which cannot be read: No such file" in told["key"].words


def test_an_address_to_which_no_key_may_go_is_exit_2():
    told, code = found({"AUDIOPOD_BASE_URL": "http://example.org", "AUDIOPOD_API_KEY": KEY})
    assert code is Exit.USAGE
    silent = dict.fromkeys(("service", "key", "clock", "prices", "wallet"), "look")
    assert standings(told) == {**silent, "address": "bad"}
    assert "unencrypted" in told["address"].words


def refused(*_):
    raise OSError(-2, "Name or service not known")


def closed_port():
    with closing(socket()) as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.mark.parametrize(
    ("ends", "what"), [({"resolve": refused}, "no name"), ({"connect": refused}, "no connection")]
)
def test_a_service_that_cannot_be_reached_is_exit_8_and_the_rest_is_not_known(there, ends, what):
    told, code = found(there, **ends)
    assert code is Exit.SERVICE_DOWN
    assert told["service"].words.startswith(f"{what} for 127.0.0.1")
    silent = dict.fromkeys(("key", "clock", "prices", "wallet"), "look")
    assert standings(told) == {**silent, "service": "bad"}
    assert KEY not in str(told)


def test_a_closed_port_is_told_as_no_connection():
    told, code = found({"AUDIOPOD_BASE_URL": f"http://127.0.0.1:{closed_port()}"})
    assert "no connection for 127.0.0.1:" in told["service"].words
    assert code is Exit.KEY  # stronger than a service that is down


def test_an_answer_that_is_an_error_is_exit_8(site):
    site.answers[f"{ROOT}/pricing"] = lambda handler: _json(handler, {"message": "later"}, status=503)
    told, code = found({"AUDIOPOD_BASE_URL": site.base, "AUDIOPOD_API_KEY": KEY})
    assert (code, standings(told)["service"]) == (Exit.SERVICE_DOWN, "bad")
    assert told["service"].words.startswith("it answers, but: ")


@pytest.mark.parametrize(
    ("off", "standing", "words"),
    [
        (0, "ok", "as the service's"),
        (1, "ok", "as the service's"),
        (-59, "ok", "58 s ahead of the service's"),
        (60, "ok", "60 s behind the service's"),
        (3600, "bad", "3,600 s behind the service's"),
        (-3600, "bad", "3,599 s ahead of the service's"),
    ],
)
def test_clocks_may_differ_by_a_minute(site, off, standing, words):
    date = formatdate(NOW + off, usegmt=True)
    site.answers[f"{ROOT}/pricing"] = lambda handler: _json(handler, {"services": {}}, date=date)
    told, code = found({"AUDIOPOD_BASE_URL": site.base, "AUDIOPOD_API_KEY": KEY}, clock=lambda: NOW)
    assert (told["clock"].standing.value, told["clock"].words) == (standing, words)
    assert code is (Exit.MACHINE if standing == "bad" else Exit.SERVICE_DOWN)  # no balance there


@pytest.mark.parametrize("date", ["", "yesterday"])
def test_a_service_without_a_time_is_no_fault_of_this_machine(site, date):
    site.answers[f"{ROOT}/pricing"] = lambda handler: _json(handler, {"services": {}}, date=date)
    told, _ = found({"AUDIOPOD_BASE_URL": site.base}, clock=lambda: NOW)
    assert told["clock"].words == "the service does not say what time it is"


def test_prices_that_moved_are_named_and_stop_nothing(site):
    rates = {"transcription": {"rate_per_minute": "$0.02"}, "stem_extraction": {"rate_per_minute": "$0.05"}}
    site.answers[f"{ROOT}/pricing"] = lambda handler: _json(handler, {"services": rates})
    told, _ = found({"AUDIOPOD_BASE_URL": site.base})
    assert told["prices"].standing is Standing.LOOK
    assert "transcription: 2 c/min, not 1 c/min" in told["prices"].rows
    assert "stems:six: 5 c/min, not 10 c/min" in told["prices"].rows
    assert "tts: no price, not 4 c/min" in told["prices"].rows
    assert "--accept-prices" in told["prices"].to_do


def test_an_empty_wallet_is_something_to_look_at(site):
    body = {"balance_cents": 0, "total_spent_cents": 0}
    site.answers[f"{ROOT}/balance"] = lambda handler: _json(handler, body)
    told, code = found({"AUDIOPOD_BASE_URL": site.base, "AUDIOPOD_API_KEY": KEY})
    assert (code, told["wallet"].standing, told["wallet"].words) == (
        Exit.DONE,
        Standing.LOOK,
        "$0.00 in it, low",
    )


def test_a_proxy_is_no_place_for_names_and_connections(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    told, code = found({"AUDIOPOD_BASE_URL": "https://example.org"}, resolve=refused, connect=refused)
    assert code is Exit.KEY
    assert "example.org does not answer" in told["service"].words
