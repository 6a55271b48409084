"""A manifest that is written while its lines are still being made: its head tells sums that come last."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from manifests.durable import durable_file
from manifests.errors import MachineError
from manifests.manifest import Head, Item
from manifests.text_head import write_head
from manifests.text_items import item_lines

IN_MEMORY_BYTES = 8_000_000
"""More lies in a temporary file: most plans never touch it."""

_COPIED_BYTES = 1024 * 1024


class Draft:
    """Lines that have no head yet; nothing is at the manifest's place before `write`.

    Args:
        path: where the manifest goes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115 - closed by `close`
        self._count = 0

    def add(self, items: Sequence[Item]) -> None:
        """Write some lines behind the others.

        Raises:
            MachineError: the disk with temporary files is full.
        """
        with _full_told():
            self._lines.write(item_lines(items))
        self._count += len(items)

    def write(self, head: Head) -> None:
        """Write the manifest; it appears whole, or what was there before stays.

        Raises:
            ManifestError: the root's path is no UTF-8.
            UsageError, MachineError: the file cannot be written.
            ValueError: the head counts other lines.
        """
        if head.total.items != self._count:
            raise ValueError(f"{head.total}, but {self._count} items")
        with _full_told():
            self._lines.seek(0)  # what is buffered is written now
        with durable_file(self._path) as file:
            file.write(write_head(head, self._path.name))
            shutil.copyfileobj(self._lines, file, _COPIED_BYTES)

    def close(self) -> None:
        """Forget the lines."""
        with suppress(OSError):  # a full disk does not take what is buffered still
            self._lines.close()


@contextmanager
def _full_told() -> Iterator[None]:
    """What to do where there is no room for the lines."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise MachineError(
            f"{tempfile.gettempdir()}: {reason}; a plan is written there first: make room, or set TMPDIR"
        ) from error
