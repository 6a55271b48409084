import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from manifests.money import Cents
from planner import greedy
from planner.fitting import Candidates, Prefer
from planner.greedy import Queue
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


def test_the_cheapest_hour_is_what_gives_most_sound_for_the_cent(priced):
    """0:58 and 1:58 waste two seconds of a cent, 0:02 wastes 58."""
    lines = [priced("a.mp3", ms=2_000), priced("b.mp3", ms=58_000), priced("c.mp3", ms=118_000)]
    assert [each.item.ceiling for each in lines] == [1, 1, 2]
    assert fitting(lines, Cents(1), Prefer.CHEAPEST_HOUR) == [1]
    assert fitting(lines, Cents(2), Prefer.CHEAPEST_HOUR) == [2]  # of two alike the longer one
    assert fitting(lines, Cents(3), Prefer.CHEAPEST_HOUR) == [1, 2]


def test_speech_without_its_voice_takes_no_room_from_others():
    """What cannot stay leaves its cents to what can."""
    queue = Queue([9, 2, 2], [1, 1, 1], makes={0: ["anna.wav"]}, needs={1: "anna.wav"})
    assert queue.fill(3).taken == [2]
    assert queue.next_room(3) == (11, 2)


def test_a_voice_that_costs_nothing_is_there_from_the_start():
    queue = Queue([2], [1], needs={0: "anna.wav"}, voices={"anna.wav"})
    assert queue.fill(2).taken == [0]


def test_more_room_may_take_less_and_the_next_room_is_the_first_that_takes_more():
    """With 5 the dear one at the front is taken instead of three cheap ones."""
    queue = Queue([5, 1, 1, 1], [1, 1, 1, 1])
    assert len(queue.fill(4).taken) == 3
    assert len(queue.fill(5).taken) == 1
    assert queue.next_room(4) == (8, 4)


def test_no_next_room_is_named_where_all_is_taken_or_the_search_is_too_long(monkeypatch):
    queue = Queue([5, 1, 1, 1], [1, 1, 1, 1])
    assert queue.next_room(8) is None
    monkeypatch.setattr(greedy, "MOST_LOOKS", 8)
    assert queue.next_room(4) is None


PRICES = st.lists(st.integers(0, 12), min_size=1, max_size=9)


@given(prices=PRICES, room=st.integers(0, 60), voices=st.lists(st.booleans(), min_size=9, max_size=9))
def test_the_next_room_takes_more_and_a_cent_less_does_not(prices, room, voices):
    makes = {0: ["v"]}
    needs = {index: "v" for index in range(1, len(prices)) if voices[index]}
    queue = Queue(prices, [1] * len(prices), makes, needs)
    now, found = queue.fill(room), queue.next_room(room)
    rooms = range(room + 1, sum(prices) + 1)
    wanted = next((each for each in rooms if len(queue.fill(each).taken) > len(now.taken)), None)
    assert found == (None if wanted is None else (wanted, len(queue.fill(wanted).taken)))


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
