"""Requests are told of: method, path, status and time, and nothing that is secret."""

import httpx
import pytest

from runner.api.client import AudioPod
from runner.api.errors import ServiceDown
from runner.api.heard import Heard, Listening

BASE, KEY = "https://api.example", "ap_test_0123456789"


def told_of(handler, call):
    heard = []
    with AudioPod(BASE, KEY, patience=0, transport=httpx.MockTransport(handler), hear=heard.append) as api:
        call(api)
    return heard


def test_a_request_is_told_with_its_answer():
    answer = {"balance_cents": 5, "total_spent_cents": 0}
    (heard,) = told_of(lambda _request: httpx.Response(200, json=answer), lambda api: api.balance())
    assert (heard.method, heard.place, heard.status) == ("GET", "/api/v1/api-wallet/balance", 200)
    assert heard.seconds >= 0


def test_neither_query_nor_key_is_told():
    def redirect(request):
        if request.url.host == "api.example":
            return httpx.Response(302, headers={"location": f"https://media.example/{KEY}/a.srt?sign=secret"})
        return httpx.Response(404)

    def fetch(api):
        with api.http.follow(f"{BASE}/api/v1/x?token=secret", keyed=True):
            pass

    heard = told_of(redirect, fetch)
    assert [each.place for each in heard] == ["/api/v1/x", "https://media.example/(key)/a.srt"]
    assert KEY not in str(heard)
    assert "secret" not in str(heard)


def test_a_request_without_an_answer_is_told_too():
    def cut(_request):
        raise httpx.ReadError("reset")

    def asks(api):
        with pytest.raises(ServiceDown):
            api.balance()

    (heard,) = told_of(cut, asks)
    assert heard.status is None


def test_the_time_is_that_to_the_head_of_the_answer():
    times = iter([10.0, 10.25])
    heard = []
    inner = httpx.MockTransport(lambda _request: httpx.Response(204))
    transport = Listening(inner, heard.append, str, lambda: next(times))
    transport.handle_request(httpx.Request("POST", "https://api.example/x"))
    assert heard == [Heard("POST", "https://api.example/x", 204, 0.25)]
