"""Answers as plain values, so that a fault can still bend them before they are sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.types import Receive, Scope, Send

HTML_GATEWAY = (
    "<html>\r\n<head><title>{status} {phrase}</title></head>\r\n"
    "<body><center><h1>{status} {phrase}</h1></center><hr><center>gateway</center></body>\r\n</html>\r\n"
)


@dataclass(frozen=True, slots=True)
class Stream:
    """A long body that is made while it is sent: its size in bytes, and the pieces."""

    size: int
    pieces: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; it sends itself, as an ASGI application does."""

    status: int = 200
    body: bytes | Stream = b""
    content_type: str | None = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    when_sent: Callable[[], None] | None = None
    """Called once all of it was handed to the connection."""

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return self.body.size if isinstance(self.body, Stream) else len(self.body)

    def pieces(self) -> Iterator[bytes]:
        """The body, piece by piece."""
        return self.body.pieces() if isinstance(self.body, Stream) else iter((self.body,))

    def head(self) -> list[tuple[bytes, bytes]]:
        """The headers as they go over the wire."""
        pairs = [*self.headers]
        if self.content_type is not None:
            pairs.append(("content-type", self.content_type))
        if self.status != HTTPStatus.NO_CONTENT:
            pairs.append(("content-length", str(self.size)))
        return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send the answer."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.head()})
        last = b""
        if isinstance(self.body, bytes):
            last = self.body
        else:
            for piece in self.body.pieces():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": last, "more_body": False})
        if self.when_sent is not None:
            self.when_sent()


def json_reply(data: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """An answer in JSON."""
    return Reply(status, msgspec.json.encode(data), headers=headers)


def html_reply(status: int, phrase: str) -> Reply:
    """A page as a gateway in front of the service makes it."""
    page = HTML_GATEWAY.format(status=status, phrase=phrase)
    return Reply(status, page.encode(), "text/html", (("x-request-id", "sim-gateway"),))


def no_content() -> Reply:
    """204, nothing to say."""
    return Reply(204, b"", None)
