"""`--help` is quick: it loads nothing heavy, whichever command is asked."""

import json
import os
import subprocess
import sys

import pytest

from earmark.main import COMMANDS

HEAVY = {
    "asyncio", "av", "fsspec", "httpcore", "httpx", "msgspec", "mutagen", "numpy", "psycopg",
    "soundfile", "sqlite3", "starlette", "tenacity", "tqdm", "uvicorn", "yaml",
}  # fmt: skip
"""Each costs from 10 to 200 ms."""

PROGRAM = """
import json, sys
script, *arguments = sys.argv[1:]
sys.argv = [script, *arguments]
from earmark import main
try:
    getattr(main, script)()
except SystemExit as end:
    json.dump({"code": end.code or 0, "modules": sorted(sys.modules)}, sys.stderr)
"""


def modules_after(program, *arguments):
    """What a program tells of its end; without the coverage of child processes, which loads a lot."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    ended = subprocess.run(
        [sys.executable, "-P", "-c", program, *arguments],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout
    return json.loads(ended.stderr)


def loaded_by(script, *arguments):
    """The top-level modules in memory after a console script did its work."""
    told = modules_after(PROGRAM, script, *arguments)
    assert told["code"] == 0
    return {name.partition(".")[0] for name in told["modules"]}


@pytest.mark.parametrize(
    "words",
    [("plan", "--help"), ("run", "--help"), ("earmark", "--help"), ("earmark", "--version")]
    + [("earmark", name, "--help") for name in COMMANDS],
    ids=" ".join,
)
def test_help_loads_nothing_heavy(words):
    assert loaded_by(*words) & HEAVY == set()


def test_a_heavy_module_would_be_seen():
    program = PROGRAM.replace("import json, sys", "import json, sys, tenacity", 1)
    assert "tenacity" in modules_after(program, "plan", "--help")["modules"]


def test_a_plan_that_tells_of_no_events_loads_nothing_that_runs(tmp_path):
    prompts = tmp_path / "prompts.yaml"
    prompts.write_text("- a slow tune for two harps\n")
    output = str(tmp_path / "manifest.yaml")
    told = modules_after(
        PROGRAM, "plan", str(prompts), "--service", "music", "--set", "audio_duration=60", "-o", output
    )
    assert told["code"] == 0
    loaded = set(told["modules"])
    assert not any(name.startswith(("runner.engine", "runner.report")) for name in loaded)
    assert not {"asyncio", "httpx", "numpy", "tenacity"} & loaded
