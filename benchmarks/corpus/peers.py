"""The readers that are compared, each a function from path to seconds; run as a process that answers lines.

    python -m benchmarks.corpus.peers mutagen

reads paths as JSON strings, a line each, and answers a JSON object a line (see `ask.Asked.answer`).
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from benchmarks.corpus.bare import BARE


def _mutagen(path: str) -> float | None:
    import mutagen

    found = mutagen.File(path)
    return None if found is None or found.info is None else float(found.info.length)


def _soundfile(path: str) -> float:
    import soundfile

    info = soundfile.info(path)
    return float(info.frames / info.samplerate)


def _tinytag(path: str) -> float | None:
    from tinytag import TinyTag

    seconds = TinyTag.get(path, tags=False).duration
    return None if seconds is None else float(seconds)


def _pyav(path: str) -> float | None:
    """What PyAV's header says of the first sound stream, else of the container."""
    import av

    with av.open(path, metadata_errors="ignore") as container:
        stream = next((each for each in container.streams if each.type == "audio"), None)
        if stream is None:
            return None
        if stream.duration is not None and stream.time_base is not None:
            return float(stream.duration * stream.time_base)
        return None if container.duration is None else container.duration / av.time_base


def _ffprobe(path: str) -> float | None:
    words = ["-v", "error", "-select_streams", "a:0", "-show_entries", "stream=duration:format=duration"]
    command = ["ffprobe", *words, "-of", "json", path]
    told = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=20).stdout)
    streams = told.get("streams") or []
    seconds = streams and (streams[0].get("duration") or told.get("format", {}).get("duration"))
    return float(seconds) if seconds else None


def _libsndfile_decoded(path: str) -> float:
    """The seconds that libsndfile decodes, block by block: no peer, but the second witness of the truth."""
    import soundfile

    with soundfile.SoundFile(path) as sound:
        frames = 0
        while read := len(sound.read(1 << 16, dtype="int16")):  # the header's own count may be endless
            frames += read
        return float(frames / sound.samplerate)


def _ffmpeg_decoded(path: str) -> dict[str, Any]:
    """What ffmpeg's libraries decode of the first sound stream, the first witness of the truth.

    In seconds, with the number of packets that they cannot decode.
    """
    import av

    muxer, rate = BARE.get(path.rpartition(".")[2].lower(), (None, None))
    options = {"sample_rate": str(rate)} if rate else {}
    seconds, errors = Fraction(), 0
    with av.open(path, format=muxer, options=options, metadata_errors="ignore") as container:
        stream = container.streams.audio[0]
        packets = container.demux(stream)
        while (packet := _next(packets)) is not None:
            try:
                for frame in stream.decode(packet):
                    seconds += Fraction(frame.samples, frame.sample_rate)
            except av.FFmpegError:
                errors += 1
    return {"seconds": float(seconds) if seconds else None, "errors": errors}


def _next(packets: Iterator[Any]) -> Any:
    """The next packet; None at the end, and where the container cannot be read further."""
    import av

    try:
        return next(packets, None)
    except av.FFmpegError:
        return None


def _earmark(path: str) -> dict[str, Any]:
    from planner.leftout import Unreadable
    from planner.lengths.registry import read_length

    try:
        length = read_length(path)
    except Unreadable as error:
        return {"error": error.detail, "refused": error.reason.value}
    return {
        "seconds": length.ms / 1000,
        "low": length.low_ms / 1000,
        "high": length.longest_ms / 1000,
        "grade": length.grade.value,
        "reader": length.reader,
        "reason": length.reason,
    }


READERS: dict[str, Callable[[str], Any]] = {
    "earmark": _earmark,
    "mutagen": _mutagen,
    "soundfile": _soundfile,
    "tinytag": _tinytag,
    "PyAV's header": _pyav,
    "ffprobe": _ffprobe,
    "ffmpeg-decoded": _ffmpeg_decoded,
    "libsndfile-decoded": _libsndfile_decoded,
}


def answer(reader: Callable[[str], Any], path: str) -> dict[str, Any]:
    """What a reader says, what it raised, and how long it took."""
    start = time.perf_counter()
    try:
        said = reader(path)
    except Exception as error:  # noqa: BLE001 - whatever a peer raises is its answer
        said = {"error": f"{type(error).__name__}: {error}"[:200]}
    table = said if isinstance(said, dict) else {"seconds": said}
    return {**table, "took": time.perf_counter() - start}


def main() -> None:
    """Answer lines until there are none."""
    reader = READERS[sys.argv[1]]
    for line in sys.stdin:
        print(json.dumps(answer(reader, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
