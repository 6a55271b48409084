"""Faults of a manifest as errors that name the file and the line."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from manifests.errors import ManifestError, nearest_path
from manifests.text_lines import Faulty

MESSAGE_LIMIT = 600
"""Characters of a fault: a line may hold 64 KiB of nonsense, and a message quotes it."""


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Faults as errors that name the file and the line."""
    try:
        yield
    except Faulty as fault:
        raise ManifestError(f"{path}:{fault.line}: {_printable(fault.message[:MESSAGE_LIMIT])}") from None
    except OSError as error:
        raise ManifestError(f"{path}: {_reason(error, path)}") from error


def _printable(message: str) -> str:
    """The message without what a terminal would obey: it quotes what stands in the file."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in message)


def _reason(error: OSError, path: Path) -> str:
    match error.errno:
        case errno.ENOENT:
            hint = nearest_path(str(path))
            way = "write one with `plan PATH... --service SERVICE`"
            return f"there is no such manifest{f'{hint} Or {way}' if hint else f'; {way}'}"
        case errno.EISDIR:
            return "this is a folder; name the manifest in it, or `plan` it"
        case _:
            return f"cannot be read: {error.strerror or error}"
