"""Rules in `earmark.toml` made into what the reader of rules files reads."""

from collections.abc import Mapping
from typing import Any

from earmark.policy.lines import Lines, Path
from manifests.text_yaml import Plain, Series, Table


def table_of(data: Mapping[str, Any], lines: Lines) -> Table:
    """The top of a rules file: `rules`, and `apply` where it is said."""
    top = Table(lines.of(("rules",)))
    top["rules"] = _series(data["rules"], ("rules",), lines)
    top.lines["rules"] = lines.of(("rules",))
    plan = data.get("plan")
    if isinstance(plan, dict) and "apply" in plan:
        top["apply"], top.lines["apply"] = _value(plan["apply"], ("plan", "apply"), lines), top.line
    return top


def _series(values: list[Any], path: Path, lines: Lines) -> Series:
    found = Series()
    for number, value in enumerate(values):
        found.append(_value(value, (*path, number), lines))
        found.lines.append(lines.of((*path, number)))
    return found


def _table(values: Mapping[str, Any], path: Path, lines: Lines) -> Table:
    found = Table(lines.of(path))
    for key, value in values.items():
        found[key] = _value(value, (*path, key), lines)
        found.lines[key] = lines.of((*path, key))
    return found


def _value(value: Any, path: Path, lines: Lines) -> Any:
    """Tables and lists with their lines; a number, a day or a truth as somebody would write it."""
    if isinstance(value, dict):
        return _table(value, path, lines)
    if isinstance(value, list):
        return _series(value, path, lines)
    if isinstance(value, bool):
        return Plain(str(value).lower())
    return value if isinstance(value, str) else Plain(str(value))
