"""The only module that touches soundfile (libsndfile); runs in the process behind `guard` alone."""

import soundfile


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
