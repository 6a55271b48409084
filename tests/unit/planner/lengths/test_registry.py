"""Every kind is read by its content, graded by what confirms it, and right against the decoded truth."""

import os
import struct
import subprocess
import sys
from pathlib import Path

import mutagen
import pytest

from manifests.length import Grade
from planner.containers.opening import opened
from planner.leftout import Reason, Unreadable
from planner.lengths.registry import READERS, length_of, read_length

EXAMPLES = Path(__file__).parents[4] / "examples"
RECORDINGS = sorted(path for path in EXAMPLES.glob("*/*.*") if path.suffix != ".txt")
DATA = Path(__file__).parents[3] / "data"

KINDS = [
    ("cbr.mp3", "libmp3lame", {}, "mp3", Grade.EXACT),
    ("vbr.mp3", "libmp3lame", {"quality": 6}, "mp3", Grade.EXACT),
    ("bare.mp3", "libmp3lame", {"quality": 6, "muxing": (("write_xing", "0"),)}, "mp3", Grade.COUNTED),
    ("layer2.mp2", "mp2", {}, "mp3", Grade.COUNTED),
    ("aac.m4a", "aac", {"container": "ipod"}, "mp4", Grade.EXACT),
    ("front.mp4", "aac", {"muxing": (("movflags", "faststart"),)}, "mp4", Grade.EXACT),
    ("alac.m4a", "alac", {"container": "ipod"}, "mp4", Grade.EXACT),
    ("pcm.mov", "pcm_s16le", {}, "mp4", Grade.EXACT),
    ("plain.flac", "flac", {}, "flac", Grade.EXACT),
    ("a.opus", "libopus", {}, "ogg", Grade.EXACT),
    ("flac.oga", "flac", {"container": "ogg"}, "ogg", Grade.EXACT),
    ("pcm.wav", "pcm_s16le", {}, "wav", Grade.EXACT),
    ("float.wav", "pcm_f32le", {}, "wav", Grade.EXACT),
    ("law.wav", "pcm_mulaw", {}, "wav", Grade.EXACT),
    ("ms.wav", "adpcm_ms", {}, "wav", Grade.EXACT),
    ("ima.wav", "adpcm_ima_wav", {}, "wav", Grade.EXACT),
    ("large.wav", "pcm_s24le", {"muxing": (("rf64", "always"),)}, "wav", Grade.EXACT),
    ("mp3.wav", "libmp3lame", {}, "mp3", Grade.COUNTED),
    ("a.aiff", "pcm_s16be", {}, "aiff", Grade.EXACT),
    ("raw.aac", "aac", {"container": "adts"}, "aac", Grade.COUNTED),
    ("a.ac3", "ac3", {"rate": 48_000}, "ac3", Grade.COUNTED),
    ("a.eac3", "eac3", {"rate": 48_000}, "ac3", Grade.COUNTED),
    ("a.wma", "wmav2", {"container": "asf", "rate": 44_100, "bit_rate": 64_000}, "wma", Grade.HEADER),
    ("a.wv", "wavpack", {}, "wv", Grade.EXACT),
    ("a.tta", "tta", {}, "tta", Grade.EXACT),
    ("a.au", "pcm_s16be", {}, "au", Grade.EXACT),
    ("a.w64", "pcm_s16le", {}, "w64", Grade.EXACT),
    ("a.caf", "pcm_s16le", {}, "caf", Grade.EXACT),
    ("ima.caf", "adpcm_ima_qt", {}, "caf", Grade.EXACT),
]


@pytest.mark.parametrize(("name", "codec", "how", "reader", "grade"), KINDS, ids=[kind[0] for kind in KINDS])
def test_each_kind_is_read_as_it_decodes(recording, decoded, close_to, name, codec, how, reader, grade):
    path = recording(name, codec, **how)
    length = read_length(str(path))
    assert (length.reader, length.grade) == (reader, grade)
    assert close_to(length.ms, decoded(path))
    assert length.low_ms <= length.ms <= length.high_ms < length.longest_ms
    assert length.reason


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name)
def test_each_example_is_read_as_it_decodes(decoded, close_to, path):
    length = read_length(str(path))
    truth = decoded(path)
    assert close_to(length.ms, truth)
    assert truth * 1000 <= length.longest_ms
    assert length.grade in {Grade.EXACT, Grade.COUNTED}
    assert length.ms >= 10_000, "the service takes nothing under ten seconds"


def test_the_examples_are_small_and_carry_no_path_of_a_machine():
    files = [path for path in EXAMPLES.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 1_500_000
    assert len(RECORDINGS) == 10
    for path in RECORDINGS:
        assert not any(mark in path.read_bytes() for mark in (b"/home/", b"/work", b"/tmp", b"/root"))


@pytest.mark.parametrize("path", [p for p in RECORDINGS if p.name != "ep01.mp3"], ids=lambda path: path.name)
def test_mutagen_agrees_where_it_is_known_to_be_right(path):
    assert abs(read_length(str(path)).ms / 1000 - mutagen.File(path).info.length) < 0.15


def test_speex_is_read(decoded, close_to):
    length = read_length(str(DATA / "short.spx"))
    assert close_to(length.ms, decoded(DATA / "short.spx"))


def test_the_content_decides_not_the_extension(recording, tmp_path):
    flac = recording("song.flac", "flac").rename(tmp_path / "song.mp3")
    assert read_length(str(flac)).reader == "flac"
    text = tmp_path / "notes.mp3"
    text.write_text("These are notes.\n" * 500)
    with pytest.raises(Unreadable, match="not audio") as caught:
        read_length(str(text))
    assert caught.value.reason is Reason.NOT_AUDIO


LEFT_OUT = [
    ("empty.mp3", b"", Reason.EMPTY, "empty"),
    (
        "pointer.wav",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
        Reason.LFS_POINTER,
        "lfs pull",
    ),
    ("cover.jpg", b"\xff\xd8\xff\xe0" + b"\xff\xfb\x90\x00" * 3000, Reason.NOT_AUDIO, "a picture"),
    ("zeros.mp3", bytes(100_000), Reason.NOT_AUDIO, "not audio"),
    ("all-ones.mp3", b"\xff" * 100_000, Reason.NOT_AUDIO, "not audio"),
    ("one-byte.wav", b"R", Reason.NOT_AUDIO, "not audio"),
    ("film.webm", b"\x1a\x45\xdf\xa3" + bytes(500), Reason.DAMAGED, "Invalid data"),
    ("film.avi", b"RIFF\0\0\0\0AVI LIST" + bytes(500), Reason.DAMAGED, "Invalid data"),
    ("picture.webp", b"RIFF\0\0\0\0WEBPVP8 " + bytes(500), Reason.NOT_AUDIO, "a picture"),
    ("film.ts", (b"G" + bytes(187)) * 10, Reason.DAMAGED, "End of file"),
    ("pictures.m1v", b"\0\0\1\xb3" + bytes(500), Reason.NOT_AUDIO, "MPEG pictures"),
    ("podcast.zip", b"PK\x03\x04" + bytes(500), Reason.NOT_AUDIO, "an archive"),
]


@pytest.mark.parametrize(("name", "data", "reason", "says"), LEFT_OUT, ids=[row[0] for row in LEFT_OUT])
def test_what_is_no_recording_is_named(written, name, data, reason, says):
    path = written(name, data)
    with pytest.raises(Unreadable, match=says) as caught:
        read_length(path)
    assert caught.value.reason is reason
    left_out = caught.value.left_out()
    assert (left_out.path, left_out.reason, left_out.folder) == (path, reason, False)
    assert str(caught.value).startswith(path)


def test_an_archive_of_mp3s_is_no_mp3(tmp_path, recording):
    import tarfile

    song = recording("a.mp3", "libmp3lame")
    with tarfile.open(tmp_path / "songs.tar", "w") as archive:
        archive.add(song, "a.mp3")
    with pytest.raises(Unreadable, match="archive"):
        read_length(str(tmp_path / "songs.tar"))


def test_a_length_that_no_file_of_this_size_can_have_is_refused(written):
    comm = b"COMM" + (18).to_bytes(4, "big") + bytes([0, 1, 0x7F, 0xFF, 0xFF, 0xFF, 0, 8])
    comm += bytes.fromhex("400bfa00000000000000")
    tta = (
        b"TTA1"
        + bytes.fromhex("0100 0100 1000")
        + (8000).to_bytes(4, "little")
        + (2**31).to_bytes(4, "little")
    )
    with pytest.raises(Unreadable) as caught:
        read_length(written("absurd.tta", tta + bytes(2000)))
    assert caught.value.reason in {Reason.DAMAGED, Reason.TRUNCATED}
    with pytest.raises(Unreadable, match="length 0") as caught:
        read_length(written("absurd.aiff", b"FORM" + bytes(4) + b"AIFF" + comm + b"SSND" + bytes(12)))
    assert caught.value.reason is Reason.NO_LENGTH
    head = b"DSD " + struct.pack("<QQQ", 28, 500, 0)
    form = b"fmt " + struct.pack("<QIIIIIIQII", 52, 1, 0, 1, 1, 2_822_400, 1, 1 << 40, 4096, 0)
    with pytest.raises(Unreadable, match="claims 108:12:46 in") as caught:
        read_length(written("absurd.dsf", head + form + b"data" + struct.pack("<Q", 5000) + bytes(5000)))
    assert caught.value.reason is Reason.DAMAGED


def test_a_file_that_vanished_says_so(tmp_path):
    with pytest.raises(Unreadable, match="no longer there") as caught:
        read_length(str(tmp_path / "gone.mp3"))
    assert caught.value.reason is Reason.VANISHED


def test_folders_and_pipes_are_no_files_and_never_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp3")
    for name in (".", "pipe.mp3"):
        with pytest.raises(Unreadable) as caught:
            read_length(str(tmp_path / name))
        assert caught.value.reason is Reason.NOT_A_FILE


def test_a_file_without_permission_says_what_to_do(tmp_path):
    path = tmp_path / "secret.mp3"
    path.write_bytes(b"ID3")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(Unreadable, match=r"chmod u\+r") as caught:
        read_length(str(path))
    assert caught.value.reason is Reason.UNREADABLE


def test_names_that_are_no_utf8_are_read(recording, tmp_path):
    path = os.fsencode(tmp_path) + b"/\xff\xfe.flac"
    recording("a.flac", "flac").rename(os.fsdecode(path))
    assert read_length(os.fsdecode(path)).ms == 3000


def test_an_opened_file_is_read_like_a_path(recording):
    path = str(recording("a.wav", "pcm_s16le"))
    with opened(path) as source:
        assert length_of(source) == read_length(path)


def test_readers_name_their_kind():
    assert all(reader.name.isalnum() and reader.name.islower() for reader in READERS)


def test_libraries_are_loaded_only_for_what_needs_them(recording):
    path = recording("a.mp3", "libmp3lame")
    code = (
        "import sys; from planner.lengths.registry import read_length; read_length(sys.argv[1]);"
        "sys.exit(any(name in sys.modules for name in ('mutagen', 'soundfile', 'numpy')))"
    )
    assert subprocess.run([sys.executable, "-c", code, path], check=False).returncode == 0


def test_libraries_print_nothing_on_the_terminal(recording, written, capfd):
    for name, codec in (
        ("a.au", "pcm_s16be"),
        ("a.caf", "pcm_s16le"),
        ("a.w64", "pcm_s16le"),
        ("a.mp3", "libmp3lame"),
    ):
        data = recording(name, codec).read_bytes()
        for cut in (10, 40, 100, len(data) // 2):
            for broken in (data[:cut], data[:cut] + bytes(50) + data[cut:]):
                try:
                    read_length(written("broken-" + name, broken))
                except Unreadable:
                    continue
    assert capfd.readouterr() == ("", "")
