"""MP4 and MOV: header, table of times and edit list must agree, and the sound must all be there."""

import struct

import pytest

from manifests.length import Grade
from planner.leftout import Reason, Unreadable
from planner.lengths.registry import read_length


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body


def full(kind: bytes, body: bytes, version: int = 0) -> bytes:
    return box(kind, bytes([version, 0, 0, 0]), body)


def times(kind: bytes, scale: int, duration: int, version: int = 0) -> bytes:
    if version:
        return full(kind, bytes(16) + struct.pack(">IQ", scale, duration) + bytes(4), 1)
    return full(kind, bytes(8) + struct.pack(">II", scale, duration) + bytes(4))


def trak(
    stated: int = 96_000,
    tabled: tuple[tuple[int, int], ...] = ((96, 1000),),
    edits: bytes = b"",
    handler: bytes = b"soun",
    scale: int = 8000,
    version: int = 0,
    chunk: bytes = b"",
) -> bytes:
    stts = full(
        b"stts", struct.pack(">I", len(tabled)) + b"".join(struct.pack(">II", *row) for row in tabled)
    )
    stbl = box(b"stbl", stts if tabled else b"", chunk or full(b"stco", struct.pack(">II", 1, 40)))
    hdlr = full(b"hdlr", bytes(4) + handler + bytes(12))
    media = box(b"mdia", times(b"mdhd", scale, stated, version), hdlr, box(b"minf", stbl))
    return box(b"trak", edits, media)


def elst(*rows: tuple[int, int], version: int = 0) -> bytes:
    layout = ">QqI" if version else ">IiI"
    body = struct.pack(">I", len(rows)) + b"".join(struct.pack(layout, *row, 0x10000) for row in rows)
    return box(b"edts", full(b"elst", body, version))


def movie(*traks: bytes, sound: bytes = bytes(20_000)) -> bytes:
    return (
        box(b"ftyp", b"M4A \0\0\0\0")
        + box(b"mdat", sound)
        + box(b"moov", times(b"mvhd", 1000, 12_000), *traks)
    )


def test_header_and_table_agree(written):
    for data in (movie(trak()), movie(trak(version=1)), movie(trak(edits=elst((12_000, 1024))))):
        length = read_length(written("a.m4a", data))
        assert (length.grade, length.ms) == (Grade.EXACT, 12_000)


def test_the_sound_track_counts_not_the_picture(written):
    data = movie(trak(stated=1, handler=b"vide"), trak())
    assert read_length(written("film.mp4", data)).ms == 12_000


def test_a_header_that_differs_from_the_table_is_an_interval(written):
    length = read_length(written("odd.m4a", movie(trak(stated=960_000))))
    assert (length.grade, length.ms, length.low_ms, length.high_ms) == (
        Grade.ESTIMATED,
        12_000,
        12_000,
        120_000,
    )


def test_an_edit_list_that_plays_a_part_is_an_interval(written):
    for edits in (elst((4000, 0)), elst((3000, -1), (4000, 0), version=1)):
        length = read_length(written("trimmed.m4a", movie(trak(edits=edits))))
        assert (length.grade, length.ms, length.high_ms) == (Grade.ESTIMATED, 4000, 12_000)


def test_a_header_without_a_length_takes_the_table_and_the_other_way_round(written):
    for stated, version in ((0, 0), (0xFFFFFFFF, 0), (2**64 - 1, 1)):
        length = read_length(written("a.m4a", movie(trak(stated=stated, version=version))))
        assert (length.grade, length.ms) == (Grade.HEADER, 12_000)
    assert read_length(written("b.m4a", movie(trak(tabled=())))).grade is Grade.HEADER


def test_sound_that_passes_the_end_of_the_file_is_cut_off(written):
    data = (
        box(b"ftyp", b"M4A \0\0\0\0")
        + box(b"moov", times(b"mvhd", 1000, 12_000), trak())
        + box(b"mdat", bytes(20_000))
    )
    assert read_length(written("whole.m4a", data)).ms == 12_000
    with pytest.raises(Unreadable, match=r"cut off at 0:0[56] of 0:12") as caught:
        read_length(written("cut.m4a", data[:-10_000]))
    assert caught.value.reason is Reason.TRUNCATED
    with pytest.raises(Unreadable, match="cut off at 0:00 of 0:12"):
        read_length(written("cut.m4a", data[:-20_008]))


def test_a_chunk_beyond_the_end_is_cut_off_too(written):
    for chunk in (
        full(b"stco", struct.pack(">II", 1, 9_999_999)),
        full(b"co64", struct.pack(">IQ", 1, 9_999_999)),
    ):
        with pytest.raises(Unreadable, match="cut off"):
            read_length(written("cut.m4a", movie(trak(chunk=chunk))))


def test_an_index_that_never_came_is_told(recording, written):
    data = recording("a.m4a", "aac", container="ipod").read_bytes()
    with pytest.raises(Unreadable, match=r"its index \(moov\) is missing") as caught:
        read_length(written("cut.m4a", data[:5000]))
    assert caught.value.reason is Reason.TRUNCATED
    with pytest.raises(Unreadable, match="within its index") as caught:
        read_length(written("cut.m4a", data[: data.index(b"moov") + 40]))
    assert caught.value.reason is Reason.TRUNCATED


@pytest.mark.parametrize(
    "flags", ["frag_keyframe+empty_moov", "frag_every_frame", "dash", "cmaf", "omit_tfhd_offset+empty_moov"]
)
def test_the_times_of_pieces_are_added(recording, decoded, close_to, flags):
    path = recording("frag.mp4", "aac", seconds=7, muxing=(("movflags", flags), ("frag_duration", "1000000")))
    length = read_length(str(path))
    assert length.grade is Grade.COUNTED
    assert close_to(length.ms, decoded(path))


def fragmented(*trafs: bytes, index: bytes = b"", tabled: tuple[tuple[int, int], ...] = ()) -> bytes:
    track = trak(stated=0, tabled=tabled)
    track = box(b"trak", full(b"tkhd", bytes(8) + struct.pack(">I", 7)), track[8:])
    moov = box(b"moov", times(b"mvhd", 1000, 0), track, index)
    return box(b"ftyp", b"iso5\0\0\0\0") + moov + box(b"moof", *trafs) + box(b"mdat", bytes(20_000))


def flagged(kind: bytes, flags: int, *numbers: int) -> bytes:
    return box(kind, struct.pack(f">{len(numbers) + 1}I", flags, *numbers))


def test_durations_come_from_sample_piece_or_index(written):
    usual = box(b"mvex", flagged(b"trex", 0, 9, 1, 1, 0, 0), flagged(b"trex", 0, 7, 1, 1000, 0, 0))
    by_index = box(b"traf", flagged(b"tfhd", 0, 7), flagged(b"trun", 0, 16))
    by_piece = box(b"traf", flagged(b"tfhd", 0xB, 7, 0, 0, 1, 2000), flagged(b"trun", 1, 8, 0))
    by_sample = box(b"traf", flagged(b"tfhd", 0, 7), flagged(b"trun", 0x305, 2, 0, 0, 4000, 1, 12_000, 1))
    for_others = box(b"traf", flagged(b"tfhd", 0, 8), flagged(b"trun", 0, 999))
    for trafs in ((by_index,), (by_piece,), (by_sample,), (by_index, for_others, box(b"traf"))):
        length = read_length(written("a.mp4", fragmented(*trafs, index=usual)))
        assert (length.grade, length.ms) == (Grade.COUNTED, 2000)


def test_samples_in_the_index_come_before_the_pieces(written):
    piece = box(b"traf", flagged(b"tfhd", 8, 7, 1000), flagged(b"trun", 0, 8))
    assert read_length(written("a.mp4", fragmented(piece, tabled=((8, 1000),)))).ms == 2000


def test_an_index_without_samples_and_pieces_has_no_length(written):
    with pytest.raises(Unreadable, match="no pieces after it") as caught:
        read_length(written("a.mp4", fragmented()))
    assert caught.value.reason is Reason.NO_LENGTH


def test_pieces_without_an_index_have_no_length(written):
    with pytest.raises(Unreadable, match="without its index"):
        read_length(written("piece.m4s", box(b"styp", b"msdh") + box(b"moof") + box(b"mdat", b"x")))


@pytest.mark.parametrize(
    ("data", "reason", "says"),
    [
        (movie(trak(handler=b"vide")), Reason.NOT_AUDIO, "a video without sound"),
        (box(b"ftyp", b"heic\0\0\0\0") + box(b"mdat", bytes(50)), Reason.NOT_AUDIO, "a picture"),
        (box(b"ftyp", b"abcd\0\0\0\0") + box(b"meta"), Reason.NOT_AUDIO, "a picture"),
        (
            box(b"ftyp", b"qt  \0\0\0\0") + box(b"mdat", b"x") + box(b"moov", box(b"cmov")),
            Reason.DAMAGED,
            "Invalid data",
        ),
        (movie(trak(scale=0)), Reason.DAMAGED, "scale of zero"),
    ],
    ids=["no sound", "picture", "picture by box", "compressed index", "scale 0"],
)
def test_what_is_no_recording_is_told(written, data, reason, says):
    with pytest.raises(Unreadable, match=says) as caught:
        read_length(written("a.mp4", data))
    assert caught.value.reason is reason


def test_large_boxes_and_boxes_to_the_end_are_followed(written):
    large = struct.pack(">I", 1) + b"mdat" + struct.pack(">Q", 20_016) + bytes(20_000)
    moov = box(b"moov", times(b"mvhd", 1000, 12_000), trak())
    head = box(b"ftyp", b"M4A \0\0\0\0")
    assert read_length(written("large.m4a", head + large + moov)).ms == 12_000
    open_end = struct.pack(">I", 0) + b"mdat" + bytes(20_000)
    assert read_length(written("open.m4a", head + moov + open_end)).ms == 12_000


def test_a_table_without_an_index_box_is_passed_over(written):
    mute = box(b"trak", box(b"mdia", full(b"hdlr", bytes(4) + b"soun"), times(b"mdhd", 8000, 96_000)))
    length = read_length(written("thin.m4a", movie(mute)))
    assert (length.grade, length.ms) == (Grade.HEADER, 12_000)
    short = box(b"trak", box(b"mdia", full(b"hdlr", bytes(4) + b"soun"), full(b"mdhd", bytes(4))))
    with pytest.raises(Unreadable, match="scale of zero"):
        read_length(written("thin.m4a", movie(short)))


def test_an_edit_list_without_a_movie_header_says_nothing(written):
    data = (
        box(b"ftyp", b"M4A \0\0\0\0")
        + box(b"mdat", bytes(20_000))
        + box(b"moov", trak(edits=elst((4000, 0))))
    )
    assert read_length(written("a.m4a", data)).ms == 12_000


def test_zeros_where_sound_should_be_are_no_sound(recording, written):
    path = recording("a.m4a", "aac", container="ipod")
    data = bytearray(path.read_bytes())
    middle = data.index(b"mdat") + 6000
    data[middle : middle + 2000] = bytes(2000)
    length = read_length(written("hole.m4a", bytes(data)))
    assert length.grade is Grade.ESTIMATED
    assert length.ms < 2900 < length.high_ms


def test_several_sound_tracks_of_different_lengths_are_an_interval(written):
    """`trak()` lasts two seconds here."""
    one = trak(stated=16_000, tabled=((16, 1000),))
    two = trak(stated=48_000, tabled=((48, 1000),))
    length = read_length(written("two.mp4", movie(one, two)))
    assert (length.grade, length.reason) == (Grade.ESTIMATED, "2 sound tracks of different lengths")
    assert length.low_ms < length.high_ms
    assert read_length(written("same.mp4", movie(one, one))).grade is not Grade.ESTIMATED
