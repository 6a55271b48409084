"""Kinds that a library reads: its answer stands only if the file is as long as its own header says."""

import io
import struct
from fractions import Fraction

import pytest

from manifests.length import Grade
from planner.containers.source import Source, opened
from planner.containers.whole import share_there
from planner.leftout import Reason, Unreadable
from planner.lengths import mutagen_end, sndfile
from planner.lengths.guard import BOOT, Guard
from planner.lengths.registry import read_length

WMA = {"container": "asf", "rate": 44_100, "bit_rate": 64_000}
CUT = [
    ("a.wma", "wmav2", WMA, r"0:0[23] of 0:06"),
    ("a.wv", "wavpack", {}, r"0:0[23] of 0:06"),
    ("a.tta", "tta", {}, r"0:0[23] of 0:06"),
    ("a.au", "pcm_s16be", {}, r"0:0[23] of 0:0[56]"),
    ("a.w64", "pcm_s16le", {}, r"0:0[23] of 0:0[56]"),
    ("a.caf", "pcm_s16le", {}, "50% of its bytes"),
]


@pytest.mark.parametrize(("name", "codec", "how", "says"), CUT, ids=[row[0] for row in CUT])
def test_cut_files_are_noticed(recording, written, name, codec, how, says):
    data = recording(name, codec, seconds=6, **how).read_bytes()
    with pytest.raises(Unreadable, match=says) as caught:
        read_length(written("cut-" + name, data[: len(data) // 2]))
    assert caught.value.reason is Reason.TRUNCATED


def share(path: str) -> float:
    with opened(path) as source:
        return float(share_there(source))


def monkeys(version: int, frames: int) -> bytes:
    return b"MAC " + struct.pack("<HHIIIIIII", version, 0, 52, 24, 0, 0, frames, 0, 0) + bytes(100)


@pytest.mark.parametrize(
    ("data", "there"),
    [
        (monkeys(3990, 10), 1),
        (monkeys(3990, 196), 0.5),
        (monkeys(3970, 10**9), 1),
        (b"DSD " + struct.pack("<QQ", 28, 200) + bytes(80), 0.5),
        (b"FRM8" + struct.pack(">Q", 188) + bytes(88), 0.5),
        (b".snd" + struct.pack(">II", 24, 176) + bytes(88), 0.5),
        (b"dns." + struct.pack("<II", 24, 0xFFFFFFFF) + bytes(88), 1),
        (b"TTA1" + bytes(40), 1),
        (b"wvpk" + bytes(40), 1),
        (b"caff\0\1\0\0data" + struct.pack(">q", -1) + bytes(50), 1),
        (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(40), 1),
        (b"something else", 1),
    ],
)
def test_the_share_that_is_there(written, data, there):
    assert share(written("file", data)) == there


@pytest.mark.parametrize(
    "mark", [b"MAC ", b"wvpk", b"TTA1", b"MPCK", b"MP+", b"tBaK", b"OFR ", b"DSD ", b"FRM8", b"caff"]
)
def test_a_mark_without_a_file_behind_it_is_damaged_or_cut(written, mark):
    with pytest.raises(Unreadable) as caught:
        read_length(written("broken", mark + bytes(range(200))))
    assert caught.value.reason in {Reason.DAMAGED, Reason.TRUNCATED, Reason.NO_LENGTH}


def test_dsd_is_read(written):
    head = b"DSD " + struct.pack("<QQQ", 28, 28 + 52 + 12 + 4096, 0)
    form = b"fmt " + struct.pack("<QIIIIIIQII", 52, 1, 0, 1, 1, 2_822_400, 1, 2_822_400, 4096, 0)
    length = read_length(
        written("a.dsf", head + form + b"data" + struct.pack("<Q", 12 + 4096) + bytes(400_000))
    )
    assert (length.grade, length.ms, length.reader) == (Grade.HEADER, 1000, "dsf")


def test_without_a_working_soundfile_the_way_out_is_told(recording, monkeypatch):
    guard = Guard(boot=BOOT.replace("from planner", "sys.modules['soundfile'] = None; from planner"))
    monkeypatch.setattr(sndfile, "GUARD", guard)
    with pytest.raises(
        Unreadable, match="soundfile, which reads this kind, does not load: pip install soundfile"
    ):
        read_length(str(recording("a.au", "pcm_s16be")))
    guard.close()


def test_sizes_that_do_not_fit_the_sound_are_only_a_header(recording, written):
    data = recording("a.au", "pcm_s16be").read_bytes()
    assert read_length(written("a.au", data[:8] + b"\xff\xff\xff\xff" + data[12:])).grade is Grade.EXACT
    long_note = data[:4] + struct.pack(">II", 24 + 100_000, 96_000) + data[12:24] + bytes(100_000) + data[24:]
    assert read_length(written("note.au", long_note)).grade is Grade.HEADER


def test_a_windows_film_without_sound_is_not_audio(monkeypatch, written):
    import mutagen.asf

    class Silent:
        class info:  # noqa: N801
            length, channels = 12.0, 0

    monkeypatch.setattr(mutagen.asf, "ASF", lambda _file: Silent)
    with pytest.raises(Unreadable, match="without sound") as caught:
        read_length(written("film.wmv", bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(100)))
    assert caught.value.reason is Reason.NOT_AUDIO


def test_a_bug_inside_mutagen_leaves_out_the_file_and_is_logged(caplog):
    class Trap(io.BytesIO):
        def seek(self, *_where):
            raise RuntimeError("a bug")

    caplog.set_level("INFO")
    with pytest.raises(Unreadable, match=r"damaged \(RuntimeError\)"):
        mutagen_end.seconds(Source("a.wma", Trap(), 100), "mutagen.asf", "ASF")
    assert "mutagen failed on 'a.wma'" in caplog.text


def test_a_header_without_any_frame_has_no_length(recording, written):
    data = recording("a.au", "pcm_s16be").read_bytes()
    with pytest.raises(Unreadable, match="no length in its header") as caught:
        read_length(written("none.au", data[:8] + bytes(4) + data[12:32]))
    assert caught.value.reason is Reason.NO_LENGTH


def test_what_soundfile_cannot_open_is_damaged_not_a_crash(written):
    for data in (
        b".snd" + bytes(40),
        b"NIST_1A\n   1024\nnothing\n",
        b"Creative Voice File\x1a" + b"\xff" * 40,
    ):
        with pytest.raises(Unreadable) as caught:
            read_length(written("odd", data))
        assert caught.value.reason in {Reason.DAMAGED, Reason.NO_LENGTH}


def block(index: int, size: int, samples: int = 4000) -> bytes:
    """A block of a WavPack file of 8,000 samples."""
    return b"wvpk" + struct.pack("<IHBBIII", size + 24, 0x410, 0, 0, 8000, index, samples) + bytes(8 + size)


def test_a_last_block_of_wavpack_without_sound_does_not_make_the_file_look_cut(written):
    """Encoders put what followed the sound in a WAV file, such as its tags, into a block of no samples."""
    trailer = block(0, 60, samples=0)
    assert share(written("whole.wv", block(0, 100) + block(4000, 100) + trailer)) == 1
    assert share(written("cut.wv", block(0, 100) + trailer)) == Fraction(1, 2)
    assert share(written("none.wv", trailer)) == 1, "nothing says how far it goes"


@pytest.mark.parametrize("filler", [0, 100_000, 2_000_000])
def test_the_last_block_of_wavpack_is_looked_for_further_and_further_back(written, filler):
    """A block says where it begins, how many samples it holds, of how many."""

    whole = block(0, 100) + block(4000, 100 + filler)
    if filler > 1 << 20:
        assert share(written("far.wv", whole)) == 1, "too far back: it does not say"
        return
    assert share(written("whole.wv", whole)) == 1
    half = share(written("cut.wv", whole[: len(whole) - (100 + filler) // 2]))
    assert 0.7 < half < 0.85
