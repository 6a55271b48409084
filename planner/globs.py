"""Which relative paths a pattern means: `*.wav`, `talks/**`, `s0?/*.mp3`, `drafts`.

A pattern without a slash means a name at any depth; one with a slash is meant from the root; `**`
stands for any number of folders. A pattern that means a folder means all that lies in it. Letters
count as they are written. (pathspec reads whole gitignore files; for this, fnmatch's dialect as one
regular expression is thirty lines and no dependency. A plan asks it of each of a million names.)
"""

import fnmatch
import re

_NOTHING = "(?!)"


class Globs:
    """A set of patterns."""

    def __init__(self, patterns: tuple[str, ...] = ()) -> None:
        self._some = bool(patterns)
        each = "|".join(_expression(_segments(pattern)) for pattern in patterns)
        self._match = re.compile(f"(?s:{each or _NOTHING})").match

    def __bool__(self) -> bool:
        return self._some

    def match(self, relative: str) -> bool:
        """Whether any pattern means this path (with `/` between segments) or a folder above it."""
        return self._match(relative) is not None


def _segments(pattern: str) -> tuple[str, ...]:
    anchored = "/" in pattern.rstrip("/")
    segments = tuple(part for part in pattern.split("/") if part not in {"", "."})
    return segments if anchored else ("**", *segments)


def _expression(segments: tuple[str, ...]) -> str:
    """A path that the segments mean, or the first folders of one."""
    if not segments:
        return _NOTHING
    while segments and segments[-1] == "**":  # what lies in a folder that is meant is meant anyway
        segments = segments[:-1]
    anywhere, found, folders = False, "", ""
    for each in segments or ("*",):
        if each == "**":
            found, folders, anywhere = found + _stretch(folders, anywhere=anywhere), "", True
        else:
            folders += f"{_segment(each)}/"
    return found + _stretch(f"{folders[:-1]}(?:/|\\Z)", anywhere=anywhere)


def _stretch(folders: str, *, anywhere: bool) -> str:
    """Some segments in a row, at once or as soon as they come.

    Where they come first is always the right place: what follows has then the most to choose from. So
    nothing is tried again (`?>`), and no pattern of many stars takes more than a moment.
    """
    return f"(?>(?:[^/]+/)*?{folders})" if anywhere and folders else folders


def _segment(pattern: str) -> str:
    """One segment: fnmatch's marks, of which none means a slash."""
    first, *pieces = _pieces(pattern)
    if not pieces:
        return first
    *between, last = pieces
    return first + "".join(f"(?>[^/]*?{each})" for each in between) + f"[^/]*{last}"


def _pieces(pattern: str) -> list[str]:
    """The expressions of what stands between the stars of a segment."""
    found, rest = [""], pattern
    while rest:
        mark, rest = rest[0], rest[1:]
        if mark == "*":
            rest = rest.lstrip("*")
            found.append("")
        elif mark == "?":
            found[-1] += "[^/]"
        elif mark == "[" and (end := _bracket_end(rest)):
            bracket = fnmatch.translate(f"[{rest[:end]}").removeprefix("(?s:").removesuffix(r")\Z")
            found[-1], rest = f"{found[-1]}(?!/){bracket}", rest[end:]
        else:
            found[-1] += re.escape(mark)
    return found


def _bracket_end(rest: str) -> int:
    """Where a bracket's content and its `]` end; 0 where it is never closed, and means itself."""
    start = len(rest) - len(rest.removeprefix("!"))
    return rest.find("]", start + 1) + 1
