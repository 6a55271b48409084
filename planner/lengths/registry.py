"""The table of readers, and the one way to a file's length: by content, never by extension."""

from planner.containers.foreign import foreign
from planner.containers.opening import opened
from planner.containers.source import Source
from planner.containers.tags import between_tags
from planner.leftout import Reason, Unreadable
from planner.lengths.ac3 import Ac3
from planner.lengths.adts import Adts
from planner.lengths.aiff import Aiff
from planner.lengths.behind import Behind
from planner.lengths.caf import Caf
from planner.lengths.flac import Flac
from planner.lengths.interface import Length, Reader, clock
from planner.lengths.media import MEDIA
from planner.lengths.mp4 import Mp4
from planner.lengths.mpeg import FreeFormat, Mpeg
from planner.lengths.ogg import Ogg
from planner.lengths.others import MARKED
from planner.lengths.telephone import Telephone
from planner.lengths.wav import Wav
from planner.lengths.wma import Wma

READERS: tuple[Reader, ...] = (
    Wav(),
    Flac(),
    Ogg(),
    Mp4(),
    Aiff(),
    Wma(),
    Caf(),
    *MARKED,
    *MEDIA,
    Behind(Wav()),
    Behind(Aiff()),
    Behind(Ac3()),
    # Bare streams have no name at the front, only frames that follow each other.
    Ac3(),
    Adts(),
    Mpeg(),
    FreeFormat(),
    Telephone(),
)
"""Asked in this order; the first that recognises the content reads the length."""

_MPEG = next(reader for reader in READERS if isinstance(reader, Mpeg))

BY_FIRST_BYTE = tuple(
    tuple(r for r in READERS if not r.starts or any(start[0] == byte for start in r.starts))
    for byte in range(256)
)
"""Those of the readers that a first byte leaves, in their order: a million files are asked."""

LFS_MARK = b"version https://git-lfs.github.com/spec/"
LEAST_BITS_A_SECOND = 40
"""Even digital silence takes more; a header that promises more sound is wrong."""


def read_length(path: str) -> Length:
    """The length of a file's sound.

    Raises:
        Unreadable: the file has no length that can be trusted; `reason` says of which sort.
    """
    with opened(path) as source:
        return length_of(source)


def length_of(source: Source) -> Length:
    """The length of an opened file's sound; errors as `read_length`."""
    if source.size == 0:
        raise Unreadable(Reason.EMPTY, source.path, "empty (0 bytes)")
    if source.head.startswith(LFS_MARK):
        raise Unreadable(
            Reason.LFS_POINTER, source.path, "a git-lfs pointer, not the recording; git lfs pull"
        )
    reader = reader_for(source)
    if reader is None:
        raise _unknown(source)
    return _plausible(source, reader.length(source))


def reader_for(source: Source) -> Reader | None:
    """The reader of this content; None when it is no sound that we know."""
    return source.once(_reader)


def _reader(source: Source) -> Reader | None:
    if _shows_frames(source) and _MPEG.recognises(source):
        return _MPEG
    if foreign(source):
        return None
    readers = BY_FIRST_BYTE[source.head[0]] if source.head else ()
    return next((reader for reader in readers if reader.recognises(source)), None)


def _shows_frames(source: Source) -> bool:
    """Whether it begins as half of all recordings do, and nothing else that is asked before them."""
    if not source.head.startswith((b"\xff", b"ID3")):
        return False
    first = source.at(source.once(between_tags)[0], 2)
    return first[:1] == b"\xff" and first[1:] >= b"\xe0"


def _unknown(source: Source) -> Unreadable:
    what = foreign(source)
    return Unreadable(Reason.NOT_AUDIO, source.path, f"{what}, not audio" if what else "not audio")


def _plausible(source: Source, length: Length) -> Length:
    """Refuse what no recording can be."""
    if length.ms <= 0:
        raise Unreadable(Reason.NO_LENGTH, source.path, "no sound in it (length 0)")
    if source.size * 8 * 1000 < length.ms * LEAST_BITS_A_SECOND:
        detail = f"its header claims {clock(length.ms / 1000)} in {source.size} bytes"
        raise Unreadable(Reason.DAMAGED, source.path, detail)
    return length
