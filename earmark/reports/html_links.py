"""Where a page links to: result files on this disk, as addresses relative to the page's folder.

What lies in an object store is named and not linked to: no browser follows `s3://`.
"""

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from earmark.terminal import printable
from manifests.stored import is_stored

_NO_TEXT = "\N{REPLACEMENT CHARACTER}"


def relative(result: str, folder: Path) -> str:
    """The path of a result file from the page's folder; empty where it cannot be told, or is no path.

    A document shows bytes that are no UTF-8 as replacement characters: what such a path was is not known.
    """
    if not result.isascii() and (_NO_TEXT in result or not _is_text(result)):
        return ""
    above, _, name = result.rpartition("/")
    if not name or is_stored(result):
        return ""
    way = _way(f"{above}/" if result.startswith("/") else above, str(folder), os.getcwd())  # noqa: PTH109
    return name if way == "." else f"{way}/{name}"


@lru_cache(maxsize=4096)
def _way(to: str, start: str, _here: str) -> str:
    """The path of one folder from another; both may be relative to where the program runs, `_here`."""
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


def labels(results: Sequence[str], file: str) -> list[str]:
    """How results are named beside their item: `srt`, `json`; `vocals`, `drums` where names are their own."""
    own = f"{stem(file).rpartition('/')[2]}."
    names = [each.rpartition("/")[2] for each in results]
    short = [name.removeprefix(own) if name != own else name for name in names]
    bare = [
        each.rpartition(".")[0] or each if each == name else each
        for each, name in zip(short, names, strict=True)
    ]
    return [printable(each) for each in (bare if len(set(bare)) == len(bare) else short)]


def stem(file: str) -> str:
    """A file's path without the ending of its name; the page's script does the same."""
    name = file.rpartition("/")[2]
    dot = name.rfind(".")
    return file[: len(file) - len(name) + dot] if dot > 0 else file
