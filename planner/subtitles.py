"""What is spoken of SubRip subtitles: the cues' text, without numbers, times and styles."""

import re
from collections.abc import Iterator

_TIMES = re.compile(
    r"\s*\d{1,3}:\d{1,2}:\d{1,2}[,.]\d{1,3}\s*-->\s*\d{1,3}:\d{1,2}:\d{1,2}[,.]\d{1,3}(?:\s.*)?", re.ASCII
)
_NUMBER = re.compile(r"\s*\d+\s*", re.ASCII)
_STYLE = re.compile(r"\{\\[^{}]*\}|</?(?:[bius]|font|c)\b[^<>]*>", re.IGNORECASE)
_DASH = re.compile(r"\A\s*[-\N{EN DASH}\N{EM DASH}]\s*(?=\S)")


class NoCues(Exception):
    """This is no SubRip file; `line` is where that shows."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


def words(text: str) -> str:
    """The cues' text: one line a cue.

    Raises:
        NoCues: text before the first cue, or no cue at all.
    """
    cues: list[list[str]] = []
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if _TIMES.fullmatch(line):
            cues.append([])
        elif not cues:
            if line.strip() and not _NUMBER.fullmatch(line):
                raise NoCues(
                    number, "a cue's number or its times should stand here (00:00:01,000 --> 00:00:02,500)"
                )
        elif not (_NUMBER.fullmatch(line) and number < len(lines) and _TIMES.fullmatch(lines[number])):
            cues[-1].append(line)
    if not cues:
        raise NoCues(1, "there is no cue (00:00:01,000 --> 00:00:02,500)")
    return "\n".join(filter(None, (" ".join(_spoken(cue)) for cue in cues)))


def _spoken(cue: list[str]) -> Iterator[str]:
    for line in cue:
        bare = _DASH.sub("", _STYLE.sub("", line)).strip()
        if bare:
            yield bare
