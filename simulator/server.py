"""The simulator on the wire: uvicorn on a loopback socket, in a thread for tests or in the foreground."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from simulator.addresses import is_loopback
from simulator.app import build, endpoints
from simulator.books import Books
from simulator.clock import Clock
from simulator.errors import NotLoopbackError
from simulator.scenario import Event, Fault, Scenario
from simulator.wire import CONNECTION
from simulator.world import World

T = TypeVar("T")

BACKLOG = 512
KEEP_ALIVE_SECONDS = 60
START_SECONDS = 30.0
"""How long a slow machine may take to start a thread."""
DATE_SECONDS = 1.0
"""How often the `Date` header is set anew."""


class _Protocol(H11Protocol):
    """HTTP/1.1 whose requests can reach their connection (see `wire`)."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Put the connection where every request of it finds it."""
        self.app_state = {**self.app_state, CONNECTION: self}
        super().connection_made(transport)


class _Server(uvicorn.Server):
    """A server that stops at once: a simulator owes nobody a graceful end."""

    def __init__(self, config: uvicorn.Config, on_start: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_start = on_start
        self.stopped = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever starts the simulator."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        self._on_start()

    async def main_loop(self) -> None:
        """Serve until told to stop."""
        while not self.stopped.is_set():
            await self.on_tick(0)
            try:
                await asyncio.wait_for(self.stopped.wait(), DATE_SECONDS)
            except TimeoutError:
                continue

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close everything, whoever is still talking."""
        for server in self.servers:
            server.close()
        for sock in sockets or []:
            sock.close()
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # lets the connections hear of their end


class Simulator:
    """A running simulator, as a test sees it from its own thread."""

    def __init__(self, world: World, url: str, loop: asyncio.AbstractEventLoop) -> None:
        self.url = url
        self.key = world.scenario.keys[0]
        self.clock = world.clock
        self._world = world
        self._loop = loop

    @property
    def books(self) -> Books:
        """The books as of now; also after the simulator has stopped."""
        return self._there(self._world.snapshot)

    def add(self, *what: Fault | Event) -> None:
        """Script more faults and events, from now on."""
        self._there(lambda: self._world.add(*what))

    def clear_faults(self) -> None:
        """Let nothing more go wrong."""
        self._there(self._world.faults.clear)

    def change(self, **switches: Any) -> None:
        """Set switches of the scenario anew. Raises ScenarioError for an unknown one."""
        self._there(lambda: self._world.change(switches))

    def top_up(self, cents: int) -> None:
        """Put money into the wallet."""
        self._there(lambda: self._world.books.wallet.top_up(cents, self.clock.now()))

    def drain(self, cents: int) -> None:
        """Somebody else spends up to `cents` of what nothing holds."""
        self._there(lambda: self._world.books.drain(cents, self.clock.now()))

    def _there(self, act: Callable[[], T]) -> T:
        """Do something in the server's own thread, where nothing else touches the books."""
        if self._loop.is_closed():
            return act()
        done: Future[T] = Future()

        def perform() -> None:
            try:
                done.set_result(act())
            except Exception as error:  # noqa: BLE001 - raised again where it was asked for
                done.set_exception(error)

        self._loop.call_soon_threadsafe(perform)
        return done.result()


@dataclass(frozen=True, slots=True)
class Setup:
    """What a simulator starts with."""

    scenario: Scenario
    wallet_cents: int
    host: str
    port: int
    clock: Clock


@contextmanager
def serving(setup: Setup) -> Iterator[Simulator]:
    """A simulator in a thread of its own, listening when the context begins and gone when it ends."""
    with _opened(setup) as (world, sock):
        loop = asyncio.new_event_loop()
        started = threading.Event()
        server = _Server(_config(world), started.set)
        thread = threading.Thread(target=_serve, args=(loop, server, sock), name="simulator", daemon=True)
        thread.start()
        started.wait(START_SECONDS)
        try:
            yield Simulator(world, _url(sock), loop)
        finally:
            loop.call_soon_threadsafe(server.stopped.set)
            thread.join()


def _serve(loop: asyncio.AbstractEventLoop, server: _Server, sock: socket.socket) -> None:
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(server.serve(sockets=[sock]))


def running(setup: Setup, on_ready: Callable[[str], None]) -> int:
    """Serve in the foreground until SIGINT or SIGTERM; returns the signal's number."""
    received: list[int] = []
    with _opened(setup) as (world, sock):
        url = _url(sock)
        server = _Server(_config(world), lambda: on_ready(url))

        def stop(number: int) -> None:
            received.append(number)
            server.stopped.set()

        async def serve() -> None:
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, stop, number)
            await server.serve(sockets=[sock])

        asyncio.run(serve())
    return received[0]


@contextmanager
def _opened(setup: Setup) -> Iterator[tuple[World, socket.socket]]:
    """A world with a folder for its uploads, and the socket on which it can be reached."""
    with (
        _listening(setup.host, setup.port) as sock,
        tempfile.TemporaryDirectory(prefix="simulator-") as folder,
    ):
        kinds = frozenset(endpoint.kind for endpoint in endpoints())
        yield World(setup.scenario, setup.wallet_cents, setup.clock, Path(folder), kinds), sock


def _config(world: World) -> uvicorn.Config:
    return uvicorn.Config(
        build(world),
        http=_Protocol,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        log_level=logging.CRITICAL,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket on loopback. Raises NotLoopbackError for any other address, OSError for a port in use."""
    if not is_loopback(host):
        raise NotLoopbackError(f"The simulator listens on loopback only, not on {host!r}: use 127.0.0.1")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio turns off Nagle's delay only for sockets that name it.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        yield sock


def _url(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
