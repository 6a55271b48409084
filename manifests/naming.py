"""Where results go: names after the sources, without clashes."""

import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import PurePosixPath

import msgspec

from manifests import catalogue
from manifests.errors import ManifestError
from manifests.manifest import Item
from manifests.paths import LONGEST_RESULT
from manifests.stored import is_stored

_ODD = re.compile(r"//|/\.\.?/")
"""A path between slashes without these is plain: of a million, each need not be taken apart."""


def folded(name: str) -> str:
    """The name as a careless file system compares it: case and Unicode folded."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())


def default_base(item: Item) -> str:
    """`talks/ep1` for `talks/ep1.mp3`; the whole name where but dots would be left, which lead elsewhere.

    A part of a long text adds which one it is: `book.part-2-of-3`.
    """
    path = _contained(item.path)
    start, dot = path.rfind("/") + 1, path.rfind(".")
    ends_in_a_suffix = start < dot < len(path) - 1 and path[start:dot].strip(".")
    return f"{path[:dot] if ends_in_a_suffix else path}{_part(item)}"


def _part(item: Item) -> str:
    return f".part-{item.part.replace('/', '-of-')}" if item.part else ""


def joint_base(item: Item, name: str) -> str | None:
    """The base name of the whole that a part belongs to; None where its name does not say so."""
    mark = _part(item)
    return name.replace(mark, "") if mark and mark in name else None


def full_base(item: Item) -> str:
    """`talks/ep1.mp3.transcription`: the name that rarely clashes with another input's or service's.

    Where several values of an option are several items, it has the value, too: `ep1.mp3.dubbing.de`.
    """
    service = item.service.replace(":", ".")
    values = [str(item.options[name]) for name in _each(item.service) if name in item.options]
    suffix = f".{item.generation}" if item.generation else ""
    return f"{_contained(item.path)}.{'.'.join([service, *values])}{suffix}{_part(item)}"


@cache
def _each(service: str) -> tuple[str, ...]:
    options = catalogue.load().product(service).service.options
    return tuple(option.name for option in options if option.each)


def marked_base(item: Item) -> str:
    """The full name with a short hash of the path as it is spelled and of the options.

    It tells apart `ep1.mp3` and `EP1.mp3`, or one file in two languages, and stays the same whichever
    other lines come and go.
    """
    options = msgspec.json.encode(item.options, order="deterministic")
    if item.needs is not None:
        options += b"\0" + item.needs.encode(errors="surrogateescape")
    if item.url is not None:  # its name may be that of a file, too
        options += b"\0" + item.url.encode()
    mark = hashlib.sha256(os.fsencode(item.path) + b"\0" + options).hexdigest()[:8]
    return f"{full_base(item)}.{mark}"


def shortened(name: str, room: int = LONGEST_RESULT) -> str:
    """The name, its last part cut to what every file system takes; a short hash tells cut names apart.

    Args:
        name: with `/` between folders.
        room: bytes of its last part.
    """
    folder, slash, last = name.rpartition("/")
    if len(os.fsencode(last)) <= room:
        return name
    mark = f"~{hashlib.sha256(os.fsencode(name)).hexdigest()[:8]}"
    while len(os.fsencode(last)) > room - len(mark):
        last = last[:-1]
    return f"{folder}{slash}{last}{mark}"


WHOLE_ROOM = LONGEST_RESULT - len(".part-9999-of-9999")
"""Bytes of a name that says, beside, which part of a text it is; the same for each of the parts."""


def _cut(item: Item, name: str) -> str:
    """The name cut where it is too long; a part still says which one it is, so that the whole has a name."""
    joint = joint_base(item, name)
    if joint is None:
        return shortened(name)
    short = shortened(joint, WHOLE_ROOM)
    return name if short == joint else f"{short}{_part(item)}"


WAYS = (default_base, full_base, marked_base)
"""How names are made, each longer than the one before."""


def named(item: Item, way: int) -> str:
    """The base name of an item's results, made in one of `WAYS` unless a person gave it.

    Raises:
        ManifestError: the name that was given leads out of the results folder.
    """
    return explicit(item) or _cut(item, WAYS[way](item))


def bases(items: Sequence[Item]) -> list[str]:
    """The base name of each item's results, in order.

    An item's own `result` stands. Where other names clash, each of the clashing items gets its full
    name, and if that clashes, too, a mark. Names that no file system takes are cut short.

    Raises:
        ManifestError: explicit names clash, or lead out of the results folder.
    """
    names = [named(item, 0) for item in items]
    for index in _shared_folders(items, names):
        names[index] = _cut(items[index], full_base(items[index]))
    clashing = _clashing(items, names)
    for way in WAYS[1:]:
        for index in clashing:
            if items[index].result is None:
                names[index] = _cut(items[index], way(items[index]))
        clashing = _clashing(items, names)
    if clashing:
        name = names[clashing[0]]
        raise ManifestError(f"two items would write their results to {name!r}: give each its own `result`")
    return names


Place = tuple[str, str]
"""What two items may not share: the shape of the result (a file, a folder) and its folded name."""


def _place(item: Item, name: str) -> Place:
    return shape(item.service), folded(name)


@cache
def shape(service: str) -> str:
    """Whether a service's result is a file or a folder."""
    return catalogue.load().product(service).service.result


def _shared_folders(items: Sequence[Item], names: Sequence[str]) -> list[int]:
    """Items whose folder of results would lie around another item's file: `x/vocals.wav` may be of either."""
    shapes = [shape(item.service) for item in items]
    folders = [n for n, item in enumerate(items) if shapes[n] == "folder" and item.result is None]
    if not folders:
        return []
    paths = {name.rpartition("/")[0] for name, shape in zip(names, shapes, strict=True) if shape == "file"}
    around = set(map(folded, paths))
    return [n for n in folders if folded(names[n]) in around]


def _clashing(items: Sequence[Item], names: Sequence[str]) -> list[int]:
    places = [_place(item, name) for item, name in zip(items, names, strict=True)]
    seen = Counter(places)
    joint = _joint_places(items, names)
    for wholes in _wholes(items, joint).values():  # parts of one text share its name; two texts do not
        for place in wholes:
            seen[place] += 1
    return [
        index for index, place in enumerate(places) if seen[place] > 1 or seen[joint.get(index, place)] > 1
    ]


def _joint_places(items: Sequence[Item], names: Sequence[str]) -> dict[int, Place]:
    """Where the whole goes that each part will be joined to, by the part's index."""
    found: dict[int, Place] = {}
    for index, (item, name) in enumerate(zip(items, names, strict=True)):
        if item.part is not None and (joint := joint_base(item, name)) is not None:
            found[index] = _place(item, joint)
    return found


def _wholes(items: Sequence[Item], joint: Mapping[int, Place]) -> dict[bytes, set[Place]]:
    """The places of each whole, by what tells two of them apart."""
    found: dict[bytes, set[Place]] = {}
    for index, place in joint.items():
        found.setdefault(whole_of(items[index]), set()).add(place)
    return found


def whole_of(item: Item) -> bytes:
    """What the parts of one text have in common: file, product, options, voice, generation."""
    parts = [item.file, item.service, item.options, item.needs, item.generation, item.file_bytes]
    return msgspec.json.encode(parts, order="deterministic")


def explicit(item: Item) -> str | None:
    """The name that a person gave.

    Raises:
        ManifestError: it leads out of the results folder.
    """
    if item.result is None:
        return None
    path = PurePosixPath(item.result)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in item.result:
        raise ManifestError(f"result {item.result!r} of {item.file!r} leads out of the results folder")
    return str(path)


def _contained(path: str) -> str:
    """A source's path under the results folder; from outside the root, under a short hash of its folder."""
    if not _ODD.search(f"/{path}/"):
        return path
    pure = PurePosixPath(path)
    if not pure.is_absolute() and ".." not in pure.parts and not is_stored(path):
        return str(pure)
    folder = hashlib.sha256(os.fsencode(pure.parent)).hexdigest()[:8]
    return str(PurePosixPath(folder, pure.name.replace("..", "_") or "_"))
