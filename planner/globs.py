"""Which relative paths a pattern means: `*.wav`, `talks/**`, `s0?/*.mp3`, `drafts`.

A pattern without a slash means a name at any depth; one with a slash is meant from the root; `**`
stands for any number of folders. A pattern that means a folder means all that lies in it. Letters
count as they are written. (pathspec reads whole gitignore files; for this, fnmatch a path segment
at a time is twenty lines and no dependency.)
"""

from fnmatch import fnmatchcase


class Globs:
    """A set of patterns."""

    def __init__(self, patterns: tuple[str, ...] = ()) -> None:
        self._patterns = tuple(_segments(pattern) for pattern in patterns)

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def match(self, relative: str) -> bool:
        """Whether any pattern means this path (with `/` between segments) or a folder above it."""
        parts = tuple(relative.split("/"))
        return any(_matches(parts[:depth], pattern) for pattern in self._patterns for depth in _depths(parts))


def _depths(parts: tuple[str, ...]) -> range:
    return range(1, len(parts) + 1)


def _segments(pattern: str) -> tuple[str, ...]:
    anchored = "/" in pattern.rstrip("/")
    segments = tuple(part for part in pattern.split("/") if part not in {"", "."})
    return segments if anchored else ("**", *segments)


def _matches(parts: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_matches(parts[skipped:], pattern[1:]) for skipped in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _matches(parts[1:], pattern[1:])
