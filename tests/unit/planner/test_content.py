"""Retagging a recording does not change the digest of its sound; changing one byte of the sound does."""

import shutil
from pathlib import Path

import mutagen
import pytest
from mutagen.apev2 import APEv2
from mutagen.flac import Picture
from mutagen.id3 import APIC, ID3, TIT2
from mutagen.mp4 import MP4, MP4Cover
from mutagen.wave import WAVE

from planner.content import audio_spans
from planner.leftout import Reason, Unreadable
from planner.probe import probe, sha256

EXAMPLES = Path(__file__).parents[3] / "examples"
RECORDINGS = sorted(path for path in EXAMPLES.glob("*/*.*") if path.suffix != ".txt")
TAGGED = [path for path in RECORDINGS if path.suffix not in {".ogg", ".opus"}]
COVER = b"\x89PNG" + bytes(range(256)) * 300


def ids(path: Path) -> str:
    return path.name


def digest(path: Path) -> str:
    return sha256(str(path), audio_spans(str(path)))


@pytest.fixture(params=TAGGED, ids=ids)
def copy(request, tmp_path):
    return Path(shutil.copy(request.param, tmp_path))


def retag(path: Path) -> None:
    match path.suffix:
        case ".mp3":
            tags = ID3(path)
            tags.add(TIT2(encoding=3, text="Another title"))
            tags.add(APIC(encoding=3, mime="image/png", type=3, data=COVER))
            tags.save(path, v1=2)
            more = APEv2()
            more["Title"] = "Yet another"
            more.save(path)
        case ".flac":
            song = mutagen.File(path)
            song["title"] = "Another title"
            picture = Picture()
            picture.data = COVER
            song.add_picture(picture)
            song.save()
        case ".m4a" | ".mp4":
            film = MP4(path)
            film["\xa9nam"] = "Another title"
            film["covr"] = [MP4Cover(COVER, MP4Cover.FORMAT_PNG)]
            film.save()
        case ".wav":
            sound = WAVE(path)
            sound.add_tags()
            sound.tags.add(TIT2(encoding=3, text="Another title"))
            sound.save()


def test_new_tags_and_covers_do_not_change_the_digest(copy):
    before, whole = digest(copy), copy.read_bytes()
    retag(copy)
    assert copy.read_bytes() != whole
    assert digest(copy) == before


def test_taking_all_tags_away_does_not_change_the_digest(copy):
    before = digest(copy)
    retag(copy)
    recording = mutagen.File(copy)
    recording.delete()
    assert digest(copy) == before


@pytest.mark.parametrize("path", RECORDINGS, ids=ids)
def test_one_changed_byte_of_sound_changes_the_digest(path, tmp_path):
    copy = Path(shutil.copy(path, tmp_path))
    before, spans = digest(copy), audio_spans(str(copy))
    start, end = max(spans, key=lambda span: span[1] - span[0])
    data = bytearray(copy.read_bytes())
    for place in (start + (end - start) // 2, end - 1):
        data[place] ^= 1
        copy.write_bytes(data)
        assert audio_spans(str(copy)) == spans
        assert digest(copy) != before
        data[place] ^= 1


@pytest.mark.parametrize("path", RECORDINGS, ids=ids)
def test_spans_lie_in_the_file_in_order_and_hold_most_of_it(path):
    spans = audio_spans(str(path))
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)
    assert 0 <= edges[0] <= edges[-1] <= path.stat().st_size
    assert probe(str(path)).audio_bytes > path.stat().st_size * 0.75


@pytest.mark.parametrize("path", [p for p in RECORDINGS if p not in TAGGED], ids=ids)
def test_where_it_is_not_cheap_and_sure_all_bytes_count(path):
    assert audio_spans(str(path)) == ((0, path.stat().st_size),)


def test_no_two_examples_are_the_same():
    assert len({digest(path) for path in RECORDINGS}) == len(RECORDINGS)


@pytest.mark.parametrize(
    "data",
    [
        b"just text",
        b"",
        b"RIFF\0\0\0\0WAVEfmt \x02\0\0\0abdata\xff\0\0\0cut",
        b"RIFF\0\0\0\0WAVEdata\x02\0\0\0abfmt \x02\0\0\0ab"[:30],
        b"fLaC\x80\0\0\x22" + bytes(10),
        b"\0\0\0\x10ftypM4A \0\0\0\0\0\0\xff\0mdatcut",
        b"\0\0\0\x10ftypM4A \0\0\0\0",
    ],
)
def test_a_broken_layout_falls_back_to_all_bytes(tmp_path, data):
    path = tmp_path / "odd"
    path.write_bytes(data)
    assert audio_spans(str(path)) == ((0, len(data)),)


@pytest.mark.parametrize("stated", [0, 0xFFFFFFFF])
def test_recordings_that_were_never_closed_are_not_all_the_same(tmp_path, stated):
    """Their headers state no sound at all: a digest of what is stated would be one for all of them."""
    head = (EXAMPLES / "memos/archive-note.wav").read_bytes()[:40] + stated.to_bytes(4, "little")
    digests = set()
    for number in range(2):
        path = tmp_path / f"{number}.wav"
        path.write_bytes(head + bytes([200 + number]) * 32_000)
        digests.add(digest(path))
    assert len(digests) == 2


def test_a_film_whose_data_box_is_empty_counts_whole(tmp_path):
    path = tmp_path / "empty.mp4"
    path.write_bytes(b"\0\0\0\x10ftypM4A \0\0\0\0" + b"\0\0\0\x08mdat" + b"\0\0\0\x0cfree1234")
    assert audio_spans(str(path)) == ((0, path.stat().st_size),)


def test_a_trimmed_film_is_another_recording(tmp_path):
    """Two files with the same media data may play different parts of it."""
    data = (EXAMPLES / "podcasts/ep03.m4a").read_bytes()
    place = data.index(b"elst") + 12
    path = tmp_path / "trimmed.m4a"
    path.write_bytes(data[:place] + (1000).to_bytes(4, "big") + data[place + 4 :])
    assert digest(path) != digest(EXAMPLES / "podcasts/ep03.m4a")


def test_a_file_that_vanished_says_so(tmp_path):
    with pytest.raises(Unreadable) as caught:
        audio_spans(str(tmp_path / "gone"))
    assert caught.value.reason is Reason.VANISHED
