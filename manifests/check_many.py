"""Which of many lines need a closer look: the rules of `manifests.check`, quickly.

A million lines have a few microseconds each. What is named here need not be wrong: `Checker.check`
decides, and says what is wrong. What is not named is right; a test holds the two against each other.
"""

import re
from collections.abc import Iterator, Sequence
from operator import attrgetter

from manifests.check import HIGHEST_GENERATION, LARGEST_SIZE, LONGEST_SECONDS, NO_AMOUNTS, Offer, mark
from manifests.length import EXACT_MARGIN_MS, Grade, longest_ms
from manifests.manifest import Item
from manifests.money import MS_PER_SECOND

# An enum's names are slow to look up.
_EXACT, _COUNTED, _HEADER = Grade.EXACT, Grade.COUNTED, Grade.HEADER
_LONGEST_MS = LONGEST_SECONDS * MS_PER_SECOND

_HEX = re.compile(r"[0-9a-f]*")
_PRINT_DIGITS = range(8, 65)
_SHA256_DIGITS = range(64, 65)

_ODD_PATHS = ("\n.", "/\n", "\n\n", "/.", "//", "\0")
"""Signs of an odd path among paths between line ends: none, a dot or a slash where none should be ..."""


_RARE = attrgetter("longest", "file_bytes", "result", "url", "part", "span")
_NONE_OF_THEM = (None,) * 6
"""What only some services or rules write into a line."""

_APART = attrgetter("generation", "needs", "span", "file_bytes", "url")
_NOTHING_APART = {(0, None, None, None, None)}
"""What tells lines apart beside their file, service and options (`manifests.check.mark`)."""


def doubtful(items: Sequence[Item], offers: Sequence[Offer]) -> Sequence[int]:
    """The numbers of the lines that are not plainly right.

    Args:
        items: at least one.
        offers: what the lines' services and options come to.
    """
    if not (_paths(items) and _sizes(items) and _digests(items)):
        return range(len(items))
    odd = set(_odd_or_dear(items, offers))
    if set(map(_RARE, items)) != {_NONE_OF_THEM}:
        odd.update(number for number, item in enumerate(items) if _RARE(item) != _NONE_OF_THEM)
    return sorted(odd)


def marks(items: Sequence[Item], offers: Sequence[Offer]) -> list[int]:
    """The mark of each line."""
    if set(map(_APART, items)) == _NOTHING_APART:
        return [hash((item.file, offer.bought)) for item, offer in zip(items, offers, strict=True)]
    return list(map(mark, items, offers))


def _paths(items: Sequence[Item]) -> bool:
    every = "\n".join([item.file for item in items])
    return not any(sign in f"\n{every}\n" for sign in _ODD_PATHS)


def _sizes(items: Sequence[Item]) -> bool:
    sizes = [item.size for item in items]
    generations = {item.generation for item in items}
    return (
        min(sizes) >= 1
        and max(sizes) <= LARGEST_SIZE
        and min(generations) >= 0
        and max(generations) <= HIGHEST_GENERATION
    )


def _digests(items: Sequence[Item]) -> bool:
    known = [item.sha256 for item in items if item.sha256 is not None]
    return _hex([item.print for item in items], _PRINT_DIGITS) and _hex(known, _SHA256_DIGITS)


def _hex(texts: Sequence[str], digits: range) -> bool:
    """Whether each text has so many hex digits and nothing else."""
    return all(length in digits for length in set(map(len, texts))) and bool(_HEX.fullmatch("".join(texts)))


def _odd_or_dear(items: Sequence[Item], offers: Sequence[Offer]) -> Iterator[int]:
    """The lines of odd lengths, or with another price than their length has."""
    for number, (item, offer) in enumerate(zip(items, offers, strict=True)):
        ms, grade = round(item.seconds * MS_PER_SECOND), item.grade
        if grade is _EXACT or grade is _COUNTED:
            longest = ms + EXACT_MARGIN_MS
        elif grade is _HEADER:
            longest = longest_ms(ms, grade)
        else:
            yield number
            continue
        right = NO_AMOUNTS if item.paid else offer.amounts(ms, longest)
        if (
            item.cents,
            item.ceiling,
            item.credits,
            item.credits_ceiling,
        ) != right or not 0 < ms <= _LONGEST_MS:
            yield number
