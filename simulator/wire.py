"""The connection under a request: its socket, and what had arrived on it when it ended."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope

CONNECTION = "simulator.connection"
"""Where the server puts its protocol object in a request's state."""


def transport(scope: Scope) -> asyncio.Transport:
    """The connection's transport, to write to or to cut."""
    found: asyncio.Transport = scope["state"][CONNECTION].transport
    return found


async def body(request: Request) -> AsyncIterator[bytes]:
    """The body, chunk by chunk. Raises ClientDisconnect when the connection ends before it is complete.

    A body that arrived in full counts although its sender has gone: the server library would drop it, but
    a service behind a gateway carries such a request out.
    """
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            yield _left_over(request.scope)
            return
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return


def _left_over(scope: Scope) -> bytes:
    """What had arrived and was not handed out yet, if that completes the body."""
    cycle: Any = scope["state"][CONNECTION].cycle
    if cycle.more_body:
        raise ClientDisconnect
    rest, cycle.body = bytes(cycle.body), bytearray()
    return rest


def linger_not(connection: asyncio.Transport) -> None:
    """Make closing send a reset in place of an orderly end."""
    sock = connection.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def flushed(connection: asyncio.Transport) -> None:
    """Wait until what was written is with the operating system, or nobody wants it any more."""
    while connection.get_write_buffer_size() and not connection.is_closing():  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.001)


async def gone(receive: Receive) -> None:
    """Wait until the server has seen the end of the connection, so that it answers nothing more."""
    while (await receive())["type"] != "http.disconnect":
        pass
