"""The HTTP clients, their walls, and one call of each kind.

Three clients, HTTP/1.1: `uploads`, `calls` and `links`. The first two carry the key and refuse any
address but the service's own calls; `links` fetches results from anywhere and has no key. None
of them follows redirects, keeps cookies or repeats anything by itself.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib import metadata
from typing import Self

import httpx

from runner.api import deadlines
from runner.api.address import Base
from runner.api.deadlines import Deadlines
from runner.api.errors import CallRefused, KeyRefused, ServiceDown, SessionRefused
from runner.api.heard import Hear, Listening
from runner.api.transport import Routes
from runner.api.verdicts import Answer

KEY_HEADER = "X-API-Key"
KEY, SESSION = "AUDIOPOD_API_KEY", "AUDIOPOD_SESSION_TOKEN"
"""Where a person sets what opens the service: the key, and for noise reduction a session token instead."""

LARGEST_ANSWER = 64 * 2**20
"""Bytes of a small answer: a page of a hundred jobs has some 100 KB; beyond this it is not one."""

KEPT_OPEN = 30.0
"""Seconds that an idle connection of small calls is kept. A read on a stale one is simply repeated."""

Params = Mapping[str, str | int]

_WORDS = (
    (httpx.ConnectTimeout, "no connection in time"),
    (httpx.ConnectError, "no connection"),
    (httpx.ProxyError, "the proxy refused"),
    (httpx.WriteTimeout, "the upload stalled"),
    (httpx.TimeoutException, "no answer in time"),
    (httpx.ReadError, "connection lost"),
    (httpx.RemoteProtocolError, "connection lost or garbled"),
    (httpx.DecodingError, "unreadable answer"),
)


class Http:
    """Calls to one service with one key, or with none where the key is None.

    With `session` the key is a session token, which travels as a bearer (docs/api.md 1, 16); whatever
    is said here of keys holds for it.
    """

    def __init__(
        self,
        base: Base,
        key: str | None,
        *,
        session: bool = False,
        hidden: Iterable[str] = (),
        limits: Deadlines | None = None,
        now: Callable[[], float] = time.time,
        transport: httpx.BaseTransport | None = None,
        hear: Hear | None = None,
    ) -> None:
        """Open nothing yet; `key` is None for the few calls that need none (docs/api.md 4).

        `hidden` is what else of ours a server may know and repeat: it is taken out like the key. `hear` is
        told of each request.

        Raises:
            KeyRefused: an empty key, or one that cannot be a key.
        """
        self.base = base
        self.now = now  # seconds since the epoch, for dates in headers
        self.limits = limits or Deadlines()
        self.variable = SESSION if session else KEY
        checked = "" if key is None else checked_key(key, self.variable)
        self._secrets = _written(each for each in (checked, *(each.strip() for each in hidden)) if each)
        self._hear = hear
        keyed = _header(checked, session=session) if checked else {}
        read = self.limits.read
        # A new connection for each upload: on one kept open, the server may just be hanging up
        # while a small file goes out whole, and a reset then looks like a lost answer.
        self.uploads = self._client(
            keyed, self.limits.answer, httpx.Limits(max_keepalive_connections=0), transport
        )
        self.calls = self._client(keyed, read, httpx.Limits(keepalive_expiry=KEPT_OPEN), transport)
        self.links = self._client({}, self.limits.stall, httpx.Limits(keepalive_expiry=KEPT_OPEN), transport)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base.url!r})"

    def get(self, path: str, params: Params | None = None) -> Answer:
        """One GET of a small answer, with the key.

        Raises:
            ServiceDown: no whole answer.
        """
        return self._small(self.calls.build_request("GET", self.base.url + path, params=params))

    def post(self, path: str, body: Mapping[str, str | int]) -> Answer:
        """One POST of a small JSON body, with the key; never for calls that start paid work.

        Raises:
            ServiceDown: no whole answer.
        """
        return self._small(self.calls.build_request("POST", self.base.url + path, json=body))

    @contextmanager
    def follow(self, address: str, *, keyed: bool, hops: int = 5) -> Iterator[httpx.Response]:
        """The opened answer at a result address; redirects are followed, the key stays with the service.

        Args:
            address: absolute.
            keyed: whether the key goes along to calls of the service itself.
            hops: how many redirects are followed.

        Raises:
            CallRefused: an address that must not be followed.
            httpx.HTTPError: no answer.
        """
        for _ in range(hops + 1):
            if not self.base.may_fetch(address):
                raise CallRefused(f"{self.shown(address)} is no address that may be fetched: https only")
            keyed = keyed and self.base.is_call(address)  # once outside, it stays away
            client = self.calls if keyed else self.links
            request = client.build_request("GET", address, headers={"Accept-Encoding": "identity"})
            response = client.send(request, stream=True)
            if not response.has_redirect_location:
                break
            response.close()
            address = str(response.url.join(response.headers["location"]))
        else:
            raise CallRefused(f"{self.shown(address)}: more than {hops} redirects")
        try:
            yield response
        finally:
            response.close()

    def answer(self, response: httpx.Response) -> Answer:
        """The whole answer; the key, should a server repeat it, is taken out, also where it is escaped.

        Raises:
            httpx.HTTPError: it was cut, came too late or is too large.
        """
        body = b"".join(_bounded(response))
        headers = dict(response.headers)
        if self._secrets and self._secrets.search("\n".join(headers.values()).encode()):
            headers = {
                name: self._without_secrets(value.encode()).decode() for name, value in headers.items()
            }
        return Answer(response.status_code, headers, self._without_secrets(body))

    def _without_secrets(self, text: bytes) -> bytes:
        return self._secrets.sub(b"(key)", text) if self._secrets else text

    def shown(self, address: str) -> str:
        """An address for a message: `shown`, without the key that a server may have put into it."""
        return self._without_secrets(shown(address).encode(errors="replace")).decode()

    def _place(self, address: str) -> str:
        """The path of an own call, or an address elsewhere: `shown`."""
        return self.shown(address).removeprefix(self.base.url)

    def why(self, error: Exception) -> str:
        """What went wrong on the way: `why`, without the key, which a garbled answer may repeat."""
        return self._without_secrets(why(error).encode(errors="replace")).decode()

    def close(self) -> None:
        """Close all connections."""
        for client in (self.uploads, self.calls, self.links):
            client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _small(self, request: httpx.Request) -> Answer:
        with deadlines.call(self.limits.read):
            try:
                response = self.calls.send(request, stream=True)
                try:
                    return self.answer(response)
                finally:
                    response.close()
            except httpx.HTTPError as error:
                call = f"{request.method} {request.url.path}"
                raise ServiceDown(f"{self.base.url} does not answer: {self.why(error)}, {call}") from None

    def _client(
        self,
        headers: Mapping[str, str],
        read: float,
        limits: httpx.Limits,
        transport: httpx.BaseTransport | None,
    ) -> httpx.Client:
        stall = self.limits.stall
        way = transport or Routes(limits)
        return httpx.Client(
            headers={"User-Agent": user_agent(), **headers},
            timeout=httpx.Timeout(connect=self.limits.connect, read=read, write=stall, pool=stall),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            event_hooks={"request": [self._guard]} if headers else {},
            transport=way if self._hear is None else Listening(way, self._hear, self._place),
            follow_redirects=False,
        )

    def _guard(self, request: httpx.Request) -> None:
        """The wall behind all checks: a client that has the key speaks to the service's calls only."""
        if not self.base.is_call(str(request.url)):
            raise CallRefused(
                f"{self.shown(str(request.url))} is not {self.base.url}: the key is not sent there"
            )


def checked_key(key: str, variable: str = KEY) -> str:
    """The key as it may stand in a header.

    Args:
        key: the key, or a session token.
        variable: where a person sets it.

    Raises:
        KeyRefused: empty, or with characters that would break the header; they are not shown.
    """
    text = key.strip()
    refused = KeyRefused if variable == KEY else SessionRefused
    if not text:
        raise refused(_UNSET[variable])
    if not text.isascii() or not text.isprintable() or " " in text:
        raise refused(f"the key has characters that no key has: copy it again into {variable}")
    return text


_UNSET = {
    KEY: f"no key: set {KEY}, or {KEY}_FILE to a file that holds it",
    SESSION: f"noise reduction needs a session token, the key does not open it: log in, and set {SESSION}",
}


def _header(key: str, *, session: bool) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if session else {KEY_HEADER: key}


def why(error: Exception) -> str:
    """What went wrong on the way, in words."""
    words = next((words for kind, words in _WORDS if isinstance(error, kind)), type(error).__name__)
    detail = " ".join(str(error).split())
    return f"{words} ({detail})" if detail else words


def shown(address: str) -> str:
    """An address without its query: signatures of links are secrets too."""
    return address.partition("?")[0][:200]


@cache
def user_agent() -> str:
    """`earmark/<version>`."""
    try:
        return f"earmark/{metadata.version('earmark-audio')}"
    except metadata.PackageNotFoundError:
        return "earmark"


def _written(secrets: Iterable[str]) -> re.Pattern[bytes] | None:
    """What finds secrets in any of the ways in which JSON and addresses write a letter."""
    each = "|".join("".join(map(_letter, secret)) for secret in secrets)
    return re.compile(each.encode()) if each else None


def _letter(letter: str) -> str:
    code = "".join(f"[{digit}{digit.upper()}]" for digit in f"{ord(letter):02x}")
    return rf"(?:{re.escape(letter)}|%{code}|\\u00{code})"


def _bounded(response: httpx.Response) -> Iterator[bytes]:
    seen = 0
    for piece in response.iter_bytes():
        seen += len(piece)
        if seen > LARGEST_ANSWER:
            raise httpx.DecodingError(f"more than {LARGEST_ANSWER} bytes", request=response.request)
        yield piece
