import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from manifests.money import Cents
from planner.fitting import Candidates, Prefer
from planner.pricing import paid_before, same_audio


def fitting(lines, room, prefer):
    """The numbers of the lines that stay."""
    return [number for number, stays in enumerate(Candidates(lines).fitting(room, prefer)) if stays]


@pytest.fixture
def lines(priced):
    """Three lines of 1, 2 and 3 minutes: 2, 3 and 4 cents at most; the first is the newest."""
    return [
        priced("a.mp3", ms=90_000, mtime_ns=3),
        priced("b.mp3", ms=150_000, mtime_ns=1),
        priced("c.mp3", ms=30_000, mtime_ns=2),
    ]


@pytest.mark.parametrize(
    ("prefer", "room", "kept"),
    [
        (Prefer.LISTED, 2, [0]),
        (Prefer.LISTED, 5, [0, 1]),
        (Prefer.LISTED, 6, [0, 1, 2]),
        (Prefer.NEWEST, 3, [0, 2]),
        (Prefer.SHORTEST, 1, [2]),
        (Prefer.SHORTEST, 3, [0, 2]),
        (Prefer.LISTED, 0, []),
    ],
)
def test_what_fits_follows_the_preference_and_keeps_the_order(lines, prefer, room, kept):
    assert [each.item.ceiling for each in lines] == [2, 3, 1]
    assert fitting(lines, Cents(room), prefer) == kept


def test_a_line_that_does_not_fit_does_not_block_a_smaller_one(lines):
    assert fitting(lines, Cents(2), Prefer.NEWEST) == [0]
    assert fitting(lines[1:], Cents(1), Prefer.LISTED) == [1]


def test_what_is_paid_before_always_stays(lines):
    assert fitting([paid_before(lines[0]), lines[1]], Cents(0), Prefer.LISTED) == [0]


def test_a_copy_stays_only_with_the_line_that_pays(lines):
    copy = same_audio(lines[1], 0, "a.mp3")
    assert fitting([lines[0], copy], Cents(2), Prefer.LISTED) == [0, 1]
    assert fitting([lines[0], copy], Cents(1), Prefer.LISTED) == []


def test_the_parts_of_a_text_stay_or_go_together(lines):
    parts = [
        replace(each, item=replace(each.item, file="book.txt", part=f"{n}/2", span=(n, n + 1)))
        for n, each in enumerate(lines[:2], 1)
    ]
    assert fitting([*parts, lines[2]], Cents(4), Prefer.LISTED) == [2]
    assert fitting([*parts, lines[2]], Cents(5), Prefer.LISTED) == [0, 1]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    room=st.integers(0, 40),
    sizes=st.lists(st.integers(1, 600_000), max_size=12),
    prefer=st.sampled_from(Prefer),
)
def test_what_fits_never_passes_the_room(priced, room, sizes, prefer):
    lines = [priced(f"{n}.mp3", ms=ms, mtime_ns=ms % 7) for n, ms in enumerate(sizes)]
    kept = fitting(lines, Cents(room), prefer)
    spent = sum(lines[n].item.ceiling for n in kept)
    assert spent <= room
    left = [each.item.ceiling for n, each in enumerate(lines) if n not in kept]
    assert all(cents > room - spent for cents in left)
