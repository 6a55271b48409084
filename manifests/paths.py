"""Paths as a manifest writes them: readable text always, and the bytes of a path that is no UTF-8."""

import os
import re
from pathlib import PurePosixPath

from manifests.stored import is_stored, plain, problem, without_password

POLICY = "earmark.toml"
"""What a project asks of plans and runs in it; no input of a plan."""

RECEIPTS = ".receipts.jsonl"
"""Added to a manifest's name: the file of receipts that `run` writes beside it."""

LONGEST_RESULT = 240
"""Bytes of each part of a result's base name: file systems take 255, and an ending comes on top."""

_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")


def as_written(path: str) -> tuple[str, str | None]:
    """`file` and `file_bytes` of a path as the operating system knows it.

    A path that is no UTF-8 gets a form to read, with replacement characters, and its bytes in hex.
    """
    if path.isascii():
        return path, None
    try:
        path.encode()
    except UnicodeEncodeError:
        raw = os.fsencode(path)
        return raw.decode(errors="replace"), raw.hex()
    return path, None


def file_problem(file: str, file_bytes: str | None) -> str | None:
    """What is wrong with an item's path, or None.

    A path is relative to the manifest's root, or absolute (or a URL) where planning was given a folder
    outside of it; it has no `..`, no empty part and no NUL, so that one file has one spelling.
    """
    path = file
    if file_bytes is not None:
        if not _HEX.fullmatch(file_bytes):
            return f"`file_bytes` is the path in hex digits, not {file_bytes!r}"
        raw = bytes.fromhex(file_bytes)
        if file != raw.decode(errors="replace"):
            return "`file` and `file_bytes` name different files: plan again, or take the bytes out"
        path = os.fsdecode(raw)
    return _spelling_problem(file, path)


def _spelling_problem(shown: str, path: str) -> str | None:
    if not path or "\0" in path:
        return f"`file` cannot hold a NUL character: {shown!r}" if path else "`file` is empty"
    if "/." not in path and "//" not in path and path[0] != "." and path[-1] != "/":
        return None  # the usual case, without a look at each part
    if is_stored(path):
        return _url_problem(shown, path)
    if ".." in path.split("/"):
        return f"`file` {shown!r} climbs with '..': write it under `root`, or as an absolute path"
    spelled = str(PurePosixPath(path.lstrip("/"))) if path.strip("/") else "."
    spelled = f"/{spelled}" if path.startswith("/") else spelled
    if path == spelled and spelled not in (".", "/."):
        return None
    return f"`file` {shown!r} has an empty part or a '.': write it plainly, such as talks/ep1.mp3"


def _url_problem(shown: str, url: str) -> str | None:
    what = problem(url) or (url != plain(url) and f"write it as {plain(url)}")
    return f"`file` {without_password(shown)!r}: {what}" if what else None


def result_problem(result: str) -> str | None:
    """What is wrong with a base name under the results folder, or None."""
    parts = PurePosixPath(result)
    if not parts.parts or parts.is_absolute() or ".." in parts.parts:
        return f"`result` {result!r} leads out of the results folder: write a name such as talks/ep1"
    if "\0" in result:
        return f"`result` cannot hold a NUL character: {result!r}"
    if max(len(os.fsencode(part)) for part in parts.parts) > LONGEST_RESULT:
        return f"`result` {result[:40]!r}… has a part of more than {LONGEST_RESULT} bytes: no disk takes it"
    return None
