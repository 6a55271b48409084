"""Answers that go wrong on the wire; what no HTTP library would send is written to the socket by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from http import HTTPStatus

from starlette.types import Receive, Scope, Send

from simulator import wire
from simulator.faults import LOSING
from simulator.replies import Reply, html_reply
from simulator.scenario import Fault

DOWNLOAD_FAULTS = frozenset({"cut_download", "wrong_length"})
SPOILING = LOSING | DOWNLOAD_FAULTS

GARBAGE = '{"job_id": 10'
LENGTH_LIE = 1000


class Hangup:
    """No answer at all: the connection is closed, or reset."""

    def __init__(self, *, reset: bool) -> None:
        self._reset = reset

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Hang up."""
        transport = wire.transport(scope)
        if self._reset:
            wire.linger_not(transport)
            transport.abort()
        else:
            transport.close()
        await wire.gone(receive)


class Raw:
    """A head and a body as they are given, without anybody checking that they agree."""

    def __init__(self, pieces: Iterable[bytes], *, pause: float = 0.0, abort: bool = False) -> None:
        self._pieces = pieces
        self._pause = pause
        self._abort = abort

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Write, then close."""
        transport = wire.transport(scope)
        for piece in self._pieces:
            if transport.is_closing():
                break
            transport.write(piece)
            await asyncio.sleep(self._pause)
        if self._abort:
            await wire.flushed(transport)
            transport.abort()
        else:
            transport.close()
        await wire.gone(receive)


class Slow:
    """A good answer that comes late."""

    def __init__(self, reply: Reply, seconds: float) -> None:
        self._reply = reply
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait, then answer."""
        await asyncio.sleep(self._seconds)
        await self._reply(scope, receive, send)


Answer = Reply | Hangup | Raw | Slow


def spoiled(reply: Reply, fault: Fault) -> Answer:
    """What is sent in place of a good answer."""
    return _SPOILERS[fault.do](reply, fault)


def _gateway(_reply: Reply, fault: Fault) -> Answer:
    status = HTTPStatus(fault.status or HTTPStatus.BAD_GATEWAY)
    return html_reply(status.value, status.phrase)


def _trickle_head(reply: Reply, fault: Fault) -> Answer:
    head = _bytes(_head(reply, reply.size))
    return Raw((*head, *reply.pieces()), pause=fault.seconds)


def _trickle_body(reply: Reply, fault: Fault) -> Answer:
    body = _bytes(b"".join(reply.pieces()))
    return Raw((_head(reply, reply.size), *body), pause=fault.seconds)


def _cut(reply: Reply, fault: Fault) -> Answer:
    most = reply.size // 2 if fault.bytes is None else fault.bytes
    return Raw((_head(reply, reply.size), *_upto(reply, most)), abort=True)


def _lie(reply: Reply, fault: Fault) -> Answer:
    more = LENGTH_LIE if fault.bytes is None else fault.bytes
    return Raw((_head(reply, max(0, reply.size + more)), *reply.pieces()))


_SPOILERS: dict[str, Callable[[Reply, Fault], Answer]] = {
    "drop": lambda _reply, _fault: Hangup(reset=False),
    "reset": lambda _reply, _fault: Hangup(reset=True),
    "slow": lambda reply, fault: Slow(reply, fault.seconds),
    "gateway": _gateway,
    "garbage": lambda _reply, fault: Reply(fault.status or 200, (fault.text or GARBAGE).encode()),
    "trickle_head": _trickle_head,
    "trickle_body": _trickle_body,
    "cut_download": _cut,
    "wrong_length": _lie,
}


def _head(reply: Reply, length: int) -> bytes:
    """Status line and headers, with a length of our choice."""
    status = HTTPStatus(reply.status)
    lines = [f"HTTP/1.1 {status.value} {status.phrase}".encode()]
    lines += [name + b": " + value for name, value in reply.head() if name != b"content-length"]
    lines.append(b"content-length: %d" % length)
    return b"\r\n".join([*lines, b"", b""])


def _bytes(data: bytes) -> Iterable[bytes]:
    return (data[i : i + 1] for i in range(len(data)))


def _upto(reply: Reply, most: int) -> Iterable[bytes]:
    """The first bytes of a body."""
    for piece in reply.pieces():
        if most <= 0:
            return
        yield piece[:most]
        most -= len(piece)
