"""The action, step by step against the simulator: a pull request, the push after it, and what goes wrong."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

import simulator
from simulator import Scenario
from support import pages
from support.bench import COMMANDS
from support.checkout import Checkout
from support.fake_forge import FakeForge
from support.jobs import ACTION, ROOT, Job, Stores

WORKFLOW = ROOT / "recipes/github/workflow.yml"


@pytest.fixture
def world(tmp_path):
    """A repository on a server with one recording on main, and what outlives its jobs."""
    origin = Checkout(tmp_path / "origin")
    origin.folder.mkdir()
    origin.begin()
    origin.wav("podcasts/ep1.wav")
    origin.commit()
    return origin, Stores(tmp_path / "stores")


@pytest.fixture
def job(tmp_path, world):
    """Do the jobs of a workflow: each has a fresh checkout of one commit, as `actions/checkout` makes it."""
    origin, stores = world
    count = 0

    def do(event, environ, ref="main", **inputs):
        nonlocal count
        count += 1
        folder = tmp_path / f"job-{count}" / "checkout"
        folder.parent.mkdir()
        origin.git("clone", "-q", "--depth=1", f"--branch={ref}", f"file://{origin.folder}", str(folder))
        given = {"paths": "podcasts\n", "service": "\n transcription \n", "max-spend": "20", **inputs}
        told = {"GITHUB_EVENT_NAME": event, **environ}
        about = {}
        if event == "pull_request":
            path = tmp_path / f"event-{count}.json"
            base, head = (origin.git("rev-parse", name) for name in ("main", "topic"))
            about = {"pull_request": {"number": 7, "base": {"sha": base}, "head": {"sha": head}}}
            path.write_text(json.dumps(about))
            told["GITHUB_EVENT_PATH"] = str(path)
        return Job(folder, stores, given, told, about, count).run()

    return do


def test_a_pull_request_is_priced_and_bought_once_it_is_merged(world, job):
    origin, stores = world
    origin.git("checkout", "-q", "-b", "topic")
    origin.wav("podcasts/ep2.wav", 90)
    origin.commit()
    origin.git("checkout", "-q", "-b", "merged", "main")
    origin.wav("podcasts/of somebody else.wav", 61)  # main went on since the event
    origin.commit()
    origin.git("merge", "-q", "--no-edit", "topic")
    origin.git("config", "uploadpack.allowReachableSHA1InWant", "true")
    with (
        FakeForge().serving() as forge,
        simulator.serve(Scenario(job_seconds=0.0, job_seconds_per_minute=0.0)) as sim,
    ):
        dear = {**forge.environ(), "GITHUB_REPOSITORY": "owner/name"}
        request = job("pull_request", dear, ref="merged", **{"fail-above": "0.01"})
        assert request.failed == 3, request.log
        assert "the change costs more than fail-above" in request.log
        assert "### This change costs $0.02" in forge.comments[0]["body"]
        assert "ep2.wav" in forge.comments[0]["body"]
        assert "somebody" not in forge.comments[0]["body"]
        assert "ep1.wav" not in forge.comments[0]["body"]
        assert request.outputs["diff"] == {"exit": "3"}
        assert (stores.folder / "artifacts/earmark-earmark/report.html").exists()
        assert "### 3 items" in request.summary.read_text()  # what plan adds by itself
        assert sim.books.jobs == ()
        assert stores.of("ledger") == []

        origin.git("checkout", "-q", "main")
        origin.git("merge", "-q", "topic")
        buying = {"run": "true", "api-key": sim.key, "base-url": sim.url}
        first = job("push", {}, **buying)
        assert first.failed == 0, first.log
        assert "No pull request, and no base to compare with." in first.log
        assert (len(sim.books.jobs), len(stores.of("ledger"))) == (2, 1)
        assert sim.key not in first.log
        assert sorted(path.name for path in (first.workspace / "results").rglob("*.json")) == [
            "ep1.json",
            "ep2.json",
        ]
        report = json.loads((stores.folder / "artifacts/earmark-earmark/report.json").read_text())
        assert report["amounts"]["spent"] == 3

        fetched = sim.books.downloads
        again = job("push", {}, **buying)  # another machine: ledger and results come from the cache
        assert again.failed == 0, again.log
        assert sim.books.downloads == fetched
        assert (len(sim.books.jobs), sim.books.paid_twice()) == (2, ())
        assert len(stores.of("ledger")) == 2


def test_a_run_that_fails_keeps_its_ledger_and_its_report(world, job):
    _, stores = world
    with simulator.serve(Scenario(job_seconds=0.0, job_seconds_per_minute=0.0), wallet_cents=0) as sim:
        buying = {"run": "true", "api-key": sim.key, "base-url": sim.url}
        ended = job("push", {}, **buying)
    assert (ended.failed, ended.outputs["run"]) == (3, {"exit": "3"}), ended.log
    assert len(stores.of("ledger")) == 1
    assert (stores.folder / "artifacts/earmark-earmark/junit.xml").exists()
    early = job("push", {}, **{**buying, "service": "no such one"})  # nothing to keep: no run began
    assert (early.failed, "run" in early.outputs, len(stores.of("ledger"))) == (2, False, 1)


def test_no_plan_takes_the_ledger_of_one_whose_name_begins_alike():
    for step in ACTION["runs"]["steps"]:
        with_ = step.get("with", {})
        if "restore-keys" in with_:
            key, prefix = (
                with_[each].replace("${{ inputs.name }}", "pods").strip() for each in ("key", "restore-keys")
            )
            assert key.startswith(prefix)
            assert not key.replace("pods", "pods-extra").startswith(prefix)


# Scripts by themselves


@pytest.fixture
def script(tmp_path):
    """Run one script of the action."""

    def do(name, **environ):
        told = tmp_path / "output"
        plain = {
            "PATH": f"{COMMANDS}:{os.environ['PATH']}",
            "GITHUB_OUTPUT": str(told),
            "GITHUB_EVENT_NAME": "push",
        }
        given = dict.fromkeys(environment_of(name), "")
        ended = subprocess.run(
            ["bash", str(ROOT / "recipes/github" / name)],
            cwd=tmp_path,
            env={**plain, **given, **environ},
            capture_output=True,
            text=True,
            check=False,
        )
        assert not (tmp_path / "owned").exists()
        return ended.returncode, ended.stdout + ended.stderr

    return do


def environment_of(name):
    (step,) = [each for each in ACTION["runs"]["steps"] if each.get("run", "").endswith(f'/{name}"')]
    return [variable for variable in step["env"] if variable != "XDG_STATE_HOME"]


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"AUDIOPOD_API_KEY": "ap_key"}, "run: true needs max-spend"),
        ({"INPUT_MAX_SPEND": "5"}, "run: true needs api-key"),
        ({"GITHUB_EVENT_NAME": "pull_request_target"}, "run: true in a pull request"),
        ({"GITHUB_EVENT_NAME": "pull_request"}, "run: true in a pull request"),
    ],
)
def test_a_run_is_refused_where_it_could_surprise(script, environ, told):
    code, out = script("run.sh", **environ)
    assert (code, told in out) == (2, True)


@pytest.mark.parametrize(
    ("codes", "code", "told"),
    [
        (("0", "0"), 0, ""),
        (("0", ""), 0, ""),
        (("3", "0"), 3, "the plan costs more than max-spend"),
        (("0", "3"), 3, "the change costs more"),
        (("3", "3"), 3, "the change costs more"),
    ],
)
def test_the_gate_stops_what_plan_or_diff_refused(script, codes, code, told):
    ended, out = script("gate.sh", PLAN_EXIT=codes[0], DIFF_EXIT=codes[1])
    assert (ended, told in out) == (code, True)


def test_inputs_are_words_and_never_code(script):
    assert script("diff.sh", INPUT_BASE="--upload-pack=touch owned")[0] == 2
    code, out = script(
        "plan.sh",
        INPUT_SERVICE="$(touch owned)\n",
        INPUT_PATHS="; touch owned\n`touch owned`",
        INPUT_NAME="x",
        INPUT_MANIFEST="m.yaml",
    )
    assert (code, "no service '$(touch owned)'" in out) == (2, True)


@pytest.mark.parametrize("name", ["", "a--b", "-a", "a b", "$(touch owned)", "a\nb", "a" * 65])
def test_a_name_under_which_another_ledger_could_be_found_is_refused(script, name):
    code, out = script("plan.sh", INPUT_NAME=name)
    assert (code, "name takes up to 64 letters" in out) == (2, True)


# What is written down


def test_no_script_holds_an_expression():
    for page in (ROOT / "action.yml", *(ROOT / "recipes").rglob("*.yml")):
        assert all("${{" not in script for script in scripts_in(yaml.safe_load(page.read_text())))
    assert "${{" not in "".join(path.read_text() for path in (ROOT / "recipes").rglob("*.sh"))


def scripts_in(node):
    """What stands under a `run` or a `script`, wherever; `run: 'true'` of a `with` is none."""
    if isinstance(node, dict):
        for key, each in node.items():
            if key in ("run", "script", "before_script"):
                yield from [each] if isinstance(each, str) else each if isinstance(each, list) else []
            yield from scripts_in(each)
    elif isinstance(node, list):
        for each in node:
            yield from scripts_in(each)


def test_each_step_has_what_it_needs():
    for step in ACTION["runs"]["steps"]:
        assert ("uses" in step) != ("run" in step)
        assert step["name"]
        assert "uses" in step or step["shell"] == "bash"
        assert set(step) <= {"name", "id", "if", "shell", "env", "run", "uses", "with"}
    assert ACTION["runs"]["using"] == "composite"
    assert set(ACTION) == {"name", "description", "branding", "inputs", "outputs", "runs"}
    used = set(re.findall(r"inputs\.([a-z-]+)", (ROOT / "action.yml").read_text()))
    assert used == set(ACTION["inputs"])
    steps = {step.get("id") for step in ACTION["runs"]["steps"]}
    assert set(re.findall(r"steps\.([a-z]+)\.", (ROOT / "action.yml").read_text())) <= steps


def test_scripts_get_every_variable_that_they_read():
    library = (ROOT / "recipes/github/lib.sh").read_text()
    for step in ACTION["runs"]["steps"]:
        name = Path(step.get("run", "").rpartition("/")[2].rstrip('"')).name
        if not name:
            continue
        script = (ROOT / "recipes/github" / name).read_text()
        text = script + (library if "what_to_buy\n" in script else "")
        read = set(re.findall(r"\$\{?((?:INPUT|AUDIOPOD|PLAN|DIFF)_[A-Z_]+)", text))
        assert read - {"AUDIOPOD_BASE_URL"} <= set(step.get("env", {})), name


def test_the_example_gives_only_inputs_that_there_are_and_cancels_nothing():
    example = yaml.safe_load(WORKFLOW.read_text())
    for each in example["jobs"].values():
        for step in each["steps"]:
            if "earmark@" in step.get("uses", ""):
                assert set(step["with"]) <= set(ACTION["inputs"])
    packed = [step.get("run", "") for step in example["jobs"]["buy"]["steps"]]
    kept = [step.get("with", {}).get("path") for step in example["jobs"]["buy"]["steps"]]
    assert any(f"tar -czf {kept[-1]} results" in each for each in packed)
    assert example["concurrency"]["cancel-in-progress"] is False
    assert example["permissions"] == {"contents": "read"}
    assert "secrets" not in str(example["jobs"]["price"])


def test_the_manual_tells_every_input():
    tables = pages.tables(pages.sections("docs/ci.md")["GitHub"])
    told = {word for row in tables[1] for word in pages.words(row[0])}
    assert told == set(ACTION["inputs"])
    defaults = {pages.words(row[0])[0]: pages.words(row[1]) for row in tables[1]}
    for name, each in ACTION["inputs"].items():
        if name in defaults and each.get("default") and "${{" not in each["default"]:
            assert defaults[name] == [each["default"]]
