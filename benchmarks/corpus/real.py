"""Recordings out of unpacked packages: by what their names say and their first bytes do not deny."""

import hashlib
import os
import shutil
from collections import Counter
from functools import partial
from pathlib import Path
from random import Random

from benchmarks.corpus.fetch import cut_off
from benchmarks.corpus.shelf import Kind, Shelf

SOUNDS = frozenset((
    "mp3", "mp2", "mp1", "mpga", "wav", "wave", "bwf", "flac", "ogg", "oga", "ogx", "opus", "spx", "m4a",
    "m4b", "mp4", "m4v", "mov", "3gp", "3g2", "aac", "wma", "wmv", "asf", "aif", "aiff", "aifc", "au",
    "snd", "caf", "w64", "rf64", "amr", "awb", "ac3", "eac3", "dts", "ape", "wv", "mpc", "mp+", "tta",
    "tak", "ofr", "dsf", "dff", "mka", "mkv", "webm", "avi", "flv", "ts", "mpg", "mpeg", "vob", "rm", "ra",
    "ram", "voc", "gsm", "g722", "sln", "alaw", "ulaw", "al", "ul", "mpp", "shn",
))  # fmt: skip
PER_ENDING = 150
"""Of one package and ending: no voice or game makes up the whole."""

LEAST_BYTES = 64


def put_real(shelf: Shelf, folder: Path, seed: int, per_ending: int = PER_ENDING) -> None:
    """The recordings of one unpacked package; of too many a seeded choice, of twins one."""
    found = [path for path in sorted(_files(folder)) if path.suffix.lower()[1:] in SOUNDS and _recorded(path)]
    Random(f"{seed} {folder.name}").shuffle(found)
    kept: Counter[str] = Counter()
    seen: set[str] = set()
    cut = cut_off()
    for path in found:
        ending = path.suffix.lower()
        digest = hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest()
        if kept[ending] >= per_ending or digest in seen:
            continue
        kept[ending] += 1
        seen.add(digest)
        kind, group = (Kind.DAMAGED, "shipped cut off") if path.name in cut else (Kind.REAL, folder.name)
        shelf.put(kind, group, f"{digest[:6]}-{path.name}", partial(shutil.copyfile, path))


def _files(folder: Path) -> list[Path]:
    return [Path(base, name) for base, _, names in os.walk(folder) for name in names]


def _recorded(path: Path) -> bool:
    """A file of its own with something in it; program text called `.ts` or `.ra` is none."""
    if path.is_symlink() or path.stat().st_size < LEAST_BYTES:
        return False
    with path.open("rb") as file:
        head = file.read(256)
    return not head.isascii() or b"\0" in head
