"""The file in which a scan is remembered: blocks of names and what was found of them, folder by folder.

A block is read when its folder is walked, so that a million files take as little memory as a thousand;
small folders stand together in a frame, so that there are few reads. Each frame carries a checksum;
whatever is cut, damaged, of other readers or of another place is as good as none. The file knows its own
inode: one that came with a copied or cloned folder is not believed, since whoever made it could say what
he likes. One that somebody carries from machine to machine on purpose is.

    magic, frame of the stamp, frames of blocks, frame of the index, place of the index, magic
    frame: length (4 bytes), BLAKE2b of the message (16 bytes), message (MessagePack)
"""

import os
import tempfile
import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

import msgspec

MAGIC = b"earmark\x02"
BLOCK = 256
"""Names of a folder that stand together, or up to twice as many; and as many of small folders in a frame."""

OPEN = 32
"""Blocks that are held: a walk comes back to the folders above it."""

FRAMES = 4
"""Frames that are held: the next folder's block often stands beside the last one's."""

PART = "part-"
DAY_SECONDS = 86_400
CHECK_BYTES = 16
LENGTH_BYTES = 4
PLACE_BYTES = 8
LARGEST_BYTES = 1 << 30
"""Of a frame; what says more is damaged."""

T = TypeVar("T")

Where: TypeAlias = tuple[str, int, int]
"""Of a block: its first name, the place of its frame, and its number in that."""

_Index: TypeAlias = dict[str, list[Where]]
"""The blocks of each folder."""

_encode = msgspec.msgpack.Encoder().encode
_decode_head = msgspec.msgpack.Decoder(tuple[str, int]).decode
_decode_index = msgspec.msgpack.Decoder(tuple[int, _Index]).decode


class Damaged(Exception):
    """Not what was written."""


class ScanReader(Generic[T]):
    """What an earlier scan wrote; nothing where that cannot be believed.

    Args:
        path: of the file.
        stamp: of those who found it.
        kind: the type of what was found.
        carried: the file may come from elsewhere.
    """

    def __init__(self, path: str, stamp: str, kind: type[T], *, carried: bool = False) -> None:
        self._decode = msgspec.msgpack.Decoder(list[tuple[list[str], list[kind]]]).decode  # type: ignore[valid-type]
        self._frames: dict[int, list[tuple[list[str], list[T]]]] = {}
        self._open: dict[str, tuple[int, dict[str, T]]] = {}
        self._index: _Index = {}
        self.count = 0  # of files, those that were looked at to the end
        self._file = -1
        with suppress(OSError, Damaged, msgspec.DecodeError):
            self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            self.count, self._index = self._checked(stamp, carried=carried)

    def find(self, folder: str, names: Sequence[str]) -> list[T | None]:
        """What was found of some files in a folder."""
        blocks = self._index.get(folder)
        if blocks is None:
            return [None] * len(names)
        held = self._held(folder, blocks, names[0])
        try:
            return [held[name] for name in names]
        except KeyError:  # some may stand in the next block
            return [self._held(folder, blocks, name).get(name) for name in names]

    def _held(self, folder: str, blocks: Sequence[Where], name: str) -> dict[str, T]:
        """The block in which a name stands, if any does."""
        last, held = self._open.get(folder, (-1, {}))
        if name in held:
            return held
        number = max(0, bisect_right(blocks, name, key=_first) - 1)
        if number == last:
            return held
        held = self.block(blocks[number])
        if name not in held and number != last + 1 < len(blocks):
            # Files that were named in an order of their own (`*.mp3` in a shell) come in the same again.
            after = self.block(blocks[last + 1])
            number, held = (last + 1, after) if name in after else (number, held)
        self._open.pop(folder, None)
        while len(self._open) >= OPEN:
            del self._open[next(iter(self._open))]
        self._open[folder] = number, held
        return held

    def folders(self) -> Iterator[str]:
        """The folders of which anything is known."""
        return iter(self._index)

    def all_of(self, folder: str) -> dict[str, T]:
        """What was found in a folder."""
        return {name: one for where in self._index[folder] for name, one in self.block(where).items()}

    def block_of(self, folder: str, names: list[str]) -> Where | None:
        """The block that holds just these names, if it was the last to be read of its folder."""
        number, held = self._open.get(folder, (-1, {}))
        return self._index[folder][number] if number >= 0 and list(held) == names else None

    def close(self) -> None:
        """Let the file go."""
        if self._file >= 0:
            os.close(self._file)
        self._file, self._index, self._frames = -1, {}, {}

    def _checked(self, stamp: str, *, carried: bool) -> tuple[int, _Index]:
        size = os.fstat(self._file).st_size
        ending = os.pread(self._file, PLACE_BYTES + len(MAGIC), size - PLACE_BYTES - len(MAGIC))
        if os.pread(self._file, len(MAGIC), 0) != MAGIC or ending[PLACE_BYTES:] != MAGIC:
            raise Damaged
        mark, inode = _decode_head(self._frame(len(MAGIC)))
        if mark != stamp or not (carried or inode == os.fstat(self._file).st_ino):
            raise Damaged
        return _decode_index(self._frame(int.from_bytes(ending[:PLACE_BYTES], "big")))

    def block(self, where: Where) -> dict[str, T]:
        """What a block holds; nothing if it is damaged."""
        _, place, number = where
        blocks = self._frames.get(place)
        if blocks is None:
            while len(self._frames) >= FRAMES:
                del self._frames[next(iter(self._frames))]
            try:
                blocks = self._decode(self._frame(place))
            except (OSError, Damaged, msgspec.DecodeError):
                blocks = []
            self._frames[place] = blocks
        names, found = blocks[number] if number < len(blocks) else ([], [])
        return dict(zip(names, found, strict=False))

    def _frame(self, place: int) -> bytes:
        head = os.pread(self._file, LENGTH_BYTES + CHECK_BYTES, place)
        length = int.from_bytes(head[:LENGTH_BYTES], "big")
        if len(head) < LENGTH_BYTES + CHECK_BYTES or length > LARGEST_BYTES:
            raise Damaged
        message = os.pread(self._file, length, place + len(head))
        if len(message) < length or _check(place, message) != head[LENGTH_BYTES:]:
            raise Damaged
        return message


class ScanWriter(Generic[T]):
    """Writes what a scan finds beside `path`, and puts it there when all is written.

    A folder that takes no file makes no difference but to the next plan.
    """

    def __init__(self, path: str, stamp: str) -> None:
        self._path, self._stamp = path, stamp
        self._index: _Index = {}
        self._count = 0
        self._open: dict[str, tuple[list[str], list[T]]] = {}
        self._ready: list[tuple[str, list[str], list[T]]] = []
        self._waiting = 0  # files in those
        self._place = 0
        self._part = ""
        self._file = -1
        self._failed = False

    def add(self, folder: str, names: Sequence[str], found: Sequence[T]) -> None:
        """Note what was found of some files in a folder."""
        self._count += len(names)
        self._note(folder, names, found)

    def _note(self, folder: str, names: Sequence[str], found: Sequence[T]) -> None:
        block = self._open.get(folder)
        if block is None:
            while len(self._open) >= OPEN:
                self._flush(next(iter(self._open)))
            block = self._open[folder] = [], []
        block[0].extend(names)
        block[1].extend(found)
        if len(block[0]) >= BLOCK:
            self._flush(folder)

    def complete(self, earlier: ScanReader[T]) -> None:
        """Take over what an earlier scan knows of folders of which nothing is noted here."""
        noted = {*self._index, *self._open, *(folder for folder, _, _ in self._ready)}
        for folder in earlier.folders():
            if folder not in noted and (known := earlier.all_of(folder)):
                self._note(folder, [*known], [*known.values()])

    def commit(self) -> None:
        """Put the file in its place."""
        while self._open:
            self._flush(next(iter(self._open)))
        self._put()
        if self._file < 0:
            return
        place = self._place
        try:
            self._frame(_encode((self._count, self._index)))
            os.write(self._file, place.to_bytes(PLACE_BYTES, "big") + MAGIC)
            os.replace(self._part, self._path)  # noqa: PTH105
        except OSError:
            self.drop()
        else:
            self._close()

    def drop(self) -> None:
        """Leave no trace."""
        self._failed = True
        if self._close():
            with suppress(OSError):
                os.unlink(self._part)  # noqa: PTH108

    def _close(self) -> bool:
        if self._file < 0:
            return False
        os.close(self._file)
        self._file = -1
        return True

    def _flush(self, folder: str) -> None:
        names, found = self._open.pop(folder)
        self._ready.append((folder, names, found))
        self._waiting += len(names)
        if self._waiting >= BLOCK:
            self._put()

    def _put(self) -> None:
        """Write what is ready."""
        ready, self._ready, self._waiting = self._ready, [], 0
        if self._failed or not ready:
            return
        try:
            message = _encode([(names, found) for _, names, found in ready])
        except UnicodeEncodeError:  # names that are no UTF-8 are looked at each time
            ready = [_as_text(*each) for each in ready if _is_text(each[0])]
            message = _encode([(names, found) for _, names, found in ready])
        try:
            if self._file < 0:
                self._begin()
            for number, (folder, names, _) in enumerate(ready):
                if names and _is_text(folder):
                    self._index.setdefault(folder, []).append((names[0], self._place, number))
            self._frame(message)
        except OSError:  # a folder that may not be written to, a full disk
            self.drop()

    def _begin(self) -> None:
        home = Path(self._path).parent
        if not home.exists():
            home.mkdir()
            (home / ".gitignore").write_text("*\n")
        _clear(home)
        self._file, self._part = tempfile.mkstemp(dir=home, prefix=PART)
        os.write(self._file, MAGIC)
        self._place = len(MAGIC)
        self._frame(_encode((self._stamp, os.fstat(self._file).st_ino)))

    def _frame(self, message: bytes) -> None:
        whole = len(message).to_bytes(LENGTH_BYTES, "big") + _check(self._place, message) + message
        if os.write(self._file, whole) < len(whole):
            raise OSError
        self._place += len(whole)


def _clear(home: Path) -> None:
    """Remove what a plan left behind that was killed; another that runs now is younger."""
    for part in home.glob(f"{PART}*"):
        with suppress(OSError):
            if part.stat().st_mtime < time.time() - DAY_SECONDS:
                part.unlink()


def _first(where: Where) -> str:
    return where[0]


def _as_text(folder: str, names: Sequence[str], found: Sequence[T]) -> tuple[str, list[str], list[T]]:
    """The same without names that are no UTF-8."""
    plain = [(name, one) for name, one in zip(names, found, strict=True) if _is_text(name)]
    return folder, [name for name, _ in plain], [one for _, one in plain]


def _check(place: int, message: bytes) -> bytes:
    """Of a message at this place: blocks that changed places are damaged, too."""
    return blake2b(message, digest_size=CHECK_BYTES, salt=place.to_bytes(16, "big")).digest()


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
