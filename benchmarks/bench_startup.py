"""How soon a command answers: `--help` beside an interpreter that imports click and does nothing."""

import sys
from pathlib import Path

import pytest

GOAL = "within 3x of `import click`"
LIMIT = "click itself, then the command's own options; the interpreter starts in both"
ROUNDS = 15

HERE = Path(sys.executable).parent


@pytest.mark.parametrize("command", ["plan", "run"])
def test_help(benchmark, timed, command):
    benchmark.group = f"{command} --help"
    benchmark.extra_info.update(who="earmark", goal=GOAL, limit=LIMIT)
    timed([str(HERE / command), "--help"], rounds=ROUNDS, peak=False)


@pytest.mark.parametrize("command", ["plan", "run"])
def test_help_beside_click(benchmark, timed, command):
    benchmark.group = f"{command} --help"
    benchmark.extra_info.update(who="python -c 'import click'")
    timed([sys.executable, "-c", "import click"], rounds=ROUNDS, peak=False)
