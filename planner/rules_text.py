"""Reads a rules file: YAML, checked key by key; all faulty rules are told at once, each with its line."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from manifests.catalogue import Catalogue, Product
from manifests.errors import UsageError, nearest, nearest_path
from manifests.text_lines import Faulty
from manifests.text_yaml import Plain, Series, Table, load
from planner import rules_parts
from planner.choices import Choice
from planner.rules import Apply, Rule, RuleSet

SIZE_LIMIT = 1024 * 1024
"""Bytes of a rules file: people write them."""

SHOWN = 5
"""Errors that are told at once."""

TOP = ("apply", "rules")
"""Keys of the file."""

KEYS = ("match", "service", "options", "result", "skip")
"""Keys of a rule."""

_BOM = b"\xef\xbb\xbf"


def read_rules(path: str, catalogue: Catalogue, otherwise: tuple[Choice, ...] = ()) -> RuleSet:
    """The rules in a file.

    Args:
        path: of the file.
        catalogue: what can be bought.
        otherwise: what files get that no rule matches.

    Raises:
        UsageError: it cannot be read, or something in it is wrong; the message names file and lines.
    """
    try:
        with Path(path).open("rb") as file:
            text = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        hint = nearest_path(path) if isinstance(error, FileNotFoundError) else ""
        raise UsageError(f"--rules {path}: {error.strerror or error}{hint}") from error
    try:
        return _Reading(path, catalogue).rules(text, otherwise)
    except Faulty as fault:
        raise UsageError(f"{path}:{fault.line}: {_ours(fault.message)}") from None


def rules_in(top: Table, path: str, catalogue: Catalogue, otherwise: tuple[Choice, ...] = ()) -> RuleSet:
    """The rules in a mapping that was read from a file of another kind; arguments as for `read_rules`.

    Raises:
        UsageError: something in it is wrong; the message names file and lines.
    """
    try:
        return _Reading(path, catalogue).rules_in(top, otherwise)
    except Faulty as fault:
        raise UsageError(f"{path}:{fault.line}: {_ours(fault.message)}") from None


def _ours(message: str) -> str:
    return message.replace("a manifest is one document", "a rules file is one document")


class _Reading:
    """One reading; faults of single rules are gathered."""

    def __init__(self, path: str, catalogue: Catalogue) -> None:
        self._path = path
        self._catalogue = catalogue

    def rules(self, text: bytes, otherwise: tuple[Choice, ...]) -> RuleSet:
        if len(text) > SIZE_LIMIT:
            raise Faulty(f"it is larger than {SIZE_LIMIT // 1024} KiB: this is no rules file")
        top = load(text.removeprefix(_BOM), 1)
        if not isinstance(top, Table):
            raise Faulty("a rules file is a mapping with `rules:` at its top, a list of rules")
        return self.rules_in(top, otherwise)

    def rules_in(self, top: Table, otherwise: tuple[Choice, ...]) -> RuleSet:
        _known(top, TOP, "a rules file")
        apply = _apply(top)
        found: list[Rule] = []
        faults: list[Faulty] = []
        for number, (line, entry) in enumerate(_entries(top)):
            try:
                found.append(self._rule(number, line, entry))
            except Faulty as fault:
                faults.append(fault)
        if faults:
            raise UsageError(self._all(faults))
        return RuleSet(self._path, apply, tuple(found), otherwise)

    def _all(self, faults: Sequence[Faulty]) -> str:
        told = [f"{self._path}:{fault.line}: {_ours(fault.message)}" for fault in faults[:SHOWN]]
        more = len(faults) - SHOWN
        return "; ".join(told) + (f"; and {more} rules more are wrong" if more > 0 else "")

    def _rule(self, number: int, line: int, entry: object) -> Rule:
        if not isinstance(entry, Table):
            raise Faulty("a rule is a mapping with `match` and `service`, or `match` and `skip: true`", line)
        _known(entry, KEYS, "a rule")
        match = tuple(rules_parts.match(entry))
        if _skip(entry):
            return Rule(number, entry.line, match)
        products = self._products(entry)
        made = rules_parts.choices(entry, products)
        template = rules_parts.template(entry, products, f"{self._path}:{entry.line_of('result')}")
        return Rule(number, entry.line, match, tuple(replace(each, result=template) for each in made))

    def _products(self, entry: Table) -> list[Product]:
        if "service" not in entry:
            raise Faulty("a rule needs `service`, or `skip: true`", entry.line)
        found: dict[str, Product] = {}
        for name in rules_parts.words(entry, "service"):
            try:
                product = self._catalogue.product(name)
            except UsageError as error:
                raise Faulty(str(error), entry.line_of("service")) from None
            if product.name in found:
                raise Faulty(f"`service` names {product.name} twice", entry.line_of("service"))
            found[product.name] = product
        return list(found.values())


def _known(table: Table, keys: Sequence[str], of: str) -> None:
    """Refuse unknown keys; a misspelt one would be lost in silence."""
    for key in table:
        if key not in keys:
            hint = nearest(key, keys) or f"; it has {', '.join(keys)}"
            raise Faulty(f"{of} has no `{key}`{hint}", table.line_of(key))


def _apply(top: Table) -> Apply:
    word = top.get("apply", "first")
    if word not in ("first", "all"):
        raise Faulty(
            "`apply` is first (the first rule that matches a file decides) or all (every rule that matches)",
            top.line_of("apply"),
        )
    return cast("Apply", str(word))


def _entries(top: Table) -> list[tuple[int, Any]]:
    rules = top.get("rules")
    if not isinstance(rules, list) or not rules:
        raise Faulty("`rules` is a list with at least one rule", top.line_of("rules"))
    lines = rules.lines if isinstance(rules, Series) else []
    return list(zip(lines, rules, strict=True))


def _skip(entry: Table) -> bool:
    if "skip" not in entry:
        return False
    word = entry["skip"]
    if not isinstance(word, Plain) or word not in ("true", "false"):
        raise Faulty("`skip` is true or false", entry.line_of("skip"))
    others = [key for key in ("service", "options", "result") if key in entry]
    if word == "true" and others:
        raise Faulty(
            f"a rule with `skip: true` buys nothing: take `{others[0]}` out", entry.line_of(others[0])
        )
    return word == "true"
