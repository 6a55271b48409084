"""Addresses of recordings (`--url`, `--urls`): read from texts, and named as files of a manifest."""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from manifests.addresses import problem, without_user
from manifests.check import LONGEST_SECONDS
from manifests.errors import UsageError
from manifests.money import MS_PER_SECOND
from manifests.naming import folded

LENGTHS = "12:34, 1:02:03, 90s or 754"
"""How a length may be written."""

PART_LIMIT = 120
"""Bytes of each part of a name: what is longer is cut."""

QUERY_LIMIT = 60

_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,4}):(\d{2}(?:\.\d{1,3})?)", re.ASCII)
_PLAIN = re.compile(r"(\d{1,8}(?:\.\d{1,3})?)s?", re.ASCII)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029/\\:]")
_SIXTY = 60


@dataclass(frozen=True, slots=True)
class Address:
    """Where a recording lies, the name that it gets in the manifest, and its length where it was stated."""

    url: str
    name: str
    stated_ms: int | None
    where: str  # `--url`, `urls.txt:3`


@dataclass(frozen=True, slots=True)
class Addresses:
    """What was given: each address once, and how often one was given again."""

    once: tuple[Address, ...]
    again: tuple[Address, ...] = ()


def addresses(given: Iterable[tuple[str, str]]) -> Addresses:
    """The addresses in some texts, in their order.

    Args:
        given: texts `URL [LENGTH]` with the place of each; blank ones and `#` comments hold none.

    Raises:
        UsageError: no address, a length that cannot be, or one address with two lengths; the message
            names the place.
    """
    first: dict[str, Address] = {}
    again: list[Address] = []
    for text, where in given:
        found = _address(text, where)
        if found is None:
            continue
        before = first.setdefault(found.url, found)
        if before is not found:
            first[found.url] = _agreed(before, found)
            again.append(found)
    return Addresses(tuple(_named(list(first.values()))), tuple(again))


def lines(text: bytes, file: str) -> Iterator[tuple[str, str]]:
    """The lines of a list file with their places.

    Raises:
        UsageError: a line is not UTF-8.
    """
    for number, line in enumerate(text.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        try:
            yield line.decode(), f"{file}:{number}"
        except UnicodeDecodeError:
            raise UsageError(f"{file}:{number}: the line is not UTF-8: save the file as UTF-8") from None


def _address(text: str, where: str) -> Address | None:
    words = text.split()
    comment = next((n for n, word in enumerate(words) if word.startswith("#")), len(words))
    match words[:comment]:
        case []:
            return None
        case [url]:
            stated = None
        case [url, length]:
            stated = _length(length, where)
        case _:
            raise UsageError(f"{where}: an address and its length, nothing else: {text.strip()!r}")
    wrong = problem(url)
    if wrong is not None:
        raise UsageError(f"{where}: {without_user(url)!r} is no address that can be fetched: {wrong}")
    return Address(url, "", stated, where)


def _length(text: str, where: str) -> int:
    """A stated length in milliseconds."""
    plain, clock = _PLAIN.fullmatch(text), _CLOCK.fullmatch(text)
    if plain:
        ms = _ms(plain[1])
    elif clock and float(clock[3]) < _SIXTY and (clock[1] is None or int(clock[2]) < _SIXTY):
        minutes = int(clock[1] or 0) * _SIXTY + int(clock[2])
        ms = minutes * _SIXTY * MS_PER_SECOND + _ms(clock[3])
    else:
        raise UsageError(f"{where}: {text!r} is no length: write {LENGTHS}")
    if not 0 < ms <= LONGEST_SECONDS * MS_PER_SECOND:
        raise UsageError(f"{where}: no recording is {text} long: write its length as {LENGTHS}")
    return ms


def _ms(seconds: str) -> int:
    whole, _, part = seconds.partition(".")
    return int(whole) * MS_PER_SECOND + int(part.ljust(3, "0"))


def _agreed(one: Address, other: Address) -> Address:
    """The first of two equal addresses, with the length that either of them states."""
    lengths = {each.stated_ms for each in (one, other)} - {None}
    if len(lengths) > 1:
        raise UsageError(
            f"{other.where}: {other.url} has another length here than at {one.where}: keep the right one"
        )
    return replace(one, stated_ms=next(iter(lengths), None))


def _named(found: list[Address]) -> Iterator[Address]:
    """The addresses with their names: host and path, and more only where that names two of them."""
    names = [_plain_name(each.url) for each in found]
    for way in (_query_name, _marked_name):
        seen = Counter(map(folded, names))
        twins = [n for n, name in enumerate(names) if seen[folded(name)] > 1]
        for n in twins:
            names[n] = way(found[n].url)
    return (replace(each, name=name) for each, name in zip(found, names, strict=True))


def _plain_name(url: str) -> str:
    parts = urlsplit(url)
    port = f"_{parts.port}" if parts.port else ""
    return "/".join([f"{_safe(parts.hostname or '')}{port}", *_parts(parts.path)])


def _query_name(url: str) -> str:
    query = _UNSAFE.sub("_", unquote(urlsplit(url).query))
    return _with(_plain_name(url), f"_{query}") if query and len(query) <= QUERY_LIMIT else _marked_name(url)


def _marked_name(url: str) -> str:
    return _with(_plain_name(url), f"~{hashlib.sha256(url.encode()).hexdigest()[:8]}")


def _with(name: str, more: str) -> str:
    """The name with something before its ending."""
    folder, slash, last = name.rpartition("/")
    stem, dot, ending = last.rpartition(".") if slash else (last, "", "")
    return f"{folder}{slash}{stem}{more}.{ending}" if dot and stem else f"{name}{more}"


def _parts(path: str) -> list[str]:
    parts = (_safe(unquote(part)) for part in path.split("/"))
    return [part for part in parts if part.strip(". ")]


def _safe(part: str) -> str:
    """A part of a path without what leads elsewhere, cut to what a disk takes; its ending stays."""
    clean = _UNSAFE.sub("_", part).encode(errors="replace").decode()
    if len(clean.encode()) <= PART_LIMIT:
        return clean
    stem, ending = os.path.splitext(clean)  # noqa: PTH122 - a part of an address
    room = PART_LIMIT - len(ending.encode())
    return f"{stem.encode()[:room].decode(errors='ignore')}{ending}" if room > 0 else clean[: PART_LIMIT // 4]
