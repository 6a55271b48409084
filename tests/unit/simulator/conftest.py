"""Sounds made on the spot, and a simulator with a client that speaks to it."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

import simulator
from simulator import ManualClock, Scenario

RATE = 8000
PLAIN: dict[str, Any] = {"trust_env": False, "verify": False}
"""Options of a client that never needs certificates; to load them takes a tenth of a second each time."""


def silence(seconds: float, pitch: int = 0) -> bytes:
    """A WAV file of silence; another `pitch` gives other bytes."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(bytes([128 + pitch]) * round(seconds * RATE))
    return made.getvalue()


@dataclass
class Desk:
    """A running simulator, its clock, and a client with the right key."""

    sim: Any
    clock: ManualClock
    http: httpx.Client

    def fetch(self, url: str) -> httpx.Response:
        """Read a result's address, without the key."""
        return httpx.get(url, **PLAIN)

    def transcribe(
        self, seconds: float = 20, name: str = "talk.wav", pitch: int = 0, **fields: str
    ) -> httpx.Response:
        files = {"files": (name, silence(seconds, pitch))}
        return self.http.post("/api/v1/transcription/transcribe-upload", files=files, data=fields)

    def separate(
        self, seconds: float = 20, name: str = "song.wav", pitch: int = 0, **fields: str
    ) -> httpx.Response:
        files = {"file": (name, silence(seconds, pitch))}
        return self.http.post("/api/v1/stem-extraction/api/extract", files=files, data=fields)

    def advanced(self, seconds: float = 20, name: str = "song.wav", **fields: str) -> httpx.Response:
        files = {"file": (name, silence(seconds))}
        return self.http.post("/api/v1/stem-extraction/extract/advanced", files=files, data=fields)

    def job(self, number: int) -> dict[str, Any]:
        return self.http.get(f"/api/v1/transcription/jobs/{number}").json()

    def stem_job(self, number: int) -> dict[str, Any]:
        return self.http.get(f"/api/v1/stem-extraction/status/{number}").json()

    def jobs(self, **query: Any) -> list[dict[str, Any]]:
        return self.http.get("/api/v1/transcription/jobs", params=query).json()

    def usage(self, **query: Any) -> list[dict[str, Any]]:
        return self.http.get("/api/v1/api-wallet/usage", params=query).json()["logs"]

    def balance(self) -> dict[str, Any]:
        return self.http.get("/api/v1/api-wallet/balance").json()


@contextmanager
def opened(wallet_cents: int = 5000, **switches: Any) -> Iterator[Desk]:
    clock = ManualClock()
    with (
        simulator.serve(Scenario(**switches), wallet_cents=wallet_cents, clock=clock) as sim,
        httpx.Client(base_url=sim.url, headers={"X-API-Key": sim.key}, **PLAIN) as http,
    ):
        yield Desk(sim, clock, http)
    assert not [line for line in sim.books.violations if "bug" in line]


@pytest.fixture
def wav() -> Callable[..., bytes]:
    """Makes a WAV file of so many seconds."""
    return silence


Opener = Callable[..., Desk]


@pytest.fixture
def desk() -> Iterator[Opener]:
    """Open simulators with switches of the scenario as arguments; all of them close with the test."""
    with ExitStack() as stack:

        def enter(**switches: Any) -> Desk:
            context: AbstractContextManager[Desk] = opened(**switches)
            return stack.enter_context(context)

        yield enter
