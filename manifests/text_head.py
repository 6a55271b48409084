"""A manifest's head as text: what people read first, and what is checked before the lines."""

import re
import shlex
from collections.abc import Mapping
from datetime import datetime

from manifests import catalogue
from manifests.errors import ManifestError, UsageError
from manifests.length import show_length
from manifests.manifest import VERSION, Head, Total
from manifests.money import Cents, Rate, parse_amount, plain, show
from manifests.stored import is_stored, problem, without_password
from manifests.text_lines import Faulty, Piece
from manifests.text_values import (
    bare,
    decimal,
    field,
    inner,
    is_empty,
    known_fields,
    quoted,
    rate,
    text,
    whole,
)
from manifests.text_yaml import Plain, Table, load

SCHEMA = "urn:earmark:manifest:1"
"""The `$id` of manifests/schema/manifest.schema.json. It is no address: reading a plan fetches nothing. For
the same reason the head has no `yaml-language-server` line, which editors would try to follow."""

HIGHEST_RATE = Rate(100_000)
"""Cents a minute: a thousand dollars a minute is a slip of the finger."""

HIGHEST_AMOUNT = 10**12
"""Cents: ten thousand million dollars."""

_FIELDS = ("version", "id", "name", "created", "root", "cap", "prices", "total")
_PRICES = ("catalogue", "cents_per_minute", "credits_per_minute")
_NEEDED_PRICES = _PRICES[:2]
_TOTAL = ("items", "seconds", "cents", "ceiling", "credits", "credits_ceiling")
_NEEDED_TOTAL = _TOTAL[:4]
_OF = "the manifest"
# No control signs, no blanks at its ends; saying what is in it would take eight milliseconds of every start.
_ID = re.compile(r"[^\x00-\x20\x7f-\x9f](?:[^\x00-\x1f\x7f-\x9f]{0,98}[^\x00-\x20\x7f-\x9f])?")
_CREATED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z")


def write_head(head: Head, name: str) -> bytes:
    """The text of a head down to `items:`, in the order in which people look for things.

    Args:
        head: what is written.
        name: the manifest's file name, for the command that runs it.

    Raises:
        ManifestError: the root's path is no UTF-8.
    """
    total = head.total
    named = _TOTAL if total.credits_ceiling else _NEEDED_TOTAL
    sums = ", ".join(f"{name}: {getattr(total, name)}" for name in named)
    lines = [
        f"# {summary(total)}.  Run it:  run {_argument(name)}{_caps(total)}",
        f"# JSON Schema: {SCHEMA}, in manifests/schema/ of the program; the fields: docs/manifest.md",
        f"version: {head.version}",
        f"id: {bare(head.id)}",
        *([] if head.name is None else [f"name: {quoted(head.name)}"]),
        f"created: {head.created}",
        f"root: {_root(head.root)}",
        *([] if head.cap is None else [f"cap: {head.cap}  # {show(head.cap)}"]),
        f"prices: {{catalogue: {quoted(head.catalogue)}, {_rates_text(head.rates)}}}",
        f"total: {{{sums}}}",
        "items:",
    ]
    return ("\n".join(lines) + "\n").encode()


def _rates_text(rates: Mapping[str, Rate]) -> str:
    """The rates of what the wallet pays, then, where there are any, of what account credits pay."""
    texts: dict[str, list[str]] = {"cents": [], "credits": []}
    for name, each in rates.items():
        texts[catalogue.load().product(name).currency].append(f"{quoted(name)}: {decimal(each)}")
    cents, credits_ = (", ".join(rows) for rows in texts.values())
    return f"cents_per_minute: {{{cents}}}" + (f", credits_per_minute: {{{credits_}}}" if credits_ else "")


def summary(total: Total) -> str:
    """`3 items, 1 h 02 min, $4.55 expected, $4.58 at most`; credits, where there are any, beside it."""
    items = "1 item" if total.items == 1 else f"{total.items:,} items"
    length = show_length(total.seconds)
    beside = f"; account credits: {total.credits:,}, at most {total.credits_ceiling:,}"
    more = beside if total.credits_ceiling else ""
    return f"{items}, {length}, {show(total.cents)} expected, {show(total.ceiling)} at most{more}"


def _caps(total: Total) -> str:
    """What `run` may spend; a plan of credits alone is not told to spend nothing of the wallet."""
    spend = f" --max-spend {plain(Cents(total.ceiling))}"
    credits_ = f" --max-credits {total.credits_ceiling}"
    if not total.credits_ceiling:
        return spend
    return f"{spend}{credits_}" if total.ceiling else credits_


def _argument(name: str) -> str:
    """The file's name as a word of a command, in one line whatever it holds."""
    shown = "".join(sign if sign.isprintable() else "?" for sign in name)
    return shlex.quote(shown)


def _root(root: str) -> str:
    try:
        return root if root == "." else bare(root)
    except UnicodeEncodeError:
        raise ManifestError(
            f"the folder's name {root!a} is no UTF-8, and a manifest is: plan from inside the folder"
        ) from None


def parse_head(piece: Piece, items_line: int | None) -> Head:
    """The head that the text above `items:` states.

    Args:
        piece: the text.
        items_line: the line of `items:`, None if there is none.

    Raises:
        Faulty: not a manifest's head, or one that contradicts itself.
    """
    table = load(piece.text, piece.line)
    if table is None and items_line is None:
        raise Faulty("the file is empty: write a manifest with `plan PATH... --service SERVICE`")
    if not isinstance(table, Table):
        raise Faulty("this is not a manifest: it does not start with `version:` and its head")
    if "schema" in table:
        raise Faulty("this is a report, not a manifest; `earmark report` shows it, from its file")
    _version(table)
    if "items" in table:
        raise Faulty(
            "write `items:` on a line of its own, each item on a line below it", table.line_of("items")
        )
    known_fields(table, (*_FIELDS, "items"), _OF)
    if items_line is None:
        raise Faulty("the manifest lacks `items`: the lines to run stand below it")
    return _head(table)


def _version(table: Table) -> None:
    raw = str(field(table, "version", _OF))
    if raw.isascii() and raw.isdigit() and int(raw[:9]) > VERSION:
        raise Faulty(
            f"version {raw[:20]} was written by a newer Earmark; this one reads {VERSION}: update Earmark",
            table.line_of("version"),
        )
    if whole(table, "version") != VERSION:
        raise Faulty(f"`version` is {VERSION}, not {raw[:20]}", table.line_of("version"))


def _head(table: Table) -> Head:
    for name in ("id", "created", "root", "prices", "total"):
        field(table, name, _OF)
    prices = inner(table, "prices")
    known_fields(prices, _PRICES, "`prices`")
    for name in _NEEDED_PRICES:
        field(prices, name, "`prices`")
    return Head(
        id=_id(table),
        created=_created(table),
        root=_root_of(table),
        catalogue=text(prices, "catalogue"),
        rates=_rates(prices),
        total=_total(inner(table, "total")),
        cap=_cap(table),
        name=_name(table),
    )


def _id(table: Table) -> str:
    value = text(table, "id")
    if not is_name(value):
        raise Faulty("`id` is one line of 1 to 100 characters: it names the plan", table.line_of("id"))
    return value


def _name(table: Table) -> str | None:
    if "name" not in table or is_empty(table["name"]):
        return None
    value = text(table, "name")
    if not is_name(value):
        message = "`name` is one line of 1 to 100 characters: people know the plan by it"
        raise Faulty(message, table.line_of("name"))
    return value


def is_name(value: str) -> bool:
    """Whether a text can be the `id` or the `name` of a plan."""
    whole = value.encode(errors="ignore").decode() == value  # a file has no half letters
    return whole and _ID.fullmatch(value) is not None


def _created(table: Table) -> str:
    value = text(table, "created")
    try:
        if _CREATED.fullmatch(value):
            datetime.fromisoformat(value)
            return value
    except ValueError:
        pass
    message = f"`created` is a time in UTC such as 2026-11-23T05:00:00Z, not {value[:40]!r}"
    raise Faulty(message, table.line_of("created"))


def _root_of(table: Table) -> str:
    value = text(table, "root")
    if not value or "\0" in value:
        raise Faulty("`root` is the folder that the files are under, such as `.`", table.line_of("root"))
    if is_stored(value) and (wrong := problem(value)):
        raise Faulty(f"`root` {without_password(value)!r}: {wrong}", table.line_of("root"))
    return value


def _cap(table: Table) -> Cents | None:
    """Whole cents, or dollars with their sign: `2000` and `$20.00` are one amount, `20.00` is refused."""
    if "cap" not in table or is_empty(table["cap"]):
        return None
    value, line = table["cap"], table.line_of("cap")
    try:
        if isinstance(value, str) and value.startswith("$"):
            return parse_amount(value)
    except UsageError as error:
        raise Faulty(f"`cap`: {error}", line) from None
    if not isinstance(value, Plain) or not value.isdigit():
        shown = repr(str(value)[:40])
        raise Faulty(f"`cap` is in whole cents (2000), or in dollars with a sign ($20.00), not {shown}", line)
    return Cents(_amount(table, "cap"))


def _amount(table: Table, name: str) -> int:
    value = whole(table, name)
    if not 0 <= value <= HIGHEST_AMOUNT:
        raise Faulty(f"`{name}` cannot be {value}", table.line_of(name))
    return value


def _total(table: Table) -> Total:
    known_fields(table, _TOTAL, "`total`")
    for name in _NEEDED_TOTAL:
        field(table, name, "`total`")
    return Total(**{name: _amount(table, name) for name in _TOTAL if name in table})


def _rates(prices: Table) -> dict[str, Rate]:
    """The rates of all products, each under the currency that pays for it."""
    rates: dict[str, Rate] = {}
    for currency in ("cents", "credits"):
        name = f"{currency}_per_minute"
        if name in prices:
            _add_rates(rates, inner(prices, name), currency)
    return rates


def _add_rates(rates: dict[str, Rate], table: Table, currency: str) -> None:
    for name in table:
        line = table.line_of(name)
        try:
            product = catalogue.load().product(name)
        except UsageError as error:
            raise Faulty(f"`{currency}_per_minute`: {error}", line) from None
        if product.currency != currency:
            raise Faulty(f"{product.name} is paid in {product.currency}, not in {currency}: plan again", line)
        if product.name in rates:
            raise Faulty(f"{product.name} has two prices: keep one", line)
        rates[product.name] = rate(table, name)
        if not 0 < rates[product.name] <= HIGHEST_RATE:
            raise Faulty(f"{product.name} cannot cost {table[name]} {currency} a minute", line)
