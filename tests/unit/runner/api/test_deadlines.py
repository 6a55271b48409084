"""Deadlines over fake streams and a fake clock; tests/integration has them over sockets."""

import ssl

import httpcore
import pytest

from runner.api import deadlines
from runner.api.deadlines import Call, DeadlineBackend, Deadlines, DeadlineStream


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Wire(httpcore.NetworkStream):
    """A stream that notes what it is asked, and gives scripted answers."""

    def __init__(self, *answers: bytes | Exception, clock: Clock | None = None, each: float = 0.0) -> None:
        self.answers = list(answers)
        self.timeouts: list[float | None] = []
        self.written: list[bytes] = []
        self.closed = False
        self._clock = clock
        self._each = each

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._pass(timeout)
        answer = self.answers.pop(0) if self.answers else b""
        if isinstance(answer, Exception):
            raise answer
        return answer

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._pass(timeout)
        self.written.append(buffer)

    def close(self) -> None:
        self.closed = True

    def start_tls(self, ssl_context, server_hostname=None, timeout=None):
        self._pass(timeout)
        return self

    def get_extra_info(self, info):
        return bool(self.answers) if info == "is_readable" else info

    def _pass(self, timeout: float | None) -> None:
        self.timeouts.append(timeout)
        if self._clock is not None:
            self._clock.now += self._each


class Net(httpcore.NetworkBackend):
    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        self.wire.timeouts.append(timeout)
        return self.wire


def test_outside_a_call_timeouts_pass_unchanged():
    wire = Wire(b"x")
    stream = DeadlineStream(wire)

    stream.write(b"a", 5)
    assert stream.read(10, None) == b"x"
    assert wire.timeouts == [5, None]


def test_a_trickle_is_cut_at_the_deadline():
    clock = Clock()
    wire = Wire(*[b"x"] * 100, clock=clock, each=3.0)
    stream = DeadlineStream(wire)

    with deadlines.call(10, clock), pytest.raises(httpcore.ReadTimeout):
        list(iter(lambda: stream.read(1, 30), b""))

    assert wire.timeouts == [10, 7, 4, 1]


def test_a_slow_reader_cannot_stretch_one_write():
    clock = Clock()
    wire = Wire(clock=clock, each=4.0)

    with deadlines.call(10, clock), pytest.raises(httpcore.WriteTimeout):
        DeadlineStream(wire).write(bytes(10**6), 60)

    assert len(wire.written) == 3


def test_the_deadline_can_be_set_anew():
    clock = Clock()
    wire = Wire(b"x", clock=clock)

    with deadlines.call(10, clock) as call:
        clock.now += 10
        call.allow(300)
        DeadlineStream(wire).read(1, None)

    assert wire.timeouts == [300]


def test_calls_inside_calls_have_their_own_deadline():
    wire = Wire(b"x", b"y")
    stream = DeadlineStream(wire)

    with deadlines.call(1000, Clock()):
        with deadlines.call(5, Clock()):
            stream.read(1, None)
        stream.read(1, None)

    assert wire.timeouts == [5, 1000]


def test_an_answer_before_the_end_of_an_upload_stops_it_and_is_kept():
    wire = Wire(b"HTTP/1.1 413 Too Large\r\n\r\n")
    stream = DeadlineStream(wire)

    with deadlines.call(10, Clock()) as call:
        call.uploading = True
        with pytest.raises(httpcore.WriteError):
            stream.write(b"chunk")

        assert not call.withheld  # it was not the last chunk
        assert wire.written == []
        assert stream.read(4) == b"HTTP"
        assert stream.read(100) == b"/1.1 413 Too Large\r\n\r\n"
        assert stream.read(100) == b""


def test_only_uploads_look_for_early_answers():
    wire = Wire(b"HTTP/1.1 200 OK\r\n\r\n")

    with deadlines.call(10, Clock()) as call:
        DeadlineStream(wire).write(b"chunk")

    assert wire.written == [b"chunk"]
    assert not call.withheld


def test_a_tls_ticket_is_no_answer():
    wire = Wire(httpcore.ReadTimeout())

    with deadlines.call(10, Clock()) as call:
        call.uploading = True
        DeadlineStream(wire).write(b"chunk")

    assert wire.written == [b"chunk"]


def test_100_continue_asks_for_more():
    wire = Wire(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n")
    stream = DeadlineStream(wire)

    with deadlines.call(10, Clock()) as call:
        call.uploading = True
        stream.write(b"one")
        stream.write(b"two")

        assert wire.written == [b"one", b"two"]
        assert stream.read(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert stream.read(100) == b"HTTP/1.1 200 OK\r\n\r\n"


@pytest.mark.parametrize("end", [b"", httpcore.ReadError()])
def test_a_server_that_hangs_up_stops_the_upload(end):
    stream = DeadlineStream(Wire(end))

    with deadlines.call(10, Clock()) as call:
        call.uploading = True
        with pytest.raises(httpcore.WriteError):
            stream.write(b"chunk")

        assert stream.read(100) == b""


def test_after_a_failed_write_only_an_answer_on_its_way_is_awaited():
    clock = Clock()
    call = Call(10_000, clock)

    call.cut()

    assert call.clamp(None, httpcore.ReadTimeout) == 30
    call.allow(5)
    call.cut()
    assert call.clamp(60, httpcore.ReadTimeout) == 5


def test_connecting_and_tls_keep_to_the_deadline_too():
    wire = Wire(b"x")

    with deadlines.call(7, Clock()):
        stream = DeadlineBackend(Net(wire)).connect_tcp("host", 443, 15)
        secure = stream.start_tls(ssl.create_default_context(), "host", None)
        secure.read(1, None)

    assert wire.timeouts == [7, 7, 7]
    assert secure.get_extra_info("socket") == "socket"
    secure.close()
    assert wire.closed


def test_transfers_get_time_by_their_size():
    limits = Deadlines()

    assert limits.transfer(0) == limits.grace
    assert limits.transfer(2 * 2**30) < 2 * 24 * 3600


def test_the_last_chunk_is_withheld_when_the_answer_is_there_already():
    stream = DeadlineStream(Wire(b"HTTP/1.1 503 No\r\n\r\n"))

    with deadlines.call(10, Clock()) as call:
        call.uploading = call.releasing = True
        with pytest.raises(httpcore.WriteError):
            stream.write(b"last")

    assert call.withheld


def test_a_last_chunk_that_has_gone_stays_gone():
    """httpcore ends each request with an empty write; the answer may be there by then."""
    wire = Wire()
    stream = DeadlineStream(wire)

    with deadlines.call(10, Clock()) as call:
        call.uploading = call.releasing = True
        stream.write(b"last")
        wire.answers.append(b"HTTP/1.1 200 OK\r\n\r\n")
        stream.write(b"")
        with pytest.raises(httpcore.WriteError):
            stream.write(b"more")

    assert not call.withheld
    assert wire.written == [b"last", b""]
