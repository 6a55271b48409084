"""How bytes travel: direct or through the environment's proxy, always with total deadlines."""

import urllib.request
from functools import cache
from ssl import SSLContext
from typing import Any

import httpcore
import httpx

from manifests.errors import UsageError
from runner.api.address import is_loopback
from runner.api.deadlines import DeadlineBackend


class Routes(httpx.BaseTransport):
    """Direct connections, or those through the environment's proxy (`HTTPS_PROXY`, `NO_PROXY`).

    The choice stands here and not in httpx because httpx reads the environment only for
    transports of its own making, which have no total deadlines. Plain http is for loopback and
    never goes through a proxy.
    """

    def __init__(self, limits: httpx.Limits) -> None:
        proxies = urllib.request.getproxies()
        address = proxies.get("https") or proxies.get("all")
        self._direct = Transport(limits)
        self._proxied = Transport(limits, _proxy(address)) if address else self._direct

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send on the way that the host asks for."""
        host = request.url.host
        local = request.url.scheme == "http" or is_loopback(host) or urllib.request.proxy_bypass(host)
        return (self._direct if local else self._proxied).handle_request(request)

    def close(self) -> None:
        """Close all connections."""
        self._direct.close()
        self._proxied.close()


class Transport(httpx.HTTPTransport):
    """httpx's transport over a pool whose connections keep to total deadlines."""

    def __init__(self, limits: httpx.Limits, proxy: httpx.Proxy | None = None) -> None:
        super().__init__(verify=_tls())
        # httpx takes no network backend and httpcore does, so the pool, httpx's one private
        # name here, is made anew. `retries` stays 0: httpcore would repeat only connects, but
        # nothing below us may repeat a submit.
        self._pool = _pool(limits, proxy)


@cache
def _tls() -> SSLContext:
    """One context for all: loading the certificates takes longer than a call."""
    return httpx.create_ssl_context()


def _proxy(address: str) -> httpx.Proxy:
    try:
        return httpx.Proxy(address if "://" in address else f"http://{address}")
    except (ValueError, httpx.InvalidURL):
        raise UsageError("the proxy in HTTPS_PROXY or ALL_PROXY must be http:// or https://") from None


def _pool(limits: httpx.Limits, proxy: httpx.Proxy | None) -> httpcore.ConnectionPool:
    common: dict[str, Any] = {
        "ssl_context": _tls(),
        "max_keepalive_connections": limits.max_keepalive_connections,
        "keepalive_expiry": limits.keepalive_expiry,
        "max_connections": None,  # as many as the engine's pools have threads
        "network_backend": DeadlineBackend(),
    }
    if proxy is None:
        return httpcore.ConnectionPool(**common)
    if proxy.url.scheme not in ("http", "https"):
        raise UsageError("the proxy in HTTPS_PROXY or ALL_PROXY must be http:// or https://")
    return httpcore.HTTPProxy(
        proxy_url=httpcore.URL(
            scheme=proxy.url.raw_scheme,
            host=proxy.url.raw_host,
            port=proxy.url.port,
            target=proxy.url.raw_path,
        ),
        proxy_auth=proxy.raw_auth,
        proxy_headers=proxy.headers.raw,
        **common,
    )
