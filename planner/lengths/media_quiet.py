"""Listens to some places of a sound track through PyAV; runs in the process behind `guard` alone."""

from typing import Any

import av

from planner.lengths.soundfile_end import QUIET, starts


def quiet(path: str, places: int, seconds: float) -> dict[str, int]:
    """How many places of the first sound track were listened to, and how many of them are silent."""
    with av.open(path) as container:
        stream = container.streams.audio[0]
        length = _length(container, stream)
        peaks = [_peak(container, stream, at, seconds) for at in starts(length, seconds, places)]
    heard = [peak for peak in peaks if peak is not None]
    return {"places": len(heard), "silent": sum(peak < QUIET for peak in heard)}


def _length(container: Any, stream: Any) -> float:
    """Seconds, as the headers have them; nothing is charged by it."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / av.time_base


def _peak(container: Any, stream: Any, start: float, seconds: float) -> float | None:
    """The loudest sample from a moment on; None where nothing can be decoded there."""
    container.seek(int(start / stream.time_base) + (stream.start_time or 0), stream=stream)
    resampler = av.AudioResampler(format="fltp")
    left, peak = seconds, None
    for frame in container.decode(stream):
        for part in resampler.resample(frame):
            samples: Any = part.to_ndarray()
            peak = max(peak or 0.0, float(abs(samples).max(initial=0.0)))
        left -= frame.samples / frame.sample_rate
        if left <= 0:
            break
    return peak
