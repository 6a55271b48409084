"""Sound files put one after the other: MP3 by its frames, Ogg as a chain, WAV by its samples."""

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from manifests.durable import durable_file
from manifests.errors import EarmarkError
from planner.containers.mpeg import find_audio, frame
from planner.containers.opening import opened
from planner.containers.source import BLOCK_BYTES, Source
from planner.containers.xing import LOOK_BYTES, stated

FRAMES = 65_536
"""Samples of all channels that are copied at a time."""


class NotJoined(EarmarkError):
    """Parts that do not fit together."""


def join(parts: Sequence[Path], target: Path) -> None:
    """Write the parts as one file, which appears whole or not at all.

    Raises:
        NotJoined: parts of several formats, or of one that cannot be joined.
        MachineError: the file cannot be written.
    """
    kinds = {_kind(part) for part in parts}
    if len(kinds) != 1:
        raise NotJoined(f"its parts are of several formats ({', '.join(sorted(kinds))})")
    match kinds.pop():
        case "mp3":
            with durable_file(target) as whole:
                for part in parts:
                    _copy_frames(part, whole)
        case "ogg":
            with durable_file(target) as whole:
                for part in parts:
                    with opened(str(part)) as source:
                        _copy(source, 0, source.size, whole)
        case "wav":
            _join_samples(parts, target)
        case kind:
            raise NotJoined(f"{kind} files cannot be joined")


def _kind(path: Path) -> str:
    """What a part is, by its content: a service may call a WAV an MP3 (docs/api.md 9)."""
    with opened(str(path)) as source:
        start = source.at(0, 12)
        if start[:4] == b"OggS":
            return "ogg"
        if start[:4] == b"RIFF" and start[8:12] == b"WAVE":
            return "wav"
        return "mp3" if find_audio(source) else path.suffix.lstrip(".") or "unknown"


def _copy_frames(path: Path, whole: BinaryIO) -> None:
    """The frames of an MP3 without tags, and without the one that states the length of the part alone."""
    with opened(str(path)) as source:
        found = find_audio(source)
        if found is None:
            raise NotJoined(f"{path} is no MP3")
        start, end = found
        first = frame(source.at(start, 4), 0)
        if first is not None and stated(source.at(start, LOOK_BYTES)) is not None:
            start += first.size
        _copy(source, start, end, whole)


def _copy(source: Source, start: int, end: int, whole: BinaryIO) -> None:
    while start < end:
        piece = source.at(start, min(BLOCK_BYTES, end - start))
        if not piece:
            raise NotJoined(f"{source.path} became shorter while it was read")
        whole.write(piece)
        start += len(piece)


def _join_samples(parts: Sequence[Path], target: Path) -> None:
    import soundfile

    shapes = set()
    for part in parts:
        info = soundfile.info(str(part))
        shapes.add((info.samplerate, info.channels, info.subtype))
    if len(shapes) != 1:
        raise NotJoined("its parts have several sample rates, channels or sample formats")
    rate, channels, subtype = shapes.pop()
    with (
        durable_file(target) as whole,
        soundfile.SoundFile(whole, "w", rate, channels, subtype, format="WAV") as made,
    ):
        for part in parts:
            with soundfile.SoundFile(str(part)) as sound:
                for block in sound.blocks(FRAMES, dtype="int32" if subtype.startswith("PCM") else "float64"):
                    made.write(block)
