"""Hosts with a network of their own, whose line to this machine can be cut: Linux's network namespaces.

A host reaches this machine's PostgreSQL over its line. The simulator, which speaks on loopback alone, it
reaches through a relay over a Unix socket, which no cut touches: what a host does that has lost the ledger
but not the service is what matters.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path

from support.waiting import until

LINES = IPv4Network("10.231.0.0/16")
PREFIX = "earmark"

RELAY = """
import asyncio, socket, sys

async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()

async def main(kind, here, there):
    async def serve(reader, writer):
        try:
            if kind == "inside":
                far = await asyncio.open_unix_connection(there)
            else:
                far = await asyncio.open_connection("127.0.0.1", int(there))
        except OSError:
            return writer.close()
        await asyncio.gather(pump(reader, far[1]), pump(far[0], writer))

    if kind == "inside":
        server = await asyncio.start_server(serve, "127.0.0.1", int(here))
    else:
        server = await asyncio.start_unix_server(serve, here)
    async with server:
        await server.serve_forever()

asyncio.run(main(*sys.argv[1:]))
"""
"""Passes connections on: `outside SOCKET PORT` here, `inside PORT SOCKET` in a namespace."""


def missing() -> str:
    """Why there can be no such hosts here; empty if there can."""
    if os.geteuid() != 0:
        return "hosts with a network of their own need root"
    if not shutil.which("ip"):
        return "hosts with a network of their own need `iproute2`"
    name = f"{PREFIX}-{os.getpid()}-try"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if made.returncode:
        return f"this machine allows no network namespaces: {made.stderr.strip()}"
    _ip("netns", "del", name)
    return ""


@dataclass(frozen=True)
class Line:
    """A host's network, and its line to this machine."""

    namespace: str
    device: str  # of the line, at this machine's end
    here: str  # this machine's address on it

    def words(self) -> list[str]:
        """What makes a command one of this host."""
        return ["ip", "netns", "exec", self.namespace]

    def cut(self) -> None:
        """From now on nothing arrives at either end, and nobody is told."""
        _ip("link", "set", self.device, "down")

    def mend(self) -> None:
        """The line is as it was."""
        _ip("link", "set", self.device, "up")


@contextmanager
def lines(count: int) -> Iterator[list[Line]]:
    """So many hosts, until the end."""
    _sweep()
    with ExitStack() as stack:
        yield [stack.enter_context(_line(number)) for number in range(count)]


@contextmanager
def _line(number: int) -> Iterator[Line]:
    place = (os.getpid() % 2048) * 8 + number
    here, there = list(IPv4Network((int(LINES.network_address) + 4 * place, 30)).hosts())
    name, device = f"{PREFIX}-{os.getpid()}-{number}", f"em{os.getpid()}x{number}"
    _ip("netns", "add", name)
    try:
        _ip("link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", name)
        _ip("addr", "add", f"{here}/30", "dev", device)
        _ip("link", "set", device, "up")
        for words in (
            ["addr", "add", f"{there}/30", "dev", "eth0"],
            ["link", "set", "lo", "up"],
            ["link", "set", "eth0", "up"],
        ):
            _ip("-n", name, *words)
        yield Line(name, device, str(here))
    finally:
        with suppress(subprocess.CalledProcessError):  # the kernel would get to it, some time later
            _ip("link", "del", device)
        _ip("netns", "del", name)


@contextmanager
def relayed(line: Line, port: int, folder: Path) -> Iterator[None]:
    """The host's own 127.0.0.1:PORT is this machine's."""
    place = folder / f"{line.device}.socket"
    with ExitStack() as stack:
        for words in (("outside", place, port), (*line.words(), "inside", port, place)):
            process = stack.enter_context(subprocess.Popen(_relay(words)))
            stack.callback(process.terminate)
        until(place.exists)
        until(lambda: _listens(line, port))
        yield
    with suppress(OSError):
        place.unlink()


def _relay(words: Sequence[object]) -> list[str]:
    """The command of a relay, with what stands before it in a namespace."""
    *before, kind, here, there = map(str, words)
    return [*before, sys.executable, "-c", RELAY, kind, here, there]


def _listens(line: Line, port: int) -> bool:
    code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 1)"
    command = [*line.words(), sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _sweep() -> None:
    """Remove what a killed session left."""
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    for name in (line.split()[0] for line in listed.splitlines() if line.startswith(f"{PREFIX}-")):
        if not Path(f"/proc/{name.split('-')[1]}").exists():
            with suppress(subprocess.CalledProcessError):
                _ip("netns", "del", name)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
