"""The only module that touches mutagen; imported when a first file needs it.

Expected failures become `Unreadable`; a bug inside mutagen (damaged files find some) becomes the same
and is logged.
"""

import logging
from collections.abc import Callable
from fractions import Fraction
from importlib import import_module

from planner.containers.source import Source
from planner.leftout import Reason, Unreadable
from planner.lengths.interface import damaged

log = logging.getLogger(__name__)

MICROSECONDS = 1_000_000
"""mutagen gives floats; beyond this they are noise."""


def seconds(source: Source, module: str, type_name: str) -> Fraction:
    """The length that one of mutagen's file types reads.

    Args:
        source: the file.
        module: mutagen's module of this kind, as `mutagen.asf`.
        type_name: the file type in it, as `ASF`.

    Raises:
        Unreadable: mutagen finds the file damaged.
    """
    from mutagen import MutagenError

    kind: Callable[[object], object] = getattr(import_module(module), type_name)
    try:
        source.file.seek(0)
        info = getattr(kind(source.file), "info", None)
        length = Fraction(getattr(info, "length", 0.0)).limit_denominator(MICROSECONDS)
    except (MutagenError, EOFError) as error:
        raise damaged(source, f"damaged: {error}") from error
    except Exception as error:
        log.info("mutagen failed on %r", source.path, exc_info=True)
        raise damaged(source, f"damaged ({type(error).__name__})") from error
    if getattr(info, "channels", None) == 0:
        raise Unreadable(Reason.NOT_AUDIO, source.path, "a video without sound")
    return length
