"""Who watches a run is no danger to it."""

from contextlib import nullcontext

from earmark.terminal import Terminal
from earmark.time_left import TimeLeft
from earmark.watching import Watchers, watching
from manifests.budget import Amounts
from manifests.money import Cents
from runner.options import Progress
from runner.told import NoteTold
from support.small_run import BILLED, Desk

NOW = Progress("running", 10, 1, 0, 2, Amounts(Cents(5)))


def test_one_who_fails_hears_no_more_and_the_others_do():
    heard = []

    def full(_told):
        heard.append("full")
        raise OSError(28, "No space left on device")

    watchers = Watchers([full, heard.append], [full], nullcontext)
    for _ in range(2):
        watchers.watch("news")
        watchers.progress(NOW)
    assert heard == ["full", "news", "full", "news"]
    assert str(watchers.trouble) == "[Errno 28] No space left on device"


def test_a_run_goes_on_whoever_fails_to_watch_it(tmp_path):
    desk = Desk(tmp_path)

    def bug(_told):
        raise ZeroDivisionError

    watchers = Watchers([bug], [bug], nullcontext)
    report = desk.run(
        desk.manifest("a.mp3"), watch=watchers.watch, listener=watchers.progress, patience=BILLED
    )
    desk.close()
    assert (int(report.exit), report.amounts.spent) == (0, 1)


def test_progress_that_could_not_be_shown_is_told_at_the_end(capsys):
    def failing(_left):
        raise OSError(28, "No space left on device")

    with watching(Terminal(), 10, TimeLeft(), None, quiet=True) as watchers:
        watchers._told.append(failing)
        watchers.watch(NoteTold("x"))
    assert "progress was not shown to the end: [Errno 28] No space left" in capsys.readouterr().err


def test_whoever_is_asked_to_is_told(capsys):
    events = []

    class Narrator:
        watch = progress = events.append

    with watching(Terminal(), 10, TimeLeft(), Narrator, quiet=False, verbose=2) as watchers:
        watchers.watch(NoteTold("something"))
        watchers.progress(NOW)
    assert events == [NoteTold("something"), NOW]
    assert "note      something" in capsys.readouterr().err
