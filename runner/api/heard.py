"""Who hears of each request: what was asked for, how it was answered, how long that took."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import httpx


@dataclass(frozen=True, slots=True)
class Heard:
    """One request; no query, no header and no body is in it, so neither are keys and signatures."""

    method: str
    place: str  # the path at the service, or an address elsewhere
    status: int | None  # None: no answer came
    seconds: float  # to the head of the answer, an upload included


Hear: TypeAlias = Callable[[Heard], None]


class Listening(httpx.BaseTransport):
    """A transport that tells of what goes over it."""

    def __init__(
        self,
        inner: httpx.BaseTransport,
        hear: Hear,
        shown: Callable[[str], str],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`shown` makes an address fit to be printed."""
        self._inner, self._hear, self._shown, self._clock = inner, hear, shown, clock

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it, and tell."""
        began = self._clock()
        status = None
        try:
            response = self._inner.handle_request(request)
            status = response.status_code
            return response
        finally:
            place = self._shown(str(request.url))
            self._hear(Heard(request.method, place, status, self._clock() - began))

    def close(self) -> None:
        """Close all connections."""
        self._inner.close()
