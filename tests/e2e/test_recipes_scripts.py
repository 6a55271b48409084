"""The recipes for cron and GitLab, as they stand in their files, against the simulator."""

import os
import subprocess

import pytest
import yaml

import simulator
from simulator import Scenario
from support.bench import COMMANDS, wav
from support.checkout import Checkout
from support.fake_forge import FakeForge
from support.jobs import ROOT

GITLAB = yaml.safe_load((ROOT / "recipes/gitlab-ci.yml").read_text(encoding="utf-8"))


@pytest.fixture
def sim():
    with simulator.serve(Scenario(job_seconds=0.0, job_seconds_per_minute=0.0)) as sim:
        yield sim


@pytest.fixture
def shell(tmp_path):
    """Run a script: exit code and everything that it prints."""

    def do(*words, folder=tmp_path, **environ):
        plain = {
            "PATH": f"{COMMANDS}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "XDG_STATE_HOME": str(tmp_path / "state"),
        }
        ended = subprocess.run(
            ["bash", *map(str, words)],
            cwd=folder,
            env={**plain, **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return ended.returncode, ended.stdout

    return do


# cron


@pytest.fixture
def nightly(shell, tmp_path):
    """What cron would do at night."""
    wav(tmp_path / "talks" / "ep1.wav", 60)

    def do(sim, cap="20", **environ):
        told = {"AUDIOPOD_API_KEY": sim.key, "AUDIOPOD_BASE_URL": sim.url, **environ}
        return shell(ROOT / "recipes/cron.sh", tmp_path / "talks", "transcription", cap, **told)

    return do


def test_cron_says_nothing_where_all_is_well_and_keeps_a_log(nightly, sim, tmp_path):
    assert nightly(sim) == (0, "")
    assert (tmp_path / "talks/results/ep1.json").exists()
    assert len(sim.books.jobs) == 1
    lines = (tmp_path / "talks/earmark.log").read_text().splitlines()
    assert all(line[:2] == "20" and line[19] == "Z" for line in lines)
    assert any("DONE" in line for line in lines)
    # above the cap nothing is bought, and what is paid for is brought all the same
    (tmp_path / "talks/results/ep1.json").unlink()
    wav(tmp_path / "talks" / "ep2.wav", 600)
    code, out = nightly(sim, cap="0.05")
    assert (code, "above 0.05 dollars" in out, len(sim.books.jobs)) == (3, True, 1)
    assert (tmp_path / "talks/results/ep1.json").exists()


@pytest.fixture
def played(shell, tmp_path):
    """The same with commands that only say and end as they are told; how each was called."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "talks").mkdir()

    def do(plan=(0, ""), run=(0, "")):
        for name, (code, words) in {"plan": plan, "run": run, "earmark": (0, "")}.items():
            script = f"echo \"{name} $*\" >> {tmp_path}/called\ncat <<'END'\n{words}\nEND\nexit {code}\n"
            (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{script}")
            (tmp_path / "bin" / name).chmod(0o755)
        told = shell(
            ROOT / "recipes/cron.sh",
            tmp_path / "talks",
            "transcription",
            "20",
            PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        )
        return *told, (tmp_path / "called").read_text().splitlines()

    return do


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (3, "above 20 dollars, or the wallet has too little; nothing new was bought"),
        (4, "out of money in the middle, nothing is lost; top up:"),
        (5, "the key is missing or refused"),
        (7, "earmark reconcile "),
        (1, "ended with exit code 1"),
        (70, "ended with exit code 70"),
    ],
)
def test_cron_tells_what_somebody_has_to_do(played, tmp_path, code, told):
    words = "much\nGo on:  1. earmark wallet topup --amount 1\n        2. run manifest.yaml --max-spend 20"
    ended, out, _ = played(run=(code, words))
    assert ended == code
    assert out.startswith(f"earmark: {tmp_path}/talks: ")
    assert told in out
    assert "Go on:  1. earmark wallet topup --amount 1\n        2. run manifest" in out
    assert "much" not in out
    assert f"all of it: {tmp_path}/talks/earmark.log" in out


@pytest.mark.parametrize("code", [8, 9, 130, 143])
def test_cron_says_nothing_where_the_next_night_goes_on(played, code):
    assert played(run=(code, "words"))[:2] == (code, "")


def test_cron_buys_nothing_of_a_plan_that_was_refused(played):
    ended, out, called = played(plan=(2, "plan: no service 'x'"))
    assert ended == 2
    assert "plan: no service 'x'" in out
    assert [line.split()[0] for line in called] == ["plan"]


def test_cron_brings_what_is_paid_also_where_a_plan_is_refused(played, tmp_path):
    (tmp_path / "talks/manifest.yaml").touch()
    ended, _, called = played(plan=(3, "plan: above a limit"))
    assert (ended, called[-1]) == (3, "earmark fetch -- manifest.yaml")


def test_cron_plans_anew_over_its_own_manifest_alone(played, tmp_path):
    assert "--force" not in played()[2][0]
    (tmp_path / "called").unlink()
    (tmp_path / "talks/manifest.yaml").touch()
    status, plan, _ = played()[2]
    assert status == "earmark status -- manifest.yaml"
    named = f"--name {tmp_path}/talks --service transcription"
    assert plan == f"plan --force -o manifest.yaml {named} -- ."


def test_cron_is_used_rightly_and_once_at_a_time(nightly, shell, sim, tmp_path):
    cron = ROOT / "recipes/cron.sh"
    assert shell(cron) == (2, f"usage: {cron} FOLDER SERVICE MAX-SPEND\n")
    assert shell(cron, tmp_path / "nowhere", "transcription", "1")[0] == 2
    with subprocess.Popen(
        ["flock", tmp_path / "talks/.earmark.lock", "sh", "-c", "echo; cat"], stdin=-1, stdout=-1
    ) as other:
        other.stdout.readline()
        assert nightly(sim) == (0, "")
        other.stdin.close()
    assert not (tmp_path / "talks/manifest.yaml").exists()


# GitLab


def scripts(job):
    """What a runner of GitLab does of a job, but for what installs packages: line by line."""
    assert GITLAB[job]["extends"] == ".earmark"
    return "set -eo pipefail\n" + "\n".join(GITLAB[job]["script"])


def variables(job, folder):
    told = {**GITLAB["variables"], **GITLAB[job].get("variables", {}), "CI": "true"}
    told["XDG_STATE_HOME"] = str(folder / "state")
    return {
        name: told["AUDIO_MAX_SPEND"] if each == "$AUDIO_MAX_SPEND" else each for name, each in told.items()
    }


def test_gitlab_prices_a_merge_request_and_buys_what_was_merged(shell, sim, tmp_path):
    origin = Checkout(tmp_path / "origin")
    origin.folder.mkdir()
    origin.begin()
    origin.wav("podcasts/ep1.wav")
    base = origin.commit()
    origin.git("checkout", "-q", "-b", "topic")
    origin.wav("podcasts/ep2.wav", 90)
    origin.commit()
    origin.git("config", "uploadpack.allowReachableSHA1InWant", "true")
    work = tmp_path / "work"
    origin.git("clone", "-q", "--depth=1", "--branch=topic", f"file://{origin.folder}", str(work))
    with FakeForge(login="project_bot").serving() as forge:
        about = {**forge.gitlab(), "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
        code, out = shell("-c", scripts("price"), folder=work, **variables("price", tmp_path), **about)
        assert code == 0, out
        assert "### This change costs $0.02" in forge.comments[0]["body"]
    buying = {"AUDIOPOD_API_KEY": sim.key, "AUDIOPOD_BASE_URL": sim.url}
    code, out = shell("-c", scripts("buy"), folder=work, **variables("buy", tmp_path), **buying)
    assert code == 0, out
    assert len(sim.books.jobs) == 2
    for name in (*GITLAB["buy"]["artifacts"]["paths"], GITLAB["buy"]["artifacts"]["reports"]["junit"]):
        assert (work / name).exists()


def test_gitlab_keeps_the_ledger_however_a_job_ends_and_runs_one_at_a_time():
    buy = GITLAB["buy"]
    assert buy["cache"]["when"] == buy["artifacts"]["when"] == "always"
    assert buy["resource_group"]
    assert buy["interruptible"] is False
    assert GITLAB["price"]["cache"]["policy"] == "pull"
