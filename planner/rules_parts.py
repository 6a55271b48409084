"""What stands in one rule of a rules file: its patterns, its options, its template.

Every function raises `Faulty` with the line of what is wrong.
"""

import re
from collections.abc import Iterator

from manifests.catalogue import Product
from manifests.errors import UsageError
from manifests.text_lines import Faulty
from manifests.text_values import is_empty
from manifests.text_yaml import Series, Table
from planner import templates
from planner.choices import Choice, chosen
from planner.globs import Globs
from planner.rules import Glob
from planner.templates import Template

_BRACES = re.compile(r"\{[^{}]*,[^{}]*\}")
_FLAG = re.compile(r"--set \S+?\.(\w+)=…")


def words(entry: Table, key: str) -> list[str]:
    """A text, or a list of texts."""
    value = entry[key]
    several = value if isinstance(value, list) else [value]
    if not several or not all(
        isinstance(each, str) and each.strip() and not is_empty(each) for each in several
    ):
        raise Faulty(f"`{key}` is a text or a list of texts", entry.line_of(key))
    return [str(each) for each in several]


def match(entry: Table) -> Iterator[Glob]:
    """The patterns of a rule, each with its own line."""
    if "match" not in entry:
        raise Faulty("a rule needs `match`: a pattern such as 'talks/**', or a list of them", entry.line)
    value, texts = entry["match"], words(entry, "match")
    lines = value.lines if isinstance(value, Series) else [entry.line_of("match")]
    for text, line in zip(texts, lines, strict=True):
        problem = glob_problem(text)
        if problem is not None:
            raise Faulty(f"`match` {text!r}: {problem}", line)
        yield Glob(text, line, Globs((text,)))


def glob_problem(text: str) -> str | None:
    """Why a pattern cannot be meant; None where it can."""
    parts = [part for part in text.split("/") if part not in {"", "."}]
    if not parts:
        return "this pattern means nothing; all files are '**'"
    if ".." in parts:
        return "patterns are relative to the root and do not climb with '..'"
    if _BRACES.search(text):
        return "braces are not read: write a list of patterns"
    if any(part.count("[") > part.count("]") for part in parts):
        return "'[' without ']': a bracket itself is written [[]"
    return None


def choices(entry: Table, products: list[Product]) -> tuple[Choice, ...]:
    """What a rule buys: its products with its options."""
    given = entry.get("options")
    table = Table(entry.line_of("service")) if given is None or is_empty(given) else given
    if not isinstance(table, Table):
        raise Faulty("`options` is a mapping such as {language: en}", entry.line_of("options"))
    settings = [(_option(table, name, products), _value(table, name)) for name in table]
    try:
        return chosen(products, settings)
    except UsageError as error:
        said = str(error)
        raise Faulty(_FLAG.sub(r"`\1` under `options`", said), _line(entry, table, said)) from None


def _line(entry: Table, options: Table, message: str) -> int:
    """The line of the option that a message names first; that of the service where it names none."""
    found = {name: re.search(rf"\b{re.escape(name.rpartition('.')[2])}\b", message) for name in options}
    places = {name: match.start() for name, match in found.items() if match}
    return options.line_of(min(places, key=places.__getitem__)) if places else entry.line_of("service")


def _option(table: Table, name: str, products: list[Product]) -> str:
    """The option's name, with its service where the rule has several."""
    target, dot, option = name.strip().rpartition(".")
    names = list(dict.fromkeys(name for each in products for name in (each.service.name, each.name)))
    if dot and target not in names:
        raise Faulty(
            f"`{name}`: {target} is no service of this rule ({', '.join(names)})", table.line_of(name)
        )
    services = {each.service.name: each.service for each in products}
    if not dot and len(services) > 1:
        having = (word for word, each in services.items() if option in {o.name for o in each.options})
        raise Faulty(
            f"`{name}` of which service? Write {next(having, next(iter(services)))}.{option}"
            f" (here: {', '.join(services)})",
            table.line_of(name),
        )
    return name.strip()


def _value(table: Table, name: str) -> str | list[str]:
    value = table[name]
    if isinstance(value, Table) or is_empty(value) or value == []:
        raise Faulty(
            f"`{name}` has no value: write a text, a number, true, false or a list", table.line_of(name)
        )
    return [str(word) for word in value] if isinstance(value, list) else str(value)


def template(entry: Table, products: list[Product], where: str) -> Template | None:
    """The template of a rule, where it has one; `where` is told when a name that it makes is wrong."""
    if "result" not in entry:
        return None
    text = entry["result"]
    if not isinstance(text, str) or is_empty(text):
        raise Faulty("`result` is a template such as '{folder}/{stem}'", entry.line_of("result"))
    problem = templates.check(text, products)
    if problem is not None:
        raise Faulty(problem, entry.line_of("result"))
    return Template(str(text), where)
