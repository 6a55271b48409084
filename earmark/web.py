"""Requests for parts of what lies at an address: within limits, without a key, and not into private networks.

The service fetches the address itself; what is read here is its header alone. An address that leads to
a private network is not looked at: the service could not fetch it, and a list of addresses from
elsewhere must not make this machine ask its neighbours. Loopback is looked at only where the service
itself runs on loopback (`earmark simulate`). The check is made on what a name stands for just before
the request; a name that changes in between could reveal no more than a length.
"""

import ipaddress
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from threading import Event
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlsplit

import httpx

from manifests.addresses import problem, without_user
from planner.leftout import Reason, Unreadable
from runner.api.http import user_agent

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_SECONDS = 10.0
"""For each step of a request: connecting, a next piece of the answer."""

DEADLINE_SECONDS = 30.0
"""For all of an address, so that an answer that trickles holds nobody."""

REQUESTS = 20
BYTES = 8 * 1024 * 1024
REDIRECTS = 5

LIMITS_TOLD = f"{BYTES // 1024**2} MiB or {REQUESTS} requests"

_GONE = frozenset({404, 410})
_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII)
_OK, _PARTIAL, _NO_SUCH_RANGE = 200, 206, 416


@dataclass(slots=True)
class Allowance:
    """What may still be asked about one address; `until` is by the clock of `Web`."""

    until: float
    requests: int = REQUESTS
    bytes: int = BYTES


@dataclass(frozen=True, slots=True)
class Answer:
    """The beginning of an answer; sizes in bytes, `size` None where the server does not say."""

    url: str  # after redirects
    ranged: bool
    start: int
    size: int | None
    mark: str
    kind: str  # its Content-Type
    pieces: Iterator[bytes]


class Web:
    """Asks servers; may be used by several threads."""

    def __init__(self, *, loopback: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._loopback = loopback
        self._clock = clock
        self._stopped = Event()
        self._client = httpx.Client(
            timeout=TIMEOUT_SECONDS,
            headers={"User-Agent": user_agent(), "Accept-Encoding": "identity"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )

    def close(self) -> None:
        """End what is under way, and ask nothing more."""
        self._stopped.set()
        self._client.close()

    def allowance(self) -> Allowance:
        """What may be asked about one address, from now on."""
        return Allowance(self._clock() + DEADLINE_SECONDS)

    @contextmanager
    def answer(self, url: str, first: int, last: int, left: Allowance) -> Iterator[Answer]:
        """The answer to a request for the bytes `first` to `last`, redirects followed.

        Raises:
            Unreadable: refused, gone, broken off, or beyond what is allowed; also while its pieces are read.
        """
        target = url
        for _ in range(REDIRECTS + 1):
            self._check(url, target)
            self._spend(url, left)
            try:
                headers = {"Range": f"bytes={first}-{last}"}
                with self._client.stream("GET", target, headers=headers) as response:
                    onward = _onward(url, response)
                    if onward is None:
                        yield self._read(url, target, first, response, left)
                        return
                    target = onward
            except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
                raise Unreadable(Reason.UNREADABLE, url, f"it cannot be reached: {_told(error)}") from error
        raise Unreadable(Reason.UNREADABLE, url, f"it leads on more than {REDIRECTS} times")

    def _check(self, url: str, target: str) -> None:
        wrong = problem(target)
        if wrong is not None:
            raise Unreadable(Reason.UNREADABLE, url, f"it leads to {without_user(target)}: {wrong}")
        if self._private(urlsplit(target).hostname or ""):
            host = urlsplit(target).hostname
            detail = f"{host} is in a private network, which the service does not reach: plan the file itself"
            raise Unreadable(Reason.PRIVATE, url, detail)

    def _private(self, host: str) -> bool:
        try:
            found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None)}
        except (OSError, UnicodeError):
            return False  # behind a proxy names may mean nothing here; else the request says so
        return any(not self._public(text) for text in found)

    def _public(self, text: str) -> bool:
        ip = ipaddress.ip_address(text.partition("%")[0])
        ip = getattr(ip, "ipv4_mapped", None) or ip
        return ip.is_global or (ip.is_loopback and self._loopback)

    def _spend(self, url: str, left: Allowance) -> None:
        if left.requests <= 0:
            raise too_much(url)
        left.requests -= 1
        self._in_time(url, left)

    def _in_time(self, url: str, left: Allowance) -> None:
        if self._stopped.is_set() or self._clock() > left.until:
            raise Unreadable(Reason.UNREADABLE, url, f"no full answer within {DEADLINE_SECONDS:.0f} s")

    def _read(self, url: str, target: str, first: int, response: httpx.Response, left: Allowance) -> Answer:
        headers = response.headers
        ranged, start, size = _extent(url, first, response)
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise Unreadable(Reason.UNREADABLE, url, "its server sends it packed")
        mark = headers.get("etag") or headers.get("last-modified") or ""
        kind = headers.get("content-type", "").partition(";")[0].strip()
        return Answer(target, ranged, start, size, mark, kind, self._pieces(url, response, left))

    def _pieces(self, url: str, response: httpx.Response, left: Allowance) -> Iterator[bytes]:
        try:
            for piece in response.iter_raw():
                left.bytes -= len(piece)
                if left.bytes < 0:
                    raise too_much(url)
                self._in_time(url, left)
                yield piece
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            raise Unreadable(Reason.UNREADABLE, url, f"its answer broke off: {_told(error)}") from error


def too_much(url: str) -> Unreadable:
    """The error for an address that would take more than is allowed."""
    return Unreadable(Reason.NO_LENGTH, url, f"its length takes more than {LIMITS_TOLD} to read")


def _onward(url: str, response: httpx.Response) -> str | None:
    """Where an answer leads on to; None where it is the answer itself."""
    status = response.status_code
    if response.next_request is not None:
        return urldefrag(str(response.next_request.url)).url
    if status in _GONE:
        raise Unreadable(Reason.VANISHED, url, f"its server answers {status}: there is nothing")
    if status not in (_OK, _PARTIAL, _NO_SUCH_RANGE):
        raise Unreadable(Reason.UNREADABLE, url, f"its server answers {status}")
    return None


def _extent(url: str, first: int, response: httpx.Response) -> tuple[bool, int, int | None]:
    """Whether the answer is a range, where it begins, and the size of the whole."""
    headers: Mapping[str, str] = response.headers
    if response.status_code == _OK:
        stated = headers.get("content-length", "")
        return False, 0, int(stated) if re.fullmatch(r"[0-9]{1,18}", stated) else None
    if response.status_code == _NO_SUCH_RANGE:
        if first == 0:
            raise Unreadable(Reason.EMPTY, url, "empty (0 bytes)")
        raise Unreadable(Reason.UNREADABLE, url, "it is shorter than its server says")
    found = _RANGE.fullmatch(headers.get("content-range", ""))
    if found is None or int(found[1]) != first:
        raise Unreadable(Reason.UNREADABLE, url, "its server answers another range than was asked for")
    return True, first, None if found[3] == "*" else int(found[3])


def _told(error: Exception) -> str:
    """What happened, in a few words."""
    if isinstance(error, httpx.TimeoutException):
        return f"no answer within {TIMEOUT_SECONDS:.0f} s"
    return str(error) or type(error).__name__
