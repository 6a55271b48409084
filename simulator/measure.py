"""How long a recording really is: found by decoding it, once for each distinct upload."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from anyio import CapacityLimiter, to_thread

DECODERS = 2
"""Uploads that are decoded at the same time, each in a thread of its own."""

LENIENT: dict[str, Any] = {} if int(av.__version__.partition(".")[0]) >= 19 else {"metadata_errors": "ignore"}  # noqa: PLR2004
"""PyAV before 19 refuses a file with tags that are no UTF-8 unless it is told otherwise."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What decoding found. No seconds: nothing that could be played."""

    seconds: Fraction
    has_video: bool = False


def measure(path: Path) -> Measured:
    """Decode a file's first audio stream and count its samples; broken packets are skipped, as players do."""
    try:
        with av.open(str(path), **LENIENT) as container:
            return _measure(container)
    except (av.error.FFmpegError, OSError, ValueError):
        return Measured(Fraction(0))


def _measure(container: Any) -> Measured:
    if not container.streams.audio:
        return Measured(Fraction(0))
    samples: Counter[int] = Counter()
    try:
        for packet in container.demux(container.streams.audio[0]):
            _count(packet, samples)
    except av.error.FFmpegError:
        pass  # a file cut short: what could be read so far counts
    seconds = sum((Fraction(count, rate) for rate, count in samples.items()), Fraction(0))
    return Measured(seconds, any(_moves(stream) for stream in container.streams.video))


def _count(packet: Any, samples: Counter[int]) -> None:
    """Add a packet's samples, by sample rate."""
    try:
        for frame in packet.decode():
            samples[frame.sample_rate] += frame.samples
    except av.error.FFmpegError:
        pass


def _moves(stream: Any) -> bool:
    """Whether a video stream is more than a cover picture."""
    return not stream.disposition & av.stream.Disposition.attached_pic


class Measurer:
    """Measures uploads in worker threads, and remembers what it found by their digest."""

    def __init__(self, decode: Callable[[Path], Measured] = measure) -> None:
        self._decode = decode
        self._found: dict[str, asyncio.Task[Measured]] = {}
        self._limiter: CapacityLimiter | None = None

    async def measure(self, sha256: str, path: Path) -> Measured:
        """What the upload at `path` is; two uploads of the same bytes at once are decoded once."""
        task = self._found.get(sha256)
        if task is None:
            task = asyncio.create_task(self._in_thread(path))
            self._found[sha256] = task
        return await asyncio.shield(task)

    async def _in_thread(self, path: Path) -> Measured:
        if self._limiter is None:
            self._limiter = CapacityLimiter(DECODERS)
        return await to_thread.run_sync(self._decode, path, limiter=self._limiter)
