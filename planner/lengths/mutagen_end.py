"""The only module that touches mutagen; imported when a first file needs it.

Expected failures become `Unreadable`; a bug inside mutagen (damaged files find some) becomes the same
and is logged.
"""

import logging
from collections.abc import Callable
from errno import EINVAL
from fractions import Fraction
from importlib import import_module

from planner.containers.source import Source
from planner.lengths.interface import damaged

log = logging.getLogger(__name__)

READS = 200_000
"""Of one file. mutagen walks the blocks of some kinds, a day of which has fewer; a crafted file makes it
read for ever (Musepack SV8 with blocks of length 0)."""

FEW_READS, BYTES_A_READ = 1000, 8
"""A small file is given up sooner: blocks that are walked have hundreds of bytes, and a handful of reads."""

MICROSECONDS = 1_000_000
"""mutagen gives floats; beyond this they are noise."""


class _Endless(Exception):
    """More was read than any recording needs."""


class _Counted:
    """A file that may be read so often, and no more."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._place = 0
        self._left = min(READS, FEW_READS + source.size // BYTES_A_READ)
        self.name = source.path

    def read(self, size: int = -1) -> bytes:
        """Read, as long as it is allowed."""
        self._left -= 1
        if self._left < 0:
            raise _Endless
        data = self._source.at(self._place, self._source.size if size < 0 else size)
        self._place += len(data)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        """As files do."""
        base = (0, self._place, self._source.size)[whence]
        if base + offset < 0:
            raise OSError(EINVAL, "Invalid argument")
        self._place = base + offset
        return self._place

    def tell(self) -> int:
        """As files do."""
        return self._place


def seconds(source: Source, module: str, type_name: str) -> Fraction:
    """The length that one of mutagen's file types reads.

    Args:
        source: the file.
        module: mutagen's module of this kind, as `mutagen.tak`.
        type_name: the file type in it, as `TAK`.

    Raises:
        Unreadable: mutagen finds the file damaged.
    """
    from mutagen import MutagenError

    kind: Callable[[object], object] = getattr(import_module(module), type_name)
    try:
        info = getattr(kind(_Counted(source)), "info", None)
        return Fraction(getattr(info, "length", 0.0)).limit_denominator(MICROSECONDS)
    except (MutagenError, EOFError) as error:
        raise damaged(source, f"damaged: {error}") from error
    except Exception as error:
        log.info("mutagen failed on %r", source.path, exc_info=True)
        raise damaged(source, f"damaged ({type(error).__name__})") from error
