"""`earmark selftest` as anybody types it: a short chaos with a seed, and the quick one."""

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(sys.executable).parent / "earmark"


def selftest(*words):
    done = subprocess.run(
        [PROGRAM, "selftest", *words, "--json"], capture_output=True, text=True, check=False
    )
    return done.returncode, json.loads(done.stdout), done.stderr


def test_a_short_chaos_finds_nothing():
    code, told, err = selftest("--chaos", "--seconds", "6", "--seed", "1")
    assert (code, told["found"]) == (0, []), err
    assert (told["double_payments"], told["cents_over_the_cap"], told["results_lost"]) == (0, 0, 0)
    assert told["seed"] == 1
    assert min(told["rounds"], told["runs"], told["submits"]) > 0
    assert told["kept"] is None


def test_the_quick_test_kills_one_run_and_finds_nothing():
    code, told, err = selftest("-q")
    assert (code, told["found"], err) == (0, [], "")
    assert (told["rounds"], sum(told["kills"].values())) == (1, 1)
    assert told["jobs"] > 0
