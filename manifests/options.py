"""Options of an item: checked, filled with defaults, split into what is bought and what is fetched."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias

from manifests.catalogue import Option, Product
from manifests.errors import UsageError, choices

Value: TypeAlias = str | int | bool | list[str]
Options: TypeAlias = dict[str, Value]

SHOWN = 60
"""Characters of a value that a message repeats."""

_YES = ("true", "yes", "on", "1")
_NO = ("false", "no", "off", "0")


def check(
    product: Product, given: Mapping[str, object], *, voiced: bool = False, whole: bool = True
) -> Options:
    """The given options with their values in wire types, in the catalogue's order; nothing is added.

    Args:
        product: what is bought.
        given: values as typed (`"true"`, `"srt,vtt"`) or as read from a manifest.
        voiced: a clone of the same manifest is its voice (`needs`).
        whole: nothing may be missing; false where the input brings the rest.

    Raises:
        UsageError: an unknown or missing option, one of another variant, or a value out of range.
    """
    for name in given:
        product.service.option(name)
    found: Options = {}
    for option in product.service.options:
        if option.name in given:
            _belongs(product, option)
            found[option.name] = _value(product, option, given[option.name])
    if whole:
        _complete(product, found, voiced=voiced)
    _speakers(found)
    return found


def _complete(product: Product, found: Options, *, voiced: bool) -> None:
    """Whether nothing is missing that the product cannot be bought without."""
    required = [option.name for option in product.service.options if option.required]
    for name in (*product.variant.needs, *required):
        option = product.service.option(name)
        if option.voice and voiced:
            if name in found:
                raise UsageError(f"{product.name} has two voices: {name} and the clone that it `needs`")
            continue
        if name not in found:
            hint = f" (one of {', '.join(option.choices)})" if option.choices else f": {option.help}"
            raise UsageError(f"{product.name} needs --set {product.service.name}.{name}=…{hint}")


def submitted(product: Product, options: Mapping[str, object]) -> Options:
    """What is bought, in wire values: the variant's own fields, submit options and their defaults."""
    fields: Options = dict(product.variant.wire)
    for option in product.service.options:
        if option.role == "submit" and option.fits(product.variant.name):
            value = options.get(option.name, option.default)
            if value is not None:
                fields[option.name] = _as_value(value)
    return fields


def fetched(product: Product, options: Mapping[str, object]) -> Options:
    """What is saved of the result, defaults filled in; free to change."""
    fields: Options = {}
    for option in product.service.options:
        if option.role == "fetch":
            value = options.get(option.name, option.default)
            if value is not None:
                fields[option.name] = _as_value(value)
    return fields


def _as_value(value: object) -> Value:
    if isinstance(value, (str, int, bool)):
        return value
    if isinstance(value, (list, tuple)):
        return [str(each) for each in value]
    raise TypeError(f"no option value: {value!r}")


def _belongs(product: Product, option: Option) -> None:
    if not option.fits(product.variant.name):
        raise UsageError(
            f"{option.name} belongs to {', '.join(f'{product.service.name}:{v}' for v in option.only)},"
            f" not to {product.name}"
        )


def _value(product: Product, option: Option, raw: object) -> Value:
    label = f"{product.service.name}.{option.name}"
    match option.kind:
        case "bool":
            return _bool(label, raw)
        case "int":
            return _int(label, option, raw)
        case "decimal":
            return _decimal(label, option, raw)
        case "list":
            return _list(label, option, raw)
        case "choice":
            return _choice(label, option, str(raw))
        case "text":
            return _text(label, option, raw)


def _bool(label: str, raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    word = str(raw).strip().lower()
    if word not in (*_YES, *_NO):
        raise UsageError(f"{label} is true or false, not {_shown(raw)}")
    return word in _YES


def _int(label: str, option: Option, raw: object) -> int:
    text = str(raw).strip()
    if isinstance(raw, bool) or not re.fullmatch(r"-?\d{1,9}", text):
        raise UsageError(f"{label} is a whole number, not {_shown(raw)}")
    number = int(text)
    if number not in option.beside:
        _in_range(label, option, number)
    return number


def _decimal(label: str, option: Option, raw: object) -> str:
    """A number with decimals, as a text in its shortest form: equal numbers are one purchase."""
    text = str(raw).strip()
    if isinstance(raw, bool) or not re.fullmatch(r"\d{1,9}(\.\d{1,9})?|\.\d{1,9}", text):
        raise UsageError(f"{label} is a number such as 1.25, not {_shown(raw)}")
    number = Decimal(text)
    _in_range(label, option, number)
    return f"{number.normalize():f}"


def _in_range(label: str, option: Option, number: int | Decimal) -> None:
    low, high = option.minimum, option.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        raise UsageError(f"{label} is {low} to {high}, not {number}")


def _list(label: str, option: Option, raw: object) -> list[str]:
    parts = raw if isinstance(raw, (list, tuple)) else str(raw).split(",")
    words = [str(part).strip() for part in parts if str(part).strip()]
    if not words:
        raise UsageError(f"{label} is empty: give one or more of {', '.join(option.choices)}")
    for word in words:
        _choice(label, option, word)
    wanted = {*words, *option.always}
    return [choice for choice in option.choices if choice in wanted]


def _choice(label: str, option: Option, word: str) -> str:
    if word not in option.choices:
        raise UsageError(f"{label} cannot be {_shown(word)}{choices(word, option.choices)}")
    return word


def _text(label: str, option: Option, raw: object) -> str:
    text = str(raw).strip()
    if not isinstance(raw, str) or not text:
        raise UsageError(f"{label} is a text, not {_shown(raw)}")
    if option.pattern and not re.fullmatch(option.pattern, text):
        raise UsageError(f"{label} cannot be {_shown(text)}: {option.help}")
    return text


def _shown(value: object) -> str:
    """A value as a message holds it: a prompt may have a hundred thousand characters."""
    return repr(f"{value[:SHOWN]}…" if isinstance(value, str) and len(value) > SHOWN else value)


def _speakers(found: Options) -> None:
    low, high = found.get("min_speakers"), found.get("max_speakers")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        raise UsageError(f"min_speakers {low} is more than max_speakers {high}")
