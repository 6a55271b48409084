"""Where a plan may pay for nothing, on the screen and for machines."""

from dataclasses import replace

import pytest

from earmark.planning import make_plan
from earmark.reports.advice import look_advice
from earmark.screens.plan import render
from earmark.screens.plan_looks import looks
from earmark.terminal import Terminal
from planner.scanner import Plain
from planner.silence import Heard


def planned(world, **given):
    return make_plan(world.given(**given), world.ends())


@pytest.fixture
def twice(world, recording):
    """Two recordings that lie in a second folder once more, beside one of its own."""
    names = [
        ("a/x.mp3", 1),
        ("a/y.mp3", 2),
        ("b [old]/own.mp3", 3),
        ("b [old]/x.wav", 4),
        ("b [old]/y.wav", 5),
    ]
    world.found = [recording(name, ms=600_000 if "x" in name else 60_000, size=size) for name, size in names]
    world.options = world.given(paths=("/media",))
    return world


def test_a_folder_of_doubles_can_be_left_out(twice):
    (look,) = looks(planned(twice))
    assert look.row.replace("\x1f", " ") == (
        "2 recordings once more in another folder, of one name and length: b [old]/x.wav as a/x.mp3 and 1"
        " more, $0.11 (the option drops 1 more)   --exclude 'b [[]old]/**'"
    )
    (told,) = look_advice(planned(twice))
    assert (told.kind, told.items, told.cents, told.files) == ("double", 2, 11, ["b [old]/x.wav"])
    assert told.command == "--exclude 'b [[]old]/**'"


def test_of_several_paths_no_pattern_is_offered(twice):
    (look,) = looks(planned(twice, paths=("/media/a", "/media/b [old]")))
    assert look.options == ""


def silent(world, *names):
    """The world, in which these recordings are silent."""
    ends = world.ends()
    scanner = ends.scanner(world.options, None)
    heard = {f"/media/{name}" for name in names}
    plain = Plain(scanner._survey, scanner._digest, lambda path: Heard(24, 24 if path in heard else 2))
    return make_plan(world.given(check=("silence",)), replace(ends, scanner=lambda *_: plain))


def test_silent_recordings_are_told_with_what_leaves_them_out(world, recording):
    names = ("x*.mp3", "d/y.mp3", "z.mp3")
    world.found = [recording(name, ms=600_000, size=n) for n, name in enumerate(names)]
    world.options = world.given(paths=("/media",))
    (look,) = looks(silent(world, "x*.mp3", "d/y.mp3"))
    assert look.row.replace("\x1f", " ") == (
        "2 recordings with next to nothing to hear: x*.mp3, d/y.mp3, $0.20"
        "   --exclude './x[*].mp3' --exclude d/y.mp3"
    )
    assert (look.items, look.cents) == (2, 20)


def test_of_many_silent_ones_the_first_are_named(world, recording):
    names = [f"{n}\x1b[2J.mp3" for n in range(5)]
    world.found = [recording(name, ms=60_000, size=n) for n, name in enumerate(names)]
    world.options = world.given(paths=("/media",))
    result = silent(world, *names)
    (look,) = looks(result)
    assert (look.items, look.options) == (5, "")
    assert "and 2 more" in look.words
    assert "\x1b" not in render(result, Terminal())


def test_nobody_listens_unless_asked(twice):
    assert ("listening", 5, 5) not in twice.followed
    planned(twice)
    assert [label for label, _, _ in twice.followed] == ["reading lengths", "comparing sound"]
    planned(twice, check=("silence",))
    assert ("listening", 5, 5) in twice.followed
