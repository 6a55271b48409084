"""Events are written in order and at once; a slow reader holds nobody up, one that is gone ends nothing."""

import json
import os
import signal
import time
from threading import Event, Timer

import pytest

from earmark import events
from earmark.event_stream import EventStream, to_stdout
from earmark.reports.document import Money
from earmark.times import stamp

NONE = Money(0, 0, 0, 0, 0, 0)


def note(text):
    return events.Note(at=stamp(0.0), text=text)


def progress(done):
    return events.Progress(
        at=stamp(0.0),
        phase="running",
        items=10,
        done=done,
        failed=0,
        running=0,
        amounts=NONE,
        credits=NONE,
        left_seconds=None,
    )


class Reader:
    """Takes what is written, once it may."""

    def __init__(self, *, open_at_once=True):
        self.got, self.may, self.waits = b"", Event(), Event()
        if open_at_once:
            self.may.set()

    def write(self, some):
        self.waits.set()
        self.may.wait(10)
        self.got += some

    @property
    def told(self):
        return [json.loads(line) for line in self.got.splitlines()]


def test_lines_come_in_order_and_all_of_them_before_the_end():
    reader = Reader()
    with EventStream(reader.write) as stream:
        for number in range(2000):
            stream.tell(note(str(number)))
    assert [each["text"] for each in reader.told] == [str(number) for number in range(2000)]


def test_of_progress_that_nobody_read_only_the_newest_is_told():
    reader = Reader(open_at_once=False)
    stream = EventStream(reader.write)
    stream.tell(note("first"))
    assert reader.waits.wait(10)
    for done in range(5):
        stream.tell(progress(done))
    stream.tell(note("second"))
    for done in range(5, 8):
        stream.tell(progress(done))
    stream.tell(note("last"))  # behind it: progress of before is none of after
    reader.may.set()
    stream.close()
    assert [each.get("text", each.get("done")) for each in reader.told] == ["first", "second", 7, "last"]


def test_a_reader_too_far_behind_hears_that_as_the_last_thing():
    reader = Reader(open_at_once=False)
    stream = EventStream(reader.write, most=3)
    stream.tell(note("first"))
    assert reader.waits.wait(10)
    for number in range(10):
        stream.tell(note(str(number)))
    reader.may.set()
    stream.close()
    assert [each["event"] for each in reader.told] == ["note"] * 4 + ["cut"]
    assert reader.told[-1]["waiting"] == 3
    assert stream.trouble is None


def test_a_reader_that_is_gone_ends_nothing():
    def gone(_some):
        raise BrokenPipeError

    stream = EventStream(gone)
    for number in range(100):
        stream.tell(note(str(number)))
    stream.close()
    stream.tell(note("later"))
    assert isinstance(stream.trouble, BrokenPipeError)


def test_the_end_does_not_wait_for_ever_for_a_reader_that_takes_nothing():
    reader = Reader(open_at_once=False)
    stream = EventStream(reader.write, patience=0.05)
    stream.tell(note("first"))
    assert reader.waits.wait(10)
    stream.close()
    assert isinstance(stream.trouble, TimeoutError)
    reader.may.set()


def test_a_pipe_without_a_reader_is_told_to_nobody(capfd, monkeypatch):
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as stdout:
        monkeypatch.setattr("sys.stdout", stdout)
        with to_stdout() as stream:
            for number in range(10):
                stream.tell(note(str(number)))
    assert capfd.readouterr().err == ""


def test_a_full_disk_is_told_to_people(capfd, monkeypatch):
    with open("/dev/full", "w") as stdout:  # noqa: PTH123
        monkeypatch.setattr("sys.stdout", stdout)
        with to_stdout() as stream:
            stream.tell(note("x"))
    assert "events are incomplete: No space left on device" in capfd.readouterr().err


def test_a_signal_ends_the_wait_for_a_stuck_reader_and_no_exit_code(capfd, monkeypatch):
    read, write = os.pipe()
    with os.fdopen(write, "w") as stdout:
        monkeypatch.setattr("sys.stdout", stdout)
        began = time.monotonic()
        with to_stdout() as stream:
            stream.tell(note("x" * 200_000))  # more than a pipe holds
            Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
        assert time.monotonic() - began < 10
        os.close(read)
    assert "events are incomplete: a signal came before they were read" in capfd.readouterr().err


def test_a_pipe_that_does_not_block_loses_nothing(monkeypatch):
    read, write = os.pipe()
    os.set_blocking(write, False)
    long = "x" * 200_000  # more than a pipe holds
    got = b""
    with os.fdopen(write, "w") as stdout:
        monkeypatch.setattr("sys.stdout", stdout)
        with to_stdout() as stream:
            stream.tell(note(long))
            while not got.endswith(b"\n"):
                got += os.read(read, 65_536)
    os.close(read)
    assert json.loads(got)["text"] == long


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, "1970-01-01T00:00:00.000Z"), (1.5, "1970-01-01T00:00:01.500Z")]
)
def test_times_are_utc(seconds, text):
    assert stamp(seconds) == text
