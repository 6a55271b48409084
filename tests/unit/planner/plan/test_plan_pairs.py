import os

import pytest
from msgspec.structs import replace

from planner.pairs import Pairing, Pairs
from planner.pricing import Standing, paid_before
from planner.rows import Columns, by_product
from planner.sounds import sounds, split


def recordings(split):
    return sounds({name: Columns(lines) for name, lines in split.items()})


def pairs(lines):
    """The pairs among lines of one plan."""
    inputs = list(dict.fromkeys(line.input for line in lines))
    numbered = [replace(line, sale=replace(line.sale, number=inputs.index(line.input))) for line in lines]
    pairing = Pairing()
    pairing.add(recordings(by_product([line for line in numbered if line.standing is Standing.TO_PAY])))
    return pairing.pairs(inputs)


def test_two_formats_of_one_length_are_a_pair_and_the_larger_is_dropped(priced):
    lines = [priced("x.mp3", ms=600_000, size=10), priced("x.wav", ms=600_040, size=100)]
    assert pairs(lines) == (Pairs(1, ".mp3", ".wav", 11, 0),)
    assert pairs(lines)[0].exclude == "*.wav"


def test_the_same_name_in_two_folders_is_no_pair(priced):
    assert pairs([priced("a/x.mp3"), priced("b/x.wav")]) == ()


def test_another_length_is_no_pair(priced):
    assert pairs([priced("x.mp3", ms=60_000), priced("x.wav", ms=61_000)]) == ()


def test_a_glob_that_drops_more_than_pairs_says_how_many(priced):
    lines = [priced("x.mp3", size=10), priced("x.wav", size=100), priced("only.wav", size=100)]
    assert pairs(lines)[0].others == 1


def test_a_pair_bought_for_two_services_counts_once_and_costs_twice(priced):
    lines = [
        priced(name, service, size=size)
        for name, size in (("x.mp3", 10), ("x.wav", 100))
        for service in ("transcription", "stems:six")
    ]
    (found,) = pairs(lines)
    assert (found.count, found.cents) == (1, 1 + 10)


def test_three_formats_are_two_pairs(priced):
    lines = [priced(f"x{ending}", size=size) for ending, size in ((".mp3", 1), (".flac", 20), (".wav", 30))]
    assert {(each.kept, each.dropped) for each in pairs(lines)} == {(".mp3", ".flac"), (".flac", ".wav")}


def test_what_costs_nothing_is_worth_no_word(priced):
    assert pairs([priced("x.mp3", size=1), paid_before(priced("x.wav", size=2))]) == ()


def test_the_dearest_kind_of_pair_comes_first(priced):
    lines = [priced("a.mp3", size=1), priced("a.ogg", size=2)]
    lines += [priced("b.mp3", ms=600_000, size=1), priced("b.wav", ms=600_000, size=2)]
    assert [each.dropped for each in pairs(lines)] == [".wav", ".ogg"]


def test_one_file_twice_for_one_service_is_no_pair(priced):
    """As for two languages of a translation."""
    assert pairs([priced("x.wav"), priced("x.wav")]) == ()


def test_a_file_whose_clone_came_early_counts_once(priced):
    early, late = (replace(each, sale=replace(each.sale, number=1)) for each in [priced("x.wav", size=9)] * 2)
    pairing = Pairing()
    pairing.add(recordings(by_product([early])), early=True)
    pairing.add(recordings(by_product([priced("x.mp3", size=1), late])))
    assert pairing.pairs([priced("x.mp3", size=1).input, late.input])[0].others == 0


@pytest.mark.parametrize("odd", ["a", "a.b/c", ".a", "..a", "a/.b", "a/..b.c", "a.", "x..y", "é.mp3"])
def test_an_ending_is_what_the_standard_library_says(odd):
    names = ["a.mp3", "a/b.c.d", odd, "é.mp3"]
    assert list(zip(*split(names), strict=True)) == [os.path.splitext(name) for name in names]  # noqa: PTH122 - the very function
