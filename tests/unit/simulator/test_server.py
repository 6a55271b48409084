"""The server: where it listens, how it starts and stops, and what it needs."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import httpx
import pytest

import simulator
from simulator import ExtraMissingError, ManualClock, NotLoopbackError, Scenario, SystemClock
from simulator.clock import iso, iso_z

ROOT = Path(__file__).parents[3]


def test_it_is_ready_when_it_returns_and_gone_when_it_ends():
    with simulator.serve() as sim:
        assert httpx.get(f"{sim.url}/api/v1/api-wallet/pricing").status_code == 200
        assert sim.key == simulator.PUBLIC_KEY
    with pytest.raises(httpx.ConnectError):
        httpx.get(sim.url)
    assert sim.books.balance_cents == 5000
    assert not [thread for thread in threading.enumerate() if thread.name == "simulator"]


def test_several_run_side_by_side_each_with_its_own_wallet():
    with simulator.serve(wallet_cents=1) as one, simulator.serve(wallet_cents=2) as two:
        assert one.url != two.url
        assert (one.books.balance_cents, two.books.balance_cents) == (1, 2)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com", ""])
def test_it_listens_on_loopback_only(host):
    with pytest.raises(NotLoopbackError, match="loopback"), simulator.serve(host=host):
        pass


@pytest.mark.parametrize(
    ("host", "start"), [("127.0.0.1", "http://127.0.0.1:"), ("localhost", "http://127.0.0.1:")]
)
def test_names_of_loopback_are_known(host, start):
    with simulator.serve(host=host) as sim:
        assert sim.url.startswith(start)


def test_it_listens_on_the_other_loopback_too():
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
    except OSError:
        pytest.skip("no IPv6 here")
    with simulator.serve(host="::1") as sim:
        assert sim.url.startswith("http://[::1]:")
        assert httpx.get(f"{sim.url}/api/v1/api-wallet/pricing").status_code == 200


def test_a_port_in_use_is_an_error_of_the_system():
    with simulator.serve() as sim:
        again = simulator.serve(port=int(sim.url.rpartition(":")[2]))
        with pytest.raises(OSError, match="in use"):
            again.__enter__()


def test_it_stops_at_once_with_open_connections_and_slow_answers():
    slow = simulator.Fault(at="wallet:*", do="slow", seconds=60)
    with simulator.serve(Scenario(faults=(slow,))) as sim:
        port = int(sim.url.rpartition(":")[2])
        idle = socket.create_connection(("127.0.0.1", port))
        asking = socket.create_connection(("127.0.0.1", port))
        asking.sendall(b"GET /api/v1/api-wallet/pricing HTTP/1.1\r\nHost: x\r\n\r\n")
        sending = socket.create_connection(("127.0.0.1", port))
        sending.sendall(
            b"POST /api/v1/api-wallet/estimate HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{"
        )
        httpx.get(f"{sim.url}/_sim/books")
        began = time.monotonic()
    assert time.monotonic() - began < 5
    for sock in (idle, asking, sending):
        sock.close()


def test_the_clock_can_be_moved_by_hand():
    clock = ManualClock(1_000_000.0)
    clock.advance(2.5)
    assert clock.now() == 1_000_002.5
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)
    assert abs(SystemClock().now() - time.time()) < 60


def test_times_are_written_as_the_service_writes_them():
    assert iso(0.25) == "1970-01-01T00:00:00.250000"
    assert iso_z(0.25) == "1970-01-01T00:00:00Z"
    assert iso_z(None) is None


def python(code: str, **extra: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), **extra}
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        env=env,
        check=False,
        timeout=60,
    )


def test_importing_it_loads_no_web_libraries():
    told = python(
        """
        import sys, simulator
        simulator.Scenario(), simulator.load_scenario
        print(sorted({"starlette", "uvicorn", "av", "anyio", "h11", "python_multipart"} & set(sys.modules)))
        """
    )
    assert (told.stdout.strip(), told.stderr) == ("[]", "")


def test_a_missing_library_is_named_with_the_way_out():
    told = python(
        """
        import sys, simulator
        sys.modules["av"] = None
        try:
            simulator.serve()
        except ImportError as error:
            print(type(error).__name__, error)
        """
    )
    assert told.stdout.strip() == (
        "ExtraMissingError The simulator needs av, which is missing: pip install 'earmark-audio[simulator]'"
    )


def test_a_broken_import_of_its_own_is_not_blamed_on_a_library():
    told = python(
        """
        import sys, simulator
        sys.modules["simulator.app"] = None
        try:
            simulator.serve()
        except simulator.ExtraMissingError:
            print("blamed")
        except ImportError:
            print("plain")
        """
    )
    assert told.stdout.strip() == "plain"
    assert issubclass(ExtraMissingError, ImportError)


FOREGROUND = """
import simulator, sys
ended = simulator.run("127.0.0.1", 0, simulator.Scenario(), 100, lambda url: print(url, flush=True))
print("ended", ended, flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_in_the_foreground_it_serves_until_a_signal(number):
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", FOREGROUND], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
    ) as process:
        url = process.stdout.readline().strip()
        with httpx.Client(base_url=url, headers={"X-API-Key": simulator.PUBLIC_KEY}) as http:
            assert http.get("/api/v1/api-wallet/balance").json()["balance_cents"] == 100
            process.send_signal(number)
            out, err = process.communicate(timeout=20)
    assert (out.strip(), err, process.returncode) == (f"ended {number.value}", "", 0)
