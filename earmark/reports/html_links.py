"""Where a page links to: result files on this disk, as addresses relative to the page's folder."""

import os
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from earmark.terminal import printable

_NO_TEXT = "\N{REPLACEMENT CHARACTER}"


def relative(result: str, folder: Path) -> str:
    """The path of a result file from the page's folder; empty where it cannot be told.

    A document shows bytes that are no UTF-8 as replacement characters: what such a path was is not known.
    """
    if not result.isascii() and (_NO_TEXT in result or not _is_text(result)):
        return ""
    above, _, name = result.rpartition("/")
    if not name:
        return ""
    way = _way(f"{above}/" if result.startswith("/") else above, str(folder))
    return name if way == "." else f"{way}/{name}"


@lru_cache(maxsize=4096)
def _way(to: str, start: str) -> str:
    """The path of one folder from another; both may be relative to where the program runs."""
    return os.path.relpath(to or ".", start)


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def address(path: str) -> str:
    """A relative path as an address: every character that an address gives a meaning to is encoded.

    So also the colon: no name can be taken for a scheme such as `javascript:`.
    """
    return quote(path, safe="/")


def label(result: str, file: str) -> str:
    """How a result is named beside its item: `srt`; `vocals.wav` where its name is not the item's."""
    name = result.rpartition("/")[2]
    own = stem(file).rpartition("/")[2]
    short = name.removeprefix(f"{own}.")
    return printable(short if short and own else name)


def stem(file: str) -> str:
    """A file's path without the ending of its name; the page's script does the same."""
    name = file.rpartition("/")[2]
    dot = name.rfind(".")
    return file[: len(file) - len(name) + dot] if dot > 0 else file
