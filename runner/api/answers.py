"""Reading what the service says, whatever shape it chose (docs/api.md 1, 5.1, 20).

JSON numbers with a fraction become `Decimal`, so that no rate or amount is ever a binary float.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from pathlib import Path

import msgspec

from manifests.money import MS_PER_SECOND, Cents

Fields = Mapping[str, object]

TEXT_LENGTH = 300
"""Characters kept of an error's text: enough to read, too few to flood a report."""

DIGITS = 15
"""Digits before the point of the largest number that makes sense here: `1e999999999` is ten
characters of JSON, and must not become an integer of a gigabyte."""

MOST_VALUES = 2_000_000
"""Values of an answer, by its commas and brackets. A day of speech word by word has fewer; three bytes of
JSON (`{},`) become a hundred in memory."""

_FINEST = -30

LONGEST_RETRY = 31 * 86_400.0
"""Seconds of the longest `Retry-After`: what asks for more asks for more than any run waits, and a date
may be so far away that no clock can wait for it."""

_ENVELOPES = ("items", "jobs", "voices", "results", "data")
_TAG = re.compile(r"<(script|style)\b(?:(?!<\1\b).)*?</\1>|<[^<>]*>", re.DOTALL | re.IGNORECASE)
"""Neither part is sought again from a place within itself: no page takes long."""

_SURROGATE = re.compile(
    rb"(?P<right>\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
"""Whole pairs and escaped backslashes, which are right, and halves of pairs, which no strict reader takes."""

_AMOUNT = re.compile(r"(?P<sign>-?)\$?(?P<dollars>\d{1,12})(?:\.(?P<part>\d+))?")


class UnreadableError(ValueError):
    """An answer that is not what the call should bring."""


@dataclass(frozen=True, slots=True)
class ErrorText:
    """An error body: its code, its text, and the amounts of a 402."""

    code: str = ""
    message: str = ""
    required: Cents | None = None
    available: Cents | None = None
    codes: tuple[str, ...] = field(default=(), compare=False)  # all that look like one; `code` is the first

    def __str__(self) -> str:
        parts = [self.message, f"({self.code})" if self.code and self.code != self.message else ""]
        return " ".join(part for part in parts if part)


def json_value(body: bytes) -> object:
    """The JSON value of a body.

    Raises:
        UnreadableError: not JSON, or far more than any answer holds.
    """
    if body.count(b",") + body.count(b"[") + body.count(b"{") > MOST_VALUES:
        raise UnreadableError(f"more than {MOST_VALUES:,} values")
    try:
        return _decoded(body)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise UnreadableError(f"not JSON: {_plain(body) or 'empty'}") from error


def _decoded(body: bytes) -> object:
    """The value; half a pair of surrogates, as in a name cut within a sign, makes no list unreadable."""
    try:
        value: object = _DECODER.decode(body)
    except msgspec.DecodeError:
        if not _SURROGATE.search(body):
            raise
        value = _DECODER.decode(_SURROGATE.sub(lambda found: found["right"] or rb"\ufffd", body))
    return value


def mapping(value: object) -> Fields:
    """The value as a JSON object.

    Raises:
        UnreadableError: it is something else.
    """
    if not isinstance(value, dict):
        raise UnreadableError(f"a JSON object was expected, not {type(value).__name__}")
    return value


def entries(value: object, *names: str) -> list[Fields]:
    """The objects of a list: a bare array, or the array under one of the names or the usual ones.

    Where none of these names is there, the only array of objects is the list, whatever its name.

    Raises:
        UnreadableError: there is no array.
    """
    if isinstance(value, dict):
        known = [name for name in (*names, *_ENVELOPES) if name in value]
        arrays = [value[name] for name in known if isinstance(value[name], list)]
        value = next(iter(arrays), None) if known else _only_list(value)
    if not isinstance(value, list):
        raise UnreadableError("a list was expected")
    return [entry for entry in value if isinstance(entry, dict)]


def error_text(body: bytes) -> ErrorText:
    """The one reader of all error bodies (docs/api.md 5.1, a to g)."""
    try:
        value = json_value(body)
    except UnreadableError:
        return ErrorText(message=_plain(body))
    if not isinstance(value, dict):
        return ErrorText(message=clean(value) if isinstance(value, str) else "")
    detail = value.get("detail")
    fields = detail if isinstance(detail, dict) else value
    nested = fields.get("error")
    inner = nested if isinstance(nested, dict) else {}
    details = [more for place in (fields, inner) if isinstance(more := place.get("details"), dict)]
    places = [fields, inner, *details]
    codes = [fields.get(name) for name in ("error", "code", "error_code")]
    codes += [inner.get(name) for name in ("code", "type")]
    return ErrorText(
        code=_first(codes),
        codes=tuple(clean(code) for code in codes if text(code)),
        message=_first([fields.get("message"), fields.get("detail"), inner.get("message")])
        or clean(_joined(fields.get("detail"))),
        required=_amount(places, "required"),
        available=_amount(places, "available"),
    )


def clean(text: object) -> str:
    """A foreign text as one printable line of bounded length."""
    line = " ".join(str(text).split())
    return "".join(c for c in line if c.isprintable())[:TEXT_LENGTH]


def shown_path(path: Path) -> str:
    """A path for a message; bytes that are no UTF-8 are escaped, so that any log and ledger takes it."""
    return str(path).encode("utf-8", "backslashreplace").decode()


def texts(value: object, without: Collection[str] = ()) -> Iterator[str]:
    """Every text in a JSON value, however deep, but those in fields of some names; keys are not texts."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text:
                yield text
            case list() as inner:
                waiting.extend(inner)
            case dict() as fields:
                waiting.extend(inner for name, inner in fields.items() if name not in without)
            case _:
                pass


def text(value: object) -> str:
    """The value if it is a text, else nothing."""
    return value.strip() if isinstance(value, str) else ""


def identifier(value: object) -> str:
    """An id as text, whether it came as a number or as a text; empty where it is neither."""
    if isinstance(value, str):
        name = value.strip()
        return name if name.isprintable() and len(name) <= TEXT_LENGTH and name not in (".", "..") else ""
    number = value if isinstance(value, int) and not isinstance(value, bool) else whole(value)
    return "" if number is None else str(number)


def whole(value: object) -> int | None:
    """A whole number, also where it was written as `12.0` or `"12"`; None for anything else."""
    number = decimal(value)
    if number is None or number != number.to_integral_value():
        return None
    return int(number)


def decimal(value: object) -> Decimal | None:
    """A number of credible size, exactly as written; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
        return None
    try:
        number = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        return None
    exponent = number.as_tuple().exponent  # a letter where the number is no number
    credible = isinstance(exponent, int) and _FINEST <= exponent <= DIGITS and number.adjusted() < DIGITS
    return number if credible else None


def cents(fields: Fields, name: str) -> Cents | None:
    """An amount: `<name>_cents` where it is there, else the text `<name>_usd`, such as `$25.00`."""
    amount = whole(fields.get(f"{name}_cents"))
    return Cents(amount) if amount is not None else dollars(fields.get(f"{name}_usd"))


def dollars(value: object) -> Cents | None:
    """Dollars as the service writes them (`$1,234.50`, `-$0.55`, 25.0) in cents; parts of a cent are up.

    Rounded up, since a charge must not look smaller than it was.
    """
    shown = value if isinstance(value, str) else decimal(value)
    match = _AMOUNT.fullmatch(str(shown).strip().replace(",", "").replace("$-", "-$"))
    if match is None:
        return None
    part = match["part"] or ""
    amount = int(match["dollars"]) * 100 + int(part[:2].ljust(2, "0")) + bool(part[2:].strip("0"))
    return Cents(-amount if match["sign"] else amount)


def milliseconds(value: object) -> int | None:
    """Seconds as the service writes them in milliseconds; None where there is no positive number."""
    seconds = decimal(value)
    return round(seconds * MS_PER_SECOND) if seconds is not None and seconds > 0 else None


def utc(value: object) -> str:
    """A time as RFC 3339 in UTC with microseconds, so that texts sort as times; no zone means UTC."""
    try:
        moment = datetime.fromisoformat(text(value))
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return ""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def retry_after(value: str | None, now: float) -> float | None:
    """`Retry-After` in seconds from now, 0 to `LONGEST_RETRY`, given as seconds or as an HTTP date.

    Args:
        value: the header, None where there is none.
        now: seconds since the epoch.
    """
    if value is None:
        return None
    seconds = decimal(value)
    if seconds is not None:
        return _within(float(seconds))
    if value.strip().isdigit():  # more than any number that makes sense: as long as may be
        return LONGEST_RETRY
    try:
        moment = parsedate_to_datetime(value)
        if moment.tzinfo is None:  # `-0000`: UTC of unknown place
            moment = moment.replace(tzinfo=UTC)
        return _within(moment.timestamp() - now)
    except (ValueError, OverflowError):  # no date, or a year that no clock knows
        return None


def _within(seconds: float) -> float:
    return min(max(0.0, seconds), LONGEST_RETRY)


def _exact(number: str) -> Decimal | None:
    """The number; None where its exponent is beyond what can be kept, so that all else is still read."""
    try:
        return Decimal(number)
    except InvalidOperation:
        return None


_DECODER = msgspec.json.Decoder(object, float_hook=_exact)


def _first(values: Iterable[object]) -> str:
    return next((clean(value) for value in values if text(value)), "")


def _amount(places: Iterable[Fields], name: str) -> Cents | None:
    """The first amount of this name."""
    return next((found for place in places if (found := cents(place, name)) is not None), None)


def _only_list(fields: Fields) -> list[object] | None:
    """The array of objects (an empty one may be that, too) where there is exactly one array."""
    arrays = [value for value in fields.values() if isinstance(value, list)]
    if len(arrays) != 1 or not all(isinstance(entry, dict) for entry in arrays[0]):
        return None
    return arrays[0]


def _joined(detail: object) -> str:
    """The messages of a schema error with the field that each is about."""
    if not isinstance(detail, list):
        return ""
    return "; ".join(_complaint(entry) for entry in detail if isinstance(entry, dict))


def _complaint(entry: Fields) -> str:
    place = entry.get("loc")
    field = str(place[-1]) if isinstance(place, list) and place else ""
    return ": ".join(part for part in (field, text(entry.get("msg"))) if part)


def _plain(body: bytes) -> str:
    """The readable part of a gateway's page."""
    return clean(_TAG.sub(" ", body[: 64 * TEXT_LENGTH].decode("utf-8", "replace")))
