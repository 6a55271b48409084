"""A sample of a manifest: the same each time, spread, whole, and with what it needs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.errors import UsageError
from manifests.length import Grade
from manifests.manifest import Item
from manifests.pilot import Sampler, Size, size_of
from runner.choosing import Portion, chosen

FOLDERS = ["", "a", "b", "a/deep"]


def item(name, service="transcription", seconds=60.0, **fields):
    return Item(name, service, seconds, Grade.EXACT, 1, 2, 10, "0123456789ab", **fields)


def sample(items, size):
    sampler = Sampler()
    half = len(items) // 2
    sampler.add(items[:half], 0)
    sampler.add(items[half:], half)
    return sampler.sample(size)


ITEMS = st.lists(
    st.builds(
        lambda folder, number, service, seconds, paid: item(
            f"{folder}/{number}.mp3", service, float(seconds), paid=paid
        ),
        st.sampled_from(FOLDERS),
        st.integers(0, 99),
        st.sampled_from(["transcription", "stems:six", "stems:two"]),
        st.integers(0, 9000),
        st.booleans(),
    ),
    max_size=30,
)


@given(items=ITEMS, count=st.integers(1, 12))
def test_a_sample_has_its_size_and_a_service_has_its_share(items, count):
    chosen = sample(items, Size(count))
    to_pay = [n for n, each in enumerate(items) if not each.paid]
    assert len(chosen) == min(count, len(to_pay))
    assert chosen == sorted(set(chosen))
    assert set(chosen) <= set(to_pay)
    services = {items[n].service for n in to_pay}
    assert len({items[n].service for n in chosen}) == min(len(services), len(chosen))


@given(items=ITEMS, count=st.integers(1, 12))
def test_the_same_lines_give_the_same_sample_however_they_come(items, count):
    together = Sampler()
    together.add(items, 0)
    assert together.sample(Size(count)) == sample(items, Size(count))


def test_a_sample_is_spread_over_lengths_and_folders():
    items = [item(f"{folder}/{n}.mp3", seconds=60.0 * n) for folder in "abc" for n in range(1, 31)]
    chosen = [items[n] for n in sample(items, Size(3))]
    assert sorted(each.file[0] for each in chosen) == ["a", "b", "c"]
    assert [each.seconds // 600 for each in sorted(chosen, key=lambda each: each.seconds)] == [0, 1, 2]


def test_the_largest_services_come_first_where_there_are_more_than_items():
    items = [item("a", "stems:two"), item("b", "stems:six"), item("c", "stems:six"), item("d")]
    assert [items[n].service for n in sample(items, Size(1))] == ["stems:six"]


def test_the_parts_of_a_text_go_together_and_count_as_one_item():
    parts = [item("book.txt", "tts", part=f"{n}/3", span=(n, n + 1)) for n in (1, 2, 3)]
    assert sample([*parts, item("b.txt", "tts")], Size(1)) in ([0, 1, 2], [3])
    assert sample([*parts, item("b.txt", "tts")], Size(2)) == [0, 1, 2, 3]


def test_a_voice_that_is_needed_is_bought_too():
    voice = item("anna.wav", "clone", paid=True)
    said = [item(f"{n}.txt", "tts", needs="anna.wav") for n in range(5)]
    chosen = sample([voice, *said], Size(1))
    assert len(chosen) == 2
    assert 0 in chosen


def test_a_share_is_rounded_up_and_at_least_one():
    assert [size_of("1%").of(every) for every in (1, 100, 101, 1000)] == [1, 1, 2, 10]
    assert size_of("0.1%").of(10_000) == 10
    assert size_of("3").of(2) == 3
    assert sample([item("a")], size_of("100%")) == [0]
    assert sample([], size_of("3")) == []


@pytest.mark.parametrize("text", ["", "0", "-1", "0%", "101%", "3.5", "three", "1e3", "%", "0.0%"])
def test_what_is_no_sample_is_refused(text):
    with pytest.raises(UsageError, match="is no sample: write a number of items, such as 3, or 1%"):
        size_of(text)


@given(
    items=ITEMS,
    only=st.sampled_from([None, "a", "b"]),
    first=st.none() | st.integers(1, 6),
    count=st.integers(1, 6),
    bought=st.sets(st.integers(0, 29)),
)
def test_a_pilot_and_its_rest_are_all_that_was_chosen_and_no_line_is_in_both(
    items, only, first, count, bought
):
    means = None if only is None else lambda path: path.startswith(f"{only}/")
    found = chosen(
        Portion(means, first, Size(count)),
        [(number, item, number not in bought) for number, item in enumerate(items)],
    )
    every = range(len(items)) if found.lines is None else list(found.lines)
    sample = list(found.sample)
    rest = [number for number in every if number not in found.sample]
    assert sorted([*sample, *rest]) == list(every)
    assert len(sample) <= count
    assert all(only is None or items[number].file.startswith(f"{only}/") for number in every)
    if first is not None:
        assert len(every) <= first
        assert not bought.intersection(every)
