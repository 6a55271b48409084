"""Scenarios from files, and single faults and events from the admin address."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from simulator.errors import ScenarioError
from simulator.scenario import Scenario


def load_scenario(path: Path) -> Scenario:
    """Read a scenario from a YAML or JSON file. Raises ScenarioError that says what is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise ScenarioError(f"{path}: cannot be read: {reason}") from error
    try:
        return read_scenario(_parse(text, path.suffix))
    except ScenarioError as error:
        raise ScenarioError(f"{path}: {error}") from error


def read_scenario(data: Any) -> Scenario:
    """A scenario from plain data. Raises ScenarioError that names the field."""
    return _convert({} if data is None else data, Scenario)


def changed(scenario: Scenario, switches: dict[str, Any]) -> Scenario:
    """The scenario with some switches set anew. Raises ScenarioError that names the field."""
    return read_scenario({**msgspec.to_builtins(scenario), **switches})


def _convert(data: Any, kind: type[Scenario]) -> Scenario:
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise ScenarioError(str(error)) from error


def _parse(text: str, suffix: str) -> Any:
    if suffix == ".json":
        try:
            return json.loads(text)
        except ValueError as error:
            raise ScenarioError(f"not JSON: {error}") from error
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ScenarioError(f"not YAML: {error}") from error
