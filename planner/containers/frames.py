"""Counting the frames of a bare stream (MPEG audio, ADTS, AC-3) by their headers alone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from planner.containers.source import BLOCK_BYTES, Source
from planner.containers.tags import ID3V2_HEADER_BYTES, id3v2_size

LOOK_AHEAD = 16
"""Bytes that a header needs at most."""

MAX_FRAME_BYTES = 4096
"""Frames of MPEG audio and AC-3 are smaller, AAC's nearly always."""

SHORTEST = 2
"""Frames of the shortest stream that is one, where nothing else is in the file."""

MAX_TRIES = 200_000
"""Places tried for the next frame before a stream is given up as damaged (under a second)."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame's header: bytes, samples a channel, samples a second."""

    size: int
    samples: int
    rate: int


Parse = Callable[[bytes, int], Frame | None]
"""Reads the header at an offset of a block; None when there is none."""


@dataclass(slots=True)
class Tally:
    """What a walk has counted; `junk` are bytes between frames, `rest` those after the last, but zeros."""

    frames: int = 0
    junk: int = 0
    rest: int = 0
    gave_up: bool = False
    samples: dict[int, int] = field(default_factory=dict)

    def add(self, frames: int, rate: int, samples: int) -> None:
        """Note some frames in a row."""
        if frames:
            self.frames += frames
            self.junk, self.rest = self.junk + self.rest, 0
            self.samples[rate] = self.samples.get(rate, 0) + samples

    @property
    def seconds(self) -> Fraction:
        """The length of all frames."""
        return sum((Fraction(count, rate) for rate, count in self.samples.items()), Fraction(0))


def chained(block: bytes, offset: int, parse: Parse, want: int, least: int) -> bool:
    """Whether `want` frames follow each other from `offset`; `least` will do where they end the block."""
    found = 0
    while found < want:
        frame = parse(block, offset)
        if frame is None:
            return found >= least and offset == len(block)
        offset += frame.size
        found += 1
    return True


def first_frame(
    source: Source, start: int, parse: Parse, sync: bytes, *, within: int, chain: int, end: int | None = None
) -> int | None:
    """Where the first frame lies, junk before it skipped; None when there is no stream.

    Args:
        source: the file.
        start: where to look from.
        parse: the kind's header.
        sync: the byte that every header begins with.
        within: how many bytes of junk are allowed.
        chain: how many frames must follow each other, so that no picture or text passes for sound.
        end: where the sound ends, the end of the file when None; fewer frames will do if they end there.
    """
    end = source.size if end is None else end
    block = source.at(start, min(chain * MAX_FRAME_BYTES, end - start))  # nearly always they begin at once
    if chained(block, 0, parse, chain, SHORTEST):
        return start
    block = source.at(start, min(within + chain * MAX_FRAME_BYTES, end - start)) if within else b""
    place = block.find(sync)
    while 0 <= place <= within:
        if chained(block, place, parse, chain, chain - 1):  # behind junk, two frames are mere chance
            return start + place
        place = block.find(sync, place + 1)
    return None


def count(source: Source, start: int, end: int, parse: Parse, sync: bytes) -> Tally:
    """Count the frames between two offsets; junk between frames is skipped and counted."""
    tally = Tally()
    tries = 0
    base, block = start, b""
    offset = found = rate = samples = 0  # summed up here: a day of sound has millions of frames
    while base + offset < end:
        if offset + LOOK_AHEAD > len(block) and base + len(block) < end:
            base, offset = base + offset, 0
            block = source.at(base, min(BLOCK_BYTES, end - base))
            if not block:
                break
        frame = parse(block, offset)
        if frame is not None:
            if frame.rate != rate:
                tally.add(found, rate, samples)
                found = samples = 0
                rate = frame.rate
            found += 1
            samples += frame.samples
            offset += frame.size
            continue
        tally.add(found, rate, samples)
        found = samples = 0
        tag = id3v2_size(block[offset : offset + ID3V2_HEADER_BYTES])
        step = tag or _to_next(block, offset, sync)
        skipped = block[offset : min(offset + step, end - base)]
        tally.rest += 0 if tag else len(skipped) - skipped.count(0)
        offset += step
        tries += 1
        if tries > MAX_TRIES:
            tally.gave_up = True
            break
    tally.add(found, rate, samples)
    return tally


def _to_next(block: bytes, offset: int, sync: bytes) -> int:
    found = block.find(sync, offset + 1)
    return (found if found >= 0 else len(block)) - offset
