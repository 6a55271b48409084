import os

import pytest

from manifests import naming
from manifests.errors import ManifestError
from manifests.exits import Exit
from manifests.paths import LONGEST_RESULT, as_written


def test_results_are_named_after_their_sources(item):
    items = [item("talks/ep1.mp3"), item("songs/track.flac", "stems:six"), item("README")]
    assert naming.bases(items) == ["talks/ep1", "songs/track", "README"]


@pytest.mark.parametrize("name", ["..x", "...x", "talks/..mp3", "..a/...mp3"])
def test_no_name_is_cut_down_to_dots_which_would_lead_to_another_folder(item, name):
    assert naming.bases([item(name)]) == [name]


def test_a_file_and_a_folder_of_one_name_do_not_clash(item):
    items = [item("a.mp3"), item("a.mp3", "stems:six")]
    assert naming.bases(items) == ["a", "a"]


def test_a_folder_of_stems_does_not_lie_around_another_items_file(item):
    """`x/vocals.wav` would be a stem of `x.mp3` and what is made of `x/vocals.mp3`."""
    found = naming.bases([item("x.mp3", "stems:six"), item("X/vocals.mp3", "conversion")])
    assert found == ["x.mp3.stems.six", "X/vocals"]
    apart = naming.bases([item("x.mp3", "stems:six"), item("y/vocals.mp3", "conversion")])
    assert apart == ["x", "y/vocals"]


def test_where_names_clash_each_gets_its_full_name(item):
    items = [item("ep1.mp3"), item("ep1.wav"), item("ep2.mp3")]
    assert naming.bases(items) == ["ep1.mp3.transcription", "ep1.wav.transcription", "ep2"]


def test_variants_of_one_file_are_told_apart(item):
    items = [item("a.mp3", "stems:six"), item("a.mp3", "stems:two")]
    assert naming.bases(items) == ["a.mp3.stems.six", "a.mp3.stems.two"]


def test_languages_to_translate_into_tell_items_apart_by_name(item):
    dubbed = [item("a.mp3", "dubbing", options={"target_language": each}) for each in ("de", "zh-cn")]
    assert naming.bases(dubbed) == ["a.mp3.dubbing.de", "a.mp3.dubbing.zh-cn"]
    assert naming.bases(dubbed[:1]) == ["a"]


def test_generations_of_one_file_are_told_apart(item):
    items = [item("a.mp3"), item("a.mp3", generation=1)]
    assert naming.bases(items) == ["a.mp3.transcription", "a.mp3.transcription.1"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ep.mp3", "EP.mp3"),
        ("stra\u00dfe.mp3", "STRASSE.mp3"),
        ("caf\u00e9.mp3", "cafe\u0301.mp3"),
        ("\ufb01.mp3", "fi.mp3"),
    ],
)
def test_names_that_a_careless_file_system_takes_for_one_get_a_mark(item, one, other):
    first, second = naming.bases([item(one), item(other)])
    assert first.startswith(f"{one}.transcription.")
    assert second.startswith(f"{other}.transcription.")
    assert naming.folded(first) != naming.folded(second)


def test_one_file_in_two_languages_gets_marks_that_stay(item):
    english, german, other = item(options={"language": "en"}), item(options={"language": "de"}), item("b.mp3")
    first, second, third = naming.bases([english, german, other])
    assert first != second
    assert third == "b"
    assert naming.bases([german, english]) == [second, first]


def test_a_name_that_looks_like_anothers_full_name_moves_aside(item):
    items = [item("a.mp3"), item("a.wav"), item("a.mp3.transcription.ogg")]
    first, second, third = naming.bases(items)
    assert second == "a.wav.transcription"
    assert len({first, second, third}) == 3


def test_an_explicit_name_stands_and_others_make_room(item):
    items = [item("b.mp3", result="a"), item("a.mp3"), item("c.mp3", result="x/y/")]
    assert naming.bases(items) == ["a", "a.mp3.transcription", "x/y"]


@pytest.mark.parametrize("letter", ["a", "\u00e9", "\U0001f600", "\udce9"])
def test_a_name_as_long_as_the_disk_allows_leaves_room_for_an_ending(item, letter):
    room = 251 // len(os.fsencode(letter))
    file, file_bytes = as_written(f"talks/{letter * room}.wav")
    alike, alike_bytes = as_written(f"talks/{letter * (room - 1)}b.wav")
    first, second = naming.bases([item(file, file_bytes=file_bytes), item(alike, file_bytes=alike_bytes)])
    assert first.startswith(f"talks/{letter * 20}")
    assert len(os.fsencode(first.removeprefix("talks/"))) <= 240
    assert naming.folded(first) != naming.folded(second)


@pytest.mark.parametrize("letters", [220, 238, 245])
def test_parts_of_a_text_with_a_long_name_still_have_a_whole(item, letters):
    parts = [item(f"{'b' * letters}.txt", "tts", part=f"{n}/12", span=(n, n + 1)) for n in (1, 2, 12)]
    named = naming.bases(parts)
    assert all(len(name) <= LONGEST_RESULT for name in named)
    assert len(set(named)) == 3
    assert len({naming.joint_base(part, name) for part, name in zip(parts, named, strict=True)} - {None}) == 1


def test_long_names_that_clash_are_told_apart_and_stay_short(item):
    items = [item(f"{'a' * 236}.mp3"), item(f"{'a' * 236}.wav"), item(f"{'A' * 236}.mp3", generation=7)]
    names = naming.bases(items)
    assert len({naming.folded(name) for name in names}) == 3
    assert max(len(name) for name in names) <= 240


def test_explicit_names_that_clash_are_refused(item):
    with pytest.raises(ManifestError, match="two items would write their results to 'A'") as caught:
        naming.bases([item("x.mp3"), item("a.mp3", result="A"), item("b.mp3", result="a")])
    assert caught.value.exit_code is Exit.USAGE


@pytest.mark.parametrize("result", ["/etc/passwd", "../up", "a/../../b", "", "a\0b"])
def test_explicit_names_stay_in_the_results_folder(item, result):
    with pytest.raises(ManifestError, match="leads out of the results folder"):
        naming.bases([item(result=result)])


def test_sources_outside_the_root_go_under_a_hash_of_their_folder(item):
    one, same, other = naming.bases([item("/srv/x/a.mp3"), item("/srv/x/b.mp3"), item("/srv/y/a.mp3")])
    assert one.split("/")[1] == "a"
    assert one.split("/")[0] == same.split("/")[0] != other.split("/")[0]
    assert len(one.split("/")[0]) == 8


@pytest.mark.parametrize("path", ["..", "../..", "a/..", "/", "/.."])
def test_a_path_that_only_climbs_stays_inside_too(item, path):
    (base,) = naming.bases([item(path)])
    assert ".." not in base.split("/")
    assert not base.startswith("/")


def test_dots_at_the_edges_of_a_name_stay(item):
    assert naming.bases([item(".hidden.mp3"), item(".mp3"), item("a.tar.gz")]) == [".hidden", ".mp3", "a.tar"]


@pytest.mark.parametrize(
    ("path", "base"),
    [
        ("./talks//ep1.mp3", "talks/ep1"),
        ("talks/./ep1.mp3", "talks/ep1"),
        ("v1.0/README", "v1.0/README"),
        ("talks/ep1.", "talks/ep1."),
        ("a..b/c..mp3", "a..b/c."),
    ],
)
def test_only_the_ending_of_the_last_part_goes_and_empty_parts_leave_no_trace(item, path, base):
    assert naming.default_base(item(path)) == base


def test_a_path_that_is_no_utf8_has_a_name_too(item):
    items = [
        item("caf�.mp3", file_bytes=b"caf\xe9.mp3".hex()),
        item("caf�.mp3", file_bytes=b"caf\xe8.mp3".hex()),
    ]
    assert naming.bases(items) == ["caf\udce9", "caf\udce8"]
    assert naming.marked_base(items[0]) != naming.marked_base(items[1])


def test_an_address_whose_name_is_that_of_a_file_has_a_name_of_its_own(item):
    items = [item("example.org/a.mp3"), item("example.org/a.mp3", url="https://example.org/a.mp3")]
    assert len(set(naming.bases(items))) == 2
