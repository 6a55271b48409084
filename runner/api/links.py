"""Result addresses in what a job shows, and the files that they become.

Services show one address or several, as a text, a map or a list, under names that differ from
source to source (docs/api.md 9 to 16, 20); what is there is taken, what is empty or odd is left out.
"""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from runner.api import names
from runner.api.address import Base
from runner.api.answers import Fields, text
from runner.api.interface import ResultFile

_LABELS = ("stem", "name", "label", "speaker")
_ADDRESSES = ("download_url", "url")


def labelled(value: object) -> Iterator[tuple[str, str]]:
    """The labelled links in a map or a list of them; empty ones and those that are no texts are left out."""
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = [(_first(entry, _LABELS) or "stem", entry) for entry in value if isinstance(entry, dict)]
    else:
        pairs = []
    for label, link in pairs:
        address = address_in(link)
        if address:
            yield str(label), address


def address_in(link: object) -> str:
    """The address that a link is, or has; empty where there is none."""
    return _first(link, _ADDRESSES) if isinstance(link, dict) else text(link)


def shown(job: Fields, *fields: str) -> str:
    """The first address in a job's fields, each of which may be a text, a map or a list."""
    for name in fields:
        value = job.get(name)
        several = [address_in(each) for each in value] if isinstance(value, list) else []
        found = [address_in(value), *several, *(address for _, address in labelled(value))]
        address = next((each for each in found if each), "")
        if address:
            return address
    return ""


def stored(job: Fields, base: Base, name: str = "output_path") -> str:
    """Where a result lies that a job names only by its place in the store; empty where it does not."""
    return base.media(text(job.get(name)))


def files(base: Base, addresses: Iterable[str], default: str = names.DEFAULT_ENDING) -> list[ResultFile]:
    """Results of a service whose result is a file: `flac`, and `2.flac` for a second of that kind.

    Args:
        base: relative addresses are taken from it.
        addresses: where they are; the first is the one that a person means.
        default: the ending of an address that has none.
    """
    found: dict[str, ResultFile] = {}
    for address in addresses:
        ending = names.ending(address, default).removeprefix(".")
        name, number = ending, 1
        while name in found:
            number += 1
            name = f"{number}.{ending}"
        found[name] = _file(base, name, address)
    return list(found.values())


def folder(base: Base, found: Iterable[tuple[str, str, str]]) -> list[ResultFile]:
    """Results of a service whose result is a folder: safe names of which no two are the same.

    Args:
        base: relative addresses are taken from it.
        found: name, default ending, address; those without an address are left out.
    """
    there = [each for each in found if each[2]]
    safe = names.unique((names.safe(label), names.ending(link, ending)) for label, ending, link in there)
    return [_file(base, name, link) for name, (_, _, link) in zip(safe, there, strict=True)]


def same_file(one: str, other: str) -> bool:
    """Whether two addresses lead to one file: signatures differ each time they are made."""
    return _place(one) == _place(other)


def _place(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
    except ValueError:  # such as http://[ : refused when it is to be fetched
        return "", address
    return parts.netloc, parts.path


def _file(base: Base, name: str, address: str) -> ResultFile:
    absolute = base.absolute(address)
    return ResultFile(name=name, address=absolute, own=base.is_call(absolute))


def _first(fields: Fields, candidates: Iterable[str]) -> str:
    return next((text(fields.get(name)) for name in candidates if text(fields.get(name))), "")
