"""The built wheel, installed in an environment of its own and used from another folder.

`make wheel` builds it, installs it and names both: EARMARK_WHEEL and EARMARK_WHEEL_VENV.
"""

import json
import os
import subprocess
from pathlib import Path
from zipfile import ZipFile

import pytest

pytestmark = pytest.mark.wheel

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
ROOMS = {"earmark", "planner", "runner", "stores", "manifests", "simulator"}
SCRIPTS = ("plan", "run", "earmark")


@pytest.fixture(scope="module")
def contents():
    """The names of all files in the wheel."""
    with ZipFile(ROOT / os.environ["EARMARK_WHEEL"]) as wheel:
        return wheel.namelist()


@pytest.fixture
def typed(tmp_path):
    """Run a program of the wheel's environment in a folder that has nothing of the checkout."""
    programs = ROOT / os.environ["EARMARK_WHEEL_VENV"] / "bin"

    def run(program, *arguments, **environ):
        return subprocess.run(
            [programs / program, *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, **environ, "PYTHONPATH": ""},
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    return run


@pytest.fixture
def simulated(tmp_path, typed):
    """The wheel's own simulator, started as a user starts it; the environment that it prints."""
    program = ROOT / os.environ["EARMARK_WHEEL_VENV"] / "bin" / "earmark"
    started = subprocess.Popen(
        [program, "simulate", "--port", "0", "--wallet", "5", "--job-seconds", "0", "--quiet"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    exports = [started.stdout.readline() for _ in range(3)]
    pairs = [line.removeprefix("export ").strip().partition("=") for line in exports]
    yield {name: value for name, _, value in pairs}
    started.terminate()
    assert started.wait(20) in (0, 143)
    started.stdout.close()


def test_it_holds_our_rooms_and_nothing_else(contents):
    tops = {name.partition("/")[0] for name in contents}
    assert {top for top in tops if not top.endswith(".dist-info")} == ROOMS
    assert len(tops) == len(ROOMS) + 1


@pytest.mark.parametrize(
    "name",
    [
        "runner/ledger/sqlite/schema.sql",
        "manifests/services.toml",
        "manifests/schema/manifest.schema.json",
        "manifests/schema/report.schema.json",
        "manifests/schema/policy.schema.json",
        "manifests/examples/small.yaml",
        "earmark/__main__.py",
        "earmark/reports/page/report.html",
        "earmark/reports/page/vendor/chart.umd.min.js",
        "earmark/reports/page/vendor/chart.js-LICENSE.md",
    ],
)
def test_it_holds_what_is_read_at_run_time(contents, name):
    assert name in contents


def test_it_holds_every_module_and_its_licence_but_no_leftovers(contents):
    modules = {str(path.relative_to(ROOT)) for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    assert {name for name in contents if name.endswith(".py")} == modules
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in contents)
    assert not [name for name in contents if name.endswith((".pyc", ".db", ".orig", "~"))]


def test_it_is_what_runs_here(typed):
    shown = typed(
        "python", "-c", "import earmark, planner, runner, manifests, simulator as s; print(s.__file__)"
    )
    assert shown.stdout.startswith(str(ROOT / os.environ["EARMARK_WHEEL_VENV"] / "lib"))


@pytest.mark.parametrize("script", SCRIPTS)
def test_each_script_has_help(typed, script):
    shown = typed(script, "--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith(f"Usage: {script} ")


def test_python_m_earmark_is_the_same(typed):
    assert typed("python", "-m", "earmark", "--help").stdout == typed("earmark", "--help").stdout


def test_it_tells_the_version_of_its_metadata(typed, contents):
    version = next(name for name in contents if ".dist-info/" in name).split("-")[1].removesuffix(".dist")
    assert typed("earmark", "--version").stdout.strip().endswith(version)


def test_the_examples_are_planned_and_run(typed, simulated, tmp_path):
    planned = typed("plan", EXAMPLES, "--service", "transcription", "--exclude", "songs/**", **simulated)
    assert planned.returncode == 0, planned.stderr
    again = typed("plan", EXAMPLES, "--service", "transcription", "--exclude", "songs/**", "--json", "--force", **simulated)  # fmt: skip # noqa: E501
    cap = json.loads(again.stdout)["planned"]["total"]["ceiling"]
    ran = typed("run", "manifest.yaml", "--max-spend", f"{cap / 100:.2f}", "--json", **simulated)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["outcome"] == "done"
    results = {path.name for path in (tmp_path / "results").rglob("*") if path.is_file()}
    assert {"ep01.json", "ep02.json", "walkthrough.json"} <= results


def test_the_demo_works_from_the_wheel(typed, tmp_path):
    shown = typed("earmark", "demo", EXAMPLES, "--output", tmp_path / "demo", "--job-seconds", "0")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "the ledger says the same" in shown.stdout
