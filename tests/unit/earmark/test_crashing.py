"""A run kills itself at the point that the environment names, and only where no money is real."""

import threading

import pytest

from earmark.crashing import crashing
from manifests.errors import UsageError
from runner.points import Point, nowhere
from support import pages

LOCAL = {"AUDIOPOD_BASE_URL": "http://127.0.0.1:8077"}


def crashes(at, *points):
    """How often a run that reaches these points crashes."""
    found = []
    reach = crashing({**LOCAL, "EARMARK_CRASH_AT": at}, lambda: found.append(True))
    for point in points:
        reach(point)
    return len(found)


def test_it_crashes_at_the_point_that_is_named():
    assert crashes("renamed", Point.DOWNLOADED, Point.RENAMED, Point.PLACED) == 1
    assert crashes("renamed", Point.DOWNLOADED, Point.PLACED) == 0


def test_it_crashes_the_so_manieth_time():
    assert crashes("renamed:3", Point.RENAMED, Point.RENAMED) == 0
    assert crashes("renamed:3", *[Point.RENAMED] * 5) == 1


def test_threads_are_counted_together():
    found = []
    reach = crashing({**LOCAL, "EARMARK_CRASH_AT": "placed:8"}, lambda: found.append(True))
    threads = [threading.Thread(target=reach, args=(Point.PLACED,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True]


def test_without_the_variable_nothing_happens():
    assert crashing(LOCAL) is nowhere
    assert crashing({**LOCAL, "EARMARK_CRASH_AT": ""}) is nowhere


@pytest.mark.parametrize("address", ["https://api.audiopod.ai", "https://192.168.0.7", ""])
def test_away_from_this_machine_nothing_happens(address):
    assert crashing({"AUDIOPOD_BASE_URL": address, "EARMARK_CRASH_AT": "renamed"}) is nowhere


@pytest.mark.parametrize("text", ["nowhere", "renamed:0", "renamed:-1", "renamed:two", ":2"])
def test_what_is_no_point_is_refused_with_all_that_are(text):
    with pytest.raises(UsageError, match=r"write NAME or NAME:N.*before-reserve"):
        crashing({**LOCAL, "EARMARK_CRASH_AT": text})


def test_the_manual_names_every_point_and_no_other():
    section = pages.sections("docs/guarantees.md")["Killing a run at a point"]
    told = [word for row in pages.rows(section) for word in pages.words(row[0])]
    assert sorted(told) == sorted(Point)
