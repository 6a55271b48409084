"""Whether the C libraries load and read sound; run in a process of its own, as they may crash.

Prints one JSON object: for each library its version, and the fault where there is one.
"""

import io
import json
import sys
import wave
from collections.abc import Callable

RATE, FRAMES = 8000, 800
"""Samples a second, and samples: a tenth of a second of silence."""


def main() -> None:
    """Try both."""
    sound = _sound()
    found = {"soundfile": _tried(_soundfile, sound), "av": _tried(_av, sound)}
    sys.stdout.write(json.dumps(found) + "\n")


def _tried(look: Callable[[bytes], str], sound: bytes) -> dict[str, str]:
    try:
        return {"version": look(sound)}
    except Exception as error:  # noqa: BLE001 - whatever a library says is what there is to know
        return {"fault": str(error) or type(error).__name__}


def _sound() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(RATE)
        made.writeframes(bytes(2 * FRAMES))
    return file.getvalue()


def _soundfile(sound: bytes) -> str:
    import soundfile

    found = soundfile.info(io.BytesIO(sound))
    if (found.frames, found.samplerate) != (FRAMES, RATE):
        raise ValueError(f"it reads {found.frames} samples where there are {FRAMES}")
    return f"{soundfile.__version__} ({soundfile.__libsndfile_version__})"


def _av(sound: bytes) -> str:
    import av

    with av.open(io.BytesIO(sound), mode="r", format="wav") as container:
        frames = sum(frame.samples for frame in container.decode(container.streams.audio[0]))
    if frames != FRAMES:
        raise ValueError(f"it reads {frames} samples where there are {FRAMES}")
    return f"{av.__version__} (FFmpeg {av.ffmpeg_version_info})"


if __name__ == "__main__":
    main()
