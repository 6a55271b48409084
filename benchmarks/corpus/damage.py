"""Files broken on purpose: cut off, with bytes flipped, with a hole; and what is no sound at all."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random

from benchmarks.corpus.shelf import Kind, Shelf

HEADER = 512
"""Bytes at the front in which the flips of headers lie."""

WORDS = b"The quick brown fox jumps over the lazy dog. "
ENDINGS = (
    "mp3",
    "wav",
    "flac",
    "ogg",
    "m4a",
    "wma",
    "opus",
    "aac",
    "amr",
    "gsm",
    "webm",
    "mp4",
    "aiff",
    "wv",
)

Wound = Callable[[bytes, Random], bytes]


def _cut(part: float) -> Wound:
    return lambda content, _: content[: max(1, int(len(content) * part))]


def _last_byte(content: bytes, _: Random) -> bytes:
    return content[:-1]


def _cut_anywhere(content: bytes, chance: Random) -> bytes:
    return content[: chance.randint(1, len(content))]


def _flipped(content: bytes, chance: Random, first: int, last: int, times: int) -> bytes:
    changed = bytearray(content)
    for _ in range(times):
        changed[chance.randrange(first, max(first + 1, min(last, len(changed))))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _header(content: bytes, chance: Random) -> bytes:
    return _flipped(content, chance, 4, HEADER, 3)


def _early(content: bytes, chance: Random) -> bytes:
    return _flipped(content, chance, 4, 64, 1)


def _body(content: bytes, chance: Random) -> bytes:
    return _flipped(content, chance, min(HEADER, len(content) - 1), len(content), 20)


def _end(content: bytes, chance: Random) -> bytes:
    return _flipped(content, chance, max(0, len(content) - HEADER), len(content), 8)


def _hole(content: bytes, chance: Random) -> bytes:
    """A stretch of zeros, as a disk or a download leaves it."""
    start = chance.randrange(len(content) // 4, len(content) // 2 + 1)
    size = len(content) // 5
    return content[:start] + bytes(size) + content[start + size :]


def _zero_tail(content: bytes, _: Random) -> bytes:
    """The right size, but the second half never arrived."""
    half = len(content) // 2
    return content[:half] + bytes(len(content) - half)


def _lost(content: bytes, chance: Random) -> bytes:
    """A stretch is missing."""
    start = chance.randrange(len(content) // 4, len(content) // 2 + 1)
    return content[:start] + content[start + len(content) // 5 :]


WOUNDS: dict[str, Wound] = {
    "cut at 10 %": _cut(0.1),
    "cut at 50 %": _cut(0.5),
    "cut at 90 %": _cut(0.9),
    "cut at 99 %": _cut(0.99),
    "cut anywhere": _cut_anywhere,
    "without the last byte": _last_byte,
    "bits flipped in the header": _header,
    "one bit flipped near the start": _early,
    "bits flipped in the body": _body,
    "bits flipped at the end": _end,
    "a hole of zeros": _hole,
    "zeros to the end": _zero_tail,
    "a stretch missing": _lost,
}


def put_damaged(shelf: Shelf, wholes: list[Path], seed: int) -> None:
    """Every wound to every whole file."""
    for whole in wholes:
        content = whole.read_bytes()
        for wound, change in WOUNDS.items():
            name = f"{whole.parent.name.replace(' ', '_')}-{whole.name}"
            chance = Random(f"{seed} {wound} {name}")

            shelf.put(Kind.DAMAGED, wound, name, partial(_write, change(content, chance)))


def put_not_audio(shelf: Shelf, seed: int) -> None:
    """Bytes without sound under the names of sounds."""
    for ending in ENDINGS:
        for name, content in _soundless(Random(f"{seed} {ending}")):
            shelf.put(Kind.NOT_AUDIO, name, f"{name}.{ending}", partial(_write, content))


def _write(content: bytes, part: Path) -> None:
    part.write_bytes(content)


def _soundless(chance: Random) -> Iterator[tuple[str, bytes]]:
    yield "text", WORDS * chance.randint(1, 500)
    yield "random", chance.randbytes(chance.randint(100, 200_000))
    yield "zeros", bytes(chance.randint(1, 50_000))
    yield "empty", b""
    yield "page", b"<!DOCTYPE html><html><body>404 Not Found</body></html>" * chance.randint(1, 20)
