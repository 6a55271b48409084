"""Recordings that lie there twice, in two folders."""

import pytest

from manifests import catalogue
from planner.pricing import paid_before
from planner.summary import Summing
from planner.till import Batch


def doubles(lines):
    sums = Summing([catalogue.load().product(name) for name in ("transcription", "stems:six")])
    numbered = []
    inputs = []
    for line in lines:
        if line.input not in inputs:
            inputs.append(line.input)
        numbered.append(
            type(line)(
                line.item,
                type(line.sale)(
                    line.sale.input, line.sale.choice, line.sale.length, number=inputs.index(line.input)
                ),
                line.cost,
                line.standing,
            )
        )
    sums.add(Batch(numbered, []))
    return sums.summary(inputs, [], []).doubles


def test_one_name_and_length_in_two_folders_is_probably_one_recording(priced):
    found = doubles(
        [
            priced("a/ep1.mp3", ms=600_000, size=5),
            priced("a/ep2.mp3", ms=300_000, size=5),
            priced("b/old/EP1.wav", ms=600_400, size=50),
            priced("b/old/ep2.mp3", ms=300_000, size=6),
            priced("b/old/own.mp3", ms=1_000, size=6),
        ]
    )
    assert (found.count, found.cents) == (2, 11 + 5)
    assert (found.kept, found.again) == ("/media/a/ep1.mp3", "/media/b/old/EP1.wav")
    assert (found.folder, found.others) == ("/media/b/old", 1)


def test_a_name_with_several_lengths_says_nothing(priced):
    lines = [priced(f"{n}/track01.mp3", ms=200_000 + 700 * (n % 3), size=n) for n in range(6)]
    assert doubles(lines) is None


@pytest.mark.parametrize(
    ("first", "second"),
    [("a/x.mp3", "a/x.wav"), ("a/x.mp3", "b/y.mp3"), ("x.mp3", "x.flac")],
    ids=["one folder", "other names", "at the top"],
)
def test_what_is_in_one_folder_is_a_pair_and_other_names_are_nothing(priced, first, second):
    assert doubles([priced(first, ms=60_000), priced(second, ms=60_000, size=7)]) is None


def test_what_is_paid_before_is_no_double(priced):
    assert doubles([paid_before(priced("a/x.mp3")), priced("b/x.mp3", size=7)]) is None


def test_two_services_of_two_files_are_one_double_with_both_prices(priced):
    lines = [
        priced(f"{folder}/x.mp3", service, ms=600_000, size=size)
        for folder, size in (("a", 1), ("b", 2))
        for service in ("transcription", "stems:six")
    ]
    found = doubles(lines)
    assert (found.count, found.cents, found.folder, found.others) == (1, 110, "/media/b", 0)


def test_no_folder_is_named_where_it_holds_one_that_is_kept(priced):
    names = ["a/x.mp3", "b/x.mp3", "b/y.mp3", "c/y.mp3"]
    found = doubles([priced(name, ms=60_000, size=n) for n, name in enumerate(names)])
    assert (found.count, found.folder) == (2, "")
