"""Files in the wrong clothes: huge covers, tags of another kind in front, names of another kind."""

from functools import partial
from pathlib import Path

from benchmarks.corpus.tools import ffmpeg
from benchmarks.corpus.traps.interface import Traps, Words

COVERED = (
    (".mp3", "libmp3lame"),
    (".flac", "flac"),
    (".m4a", "aac"),
    (".mka", "libopus"),
    (".wv", "wavpack"),
)
MISNAMED = (
    # what it is, what its name says, encoder
    (".mp3", ".wav", "libmp3lame"), (".wav", ".mp3", "pcm_s16le"), (".flac", ".ogg", "flac"),
    (".ogg", ".mp3", "libvorbis"), (".m4a", ".mp3", "aac"), (".opus", ".m4a", "libopus"),
    (".wma", ".mp3", "wmav2"), (".aac", ".m4a", "aac"), (".webm", ".opus", "libopus"),
    (".aiff", ".wav", "pcm_s16be"),
    (".wav", ".bin", "pcm_s16le"), (".ac3", ".wav", "ac3"), (".mp3", ".aac", "libmp3lame"),
    (".flac", ".wav", "flac"), (".mka", ".mp4", "aac"), (".wav", ".gsm", "pcm_s16le"),
)  # fmt: skip
TAGGED = ((".flac", "flac"), (".wav", "pcm_s16le"), (".aac", "aac"), (".ac3", "ac3"))
TAG_BYTES = 3000


def put(traps: Traps) -> None:
    """Every trap of this family."""
    for ending, encoder in COVERED:
        traps.put(f"huge cover in {ending}", ending, partial(_covered, traps, ending, encoder))
    for ending, wrong, encoder in MISNAMED:
        traps.changed(f"{ending} named {wrong}", (ending, wrong), ("-c:a", encoder), bytes)
    for ending, encoder in TAGGED:
        traps.changed(f"ID3 in front of {ending}", (ending, ending), ("-c:a", encoder), _tagged)


def _covered(traps: Traps, ending: str, encoder: str, part: Path) -> None:
    named = part.with_suffix(f".tmp{ending}")
    picture = _picture(traps.sound.path.parent)
    words: Words = (
        "-map",
        "0:a",
        "-map",
        "1:v",
        "-c:a",
        encoder,
        "-c:v",
        "copy",
        "-disposition:v",
        "attached_pic",
    )
    try:
        ffmpeg("-i", traps.sound.path, "-i", picture, *words, named)
        named.replace(part)
    finally:
        named.unlink(missing_ok=True)


def _picture(folder: Path) -> Path:
    """Five megabytes of noise."""
    path = folder / "cover.png"
    if not path.exists():
        noise = "nullsrc=s=1400x1400,geq=random(1)*255:128:128,format=rgb24"
        ffmpeg("-f", "lavfi", "-i", noise, "-frames:v", "1", path)
    return path


def _tagged(content: bytes) -> bytes:
    """An ID3v2.4 tag of nothing but padding in front."""
    return b"ID3\x04\0\0" + bytes([0, 0, TAG_BYTES >> 7, TAG_BYTES & 0x7F]) + bytes(TAG_BYTES) + content
