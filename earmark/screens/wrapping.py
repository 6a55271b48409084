"""Rows that keep to the screen's width. Commands are never wrapped: they must work when they are pasted."""

import textwrap
from collections.abc import Iterator

from earmark.terminal import Terminal

LEAST = 24
"""Columns under which nothing is wrapped any further."""

BELOW = 4
"""Columns that words stand in from the left where they are below their row."""


_GLUE = "\x1f"
"""Stands for a space at which no line may end."""


def unbroken(words: str) -> str:
    """Words that stay on one line of `wrapped`, such as an option with its value."""
    return words.replace(" ", _GLUE)


def command_line(head: str, command: str, words: str, width: int) -> Iterator[str]:
    """A command with its reason beside it, or below where both do not fit; the command is never wrapped."""
    if not command:
        yield from wrapped(head, words, width)
        return
    whole = f"{head}{command}   ({words})" if words else f"{head}{command}"
    if not words or len(whole) <= width:
        yield whole
        return
    yield f"{head}{command}"
    yield from wrapped(" " * len(head), f"({words})", width)


def sentence(text: str, width: int) -> list[str]:
    """A sentence that begins at the left, in as many lines as it needs."""
    return list(wrapped("", text, width)) if len(text) > width else [text]


def titled(name: str, text: str, terminal: Terminal) -> list[str]:
    """A sentence behind the name of what it is about, which is bold where the first line has room for it."""
    first, *rest = sentence(f"{name}: {text}", terminal.width)
    if first.startswith(name):
        first = terminal.style(name, "bold") + first.removeprefix(name)
    return [first, *rest]


def wrapped(head: str, text: str, width: int) -> Iterator[str]:
    """A row's head with its text beside it, or below it where the screen is narrow."""
    yield from (line.replace(_GLUE, " ") for line in _wrapped(head, text, width))


def _wrapped(head: str, text: str, width: int) -> Iterator[str]:
    room = width - len(head)
    if len(text) <= room:
        yield f"{head}{text}".rstrip()
        return
    beside = room >= LEAST * 2 or not head
    indent = len(head) if beside else BELOW
    lines = textwrap.wrap(text, max(LEAST, width - indent), break_on_hyphens=False, break_long_words=False)
    if beside:
        yield f"{head}{lines.pop(0)}"
    elif head.strip():
        yield head.rstrip()
    yield from (f"{'':{indent}}{line}" for line in lines)
