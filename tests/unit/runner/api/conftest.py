"""A client over a fake transport, and orders for small files."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from runner.api.address import Base
from runner.api.client import AudioPod
from runner.api.deadlines import Deadlines
from runner.api.http import Http
from runner.api.interface import Order
from runner.api.reads import Reads
from runner.tempo import Tempo

KEY = "ap_test_0123456789"
BASE = "https://api.example"
Handler = Callable[[httpx.Request], httpx.Response]


class Naps:
    """A sleep that only notes; `wake` makes it answer as a set event does."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.now = 0.0
        self.wake = False

    def __call__(self, seconds: float) -> bool:
        self.seconds.append(seconds)
        self.now += seconds
        return self.wake

    def clock(self) -> float:
        return self.now


@pytest.fixture
def naps() -> Naps:
    return Naps()


class Unread(httpx.BaseTransport):
    """Hands the request to the handler as it comes; `httpx.MockTransport` reads all of it first."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._handler(request)


@pytest.fixture
def http_over() -> Callable[[Handler], Http]:
    def make(handler: Handler, base: str = BASE, now: float = 0.0, *, unread: bool = False) -> Http:
        transport = Unread(handler) if unread else httpx.MockTransport(handler)
        return Http(Base.parse(base), KEY, limits=Deadlines(), now=lambda: now, transport=transport)

    return make


@pytest.fixture
def reads_over(http_over, naps) -> Callable[[Handler], Reads]:
    def make(handler: Handler, patience: float = 30, now: float = 0.0) -> Reads:
        tempo = Tempo(floor=1e6)  # whose waits are no matter here
        http = http_over(handler, now=now)
        return Reads(http, patience=patience, sleep=naps, clock=naps.clock, tempo=tempo)

    return make


@pytest.fixture
def api_over(naps) -> Callable[[Handler], AudioPod]:
    def make(handler: Handler, base: str = BASE, key: str | None = KEY) -> AudioPod:
        return AudioPod(base, key, sleep=naps, patience=0, transport=httpx.MockTransport(handler))

    return make


@pytest.fixture
def order_for(tmp_path: Path) -> Callable[..., Order]:
    def make(
        data: bytes = b"sound" * 100, spans: tuple[tuple[int, int], ...] | None = None, **changes
    ) -> Order:
        path = tmp_path / "talk.mp3"
        path.write_bytes(data)
        spans = ((0, len(data)),) if spans is None else spans
        digest = hashlib.sha256(b"".join(data[a:b] for a, b in spans)).hexdigest()
        given = {
            "service": "transcription",
            "fields": {"language": "en"},
            "path": path,
            "size": len(data),
            "upload_name": "talk.ek-0011223344556677-8899aabbccddeeff.mp3",
            "spans": spans,
            "sha256": digest,
        }
        return Order(**{**given, **changes})

    return make
