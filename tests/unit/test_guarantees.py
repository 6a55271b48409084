"""docs/guarantees.md names tests; each of them must be there, or the page proves nothing."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
PROOFS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


@cache
def defined(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef))


@pytest.mark.parametrize(("path", "name"), PROOFS, ids=lambda part: part.rpartition("/")[2])
def test_each_test_that_is_named_exists(path, name):
    assert name in defined(path)


def test_each_promise_has_a_proof():
    rows = [line.split("|") for line in PAGE.splitlines() if line.count("|") == 4]
    promises = [row for row in rows if "what it rests on" not in row[2] and set(row[1]) != {"-"}]
    assert len(promises) > 20
    assert [row[1].strip() for row in promises if "tests/" not in row[3]] == []


def test_the_readme_leads_to_it():
    assert "(docs/guarantees.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
