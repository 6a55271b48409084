import logging

import httpcore
import httpx
import pytest

from manifests.errors import UsageError
from runner.api import transport
from runner.api.address import Base
from runner.api.deadlines import DeadlineBackend
from runner.api.errors import CallRefused, KeyRefused, ServiceDown
from runner.api.http import Http, checked_key, shown, user_agent, why

KEY = "ap_test_0123456789"


def echo(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"headers": dict(request.headers), "url": str(request.url)})


@pytest.mark.parametrize("key", ["", "  ", "\n"])
def test_no_key_says_where_to_put_it(key):
    with pytest.raises(KeyRefused, match="AUDIOPOD_API_KEY"):
        checked_key(key)


@pytest.mark.parametrize("key", ["ap_a b", "ap_a\nX-Evil: 1", "ap_ü", "ap_\x00"])
def test_a_key_that_would_break_the_header_is_refused_and_not_shown(key):
    with pytest.raises(KeyRefused) as caught:
        checked_key(key)

    assert "ap_" not in str(caught.value)


def test_a_key_may_have_the_newline_of_its_file():
    assert checked_key("ap_abc\n") == "ap_abc"


def test_the_key_is_in_no_representation(http_over):
    http = http_over(echo)

    assert KEY not in repr(http)
    assert "https://api.example" in repr(http)


def test_a_key_that_the_server_repeats_is_taken_out(http_over):
    http = http_over(lambda r: httpx.Response(403, text=f"bad key {r.headers['x-api-key']}"))

    assert http.get("/api/v1/x").body == b"bad key (key)"


def test_the_key_is_in_no_log_and_no_error(http_over, caplog):
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("reset", request=request)

    with caplog.at_level(logging.DEBUG), pytest.raises(ServiceDown) as caught:
        http_over(handler).get("/api/v1/x")

    assert KEY not in caplog.text + str(caught.value) + repr(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("client", ["calls", "uploads"])
def test_a_client_with_the_key_speaks_to_the_services_calls_only(http_over, client):
    http = http_over(echo)

    for address in (
        "https://evil.example/api/v1/x",
        "https://api.example/media/x",
        "http://api.example/api/v1/x",
    ):
        with pytest.raises(CallRefused, match="the key is not sent there"):
            getattr(http, client).get(address)


def test_links_are_followed_without_the_key(http_over):
    with http_over(echo).follow("https://media.example/x", keyed=True) as response:
        headers = http_over(echo).answer(response)

    assert b"x-api-key" not in headers.body
    assert b'"accept-encoding":"identity"' in headers.body


def test_own_results_are_fetched_with_the_key_if_they_are_calls(http_over):
    http = http_over(lambda r: httpx.Response(200, text=str("x-api-key" in r.headers)))

    for address, keyed, expected in (
        ("https://api.example/api/v1/t", True, b"True"),
        ("https://api.example/api/v1/t", False, b"False"),
        ("https://api.example/media/t", True, b"False"),
    ):
        with http.follow(address, keyed=keyed) as response:
            assert http.answer(response).body == expected


def test_redirects_of_results_are_followed_without_the_key(http_over):
    seen = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append((str(request.url), "x-api-key" in request.headers))
        place = {"/api/v1/t": "https://media.example/a", "/a": "/b"}.get(request.url.path)
        return httpx.Response(302, headers={"location": place}) if place else httpx.Response(200, text="done")

    http = http_over(handler)
    with http.follow("https://api.example/api/v1/t", keyed=True) as response:
        assert http.answer(response).body == b"done"

    assert seen == [
        ("https://api.example/api/v1/t", True),
        ("https://media.example/a", False),
        ("https://media.example/b", False),
    ]


def test_a_redirect_within_the_services_calls_keeps_the_key_and_one_from_outside_does_not_get_it(http_over):
    seen = []
    places = {
        "/api/v1/t": "/api/v2/t",
        "/api/v2/t": "https://media.example/a",
        "/a": "https://api.example/api/v1/end",
    }

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append((request.url.host, request.url.path, "x-api-key" in request.headers))
        place = places.get(request.url.path)
        return httpx.Response(302, headers={"location": place}) if place else httpx.Response(200)

    with http_over(handler).follow("https://api.example/api/v1/t", keyed=True) as response:
        assert response.status_code == 200

    assert seen == [
        ("api.example", "/api/v1/t", True),
        ("api.example", "/api/v2/t", True),
        ("media.example", "/a", False),
        ("api.example", "/api/v1/end", False),
    ]


def test_redirects_do_not_go_round_for_ever(http_over):
    http = http_over(lambda _: httpx.Response(302, headers={"location": "https://media.example/again"}))

    with (
        pytest.raises(CallRefused, match="more than 5 redirects"),
        http.follow("https://media.example/x", keyed=False),
    ):
        pass


@pytest.mark.parametrize("place", ["http://media.example/x", "file:///etc/passwd", "http://127.0.0.1/x"])
def test_redirects_do_not_lead_to_unsafe_places(http_over, place):
    http = http_over(lambda _: httpx.Response(302, headers={"location": place}))

    with pytest.raises(CallRefused, match="https only"), http.follow("https://media.example/x", keyed=False):
        pass


def test_a_small_call_does_not_follow_redirects(http_over):
    http = http_over(lambda _: httpx.Response(307, headers={"location": "https://evil.example/api/v1/x"}))

    assert http.get("/api/v1/x").status == 307
    assert http.post("/api/v1/x", {"a": 1}).status == 307


def test_cookies_are_not_kept(http_over):
    seen = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("cookie"))
        return httpx.Response(200, headers={"set-cookie": "session=1; Path=/"})

    http = http_over(handler)
    http.get("/api/v1/x")
    http.get("/api/v1/x")

    assert seen == [None, None]


def test_closing_closes_every_client(http_over):
    with http_over(echo) as http:
        pass

    assert http.calls.is_closed
    assert http.uploads.is_closed
    assert http.links.is_closed


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            httpx.ConnectError("[Errno 111] Connection refused"),
            "no connection ([Errno 111] Connection refused)",
        ),
        (httpx.ConnectTimeout(""), "no connection in time"),
        (httpx.WriteTimeout(""), "the upload stalled"),
        (httpx.ReadTimeout("took\ntoo long"), "no answer in time (took too long)"),
        (httpx.PoolTimeout(""), "no answer in time"),
        (httpx.LocalProtocolError("x"), "LocalProtocolError (x)"),
    ],
)
def test_network_errors_are_told_in_words(error, words):
    assert why(error) == words


def test_signatures_of_links_are_not_shown():
    assert shown("https://m.example/x.wav?signature=secret") == "https://m.example/x.wav"


def test_the_program_names_itself(monkeypatch):
    assert user_agent().startswith("earmark")
    user_agent.cache_clear()
    monkeypatch.setattr("importlib.metadata.version", lambda _: "9.9")
    assert user_agent() == "earmark/9.9"
    user_agent.cache_clear()


def missing(name: str) -> str:
    from importlib import metadata

    raise metadata.PackageNotFoundError(name)


def test_a_checkout_that_is_not_installed_names_itself_too(monkeypatch):
    user_agent.cache_clear()
    monkeypatch.setattr("importlib.metadata.version", missing)
    assert user_agent() == "earmark"
    user_agent.cache_clear()


# The ways out.


@pytest.fixture
def environment(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


def way(routes: transport.Routes, address: str) -> str:
    """Which of the two transports a request takes."""
    taken = []
    routes._direct.handle_request = lambda r: taken.append("direct") or httpx.Response(200)
    if routes._proxied is not routes._direct:
        routes._proxied.handle_request = lambda r: taken.append("proxy") or httpx.Response(200)
    routes.handle_request(httpx.Request("GET", address))
    return taken[0]


def test_without_a_proxy_all_goes_direct(environment):
    assert way(transport.Routes(httpx.Limits()), "https://api.example/") == "direct"


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_the_environments_proxy_is_used_for_https(environment, name):
    environment.setenv(name, "http://proxy.example:3128")

    assert way(transport.Routes(httpx.Limits()), "https://api.example/") == "proxy"


@pytest.mark.parametrize("address", ["https://127.0.0.1/", "http://localhost:8077/", "https://api.example/"])
def test_loopback_and_no_proxy_go_direct(environment, address):
    environment.setenv("HTTPS_PROXY", "proxy.example:3128")
    environment.setenv("NO_PROXY", "api.example")

    assert way(transport.Routes(httpx.Limits()), address) == "direct"


@pytest.mark.parametrize("proxy", ["socks5://proxy.example", "ftp://proxy.example", "http://proxy:port"])
def test_a_proxy_that_cannot_be_used_is_an_error(environment, proxy):
    environment.setenv("HTTPS_PROXY", proxy)

    with pytest.raises(UsageError, match="HTTPS_PROXY"):
        transport.Routes(httpx.Limits())


@pytest.mark.parametrize("proxy", [None, "http://user:pass@proxy.example:3128"])
def test_every_connection_keeps_to_deadlines(proxy):
    """httpx has no public way to give its pool a network backend: this fails if its private name moves."""
    made = transport.Transport(
        httpx.Limits(max_keepalive_connections=0), httpx.Proxy(proxy) if proxy else None
    )

    assert isinstance(made._pool, httpcore.HTTPProxy if proxy else httpcore.ConnectionPool)
    assert isinstance(made._pool._network_backend, DeadlineBackend)
    assert made._pool._retries == 0
    assert made._pool._max_keepalive_connections == 0


def test_uploads_never_use_a_connection_that_was_used_before():
    with Http(Base.parse("https://api.example"), KEY) as http:
        assert http.uploads._transport._direct._pool._max_keepalive_connections == 0
        assert http.calls._transport._direct._pool._max_keepalive_connections > 0


def test_the_key_is_taken_out_however_a_server_writes_it(http_over):
    escaped = "".join(f"\\u{ord(letter):04X}" for letter in KEY)
    percent = "".join(f"%{ord(letter):02x}" for letter in KEY)
    body = f'{{"a": "{KEY}", "b": "{escaped}", "c": "https://x/{percent}"}}'.encode()
    with http_over(lambda _request: httpx.Response(400, content=body, headers={"X-Request-Id": KEY})) as http:
        answer = http.get("/api/v1/x")
    assert answer.body == b'{"a": "(key)", "b": "(key)", "c": "https://x/(key)"}'
    assert answer.headers["x-request-id"] == "(key)"
