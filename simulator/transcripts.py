"""Plausible transcripts: the same words every time for the same sound, from its first second to its last."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from simulator.books import Job
from simulator.documents import docx, html, pdf

FORMATS = ("json", "txt", "srt", "vtt", "pdf", "docx", "html")
CONTENT_TYPES = {
    "json": "application/json",
    "txt": "text/plain; charset=utf-8",
    "srt": "application/x-subrip",
    "vtt": "text/vtt; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/octet-stream",
    "html": "text/html; charset=utf-8",
}
CONFIDENCE = 0.92
SEGMENT_SECONDS = 8.0
WORDS = tuple(
    """and the of a to in we that it is was for on you with as they have this be at from one had by
    but what some there out other were all your when up use how said each she which do their time if
    will way about many then them would like so these her long make thing see him two has look more
    day could go come did sound no most people my over know water than call first who may down side
    been now find""".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech. Times in seconds."""

    number: int
    start: float
    end: float
    words: tuple[str, ...]
    speaker: int

    @property
    def text(self) -> str:
        """The words as a sentence."""
        return " ".join(self.words).capitalize() + "."


def language(job: Job) -> str:
    """The language that was asked for, be it the one spoken or the one wanted, else English."""
    options = job.order.options
    return str(options.get("language") or options.get("target_language") or "en")


def segments(job: Job) -> Iterator[Segment]:
    """The whole recording in segments; with diarization, between two speakers or as many as asked for."""
    length, options = round(float(job.order.measured), 3), job.order.options
    speakers = 1
    if options.get("enable_speaker_diarization"):
        speakers = int(options.get("min_speakers") or min(2, options.get("max_speakers") or 2))
    dice = Random(job.order.sha256)
    start, number = 0.0, 0
    while start < length:
        end = round(min(length, start + SEGMENT_SECONDS), 3)
        count = max(1, round(2.5 * (end - start)))
        yield Segment(number, start, end, tuple(dice.choices(WORDS, k=count)), number % speakers)
        start, number = end, number + 1


def written(job: Job, form: str, *, statistics: bool = False) -> bytes:
    """A job's transcript in one of `FORMATS`."""
    if form == "json":
        return json.dumps(_json(job, list(segments(job)), statistics=statistics)).encode()
    return _WRITERS[form](job.order.name or f"Job {job.id}", segments(job))


def _txt(_title: str, found: Iterator[Segment]) -> bytes:
    return "".join(f"{segment.text}\n" for segment in found).encode()


def _srt(_title: str, found: Iterator[Segment]) -> bytes:
    return "\n".join(f"{segment.number + 1}\n{_cue(segment, ',')}" for segment in found).encode()


def _vtt(_title: str, found: Iterator[Segment]) -> bytes:
    return ("WEBVTT\n\n" + "\n".join(_cue(segment, ".") for segment in found)).encode()


_WRITERS: dict[str, Callable[[str, Iterator[Segment]], bytes]] = {
    "txt": _txt,
    "srt": _srt,
    "vtt": _vtt,
    "html": lambda title, found: html(title, (segment.text for segment in found)),
    "pdf": lambda title, found: pdf(title, (segment.text for segment in found)),
    "docx": lambda title, found: docx(title, (segment.text for segment in found)),
}


def _json(job: Job, found: list[Segment], *, statistics: bool) -> dict[str, Any]:
    with_words = job.order.options.get("enable_word_timestamps", True)
    speakers = sorted({segment.speaker for segment in found})
    data: dict[str, Any] = {
        "job_id": job.id,
        "detected_language": language(job),
        "confidence_score": CONFIDENCE,
        "total_duration": float(job.order.measured),
        "segments": [_segment(segment, with_words=with_words) for segment in found],
        "speakers": [{"id": number, "label": _label(number)} for number in speakers],
    }
    if statistics:
        data["statistics"] = {"segments": len(found), "words": sum(len(segment.words) for segment in found)}
    return data


def _segment(segment: Segment, *, with_words: bool) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": segment.number,
        "start": segment.start,
        "end": segment.end,
        "text": segment.text,
        "confidence": CONFIDENCE,
        "speaker_id": segment.speaker,
        "speaker_label": _label(segment.speaker),
    }
    return data | {"words": _word_times(segment)} if with_words else data


def _word_times(segment: Segment) -> list[dict[str, Any]]:
    step = (segment.end - segment.start) / len(segment.words)
    return [
        {
            "word": word,
            "start": round(segment.start + i * step, 3),
            "end": round(segment.start + (i + 1) * step, 3),
            "probability": CONFIDENCE,
        }
        for i, word in enumerate(segment.words)
    ]


def _label(speaker: int) -> str:
    return f"Speaker {speaker + 1}"


def _cue(segment: Segment, point: str) -> str:
    return f"{_stamp(segment.start, point)} --> {_stamp(segment.end, point)}\n{segment.text}\n"


def _stamp(seconds: float, point: str) -> str:
    """`00:01:02,345`, with the decimal point of the format."""
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}{point}{rest % 1000:03d}"
