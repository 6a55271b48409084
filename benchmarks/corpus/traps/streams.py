"""What was written as it came: no length in front, or a clock that begins late or begins again."""

from benchmarks.corpus.traps.interface import Traps

WRAP = 2**33 / 90_000
"""Seconds after which the clock of an MPEG transport stream begins again."""

PIPED = (
    # what, ending, encoder, muxer and its options
    ("FLAC through a pipe", ".flac", "flac", "flac"),
    ("WebM through a pipe", ".webm", "libopus", "webm"),
    ("WebM vorbis through a pipe", ".webm", "libvorbis", "webm"),
    ("Matroska through a pipe", ".mka", "libmp3lame", "matroska"),
    ("Matroska live", ".mka", "aac", "matroska", "-live", "1"),
    ("WMA through a pipe", ".wma", "wmav2", "asf"),
    ("WMA streamed", ".wma", "wmav2", "asf_stream"),
    ("FLV through a pipe", ".flv", "aac", "flv"),
    ("AVI through a pipe", ".avi", "libmp3lame", "avi"),
    ("WavPack through a pipe", ".wv", "wavpack", "wv"),
    ("TTA through a pipe", ".tta", "tta", "tta"),
    ("NUT through a pipe", ".nut", "libvorbis", "nut"),
    ("AAC in ADTS", ".aac", "aac", "adts"),
    ("AAC in LATM", ".loas", "aac", "latm"),
)


def put(traps: Traps) -> None:
    """Every trap of this family."""
    for group, ending, encoder, muxer, *options in PIPED:
        traps.piped(group, ending, "-c:a", encoder, "-f", muxer, *options)
    traps.changed("FLAC with total samples 0", (".flac", ".flac"), ("-c:a", "flac"), _without_total)
    aac = ("-c:a", "aac", "-f", "mpegts", "-output_ts_offset")
    traps.encoded("TS with a late start", ".ts", *aac, "5000")
    traps.encoded("TS over the clock's end", ".ts", *aac, f"{WRAP - traps.sound.seconds / 2:.3f}")
    traps.encoded("program stream", ".mpg", "-c:a", "mp2", "-f", "mpeg")
    traps.encoded("program stream of a disc", ".vob", "-c:a", "ac3", "-ar", "48000", "-f", "vob")


def _without_total(content: bytes) -> bytes:
    """36 bits of STREAMINFO: the low half of byte 21, and the four after it."""
    return content[:21] + bytes([content[21] & 0xF0]) + bytes(4) + content[26:]
