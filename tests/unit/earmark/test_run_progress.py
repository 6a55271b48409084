"""The progress of a run: items, running jobs, spent, reserved, left; a terminal that is left clean."""

import io

import pytest

from earmark.run_progress import Listener, beside_bar, following, narrow, note
from earmark.terminal import Bar, Lines, Silent, Terminal
from manifests.budget import Amounts
from manifests.money import Cents
from runner.options import Progress


class Recorder(Silent):
    """What a listener asks to be shown."""

    def __init__(self):
        self.drawn = []

    def advance(self, count=1, note=""):
        self.drawn.append((count, note))

    def hide(self):
        self.drawn.append("hidden")


def progress(done, *, failed=0, running=0, spent=0, reserved=0, in_doubt=0, phase="running"):
    amounts = Amounts(Cents(500), Cents(spent), Cents(reserved), Cents(in_doubt))
    return Progress(phase, 10, done, failed, running, amounts)


def test_a_note_says_where_the_money_is_and_what_is_under_way():
    assert note(progress(1, phase="collecting")) == "spent $0.00, reserved $0.00, left $5.00, collecting"
    assert note(progress(1, failed=2, running=3, spent=4, reserved=5, in_doubt=6)) == (
        "spent $0.04, reserved $0.05, in doubt $0.06, left $4.85, running, 2 failed, 3 at the service"
    )


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (90, "run: 1/10, spent $0.04, reserved $0.05, left $4.91, running, 2 failed, 3 at the service"),
        (60, "run: 1/10, spent $0.04, reserved $0.05, left $4.91, running"),
        (49, "1/10, spent $0.04, reserved $0.05, left $4.91"),
        (40, "1/10 spent $0.04 res. $0.05 left $4.91"),
        (35, "spent $0.04 res. $0.05 left $4.91"),
        (25, "s $0.04 r $0.05 l $4.91"),
        (16, "s $0.04 r $0.05"),
    ],
)
def test_a_narrow_line_shortens_words_before_it_loses_an_amount(width, line):
    assert narrow(progress(1, failed=2, running=3, spent=4, reserved=5), width) == line


@pytest.mark.parametrize("width", range(32, 200))
def test_spent_reserved_in_doubt_and_left_are_whole_at_every_width(width):
    now = progress(1, failed=2, running=3, spent=4, reserved=5, in_doubt=6)
    line = beside_bar(now, width) or narrow(now, width)
    assert len(line) <= width
    assert [word.rstrip(",") for word in line.split() if "$" in word] == ["$0.04", "$0.05", "$0.06", "$4.85"]


@pytest.mark.parametrize(
    ("columns", "has_bar"), [(59, False), (60, False), (75, False), (90, True), (120, True)]
)
def test_a_terminal_has_a_bar_only_where_the_money_fits_beside_it(columns, has_bar):
    stream = io.StringIO()
    with following(Terminal(live=True), 10, quiet=False, stream=stream) as listener:
        bar = listener._shown._bar
        bar.mininterval, bar.dynamic_ncols = 0.0, lambda _stream: (columns, 24)
        listener.show(progress(1, running=3, spent=4, reserved=5))
        drawn = stream.getvalue().rpartition("\r")[2].rstrip()
    assert "spent $0.04, reserved $0.05, left $4.91" in drawn
    assert len(drawn) <= columns
    assert ("%|" in drawn) is has_bar


def test_items_are_counted_once_also_when_one_is_taken_back():
    recorder = Recorder()
    listener = Listener(recorder)
    for done in (2, 2, 5, 4):
        listener.show(progress(done))
    assert [count for count, _ in recorder.drawn] == [2, 0, 3, -1]


def test_a_question_finds_the_line_free():
    recorder = Recorder()
    with Listener(recorder).pause():
        assert recorder.drawn == ["hidden"]


def test_a_bar_is_cleared_however_the_run_ends():
    stream = io.StringIO()

    def interrupted():
        with following(Terminal(live=True), 10, quiet=False, stream=stream) as listener:
            listener.show(progress(3, spent=30))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    last = stream.getvalue().rpartition("\r")[0].rpartition("\r")[2]
    assert "run" in stream.getvalue()
    assert last.strip() == ""


def test_a_bar_shows_new_amounts_while_the_count_stands_still():
    stream = io.StringIO()
    with Bar("run", "items", 10, stream) as bar:
        bar._bar.mininterval = 0.0
        bar.advance(1, "spent $0.01")
        bar.advance(0, "spent $0.02")
        assert "spent $0.02" in stream.getvalue()
        bar.hide()
        assert stream.getvalue().rstrip("\r").rpartition("\r")[2].strip() == ""


def test_logs_get_a_line_now_and_then():
    stream, now = io.StringIO(), [0.0]
    with Lines("run", "items", 10, stream, lambda: now[0]) as lines:
        lines.advance(1, "early")
        lines.hide()
        now[0] = 11.0
        lines.advance(2, "spent $0.03")
        lines.advance(1, "at once")
    assert stream.getvalue() == "run: 3 of 10 items  spent $0.03\n"


def test_quiet_shows_nothing():
    stream = io.StringIO()
    with following(Terminal(live=True), 10, quiet=True, stream=stream) as listener:
        listener.show(progress(3))
        with listener.pause():
            pass
    assert stream.getvalue() == ""
