"""Bodies as they arrive: what counts when the connection ends."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from starlette.requests import ClientDisconnect, Request

from simulator import wire

MORE = {"type": "http.request", "body": b"begin", "more_body": True}
LAST = {"type": "http.request", "body": b" end", "more_body": False}
GONE = {"type": "http.disconnect"}


def read(*messages, left: bytes = b"", complete: bool = False) -> list[bytes]:
    """The chunks that come out of these messages; `left` had arrived when the connection ended."""
    coming = iter(messages)

    async def receive():
        return next(coming)

    async def gather():
        cycle = SimpleNamespace(body=bytearray(left), more_body=not complete)
        state = {wire.CONNECTION: SimpleNamespace(cycle=cycle)}
        request = Request({"type": "http", "state": state}, receive)
        return [chunk async for chunk in wire.body(request)]

    return asyncio.run(gather())


def test_a_body_is_read_to_its_end():
    assert read(MORE, LAST) == [b"begin", b" end"]


def test_a_body_that_breaks_off_is_an_error():
    with pytest.raises(ClientDisconnect):
        read(MORE, GONE, left=b" and more")


def test_what_arrived_in_full_counts_although_the_sender_has_gone():
    assert read(MORE, GONE, left=b" end", complete=True) == [b"begin", b" end"]
    assert read(GONE, left=b"all", complete=True) == [b"all"]


def test_waiting_for_the_end_of_a_connection_passes_over_what_still_comes():
    coming = iter([MORE, LAST, GONE])

    async def receive():
        return next(coming)

    asyncio.run(wire.gone(receive))
    assert list(coming) == []


def test_flushing_waits_until_nothing_is_left_to_write():
    left = [30, 20, 0]
    connection = SimpleNamespace(get_write_buffer_size=lambda: left.pop(0), is_closing=lambda: False)
    asyncio.run(wire.flushed(connection))
    assert left == []
    asyncio.run(wire.flushed(SimpleNamespace(get_write_buffer_size=lambda: 5, is_closing=lambda: True)))
