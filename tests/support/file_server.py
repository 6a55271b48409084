"""A server of files on loopback with the habits of real ones: ranges, none, redirects, lies, cut bodies."""

import re
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias

Lengths: TypeAlias = tuple[int, int]
Answer: TypeAlias = Callable[["Handler"], None]


def wave(seconds: int, rate: int = 8000) -> bytes:
    """A WAV file of silence, 8 bits, mono."""
    sound = bytes(seconds * rate)
    form = struct.pack("<HHIIHH", 1, 1, rate, rate, 1, 8)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(sound)) + sound
    return b"RIFF" + struct.pack("<I", len(body)) + body


class Handler(BaseHTTPRequestHandler):
    """One request; what was asked is noted."""

    protocol_version = "HTTP/1.1"
    site: "Site"

    def do_GET(self) -> None:
        """Answer as the site says."""
        self.site.asked.append((self.path, dict(self.headers)))
        answer = self.site.answers.get(self.path.partition("?")[0])
        if answer is None:
            self.reply(404, b"nothing here")
        else:
            answer(self)

    def reply(self, status: int, body: bytes = b"", stated: int | None = None, **headers: str) -> None:
        """A status, headers (`_` for `-`) and a body, whose length may be a lie."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if stated is None else stated))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = self.close_connection or stated not in (None, len(body))

    def range(self, size: int) -> Lengths:
        """The bytes that are asked for: the first, and the one after the last."""
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers["Range"])
        assert found is not None
        return int(found[1]), min(size, int(found[2]) + 1)

    def handle(self) -> None:
        """Requests until the client leaves, however it does."""
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass
class Site:
    """What a server answers by path, and what it was asked."""

    base: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"{self.base}{path}"

    def ranges(self, path: str, data: bytes, etag: str = '"v1"', total: str | None = None) -> None:
        """Serve bytes with ranges; `total` is the size that it states, where that is a lie."""

        def answer(handler: Handler) -> None:
            if "Range" not in handler.headers:
                handler.reply(200, data, ETag=etag)
                return
            first, end = handler.range(len(data))
            if first >= len(data):
                handler.reply(416, Content_Range=f"bytes */{len(data)}")
                return
            told = f"bytes {first}-{end - 1}/{total or len(data)}"
            handler.reply(206, data[first:end], Content_Range=told, ETag=etag)

        self.answers[path] = answer

    def whole(self, path: str, data: bytes, stated: int | None = None, kind: str = "audio/wav") -> None:
        """Serve bytes without ranges."""
        self.answers[path] = lambda handler: handler.reply(200, data, stated, Content_Type=kind)

    def leads(self, path: str, target: str, status: int = 302) -> None:
        """Lead on to another address."""
        self.answers[path] = lambda handler: handler.reply(status, Location=target)


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """A site on a free port of loopback; over TLS where a context is given."""
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"site": site}))
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    site.base = f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
