"""`run` on a terminal: the question before buying, the bar, Ctrl-C, narrow screens."""

import os
import pty
import re
import select
import subprocess
import termios
from contextlib import contextmanager

import pytest

from simulator import Fault
from support.bench import launched
from support.waiting import PATIENCE, until

OWN = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)"
"""Makes the terminal the one that Ctrl-C comes from."""


class Screen:
    """A command on a terminal of its own."""

    def __init__(self, leader, process):
        self._leader, self._process, self.text = leader, process, ""

    def wait_for(self, text):
        until(lambda: self._read(0.05) and text in self.text)

    def type(self, text):
        os.write(self._leader, text.encode())

    def resize(self, columns):
        termios.tcsetwinsize(self._leader, (24, columns))

    def end(self):
        until(lambda: self._read(0.05) and self._process.poll() is not None)
        while select.select([self._leader], [], [], 0)[0] and self._chunk():
            pass
        return self._process.returncode

    def _read(self, seconds):
        if select.select([self._leader], [], [], seconds)[0]:
            self._chunk()
        return True

    def _chunk(self):
        try:
            data = os.read(self._leader, 100_000)
        except OSError:  # the command has closed its end
            return False
        self.text += data.decode(errors="replace")
        return bool(data)


@contextmanager
def on_a_terminal(made, *words, columns=100, **environ):
    leader, follower = pty.openpty()
    termios.tcsetwinsize(follower, (24, columns))

    variables = {**made.environ, "TERM": "xterm", **environ}
    variables.pop("COLUMNS")
    process = subprocess.Popen(
        launched(("run", "manifest.yaml", *words), OWN),
        cwd=made.folder,
        env=variables,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
    )
    os.close(follower)
    try:
        yield Screen(leader, process)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE)
        os.close(leader)


@pytest.fixture
def planned(bench):
    made = bench()
    made.record(2)
    made.plan("media", "--service", "transcription")
    return made


def test_no_means_that_nothing_is_bought(planned):
    with on_a_terminal(planned) as screen:
        screen.wait_for("[y/N]")
        question = "Buy 2 items for $0.02, at most $0.02?  (cap $0.02; wallet $50.00) [y/N]: "
        assert question in screen.text
        screen.type("n\n")
        assert screen.end() == 9
    assert "you said no, so nothing was bought" in screen.text
    assert "run manifest.yaml --yes" in screen.text
    assert planned.books.submits == ()


def test_yes_buys_and_the_bar_is_gone_at_the_end(planned):
    with on_a_terminal(planned) as screen:
        screen.wait_for("[y/N]")
        screen.type("y\n")
        assert screen.end() == 0
    assert "/2" in screen.text
    assert "spent $0.00, reserved $0.02, left $0.00" in screen.text
    before, _, after = screen.text.rpartition("\r\x1b[")
    assert "DONE: 2 of 2 saved" in after
    assert "spent $0.00, reserved" in before
    assert "spent $0.00, reserved" not in after, "the bar is gone"
    assert planned.books.spent_cents == 2


@pytest.mark.parametrize("words", [["--yes"], ["--max-spend", "1"]])
def test_who_names_a_cap_or_says_yes_is_not_asked(planned, words):
    with on_a_terminal(planned, *words, NO_COLOR="1") as screen:
        assert screen.end() == 0
    assert "Buy " not in screen.text
    assert "\x1b[3" not in screen.text
    assert "\x1b[1m" not in screen.text


def test_ctrl_c_at_the_question_buys_nothing(planned):
    with on_a_terminal(planned) as screen:
        screen.wait_for("[y/N]")
        screen.type("\x03")
        assert screen.end() == 130
    assert "INTERRUPTED, exit 130" in screen.text
    assert "Go on:  run manifest.yaml\r\n" in screen.text
    assert planned.books.submits == ()
    assert planned.ledger("SELECT exit FROM runs") == [(130,)]
    assert planned.ledger("SELECT count(*) FROM allotments") == [(0,)]


def test_ctrl_c_on_the_way_leaves_a_clean_screen_that_fits(bench):
    made = bench(Fault(at="submit:*", do="never"))
    made.record(2)
    made.plan("media", "--service", "transcription")
    with on_a_terminal(made, "--max-spend", "1", columns=100) as screen:
        until(lambda: made.ledger("SELECT count(*) FROM attempts WHERE state = 'submitted'") == [(2,)])
        screen.resize(44)
        screen.type("\x03")
        assert screen.end() == 130
    lines = re.sub(r"\x1b\[[0-9;]*m", "", screen.text.replace("\r\n", "\n")).split("\n")
    start = next(index for index, line in enumerate(lines) if "INTERRUPTED" in line)
    rows = [line for line in lines[start + 1 :] if line.startswith("  ") and "run " not in line]
    assert rows
    assert max(map(len, rows)) <= 44
    assert "    $0.02 set aside, the service works on" in rows
