"""The addresses of a plan: from `--url`, from list files, from stdin."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from earmark.plan_values import PlanOptions
from earmark.secrets import refuse_in
from manifests.errors import UsageError, nearest_path
from planner.addresses import Addresses, addresses, lines

STDIN = "-"
SIZE_LIMIT = 64 * 1024 * 1024
"""Bytes of a list: half a million addresses."""


def given(options: PlanOptions, stdin: BinaryIO | None = None) -> Addresses:
    """The addresses that the user gave.

    Raises:
        UsageError: a list that cannot be read or holds nothing, or what is no address; with its place.
    """
    found = addresses((*((text, "--url") for text in options.urls), *_listed(options, stdin)))
    for address in found.once:
        refuse_in(address.url, address.where)
    if options.url_lists and not found.once:
        raise UsageError(f"--urls {options.url_lists[0]}: no address in it; write one a line: URL [LENGTH]")
    if any(not text.partition("#")[0].split() for text in options.urls):
        raise UsageError("--url is empty: give an address (a variable in your script may be unset)")
    return found


def _listed(options: PlanOptions, stdin: BinaryIO | None) -> Iterator[tuple[str, str]]:
    for path in options.url_lists:
        if path == STDIN:
            yield from lines(_read(stdin or sys.stdin.buffer, path), "stdin")
            continue
        try:
            with Path(path).open("rb") as file:
                text = _read(file, path)
        except OSError as error:
            hint = nearest_path(path) if isinstance(error, FileNotFoundError) else ""
            raise UsageError(f"--urls {path}: {error.strerror or error}{hint}") from error
        yield from lines(text, path)


def _read(file: BinaryIO, path: str) -> bytes:
    text = file.read(SIZE_LIMIT + 1)
    if len(text) > SIZE_LIMIT:
        raise UsageError(
            f"--urls {path}: larger than {SIZE_LIMIT // 1024**2} MiB: this is no list of addresses"
        )
    return text
