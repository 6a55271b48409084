"""Small sounds and videos in the formats of the trade: little is encoded, and repeated to fill the file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from itertools import cycle, islice
from math import ceil
from typing import Any

import av

from simulator.replies import Stream
from simulator.sounds import SAMPLE_RATE, second, wav

LOOP_SECONDS = 3
"""So much is encoded; whole periods of the tone, so that it joins without much of a click."""
FAST_RATE = 48_000
"""The sample rate that Opus wants."""
BIT_RATE = 24_000
WIDTH, HEIGHT = 64, 36


@dataclass(frozen=True, slots=True)
class Encoding:
    """A format of results: its container and codec as FFmpeg calls them, and its content type."""

    container: str
    codec: str
    content_type: str
    rate: int = SAMPLE_RATE
    options: tuple[tuple[str, str], ...] = ()


ENCODINGS = {
    "mp3": Encoding("mp3", "libmp3lame", "audio/mpeg", options=(("reservoir", "0"),)),
    "flac": Encoding("flac", "flac", "audio/flac"),
    "ogg": Encoding("ogg", "libopus", "audio/ogg", FAST_RATE),
    "m4a": Encoding("ipod", "aac", "audio/mp4"),
    "aac": Encoding("adts", "aac", "audio/aac"),
}
"""All of `FORMATS` but WAV, which is made while it is sent."""
FORMATS = ("wav", *ENCODINGS)
VIDEO = Encoding("mp4", "aac", "video/mp4")


def sound(seed: str, seconds: float, form: str) -> tuple[str, Stream]:
    """Content type and bytes of a tone in one of `FORMATS`, of this length or up to two frames more."""
    if form == "wav":
        return "audio/wav", wav(seed, seconds)
    return ENCODINGS[form].content_type, _stream(_sound(_pitch(seed), ceil(seconds * 1000), form))


def video(seed: str, seconds: float) -> tuple[str, Stream]:
    """Content type and bytes of an MP4 with a black picture and a tone."""
    return VIDEO.content_type, _stream(_video(_pitch(seed), ceil(seconds * 1000)))


def _stream(content: bytes) -> Stream:
    return Stream(len(content), lambda: iter((content,)))


def _pitch(seed: str) -> int:
    return sha256(seed.encode()).digest()[0]


@lru_cache(maxsize=32)
def _sound(pitch: int, thousandths: int, form: str) -> bytes:
    encoding, file = ENCODINGS[form], io.BytesIO()
    with av.open(file, "w", format=encoding.container) as container:
        track = _Track(container, encoding)
        # FLAC numbers its frames, so that each has to be encoded at its own place; it is quick.
        packets = track.encoded(pitch, thousandths) if form == "flac" else track.looped(pitch, thousandths)
        for packet in packets:
            container.mux(packet)
    return file.getvalue()


@lru_cache(maxsize=32)
def _video(pitch: int, thousandths: int) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format=VIDEO.container) as container:
        picture: Any = container.add_stream("mpeg4", rate=1)
        picture.width, picture.height, picture.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        track = _Track(container, VIDEO)
        [still] = picture.encode(_black()) + picture.encode(None)
        shown = bytes(still)
        for packet in track.looped(pitch, thousandths):
            container.mux(packet)
        for number in range(ceil(thousandths / 1000)):
            container.mux(_packet(picture, shown, number, 1, Fraction(1)))
    return file.getvalue()


class _Track:
    """The one sound of a file that is being written."""

    def __init__(self, container: Any, encoding: Encoding) -> None:
        self._rate = encoding.rate
        self._stream = container.add_stream(
            encoding.codec, rate=encoding.rate, layout="mono", options=dict(encoding.options)
        )
        self._stream.bit_rate = BIT_RATE
        self._resampler = av.AudioResampler(
            format=self._stream.codec_context.format, layout="mono", rate=encoding.rate
        )

    def encoded(self, pitch: int, thousandths: int) -> Iterator[Any]:
        """The whole length, encoded sample by sample."""
        samples, tone = thousandths * SAMPLE_RATE // 1000, second(pitch)
        for start in range(0, samples, SAMPLE_RATE):
            for frame in self._resampler.resample(_frame(tone[: samples - start], start)):
                yield from self._stream.encode(frame)
        for frame in self._resampler.resample(None):
            yield from self._stream.encode(frame)
        yield from self._stream.encode(None)

    def looped(self, pitch: int, thousandths: int) -> Iterator[Any]:
        """The whole length, from the packets of a short stretch again and again."""
        packets = list(self.encoded(pitch, LOOP_SECONDS * 1000))
        frame = self._stream.codec_context.frame_size
        # One more, because players of MP3 leave the first one out. The first of those encoded hold the
        # encoder's run-up, and the last one may be short.
        count = 1 + ceil(Fraction(thousandths * self._rate, 1000 * frame))
        contents = [bytes(packet) for packet in packets[2:-2]]
        for number, content in enumerate(islice(cycle(contents), count)):
            yield _packet(self._stream, content, number * frame, frame, Fraction(1, self._rate))


def _packet(stream: Any, content: bytes, start: int, length: int, unit: Fraction) -> Any:
    packet = av.Packet(content)
    packet.stream = stream
    packet.time_base = unit
    packet.pts = packet.dts = start
    packet.duration = length
    packet.is_keyframe = True
    return packet


def _frame(samples: bytes, start: int) -> Any:
    """Samples as the library wants them."""
    frame = av.AudioFrame(format="u8", layout="mono", samples=len(samples))
    frame.planes[0].update(samples + bytes(frame.planes[0].buffer_size - len(samples)))
    frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, start, Fraction(1, SAMPLE_RATE)
    return frame


def _black() -> Any:
    picture = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
    for plane, value in zip(picture.planes, (16, 128, 128), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    picture.pts, picture.time_base = 0, Fraction(1)
    return picture
