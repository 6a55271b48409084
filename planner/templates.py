"""Names of results made after a template of a rule: `{folder}/{stem}.{language}`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import Formatter

from msgspec.structs import replace

from manifests.catalogue import Product
from manifests.errors import UsageError, choices
from manifests.manifest import Item
from manifests.naming import WHOLE_ROOM, default_base, folded, shortened
from manifests.paths import LONGEST_RESULT, as_written, result_problem

PLACES = ("folder", "stem", "name", "service", "variant")
"""What a template knows of every item; beside them it knows the submit options of its service."""


@dataclass(frozen=True, slots=True)
class Template:
    """A checked template, and where it stands (`rules.yaml:7`)."""

    text: str
    where: str

    def name(self, item: Item, product: Product, submitted: Mapping[str, object]) -> str:
        """The base name of an item's results.

        Raises:
            UsageError: the name leads out of the results folder, or nothing is left of it.
        """
        filled, _ = as_written(self.text.format_map(_values(item, product, submitted)))  # it is readable text
        parts = [each.strip() for each in filled.split("/")]
        part = default_base(item).removeprefix(_base(item))  # a part of a text says which one
        plain = "/".join(each for each in parts if each.strip("."))
        whole = shortened(plain, WHOLE_ROOM if part else LONGEST_RESULT)
        if ".." in parts or not whole:
            raise UsageError(f"{self.where}: `result` makes {filled!r} of {item.file}, which names no file")
        result = whole + part
        problem = result_problem(result)
        if problem is not None:
            raise UsageError(f"{self.where}: {problem} (made of {item.file})")
        return result


def check(text: str, products: Iterable[Product]) -> str | None:
    """What is wrong with a template for these products, or None."""
    known = [*PLACES]
    for product in products:
        known += [
            option.name for option in product.service.options if option.role == "submit" and not option.own
        ]
    try:
        pieces = list(Formatter().parse(text))
    except ValueError as error:
        return f"`result` {text!r} is no template ({error}): a brace itself is written {{{{ or }}}}"
    if not text.strip():
        return "`result` is empty: write a template such as {folder}/{stem}"
    for _, field, form, conversion in pieces:
        if form or conversion:
            return f"`result` {text!r} has a format: write {{stem}} and the like, without ':' or '!'"
        if field is not None and field not in known:
            return f"`result` knows no {{{field}}}{choices(field, dict.fromkeys(known))}"
    return None


class Places:
    """Where templates put results, to find two that name one place: nobody could say whose the file is."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], str] = {}

    def add(self, template: Template, item: Item, shape: str) -> None:
        """Remember where an item's result goes; `shape` is a file or a folder.

        Raises:
            UsageError: another item's goes there, too.
        """
        place = shape, folded(item.result or "")
        if place in self._seen:
            raise UsageError(
                f"{template.where}: `result` names {item.result!r} twice, for {self._seen[place]} and for"
                f" {item.file}: add {{folder}}, {{name}}, {{service}} or an option to it"
            )
        self._seen[place] = item.file


class _Values(dict[str, str]):
    """What a template knows of one item; an option that is not set is empty."""

    def __missing__(self, _name: str) -> str:
        return ""


def _base(item: Item) -> str:
    """The name of the whole where the item is a part."""
    return default_base(replace(item, part=None))


def _values(item: Item, product: Product, submitted: Mapping[str, object]) -> _Values:
    base = item.result or _base(item)
    folder, _, stem = base.rpartition("/")
    values = _Values({name: _told(value) for name, value in submitted.items()})
    values.update(
        folder=folder,
        stem=stem,
        name=item.file.rpartition("/")[2],
        service=product.service.name,
        variant=product.variant.name,
    )
    return values


def _told(value: object) -> str:
    """An option's value as a part of a name."""
    words = value if isinstance(value, list) else [value]
    text = "-".join(str(word).lower() if isinstance(word, bool) else str(word) for word in words)
    return text.replace("/", "_")
