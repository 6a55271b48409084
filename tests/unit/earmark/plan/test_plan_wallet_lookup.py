import json
import threading
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from earmark.wallet_ends import ask, key_of, lookup_of
from earmark.wallet_lookup import NoWallet, Pending, WalletView
from manifests.errors import UsageError
from manifests.money import Cents
from runner.api.errors import KeyRefused, ServiceDown

VIEW = WalletView(Cents(5000), {"transcription": Fraction(1)})
ANSWERS = {
    "/api/v1/api-wallet/balance": {
        "balance_cents": 5000,
        "total_spent_cents": 70,
        "low_balance_warning": True,
    },
    "/api/v1/api-wallet/pricing": {"services": {"transcription": {"rate_per_minute": "$0.01/min"}}},
    "/api/v1/api-wallet/service-types": ["transcription"],
}


class _Service(BaseHTTPRequestHandler):
    def do_GET(self):
        known = self.headers["X-API-Key"] == "ap_test"
        body = json.dumps(
            ANSWERS[self.path] if known else {"error": "unauthorized", "message": "bad key"}
        ).encode()
        self.send_response(200 if known else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Tests are quiet."""


@pytest.fixture
def service():
    with HTTPServer(("127.0.0.1", 0), _Service) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_answer_comes_from_the_background():
    assert Pending(lambda: VIEW).answer() is VIEW


def test_an_error_of_ours_becomes_a_reason():
    def refused():
        raise KeyRefused("the key was refused")

    assert Pending(refused).answer() == NoWallet("the key was refused")


def test_a_bug_is_not_hidden():
    def broken():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Pending(broken).answer()


def test_a_wallet_that_never_answers_is_not_waited_for():
    never = threading.Event()
    try:
        answer = Pending(lambda: never.wait() and VIEW).answer(patience=0.01)
    finally:
        never.set()
    assert answer == NoWallet("no answer within 0.01 s")


def test_without_a_key_nobody_is_asked():
    assert lookup_of({}) is None
    assert lookup_of({"AUDIOPOD_API_KEY": "", "AUDIOPOD_API_KEY_FILE": ""}) is None


def test_with_a_key_balance_and_prices_are_read(service):
    lookup = lookup_of({"AUDIOPOD_API_KEY": "ap_test", "AUDIOPOD_BASE_URL": service})
    names = frozenset({"transcription"})
    assert lookup() == WalletView(Cents(5000), {"transcription": Fraction(1)}, low=True, types=names)


def test_prices_are_shown_also_where_the_wallet_does_not_list_its_names(service, monkeypatch):
    monkeypatch.setitem(ANSWERS, "/api/v1/api-wallet/service-types", {"message": "hello"})
    lookup = lookup_of({"AUDIOPOD_API_KEY": "ap_test", "AUDIOPOD_BASE_URL": service})
    assert lookup() == WalletView(Cents(5000), {"transcription": Fraction(1)}, low=True)


def test_a_balance_is_shown_also_where_prices_cannot_be_read(service, monkeypatch):
    monkeypatch.setitem(ANSWERS, "/api/v1/api-wallet/pricing", {"message": "hello"})
    seen = ask({"AUDIOPOD_API_KEY": "ap_test", "AUDIOPOD_BASE_URL": service}, patience=0)
    assert seen == WalletView(Cents(5000), None, low=True)


def test_a_wrong_key_is_an_error_of_ours(service):
    with pytest.raises(KeyRefused, match="key was refused"):
        ask({"AUDIOPOD_API_KEY": "ap_wrong", "AUDIOPOD_BASE_URL": service})


def test_a_service_that_is_away_is_an_error_of_ours():
    with pytest.raises(ServiceDown, match="no connection"):
        ask({"AUDIOPOD_API_KEY": "ap_test", "AUDIOPOD_BASE_URL": "http://127.0.0.1:1"}, patience=0)


def test_a_bad_address_is_an_error_of_ours():
    with pytest.raises(UsageError, match="unencrypted"):
        ask({"AUDIOPOD_API_KEY": "ap_test", "AUDIOPOD_BASE_URL": "http://example.org"})


def test_the_key_may_lie_in_a_file(tmp_path):
    path = tmp_path / "key"
    path.write_text("ap_file\n")
    assert key_of({"AUDIOPOD_API_KEY_FILE": str(path)}) == "ap_file"
    assert key_of({"AUDIOPOD_API_KEY": " ap_env ", "AUDIOPOD_API_KEY_FILE": str(path)}) == "ap_env"


def test_a_key_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"AUDIOPOD_API_KEY_FILE names .*none, .*No such file"):
        key_of({"AUDIOPOD_API_KEY_FILE": str(tmp_path / "none")})
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="not a text"):
        key_of({"AUDIOPOD_API_KEY_FILE": str(tmp_path / "binary")})
