"""Kinds that a library reads: its answer stands only if the file is as long as its own header says."""

import io
import struct
import zlib
from fractions import Fraction

import pytest

from manifests.length import Grade
from planner.containers import whole
from planner.containers.source import Source
from planner.leftout import Reason, Unreadable
from planner.lengths import mutagen_end, sndfile
from planner.lengths.guard import BOOT, Guard
from planner.lengths.registry import read_length

WMA = {"container": "asf", "rate": 44_100, "bit_rate": 64_000}
CUT = [
    ("a.wma", "wmav2", WMA, r"0:0[123] of 0:06"),
    ("a.wv", "wavpack", {}, r"0:0[23] of 0:06"),
    ("a.tta", "tta", {}, r"0:0[23] of 0:06"),
    ("a.au", "pcm_s16be", {}, r"0:0[23] of 0:0[56]"),
    ("a.w64", "pcm_s16le", {}, r"0:0[23] of 0:0[56]"),
    ("a.caf", "pcm_s16le", {}, "0:02 of 0:06"),
    ("alac.caf", "alac", {}, "cut off"),
]


@pytest.mark.parametrize(("name", "codec", "how", "says"), CUT, ids=[row[0] for row in CUT])
def test_cut_files_are_noticed(recording, written, name, codec, how, says):
    data = recording(name, codec, seconds=6, **how).read_bytes()
    with pytest.raises(Unreadable, match=says) as caught:
        read_length(written("cut-" + name, data[: len(data) // 2]))
    assert caught.value.reason is Reason.TRUNCATED


def memory(data: bytes) -> Source:
    return Source("memory", io.BytesIO(data), len(data))


def monkeys(version: int, frames: int, places: int = 8, last: int = 50) -> bytes:
    head = b"MAC " + struct.pack("<HHIIIIIII", version, 0, 52, 24, places, 0, frames, 0, 0)
    return head.ljust(52, b"\0") + struct.pack("<4xIII", 100, last, 2) + bytes(24)


def tta(samples: int, *frames: int, checksum: int = 0, broken: int = 0) -> bytes:
    head = b"TTA1" + struct.pack("<HHHII", 1, 1, 16, 245, samples)
    table = struct.pack(f"<{len(frames)}I", *frames)
    sound = bytes(sum(frames) - 4)
    sound += struct.pack("<I", zlib.crc32(sound[sum(frames[:-1]) :]) ^ broken)
    return head + struct.pack("<I", zlib.crc32(head) ^ checksum) + table + bytes(4) + sound


def dsf(samples: int, size: int, there: int = 4096, rate: int = 2_822_400) -> bytes:
    data = b"data" + struct.pack("<Q", 12 + size) + bytes(there)
    form = b"fmt " + struct.pack("<QIIIIIIQII", 52, 1, 0, 1, 1, rate, 1, samples, 4096, 0)
    return b"DSD " + struct.pack("<QQQ", 28, 28 + len(form) + 12 + size, 0) + form + data


def musepack(*packets: bytes) -> bytes:
    """A stream header for two packets of a frame, then these."""
    head = b"\0\0\0\0\x08" + b"\x92\x00" + b"\x00" + b"\x00\x00"
    return b"MPCK" + b"SH" + bytes([3 + len(head)]) + head + b"".join(packets)


SOUND, END = b"AP\x04\0", b"SE\x03"


@pytest.mark.parametrize(
    ("measure", "data", "there"),
    [
        (whole.monkeys, monkeys(3990, 8), 1),
        (whole.monkeys, monkeys(3990, 8 + 92), Fraction(1, 2)),
        (whole.monkeys, monkeys(3990, 8, places=4), None),
        (whole.monkeys, monkeys(3990, 8, last=101), None),
        (whole.monkeys, monkeys(3990, 8)[:60], Fraction(60, 92)),
        (whole.monkeys, monkeys(3970, 10**9), None),
        (whole.true_audio, tta(500, 50, 46), 1),
        (whole.true_audio, tta(500, 50, 46, checksum=1), None),
        (whole.true_audio, tta(500, 50, 46, broken=1), None),
        (whole.true_audio, tta(500, 50, 46)[:-65], Fraction(1, 2)),
        (whole.true_audio, b"TTA1" + bytes(40), None),
        (whole.dsf, dsf(4096 * 8, 4096), 1),
        (whole.dsf, dsf(4096 * 8 + 1, 4096), None),
        (whole.dsf, dsf(4096 * 8, 4096, rate=44_100), None),
        (whole.dsf, b"DSD " + struct.pack("<QQ", 28, 200) + bytes(80), Fraction(1, 2)),
        (whole.dsdiff, b"FRM8" + struct.pack(">Q", 188) + bytes(88), Fraction(1, 2)),
        (whole.dsdiff, b"FRM8" + struct.pack(">Q", 88) + bytes(88), None),
        (whole.musepack, musepack(SOUND, SOUND, END), 1),
        (whole.musepack, musepack(SOUND, END), Fraction(1, 2)),
        (whole.musepack, musepack(SOUND, SOUND), Fraction(25, 26)),
        (whole.musepack, musepack(SOUND, SOUND[:3]), Fraction(24, 25)),
        (whole.musepack, b"MPCK" + END, None),
        (whole.optimfrog, b"OFR \4\0\0\0abcdCOMP\4\0\0\0abcd", None),
        (whole.optimfrog, b"OFR \4\0\0\0abcdCOMP\x14\0\0\0abcd", Fraction(3, 5)),
        (whole.au, b".snd" + struct.pack(">II", 24, 176) + bytes(88), Fraction(1, 2)),
        (whole.au, b"dns." + struct.pack("<II", 24, 0xFFFFFFFF) + bytes(88), None),
        (whole.wavpack, b"wvpk" + bytes(40), None),
    ],
)
def test_the_share_that_is_there(measure, data, there):
    assert measure(memory(data)) == there


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
    assert (length.grade, length.ms, length.reader) == (Grade.HEADER, 1000, "dsf"), "more samples than bytes"


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


def test_tags_may_come_first(recording, written):
    """Some write ID3 or APE tags before whatever it is."""
    id3 = b"ID3\4\0\0\0\0\x01\0" + bytes(128)
    ape = b"APETAGEX" + struct.pack("<IIII", 2000, 64, 1, 1 << 31 | 1 << 29) + bytes(8) + bytes(64)
    for name, codec in (("a.wv", "wavpack"), ("a.tta", "tta")):
        data = recording(name, codec).read_bytes()
        for tags in (id3, ape, id3 + ape):
            length = read_length(written("tagged-" + name, tags + data))
            assert (length.ms, length.grade) == (3000, Grade.EXACT)


def test_a_bug_inside_mutagen_leaves_out_the_file_and_is_logged(caplog):
    class Trap(Source):
        def at(self, _offset, count):
            if count:
                raise RuntimeError("a bug")
            return b""

    caplog.set_level("INFO")
    with pytest.raises(Unreadable, match=r"damaged \(RuntimeError\)"):
        mutagen_end.seconds(Trap("a.tak", None, 100), "mutagen.tak", "TAK")
    assert "mutagen failed on 'a.tak'" in caplog.text


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


def block(index: int, size: int, samples: int = 4000, flags: int = 0) -> bytes:
    """A block of a WavPack file of 8,000 samples."""
    head = b"wvpk" + struct.pack("<IHBBIIII", size + 24, 0x410, 0, 0, 8000, index, samples, flags)
    return head + bytes(4 + size)


def test_a_last_block_of_wavpack_without_sound_does_not_make_the_file_look_cut():
    """Encoders put what followed the sound in a WAV file, such as its tags, into a block of no samples."""
    trailer = block(0, 60, samples=0)
    assert whole.wavpack(memory(block(0, 100) + block(4000, 100) + trailer)) == 1
    assert whole.wavpack(memory(block(0, 100) + trailer)) == Fraction(1, 2)
    assert whole.wavpack(memory(trailer)) is None, "nothing says how far it goes"


def test_blocks_of_different_rates_confirm_nothing():
    assert whole.wavpack(memory(block(0, 100) + block(4000, 100, flags=9 << 23))) is None


@pytest.mark.parametrize("filler", [0, 100_000, 2_000_000])
def test_the_last_block_of_wavpack_is_looked_for_further_and_further_back(filler):
    """A block says where it begins, how many samples it holds, of how many."""
    data = block(0, 100) + block(4000, 100 + filler)
    if filler > 1 << 20:
        assert whole.wavpack(memory(data)) is None, "too far back: it does not say"
        return
    assert whole.wavpack(memory(data)) == 1
    assert 0.7 < whole.wavpack(memory(data[: len(data) - (100 + filler) // 2])) < 0.85
