import io
import os
import subprocess
import sys

import pytest

from earmark import terminal
from earmark.terminal import Terminal, followed, printable, progress, quoted, shortened, write_out


class Stream(io.StringIO):
    def __init__(self, *, tty):
        super().__init__()
        self.tty = tty

    def isatty(self):
        return self.tty


def detected(environ, *, tty=True):
    return terminal.detect(environ, Stream(tty=tty), Stream(tty=tty))


def test_a_terminal_has_colours_and_redraws_lines():
    assert detected({"TERM": "xterm"}).colour
    assert detected({"TERM": "xterm"}).live


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colour_where_the_user_or_the_terminal_says_no(environ):
    assert not detected(environ).colour


@pytest.mark.parametrize(
    ("environ", "colour"),
    [
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": ""}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colours_can_be_had_in_a_log(environ, colour):
    assert detected(environ, tty=False).colour is colour


def test_no_color_leaves_progress_alone_and_an_empty_one_says_nothing():
    assert detected({"NO_COLOR": "1"}).live
    assert detected({"NO_COLOR": ""}).colour
    assert not detected({"TERM": "dumb"}).live


def test_a_pipe_has_neither():
    found = detected({}, tty=False)
    assert (found.colour, found.live) == (False, False)


def test_a_closed_stream_is_no_terminal():
    closed = Stream(tty=True)
    closed.close()
    closed.isatty = io.StringIO.isatty.__get__(closed)
    assert not terminal.detect({}, closed, closed).colour


def test_the_width_follows_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "66")
    assert detected({}).width == 66


def test_style_is_undone_after_the_text_and_absent_without_colour():
    assert Terminal(colour=True).style("short", "red", "bold") == "\x1b[31m\x1b[1mshort\x1b[0m"
    assert Terminal(colour=True).style("short") == "short"
    assert Terminal().style("short", "red") == "short"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("épisode 1.mp3", "épisode 1.mp3"),
        ("日本.mp3", "日本.mp3"),
        ("two\nlines", r"two\nlines"),
        ("\x1b[2Jgone\x07", r"\x1b[2Jgone\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("a\rb\tc", r"a\rb\tc"),
        ("exe\u202e3pm.mp3", r"exe\u202e3pm.mp3"),
        ("\u2028", r"\u2028"),
        ("\U000e0041", r"\U000e0041"),
        (os.fsdecode(b"caf\xe9\x80\xff.mp3"), r"caf\xe9\x80\xff.mp3"),
        ("\u0915\u094d\u200d\u0937.mp3", "\u0915\u094d\u200d\u0937.mp3"),
    ],
)
def test_names_cannot_move_the_cursor_or_hide(name, shown):
    assert printable(name) == shown
    assert "\n" not in printable(name)


@pytest.mark.parametrize(
    "name",
    [
        "a b.mp3",
        "it's",
        "two\nlines",
        "\x1b[2J'x'\\",
        "$HOME `id` !",
        "-rf",
        "",
        "café",
        os.fsdecode(b"caf\xe9"),
    ],
)
def test_quoted_names_come_back_from_a_shell_and_keep_to_one_line(name):
    text = quoted(name)
    assert "\n" not in text
    assert "\x1b" not in text
    answer = subprocess.run(["bash", "-c", f"printf %s {text}"], capture_output=True, check=True)
    assert answer.stdout == os.fsencode(name)


@pytest.mark.parametrize(
    ("width", "shown"), [(10, "short.mp3"), (9, "short.mp3"), (6, "…t.mp3"), (1, "…"), (0, "")]
)
def test_long_names_keep_their_end(width, shown):
    assert shortened("short.mp3", width) == shown


def test_in_a_log_progress_is_a_line_now_and_then():
    stream, now = io.StringIO(), [0.0]
    shown = progress(Terminal(), stream, "plan: reading", total=400, clock=lambda: now[0])
    with shown:
        shown.advance()
        assert stream.getvalue() == ""
        now[0] = 10.0
        shown.advance(99)
        shown.advance()
        now[0] = 19.9
        shown.advance()
        assert stream.getvalue() == "plan: reading: 100 of 400 files  about 30 s to go\n"
        now[0] = 20.0
        shown.advance(note="3 left out")
    assert stream.getvalue().splitlines()[1:] == ["plan: reading: 103 of 400 files  3 left out"]


def test_a_total_that_nobody_knows_is_not_shown():
    stream, now = io.StringIO(), [0.0]
    with progress(Terminal(), stream, "x", clock=lambda: now[0]) as shown:
        now[0] = 11.0
        shown.advance(1234)
    assert stream.getvalue() == "x: 1,234 files\n"


def test_on_a_terminal_progress_is_a_bar_that_is_cleared():
    stream = Stream(tty=True)
    with progress(Terminal(live=True), stream, "plan: reading", total=2) as shown:
        shown.advance()
        shown.advance(note="1 left out")
    drawn = stream.getvalue()
    assert "plan: reading" in drawn
    assert drawn.rstrip(" ").endswith("\r")


def test_quiet_shows_nothing():
    stream = Stream(tty=True)
    with progress(Terminal(live=True), stream, "x", quiet=True) as shown:
        shown.advance()
    assert stream.getvalue() == ""


def test_followed_items_are_the_same_items_and_each_is_counted():
    stream, now = io.StringIO(), [0.0]
    shown = progress(Terminal(), stream, "x", clock=lambda: now[0])
    items = followed(iter("abc"), shown)
    assert next(items) == "a"
    now[0] = 12.0
    assert list(items) == ["b", "c"]
    assert stream.getvalue() == "x: 2 files\n"


def test_text_goes_out_whole(capsys):
    write_out("priced\n")
    write_out("told\n", sys.stderr)
    assert capsys.readouterr() == ("priced\n", "told\n")


def test_a_reader_that_went_away_changes_no_exit_code():
    code = "from earmark.terminal import write_out; write_out('x' * 2_000_000); write_out('y'); exit(7)"
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run([sys.executable, "-c", code], stdout=write, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (7, b"")


# The time left


def counted(total, *steps):
    """What is said after steps of seconds and counts."""
    now = [0.0]
    countdown = terminal.Countdown(total, lambda: now[0])
    for seconds, count in steps:
        now[0] += seconds
        countdown.advance(count)
    return countdown.seconds()


def test_the_time_left_is_told_at_the_pace_of_the_last_half_minute():
    assert counted(1000, *[(1, 10)] * 10) == pytest.approx(90)
    assert counted(1000, *[(0, 0)], *[(1, 50)] * 10, *[(1, 1)] * 60) == pytest.approx(440, rel=0.05)


@pytest.mark.parametrize(
    ("total", "steps"),
    [
        (None, [(1, 10)] * 10),  # nobody knows how many there are
        (1000, [(1, 10)] * 3),  # too early
        (1000, [(1, 0)] * 10),  # nothing is done yet
        (100, [(1, 10)] * 10),  # all is done
        (1000, []),
    ],
)
def test_nothing_is_told_where_nobody_can_tell(total, steps):
    assert counted(total, *steps) is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("::stop-commands::x", r"\x3a:stop-commands::x"),
        ("a ::error::b", r"a \x3a:error::b"),
        ("x##[add-mask]y", r"x\x23#[add-mask]y"),
        ("stems::two 12:34 #1 a:b", "stems::two 12:34 #1 a:b"),
    ],
)
def test_a_log_that_obeys_lines_is_given_no_command(name, shown):
    assert printable(name) == shown
