"""What the client makes of servers that hang up, trickle, stall, answer early or talk nonsense.

Each server here is a few lines over a raw socket, since no web framework can be so unkind.
"""

import hashlib
import io
import socket
import struct
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runner.api.client import AudioPod
from runner.api.deadlines import Deadlines
from runner.api.errors import BadDownload, ServiceDown
from runner.api.interface import (
    Accepted,
    Cancelled,
    Doubtful,
    NotSent,
    Order,
    Rejected,
    ResultFile,
    SourceChanged,
    SubmitOutcome,
    Throttled,
)

KEY = "ap_test_0123456789"
HASTY = Deadlines(connect=2, read=0.3, answer=0.3, stall=0.3, grace=5)
"""Deadlines that a test can wait for."""

PATIENT = Deadlines()
ACCEPTED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n" + b'{"job_id":7}'
)
LARGE = 64 * 2**20
TRICKLE = 0.02


class Line:
    """One connection, as the unkind server sees it."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.body = 0
        self.whole = False

    def head(self) -> dict[bytes, bytes]:
        """Read a request's head, and count what came with it of the body."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self.socket.recv(65536)
            if not piece:
                return {}
            data += piece
        head, _, rest = data.partition(b"\r\n\r\n")
        self.body = len(rest)
        lines = (line.partition(b": ") for line in head.split(b"\r\n")[1:])
        return {name.lower(): value for name, _, value in lines}

    def request(self) -> dict[bytes, bytes]:
        """Read a whole request; `whole` tells whether it came."""
        headers = self.head()
        length = int(headers.get(b"content-length", b"0"))
        while self.body < length:
            piece = self.socket.recv(2**20)
            if not piece:
                return headers
            self.body += len(piece)
        self.whole = bool(headers)
        return headers

    def say(self, data: bytes) -> None:
        self.socket.sendall(data)

    def trickle(self, data: bytes, stop: threading.Event) -> None:
        """A byte now and then, for as long as anyone listens."""
        for byte in data:
            self.say(bytes([byte]))
            if stop.wait(TRICKLE):
                return

    def reset(self) -> None:
        """Close so that the peer gets a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


Behaviour = Callable[[Line], None]


class Server:
    def __init__(self, behave: Behaviour) -> None:
        self.lines: list[Line] = []
        self._behave = behave
        self._waker = socket.socket()
        self._waker.bind(("127.0.0.1", 0))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        """Take connections in their order, until the one that says the end."""
        while True:
            connection, peer = self._listener.accept()
            if peer == self._waker.getsockname():
                connection.close()
                return
            line = Line(connection)
            self.lines.append(line)
            thread = threading.Thread(target=self._serve, args=(line,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, line: Line) -> None:
        with line.socket:
            try:
                self._behave(line)
            except OSError:
                return  # the client hung up, which is what most tests are about

    def close(self) -> None:
        with self._waker:
            self._waker.connect(self._listener.getsockname())
            self._threads[0].join()
        self._listener.close()
        for thread in self._threads[1:]:
            thread.join()


@contextmanager
def served(behave: Behaviour) -> Iterator[Server]:
    server = Server(behave)
    try:
        yield server
    finally:
        server.close()


def order_of(path: Path, size: int, sha256: str | None = None) -> Order:
    """An order for a sparse file: nothing but zeros."""
    with path.open("wb") as file:
        file.truncate(size)
    return Order(
        service="transcription",
        fields={"language": "en"},
        path=path,
        size=size,
        upload_name="talk.ek-0011223344556677-8899aabbccddeeff.wav",
        spans=((0, size),),
        sha256=sha256 or zeros(size),
    )


def zeros(size: int) -> str:
    digest = hashlib.sha256()
    for start in range(0, size, 2**20):
        digest.update(bytes(min(2**20, size - start)))
    return digest.hexdigest()


def submitted(
    behave: Behaviour,
    path: Path,
    size: int = 1000,
    limits: Deadlines = PATIENT,
    last_chunk: Callable[[], bool] = lambda: True,
) -> tuple[SubmitOutcome, list[Line]]:
    with served(behave) as server, AudioPod(server.url, KEY, limits=limits) as api:
        outcome = api.submit(order_of(path / "talk.wav", size), last_chunk)
    return outcome, server.lines


def never() -> bool:
    raise AssertionError("asked although the upload cannot end")


# After the last chunk: perhaps a job.


def close_without_a_word(line: Line) -> None:
    line.request()


def reset_without_a_word(line: Line) -> None:
    line.request()
    line.reset()


def cut_in_the_head(line: Line) -> None:
    line.request()
    line.say(b"HTTP/1.1 200 OK\r\nContent-")


def cut_in_the_body(line: Line) -> None:
    line.request()
    line.say(ACCEPTED[:-3])


def cut_in_a_chunk(line: Line) -> None:
    line.request()
    line.say(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc\r\n{"job_id":')


def talk_nonsense(line: Line) -> None:
    line.request()
    line.say(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")


def answer_html(line: Line) -> None:
    line.request()
    line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>")


def gateway(line: Line) -> None:
    line.request()
    line.say(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 15\r\n\r\n<h1>Oh no.</h1>")


@pytest.mark.parametrize(
    "behave",
    [
        close_without_a_word,
        reset_without_a_word,
        cut_in_the_head,
        cut_in_the_body,
        cut_in_a_chunk,
        talk_nonsense,
        answer_html,
        gateway,
    ],
)
def test_a_lost_answer_is_a_doubt_and_nothing_is_sent_again(behave, tmp_path):
    outcome, lines = submitted(behave, tmp_path)

    assert isinstance(outcome, Doubtful), outcome
    assert [line.whole for line in lines] == [True]


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + b" " * 9999,
    ],
)
def test_an_answer_that_trickles_ends_at_the_deadline(data, tmp_path):
    def behave(line: Line) -> None:
        line.request()
        line.trickle(data, done)

    done = threading.Event()
    outcome, lines = submitted(behave, tmp_path, limits=HASTY)
    done.set()

    assert isinstance(outcome, Doubtful), outcome
    assert "took too long" in outcome.reason or "in time" in outcome.reason
    assert [line.whole for line in lines] == [True]


def test_a_silent_server_ends_at_the_deadline(tmp_path):
    def behave(line: Line) -> None:
        line.request()
        line.socket.recv(1)  # until the client hangs up

    outcome, _ = submitted(behave, tmp_path, limits=HASTY)

    assert isinstance(outcome, Doubtful)


# Before the last chunk: surely not received.


def test_no_server_is_surely_not_received(tmp_path):
    with served(close_without_a_word) as server:
        pass
    with AudioPod(server.url, KEY) as api:
        outcome = api.submit(order_of(tmp_path / "a.wav", 1000), never)

    assert isinstance(outcome, NotSent)
    assert "no connection" in outcome.reason


def hang_up_after_the_head(line: Line) -> None:
    line.head()


def reset_after_the_head(line: Line) -> None:
    line.head()
    line.reset()


def hang_up_at_once(_line: Line) -> None:
    pass


@pytest.mark.parametrize("behave", [hang_up_after_the_head, reset_after_the_head, hang_up_at_once])
def test_a_cut_upload_is_surely_not_received(behave, tmp_path):
    outcome, lines = submitted(behave, tmp_path, LARGE, last_chunk=never)

    assert isinstance(outcome, NotSent), outcome
    assert [line.whole for line in lines] == [False]


def test_an_upload_that_stalls_is_given_up(tmp_path):
    def behave(line: Line) -> None:
        line.head()
        done.wait(10)

    done = threading.Event()
    with served(behave) as server, AudioPod(server.url, KEY, limits=HASTY) as api:
        outcome = api.submit(order_of(tmp_path / "a.wav", LARGE), never)
        done.set()

    assert outcome == NotSent("the upload stalled (timed out), before the end of the upload")


EARLY = [
    (b"HTTP/1.1 413 Too Large\r\nContent-Length: 7\r\n\r\ntoo big", Rejected("413: too big")),
    (b"HTTP/1.1 429 Slow\r\nRetry-After: 9\r\nContent-Length: 0\r\n\r\n", Throttled(9.0)),
    (
        b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n",
        NotSent("the service answered 503 before the end of the upload"),
    ),
    (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", Rejected("413")),
]


@pytest.mark.parametrize(("answer", "expected"), EARLY[:3])
@pytest.mark.parametrize("stays", [True, False])
def test_an_early_answer_is_heard_while_the_body_is_still_going_out(answer, expected, stays, tmp_path):
    def behave(line: Line) -> None:
        line.head()
        line.say(answer)
        while stays and line.socket.recv(2**20):
            line.body += 1

    outcome, lines = submitted(behave, tmp_path, LARGE, last_chunk=never)

    assert outcome == expected
    assert len(lines) == 1


def test_a_refusal_just_before_the_last_chunk_is_no_doubt(tmp_path):
    """The server answers 503 and stays; the engine takes its time before it says yes."""
    answered = threading.Event()

    def behave(line: Line) -> None:
        line.head()
        line.say(EARLY[2][0])
        answered.set()
        while line.socket.recv(2**20):
            pass

    def last_chunk() -> bool:
        assert answered.wait(5)
        return True

    outcome, lines = submitted(behave, tmp_path, 1000, last_chunk=last_chunk)

    assert isinstance(outcome, NotSent), outcome
    assert not lines[0].whole


def test_100_continue_does_not_end_an_upload(tmp_path):
    def behave(line: Line) -> None:
        line.say(b"HTTP/1.1 100 Continue\r\n\r\n")
        line.request()
        line.say(ACCEPTED)

    outcome, _ = submitted(behave, tmp_path, LARGE // 16)

    assert outcome == Accepted("7")


# Cut by us.


def test_a_cancelled_upload_never_ends_and_its_connection_is_not_used_again(tmp_path):
    def behave(line: Line) -> None:
        line.request()
        if line.whole:
            line.say(ACCEPTED)

    with served(behave) as server, AudioPod(server.url, KEY) as api:
        order = order_of(tmp_path / "a.wav", 100_000)
        assert api.submit(order, lambda: False) == Cancelled()
        assert api.submit(order, lambda: True) == Accepted("7")

    assert [line.whole for line in server.lines] == [False, True]


def test_a_changed_source_never_ends(tmp_path):
    with served(close_without_a_word) as server, AudioPod(server.url, KEY) as api:
        outcome = api.submit(order_of(tmp_path / "a.wav", 100_000, sha256="0" * 64), never)

    assert isinstance(outcome, SourceChanged)
    assert [line.whole for line in server.lines] == [False]


def test_every_upload_has_a_connection_of_its_own(tmp_path):
    def behave(line: Line) -> None:
        line.request()
        line.say(ACCEPTED)
        line.socket.recv(1)  # kept open, until the client closes it

    with served(behave) as server, AudioPod(server.url, KEY) as api:
        order = order_of(tmp_path / "a.wav", 1000)
        assert [api.submit(order, lambda: True) for _ in range(3)] == [Accepted("7")] * 3

    assert len(server.lines) == 3


def upload(size: int, path: Path) -> tuple[SubmitOutcome, int]:
    """Submit a sparse file to a server that reads it all; with the most memory that it took."""

    def behave(line: Line) -> None:
        line.request()
        line.say(ACCEPTED)

    order = order_of(path / "a.wav", size)
    with served(behave) as server, AudioPod(server.url, KEY) as api:
        tracemalloc.start()
        try:
            outcome = api.submit(order, lambda: True)
            return outcome, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


def test_a_large_file_is_streamed_with_flat_memory(tmp_path):
    outcome, peak = upload(16 * 2**20, tmp_path)

    assert outcome == Accepted("7")
    assert peak < 8 * 2**20


@pytest.mark.long
def test_two_gigabytes_are_streamed_with_flat_memory(tmp_path):
    outcome, peak = upload(2 * 2**30, tmp_path)

    assert outcome == Accepted("7")
    assert peak < 8 * 2**20


# Reads and downloads.


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + b" " * 9999,
    ],
)
def test_a_read_that_trickles_ends_at_the_deadline(data):
    def behave(line: Line) -> None:
        line.head()
        line.trickle(data, done)

    done = threading.Event()
    with served(behave) as server, AudioPod(server.url, KEY, limits=HASTY, patience=0) as api:
        with pytest.raises(ServiceDown, match="in time"):
            api.balance()
        done.set()


def test_a_stale_connection_is_no_trouble_for_a_read():
    def behave(line: Line) -> None:
        line.head()
        body = b'{"balance_cents":1,"total_spent_cents":1}'
        line.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        # says nothing of closing, and closes

    with served(behave) as server, AudioPod(server.url, KEY, sleep=lambda _: None) as api:
        assert [api.balance().balance for _ in range(3)] == [1, 1, 1]

    assert len(server.lines) >= 3


def downloaded(behave: Behaviour, into: Path, limits: Deadlines = PATIENT, name: str = "vocals.wav"):
    with served(behave) as server, AudioPod(server.url, KEY, limits=limits, patience=0) as api:
        return api.download(ResultFile(name, f"{server.url}/media/vocals.wav"), into)


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsound",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nsound\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nsou",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_a_short_download_leaves_nothing(data, tmp_path):
    def behave(line: Line) -> None:
        line.head()
        line.say(data)

    with pytest.raises(BadDownload, match="fetch it again"):
        downloaded(behave, tmp_path / "part")

    assert list(tmp_path.iterdir()) == []


def test_a_download_of_declared_length_ends_there(tmp_path):
    def behave(line: Line) -> None:
        headers = line.head()
        assert b"x-api-key" not in headers
        assert headers[b"accept-encoding"] == b"identity"
        line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nsound and more")

    assert downloaded(behave, tmp_path / "part").size == 5


def test_a_download_that_trickles_ends_at_the_deadline(tmp_path):
    def behave(line: Line) -> None:
        line.head()
        line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
        line.trickle(b"x" * 9999, done)

    done = threading.Event()
    hasty = Deadlines(read=5, stall=5, grace=0.1, slowest=10**6)
    with pytest.raises(BadDownload, match="in time"):
        downloaded(behave, tmp_path / "part", hasty)
    done.set()

    assert list(tmp_path.iterdir()) == []


def test_a_large_download_needs_little_memory(tmp_path):
    size = 32 * 2**20

    def behave(line: Line) -> None:
        line.head()
        line.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        zeros_ = io.BytesIO(bytes(2**20))
        for _ in range(size // 2**20):
            line.say(zeros_.getbuffer())

    tracemalloc.start()
    try:
        received = downloaded(behave, tmp_path / "part")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert (received.size, received.sha256) == (size, zeros(size))
    assert peak < 8 * 2**20
