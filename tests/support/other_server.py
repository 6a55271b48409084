"""Another server of the same API, written from docs/api.md alone, with the standard library alone.

It shares no line with the simulator: what both get wrong in the same way would stay unseen. What
the API leaves open is in `other_dialect.Dialect`.
"""

import gzip
import hashlib
import json
import re
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from support.other_books import CENTS, KEY, TOKEN, Job, Other, Post
from support.other_dialect import Body, Dialect, usd

SUBMITS = {
    "/api/v1/transcription/transcribe-upload": ("transcription", "files"),
    "/api/v1/stem-extraction/api/extract": ("stem_extraction", "file"),
    "/api/v1/stem-extraction/extract/advanced": ("stem_extraction", "file"),
}
WALLET = "/api/v1/api-wallet"


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: "Listener"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        self.other = self.server.other
        self.dialect = self.other.dialect
        self.protocol_version = self.dialect.protocol
        self.timeout = self.dialect.idle
        super().setup()

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.path_only, self.query = split(self.path)
        self.other.calls[f"GET {self.path_only}"] += 1
        if self.dialect.before(self) or self._shaken():
            return
        if self.server.is_storage or not self.path_only.startswith("/api/"):
            self._link()
        elif self._key_is_good():
            self._call()

    def do_POST(self) -> None:
        self.path_only, self.query = split(self.path)
        self.other.calls[f"POST {self.path_only}"] += 1
        if self.dialect.say_continue:
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if self.dialect.before(self) or self._shaken():
            return
        if self.path_only == f"{WALLET}/check-balance":
            self._check_balance()
            return
        if self.path_only not in SUBMITS:
            self.other.odd.append(f"POST {self.path_only}")
            self.read_body()
            self.refuse(404, "not_found", "no such call")
            return
        body = self.read_body()
        if body is not None and self._key_is_good():
            self._submit(body)

    # -- calls

    def _key_is_good(self) -> bool:
        if self.headers.get("X-API-Key") == KEY or self.headers.get("Authorization") == f"Bearer {KEY}":
            return True
        if self.path_only == f"{WALLET}/pricing":
            return True
        self.refuse(401, "unauthorized", "the API key is invalid")
        return False

    def _shaken(self) -> bool:
        """Answer as a service in trouble, as often as the dialect says."""
        for piece, status in self.dialect.answers.items():
            if piece in self.path_only:
                self.refuse(status, "no", "not here")
                return True
        for piece, (times, status, headers) in self.dialect.shaky.items():
            if piece in self.path_only:
                with self.other.lock:
                    self.other.calls[f"shaky {piece}"] += 1
                    shaken = self.other.calls[f"shaky {piece}"] <= times
                if shaken:
                    self.read_body()
                    code = "rate_limit_exceeded" if status == 429 else "oops"
                    said = {
                        name: value if isinstance(value, str) else value() for name, value in headers.items()
                    }
                    self.refuse(status, code, "later", headers=said)
                    return True
        return False

    def _call(self) -> None:
        other, path = self.other, self.path_only
        if path == f"{WALLET}/balance":
            spent = other.spent_cents
            left = self.dialect.wallet_cents - spent
            both = {
                "balance_cents": left,
                "balance_usd": usd(left),
                "total_spent_cents": spent,
                "total_spent_usd": usd(spent),
            }
            self.say(200, self.dialect.purse({**both, "low_balance_warning": False}))
        elif path == f"{WALLET}/pricing":
            prices = {
                name: {"rate_per_minute": f"${cents / 100:.2f}/min", "cents_per_minute": cents}
                for name, cents in CENTS.items()
            }
            self.say(200, self.dialect.prices({"services": prices, "wallet": {"currency": "USD"}}))
        elif path == f"{WALLET}/usage":
            self._usage()
        elif path == "/api/v1/credits":
            self.say(200, self.dialect.credits())
        elif path in ("/api/v1/transcription/jobs", "/api/v1/stem-extraction/jobs"):
            self._list("transcription" if "transcription" in path else "stem_extraction")
        else:
            self._about_job()

    def _check_balance(self) -> None:
        wanted = json.loads(self.read_body() or b"{}")
        if self._key_is_good():
            cost = -(-CENTS[wanted["service_type"]] * wanted["duration_seconds"] // 60)
            real = self.dialect.wallet_cents - self.other.spent_cents
            left = self.dialect.purse({"balance_cents": real}).get("balance_cents", real)
            said = {"can_proceed": cost <= left, "cost_cents": cost, "current_balance_cents": left}
            self.say(200, said)

    def _usage(self) -> None:
        page = int(self.query.get("page", "1"))
        limit = min(int(self.query.get("limit", "50")), self.dialect.rows_page)
        rows = self.other.rows()[(page - 1) * limit : page * limit]
        self.say(200, {**self.dialect.rows_say(page, limit), "logs": [self.dialect.row(row) for row in rows]})

    def _list(self, service: str) -> None:
        dialect = self.dialect
        found = [job for job in self.other.jobs if job.service == service]
        found.sort(key=lambda job: job.order, reverse=dialect.list_newest_first)
        start = max((int(self.query.get(name, "0")) for name in dialect.list_names), default=0)
        limit = (
            min(int(self.query.get("limit", "50")), dialect.list_page)
            if dialect.list_obeys_limit
            else len(found)
        )
        page = [dialect.entry(self.other.entry(job)) for job in found[start : start + limit]]
        self.say(200, dialect.listed(page, len(found)))

    def _about_job(self) -> None:
        for service, root in (
            ("transcription", "/api/v1/transcription"),
            ("stem_extraction", "/api/v1/stem-extraction"),
        ):
            for name in self.dialect.status_names[service]:
                job = self._job_in(service, f"{root}/{name}/{{}}")
                if job is not None:
                    self.say(200, self.dialect.status_body(self.other.entry(job)))
                    return
        for template in self.dialect.transcripts:
            job = self._job_in("transcription", template)
            if job is not None:
                self._transcript(job)
                return
        if self.path_only.startswith("/api/v1/media/"):
            self._link()
            return
        self.refuse(404, "not_found", "there is no such thing")

    def _job_in(self, service: str, template: str) -> Job | None:
        """The job whose address this is."""
        for job in self.other.jobs:
            if job.service == service and unquote(self.path_only) == template.format(
                self.dialect.ident(job.number)
            ):
                return job
        return None

    def _transcript(self, job: Job) -> None:
        body, kind = self.other.transcript(job, self.query.get("format", "json"))
        if self.dialect.redirects:
            wanted = self.query.get("format", "json")
            self.redirect(f"{self.other.storage}/transcripts/{job.number}/{wanted}")
            return
        self.send(200, body, self.dialect.transcript_type or kind)

    def _submit(self, body: bytes) -> None:
        service, wanted = SUBMITS[self.path_only]
        fields, name, audio = form(body, self.headers["Content-Type"], wanted)
        found = TOKEN.search(name)
        token = found[0].lower() if found else ""
        with self.other.lock:
            self.other.posts.append(Post(service, token, hashlib.sha256(audio).hexdigest()))
        for piece, (status, code, message) in self.dialect.refuse.items():
            if piece in name:
                self.refuse(status, code, message)
                return
        bought = self.other.buy(service, name, audio, fields)
        if not isinstance(bought, Job):
            needed, left = usd(bought["required_cents"]), usd(bought["available_cents"])
            message = f"Insufficient balance: {needed} needed, {left} left"
            self.refuse(402, "insufficient_api_balance", message, bought)
            return
        if self.dialect.after(self, bought):
            return
        self.say(self.dialect.accepts, self.dialect.submitted(self.dialect.ident(bought.number), service))

    # -- results

    def _link(self) -> None:
        """A result address; it must never see the key, unless it is a call of the API itself."""
        if not self.path_only.startswith("/api/") and (
            self.headers.get("X-API-Key") or self.headers.get("Authorization")
        ):
            self.other.leaks.append(self.path)
        found = re.search(r"/(stems|transcripts)/(\d+)/([^/]+?)(?:\.wav)?$", unquote(self.path_only))
        if found is None:
            self.refuse(404, "not_found", "no such file")
            return
        kind, number, label = found.groups()
        service = "stem_extraction" if kind == "stems" else "transcription"
        job = next(job for job in self.other.ours if job.service == service and job.number == int(number))
        if self.dialect.redirects and not self.server.is_storage:
            self.redirect(f"{self.other.storage}{self.path_only.removeprefix('/api/v1/media')}")
        elif kind == "stems":
            self.send(200, self.other.stem(job, label), "audio/wav")
        else:
            self.send(200, *self.other.transcript(job, label))

    # -- the wire

    def read_body(self) -> bytes | None:
        """The request's body; None where the client gave up, which makes no job."""
        length = int(self.headers.get("Content-Length") or 0)
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            return self._chunks()
        body = self.rfile.read(length)
        return body if len(body) == length else None

    def _chunks(self) -> bytes | None:
        body = b""
        while True:
            size = int(self.rfile.readline().strip() or b"0", 16)
            body += self.rfile.read(size)
            self.rfile.readline()
            if not size:
                return body

    def refuse(
        self,
        status: int,
        code: str,
        message: str,
        rest: Body | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        said = self.dialect.error(code, message, rest or {})
        if isinstance(said, bytes):
            self.send(status, said, "text/html", headers)
        else:
            self.say(status, said, headers)

    def redirect(self, address: str) -> None:
        self.send(302, b"", "text/plain", {"Location": address})

    def say(self, status: int, value: object, headers: dict[str, str] | None = None) -> None:
        if isinstance(value, int):
            self.refuse(value, "no", "not for you")
            return
        self.send(status, json.dumps(value).encode(), "application/json", headers)

    def send(self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        dialect = self.dialect
        if dialect.zips and body:
            body, headers = gzip.compress(body), {**(headers or {}), "Content-Encoding": "gzip"}
        framing = "length" if status in (204, 302) else dialect.framing
        lines = [
            f"{dialect.protocol} {status} Said",
            f"Content-Type: {kind}",
            *(f"{k}: {v}" for k, v in (headers or {}).items()),
        ]
        if framing == "length":
            lines.append(f"Content-Length: {len(body)}")
        elif framing == "chunked":
            lines.append("Transfer-Encoding: chunked")
            body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces(body)) + b"0\r\n\r\n"
        if framing == "close" or dialect.protocol == "HTTP/1.0":
            lines.append("Connection: close")
            self.close_connection = True
        head = ("\r\n".join(lines) + "\r\n\r\n").encode()
        for start in range(0, len(head), 8) if dialect.trickle else ():
            self.wfile.write(head[start : start + 8])
            time.sleep(dialect.trickle)
        self.wfile.write(body if dialect.trickle else head + body)

    def hang_up(self, *, reset: bool = False) -> bool:
        """Close without an answer."""
        self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.rfile.close()
            self.connection.close()
            self.wfile = Nowhere()  # type: ignore[assignment]
        return True

    def handle(self) -> None:
        with suppress(OSError, ValueError):  # the client hung up, or we did
            super().handle()


class Nowhere:
    """Where an answer goes whose connection is gone."""

    closed = True

    def write(self, data: bytes) -> int:
        return len(data)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


class Listener(ThreadingHTTPServer):
    """One address."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, other: Other, *, is_storage: bool) -> None:
        self.other, self.is_storage = other, is_storage
        self.stopping = other.stopping
        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


@contextmanager
def other_server(dialect: Dialect) -> Iterator[Other]:
    """The service and its storage, each at an address of its own, until the end of the block."""
    other = Other(dialect)
    listeners = [Listener(other, is_storage=False), Listener(other, is_storage=True)]
    other.url, other.storage = (f"http://127.0.0.1:{each.server_address[1]}" for each in listeners)
    threads = [
        threading.Thread(target=each.serve_forever, kwargs={"poll_interval": 0.02}) for each in listeners
    ]
    for thread in threads:
        thread.start()
    try:
        yield other
    finally:
        other.stopping.set()
        for each in listeners:
            each.shutdown()
            each.server_close()
        for thread in threads:
            thread.join()


def split(target: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(target)
    return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}


def pieces(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), 1000):
        yield body[start : start + 1000]


def form(body: bytes, kind: str, wanted: str) -> tuple[Body, str, bytes]:
    """The fields of a multipart form, its file's name and its file's bytes."""
    boundary = b"--" + kind.partition("boundary=")[2].strip('"').encode()
    fields: Body = {}
    name, audio = "", b""
    for part in body.split(boundary)[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        named = dict(re.findall(r'(\w+)="([^"]*)"', head.decode()))
        if "filename" in named:
            assert named["name"] == wanted, named
            name, audio = named["filename"], content.removesuffix(b"\r\n")
        else:
            fields[named["name"]] = content.removesuffix(b"\r\n").decode()
    return fields, name, audio
