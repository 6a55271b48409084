"""Values of a manifest's fields: what a scalar means where it stands, and how it is written.

What is written here reads the same in every YAML and JSON reader.
"""

import math
import re
from collections.abc import Iterable
from typing import Any

import msgspec

from manifests.errors import nearest
from manifests.money import Rate
from manifests.text_lines import Faulty
from manifests.text_yaml import Plain, Table

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?(?:[eE][-+]?[0-9]{1,3})?")
_RATE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,12})?")
_EMPTY = frozenset({"", "~", "null"})

_RISKY = re.compile(rb"\x7f|\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]|\xef\xbb\xbf|\xef\xbf[\xbe\xbf]")
"""UTF-8 of U+007F to U+009F, U+2028, U+2029, U+FEFF, U+FFFE, U+FFFF: YAML breaks lines at them or refuses
them. All else stays raw: escaped pairs of surrogates break libyaml (tried)."""

_RISKY_SIGNS = (b"\x7f", b"\xc2", b"\xe2\x80", b"\xef\xbb\xbf", b"\xef\xbf")
"""Text without these holds nothing risky: looked for ten times as fast as the pattern."""

_BARE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
_NO_NUMBER = re.compile(r"(?!0[xob])(?!\d{4}-\d).*[A-DF-WYZa-df-wyz].*")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def is_empty(value: object) -> bool:
    """Whether the value is YAML's nothing."""
    return isinstance(value, Plain) and value in _EMPTY


def known_fields(table: Table, known: Iterable[str], of: str) -> None:
    """Refuse a field that is not known, with the nearest name."""
    names = list(known)
    for key in table:
        if key not in names:
            hint = nearest(key, names) or "; a manifest has no fields of your own, `note` is free text"
            raise Faulty(f"{of} has no field `{key}`{hint}", table.line_of(key))


def field(table: Table, name: str, of: str) -> Any:
    """A field that must be there."""
    if name not in table:
        raise Faulty(f"{of} lacks `{name}`", table.line)
    return table[name]


def text(table: Table, name: str) -> str:
    """A text, quoted or not: digits, dates, `no` and `null` stay what they are."""
    value = table[name]
    if not isinstance(value, str):
        raise _wrong(table, name, "is a text")
    return str(value)


def whole(table: Table, name: str) -> int:
    """A whole number."""
    value = table[name]
    if not isinstance(value, Plain) or not _WHOLE.fullmatch(value):
        raise _wrong(table, name, "is a whole number")
    return int(value)


def number(table: Table, name: str) -> float:
    """A number of seconds."""
    value = table[name]
    if not isinstance(value, Plain) or not _NUMBER.fullmatch(value) or not math.isfinite(float(value)):
        raise _wrong(table, name, "is a number of seconds")
    return float(value)


def flag(table: Table, name: str) -> bool:
    """True or false, by these words only."""
    value = table[name]
    if not isinstance(value, Plain) or value not in ("true", "false"):
        raise _wrong(table, name, "is true or false")
    return value == "true"


def rate(table: Table, name: str) -> Rate:
    """Cents a minute, exact: a whole number or decimals, never through a float."""
    value = table[name]
    if not isinstance(value, Plain) or not _RATE.fullmatch(value):
        raise _wrong(table, name, "is a price in cents a minute, such as 10 or 1.5")
    return Rate(value)


def inner(table: Table, name: str) -> Table:
    """A mapping."""
    value = table[name]
    if not isinstance(value, Table):
        raise _wrong(table, name, "is a mapping, such as {a: 1}")
    return value


def _wrong(table: Table, name: str, rule: str) -> Faulty:
    value = table[name]
    if isinstance(value, str):
        shown = "empty" if value == "" else repr(str(value[:80]))
    else:
        shown = "a mapping" if isinstance(value, Table) else "a list"
    return Faulty(f"`{name}` {rule}, not {shown}", table.line_of(name))


def escaped(raw: bytes) -> bytes:
    """JSON text with the characters escaped that YAML readers trip over."""
    if not any(sign in raw for sign in (_RISKY_SIGNS[:1] if raw.isascii() else _RISKY_SIGNS)):
        return raw
    return _RISKY.sub(lambda match: f"\\u{ord(match[0].decode()):04x}".encode(), raw)


def quoted(value: str) -> str:
    """A text as a JSON string that every YAML reader takes, too."""
    return escaped(msgspec.json.encode(value)).decode()


def bare(value: str) -> str:
    """A text without quotes where no reader could take it for anything else, else quoted."""
    plain = _BARE.fullmatch(value) and _NO_NUMBER.fullmatch(value) and value.lower() not in _WORDS
    return value if plain else quoted(value)


def decimal(value: Rate) -> str:
    """A rate as a whole number or exact decimals.

    Raises:
        ValueError: the fraction has no end as a decimal.
    """
    for digits in range(13):
        scaled = value * 10**digits
        if scaled.denominator == 1:
            whole_part, rest = divmod(scaled.numerator, 10**digits)
            return f"{whole_part}.{rest:0{digits}d}" if digits else str(whole_part)
    raise ValueError(f"{value} cents a minute cannot be written as a decimal")
