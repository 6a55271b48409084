"""MP4 and QuickTime: where the index stands, fragments, edit lists, codecs inside; more tracks than one."""

from functools import partial
from pathlib import Path

from benchmarks.corpus.tools import ffmpeg
from benchmarks.corpus.traps.interface import UNKNOWN, Traps, Words

AAC: Words = ("-c:a", "aac", "-b:a", "96k")
FRAGMENTS = ("frag_keyframe+empty_moov", "empty_moov+default_base_moof", "frag_keyframe+empty_moov+dash")
INSIDE: tuple[tuple[str, str, str, Words], ...] = (
    ("MOV with pcm", ".mov", "pcm_s16be", ()),
    ("MOV with adpcm", ".mov", "adpcm_ima_qt", ()),
    ("MP4 with mp3", ".mp4", "libmp3lame", ()),
    ("MP4 with opus", ".mp4", "libopus", ()),
    ("MP4 with flac", ".mp4", "flac", ("-strict", "-2")),
    ("MP4 with ac3", ".mp4", "ac3", ("-ar", "48000")),
    ("MP4 with alac", ".m4a", "alac", ()),
)
TRACKS = (
    ("matroska", ".mkv", "libopus"), ("mp4", ".mp4", "aac"), ("mov", ".mov", "aac"), ("mpegts", ".ts", "mp2"),
    ("avi", ".avi", "libmp3lame"), ("asf", ".wma", "wmav2"),
)  # fmt: skip


def put(traps: Traps) -> None:
    """Every trap of this family."""
    traps.encoded("MP4 with moov behind", ".m4a", *AAC)
    traps.encoded("MP4 with moov in front", ".m4a", *AAC, "-movflags", "faststart")
    for flags in FRAGMENTS:
        words = (*AAC, "-movflags", flags, "-frag_duration", "500000", "-f", "mp4")
        traps.encoded(f"MP4 in fragments ({flags})", ".m4a", *words)
        traps.piped(f"MP4 in fragments through a pipe ({flags})", ".m4a", *words)
    cut = round(min(1.3, traps.sound.seconds / 3), 3)
    traps.put("MP4 with an edit list", ".m4a", partial(_edited, traps, cut), UNKNOWN)
    for group, ending, encoder, options in INSIDE:
        traps.encoded(group, ending, "-c:a", encoder, *options)
    for muxer, ending, encoder in TRACKS:
        _tracks(traps, muxer, ending, encoder)


def _edited(traps: Traps, cut: float, part: Path) -> None:
    whole = part.with_suffix(".whole.m4a")
    try:
        ffmpeg("-i", traps.sound.path, "-c:a", "aac", whole)
        ffmpeg("-ss", str(cut), "-i", whole, "-c", "copy", "-f", "mp4", part)
    finally:
        whole.unlink(missing_ok=True)


def _tracks(traps: Traps, muxer: str, ending: str, encoder: str) -> None:
    """The sound twice; the sound with a moving picture."""
    sound: Words = ("-i", traps.sound.path)
    ends: Words = ("-c:a", encoder, "-f", muxer)
    twice = (*sound, *sound, "-map", "0:a", "-map", "1:a", *ends)
    traps.put(f"two sounds in {muxer}", ending, partial(_film, twice))
    picture: Words = ("-f", "lavfi", "-i", f"testsrc=s=64x48:r=5:d={traps.sound.seconds:.3f}")
    traps.put(f"a film in {muxer}", ending, partial(_film, (*picture, *sound, "-c:v", "mpeg4", *ends)))


def _film(words: Words, part: Path) -> None:
    ffmpeg(*words, part)
