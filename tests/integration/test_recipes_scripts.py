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
    wav(tmp_path / "talks" / "ep2.wav", 61)
    assert nightly(sim) == (0, "")
    assert len(sim.books.jobs) == 2
    lines = (tmp_path / "talks/earmark.log").read_text().splitlines()
    assert all(line[:2] == "20" and line[19] == "Z" for line in lines)
    assert any("DONE" in line for line in lines)


def test_cron_tells_what_to_type_where_money_is_missing(nightly, tmp_path):
    with simulator.serve(Scenario(), wallet_cents=0) as sim:
        code, out = nightly(sim)
    assert code == 3
    assert out.startswith(f"earmark: {tmp_path}/talks: above 20 dollars, or the wallet has too little")
    assert "earmark wallet topup" in out
    assert f"all of it: {tmp_path}/talks/earmark.log" in out
    assert sim.key not in out


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
