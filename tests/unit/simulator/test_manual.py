"""docs/simulator.md tells of every fault, field, event and switch, with the defaults that there are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml

import simulator
from simulator import Event, Fault, Scenario
from simulator.loading import read_scenario
from simulator.scenario import TOKEN_PATTERN, Fating, Losing, Other, Refusing

MANUAL = (Path(__file__).parents[3] / "docs/simulator.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([A-Za-z_]+)`", MANUAL))
ACTIONS = [action for kind in (Refusing, Losing, Fating, Other) for action in get_args(kind)]
SWITCHES = re.findall(r"^\| (`[^|]+`) \| ([^|]+) \|", MANUAL.partition("### Switches")[2], re.MULTILINE)
IN_WORDS = {"none": ((), None), "no limit": (None,), "for ever": (None,), "the published ones": ({},)}


@pytest.mark.parametrize("action", ACTIONS)
def test_every_fault_is_in_the_manual(action):
    assert action in NAMED


@pytest.mark.parametrize("struct", [Scenario, Fault, Event])
def test_every_field_is_in_the_manual(struct):
    assert set(struct.__struct_fields__) <= NAMED


def test_every_switch_has_its_line():
    told = [name for names, _ in SWITCHES for name in re.findall(r"[a-z_]+", names)]
    assert sorted(told) == sorted(Scenario.__struct_fields__)


@pytest.mark.parametrize(("names", "default"), SWITCHES)
def test_the_defaults_are_as_the_manual_says(names, default):
    for name in re.findall(r"[a-z_]+", names):
        real = getattr(Scenario(), name)
        if default == "Earmark's own":
            assert real == TOKEN_PATTERN
        elif default in IN_WORDS:
            assert real in IN_WORDS[default]
        else:
            told = yaml.safe_load(default.strip("`"))
            assert real in (told, (told,))


def test_the_scenario_in_the_manual_works():
    for text in re.findall(r"```yaml\n(.*?)```", MANUAL, re.DOTALL):
        with simulator.serve(read_scenario(yaml.safe_load(text))) as sim:
            assert sim.books.violations == ()
