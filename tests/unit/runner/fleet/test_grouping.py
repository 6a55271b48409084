"""Which lines one host takes together: about fifty, and never apart what needs each other."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.length import Grade
from manifests.manifest import Item
from runner.fleet.grouping import LINES, shifts_of, size_of
from runner.lines import line_of
from support.small_run import ALL_RATES


def line(name, service="transcription", **fields):
    item = Item(name, service, 60.0, Grade.EXACT, 1, 2, 3, "p", **fields)
    return line_of(item, Path("/media"), name, ALL_RATES)


def files(shifts):
    return [[each.item.file for each in shift] for shift in shifts]


def test_lines_are_shared_out_in_the_manifests_order():
    lines = [line(f"{number:03}.mp3") for number in range(7)]
    assert files(shifts_of(lines, {}, 3)) == [
        ["000.mp3", "001.mp3", "002.mp3"],
        ["003.mp3", "004.mp3", "005.mp3"],
        ["006.mp3"],
    ]


def test_a_voice_and_all_that_speak_with_it_go_to_one_host():
    lines = [
        line("anna.wav", "clone"),
        *(line(f"{number}.txt", "tts", needs="anna.wav") for number in range(4)),
        line("other.mp3"),
    ]
    assert files(shifts_of(lines, {}, 2)) == [["anna.wav", "0.txt", "1.txt", "2.txt", "3.txt"], ["other.mp3"]]


def test_the_parts_of_a_text_go_to_one_host_and_other_lines_of_it_stay_where_they_are():
    parts = [line("book.txt", "tts", part=f"{n}/3", span=(n, n + 1)) for n in (1, 2, 3)]
    lines = [parts[0], line("a.mp3"), parts[1], line("b.mp3"), parts[2]]
    assert files(shifts_of(lines, {}, 1)) == [["book.txt"] * 3, ["a.mp3"], ["b.mp3"]]


def test_lines_that_buy_the_same_go_to_one_host():
    lines = [line("a.mp3"), line("b.mp3"), line("copy of a.mp3")]
    parts = {lines[0].key: 7, lines[1].key: 8, lines[2].key: 7}
    assert files(shifts_of(lines, parts, 1)) == [["a.mp3", "copy of a.mp3"], ["b.mp3"]]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=30), st.integers(1, 5))
def test_every_line_is_in_one_shift_and_no_shift_is_too_large_unless_it_cannot_be_parted(ties, size):
    lines = [line(f"{n}.txt", "tts", needs=f"{voice}.wav") for n, (voice, _) in enumerate(ties)]
    parts = {each.key: part for each, (_, part) in zip(lines, ties, strict=True)}
    shifts = list(shifts_of(lines, parts, size))
    assert sorted(name for shift in files(shifts) for name in shift) == sorted(
        f"{n}.txt" for n in range(len(ties))
    )
    for tie in (lambda each: each.item.needs, lambda each: parts[each.key]):
        homes = {}
        for number, shift in enumerate(shifts):
            for each in shift:
                assert homes.setdefault(tie(each), number) == number
    assert all(len(shift) <= size or _hangs_together(shift, parts) for shift in shifts)


def _hangs_together(shift, parts):
    """Whether one chain of common voices and purchases goes through all lines."""
    seen, wave = {shift[-1].key}, [shift[-1]]
    while wave:
        one = wave.pop()
        for each in shift:
            near = each.item.needs == one.item.needs or parts[each.key] == parts[one.key]
            if near and each.key not in seen:
                seen.add(each.key)
                wave.append(each)
    return len(seen) == len(shift)


@pytest.mark.parametrize(
    ("lines", "hosts", "size"),
    [(1, 1, 1), (12, 3, 1), (40, 2, 5), (200, 1, 50), (10**6, 100, LINES), (3, 0, 1)],
)
def test_few_lines_are_shared_by_all_hosts_and_many_are_not_cut_small(lines, hosts, size):
    assert size_of(lines, hosts) == size
