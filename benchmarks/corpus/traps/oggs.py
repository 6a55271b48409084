"""Ogg that does not begin at 0: with a late clock, or recorded from the middle of a station's programme."""

from benchmarks.corpus.traps.interface import UNKNOWN, Traps, Words

CODECS = (("libvorbis", ".ogg"), ("libopus", ".opus"), ("flac", ".oga"), ("libspeex", ".spx"))
LEAST_PAGES = 8


def put(traps: Traps) -> None:
    """Every trap of this family."""
    for codec, ending in CODECS:
        traps.encoded(f"Ogg {codec} with a late start", ending, "-c:a", codec, "-output_ts_offset", "100")
        words: Words = ("-c:a", codec, "-page_duration", "200000")
        traps.changed(f"Ogg {codec} joined in late", (ending, ending), words, _tuned_in, UNKNOWN)


def _tuned_in(content: bytes) -> bytes:
    """Headers, then the second half of the pages.

    Raises:
        FileNotFoundError: too short to leave anything out.
    """
    pages = [b"OggS" + page for page in content.split(b"OggS")[1:]]
    if len(pages) < LEAST_PAGES:
        raise FileNotFoundError("too short")
    return b"".join(pages[:2] + pages[2 + len(pages) // 2 :])
