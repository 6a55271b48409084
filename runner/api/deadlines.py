"""Total deadlines for HTTP calls, and what became of an upload's last chunk.

httpx times out each read, each write and each connect. An answer that trickles one byte a second,
in its headers too, passes all of them and would hold a slot for ever. So the network streams
under httpx are wrapped: each operation gets no more time than is left of the call that this
thread is making. The call stands in a context variable, since httpx hands nothing down to the
streams that could carry it; synchronous calls do all their reading and writing in one thread.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any

import httpcore

_PIECE = 16 * 1024
"""Bytes a write, so that a peer which reads slowly cannot stretch one write past the deadline."""

_PEEK = 0.001
"""Seconds that a look at an already readable socket may take: TLS may hold housekeeping only."""

_READ = 64 * 1024

_CUT_ANSWER = 30.0
"""Seconds for an answer that came before the end of an upload."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long calls may take, in seconds; each a total, except `connect` and `stall`.

    Attributes:
        connect: for each address of the host. Lost first packets are sent again after 1, 3 and 7 s.
        read: a small call with its whole answer. Status and list answers are small; a service that
            needs longer is down for our purposes, and the read is repeated.
        answer: from an upload's last chunk to the end of the answer. The service looks at the file
            before it answers, which takes minutes for long ones (docs/api.md 6).
        stall: without a byte of progress in an upload or a download.
        grace: what each transfer may take on top of its size.
        slowest: bytes a second under which a transfer is given up: 128 kbit/s, less than any line
            on which eight uploads at once make sense. 2 GB get a day and a half.
    """

    connect: float = 15
    read: float = 30
    answer: float = 300
    stall: float = 60
    grace: float = 120
    slowest: int = 16 * 1024

    def transfer(self, size: int) -> float:
        """The total for a transfer of this many bytes."""
        return self.grace + size / self.slowest


class Call:
    """One call of this thread: when it must be over, and what became of its upload.

    Attributes:
        uploading: whether to look for an early answer before each write.
        releasing: set when the next write is the last chunk.
        withheld: that write failed, or did not begin: the last chunk surely did not arrive.
    """

    __slots__ = ("_clock", "_released", "_until", "releasing", "uploading", "withheld")

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._released = False
        self.uploading = False
        self.releasing = False
        self.withheld = False
        self.allow(seconds)

    def allow(self, seconds: float) -> None:
        """Set the deadline to this many seconds from now."""
        self._until = self._clock() + seconds

    def wrote(self) -> None:
        """A write went through; what fails after the last chunk has gone does not bring it back."""
        self._released = self.releasing

    def cut(self) -> None:
        """A write failed: the server has closed, or has an answer for us that is already on its way."""
        self.withheld = self.releasing and not self._released
        self._until = min(self._until, self._clock() + _CUT_ANSWER)

    def clamp(self, timeout: float | None, late: type[Exception]) -> float:
        """The timeout, but no more than is left.

        Raises:
            Exception: of the type `late`, when nothing is left.
        """
        left = self._until - self._clock()
        if left <= 0:
            raise late("took too long")
        return left if timeout is None else min(timeout, left)


_CALL: ContextVar[Call | None] = ContextVar("call", default=None)


@contextmanager
def call(seconds: float, clock: Callable[[], float] = time.monotonic) -> Iterator[Call]:
    """Everything that this thread sends and receives inside must be over in `seconds`."""
    current = Call(seconds, clock)
    reset = _CALL.set(current)
    try:
        yield current
    finally:
        _CALL.reset(reset)


def _clamp(timeout: float | None, late: type[Exception]) -> float | None:
    current = _CALL.get()
    return timeout if current is None else current.clamp(timeout, late)


class DeadlineStream(httpcore.NetworkStream):
    """A network stream that keeps to the deadline of the current call.

    It also looks for an answer before each write of an upload: a server that refuses a file (402,
    413, 429) answers early, and the rest of two gigabytes need not go out.
    """

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner
        self._early: bytes | None = None

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read, giving first what was found while looking for an early answer."""
        if self._early is not None:
            data, rest = self._early[:max_bytes], self._early[max_bytes:]
            self._early = rest or None
            return data
        return self._inner.read(max_bytes, _clamp(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of the buffer; a `WriteError` makes httpcore go on to read the answer."""
        current = _CALL.get()
        if current is None or not buffer:  # httpcore ends a request with an empty write
            self._inner.write(buffer, timeout)
            return
        try:
            if current.uploading and self._answered():
                raise httpcore.WriteError("the server answered before the end of the upload")  # noqa: TRY301
            for start in range(0, len(buffer), _PIECE):
                piece = buffer[start : start + _PIECE]
                self._inner.write(piece, current.clamp(timeout, httpcore.WriteTimeout))
        except Exception:
            current.cut()
            raise
        current.wrote()

    def _answered(self) -> bool:
        """Whether the server has said something, or has hung up, while we still send."""
        if self._early is None and self._inner.get_extra_info("is_readable"):
            try:
                self._early = self._inner.read(_READ, _PEEK)
            except httpcore.ReadTimeout:
                return False  # a TLS session ticket, not an answer
            except httpcore.ReadError:
                self._early = b""
        # An informational answer such as 100 Continue asks for more of the upload.
        return self._early is not None and not self._early.startswith(b"HTTP/1.1 1")

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection under TLS, still with deadlines."""
        clamped = _clamp(timeout, httpcore.ConnectTimeout)
        return DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, clamped))

    def get_extra_info(self, info: str) -> Any:
        """What the wrapped stream knows about itself."""
        return self._inner.get_extra_info(info)


class DeadlineBackend(httpcore.NetworkBackend):
    """Opens connections whose streams keep to the deadline of the current call."""

    def __init__(self, inner: httpcore.NetworkBackend | None = None) -> None:
        self._inner = inner or httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect, each address of the host within the time that is left."""
        clamped = _clamp(timeout, httpcore.ConnectTimeout)
        return DeadlineStream(self._inner.connect_tcp(host, port, clamped, local_address, socket_options))
