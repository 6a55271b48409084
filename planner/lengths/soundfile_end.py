"""The only module that touches soundfile (libsndfile); runs in the process behind `guard` alone."""

import soundfile

QUIET = 0.001
"""Of full loudness: -60 dB."""


def seen(path: str) -> dict[str, object]:
    """What libsndfile finds in a file's header: frames, samples a second, channels, and how it is stored."""
    info = soundfile.info(path)
    return {
        "frames": info.frames,
        "rate": info.samplerate,
        "channels": info.channels,
        "format": info.format,
        "subtype": info.subtype,
    }


def quiet(path: str, places: int, seconds: float) -> dict[str, int]:
    """How many places of a file were listened to, and how many of them are silent."""
    peaks: list[float] = []
    with soundfile.SoundFile(path) as file:
        rate = file.samplerate
        for start in starts(file.frames / rate, seconds, places):
            file.seek(int(start * rate))
            block = file.read(max(1, int(seconds * rate)), dtype="float32")
            if len(block):
                peaks.append(float(abs(block).max()))
    return {"places": len(peaks), "silent": sum(peak < QUIET for peak in peaks)}


def starts(length: float, seconds: float, places: int) -> list[float]:
    """Where to listen, spread over a length: at so many places, or one after the other in a short file."""
    count = max(1, min(places, int(length / seconds)))
    room = max(0.0, length - seconds)
    return [room * (2 * n + 1) / (2 * count) for n in range(count)]
