"""How often a fleet asks: hosts on one server read lists, bills, wallet and prices once for all of them."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

import simulator
from runner.fleet.sharing import LIST_REST
from simulator import Scenario
from support.rehearsal import Rehearsal

RUN = Path(sys.executable).parent / "run"


@pytest.fixture
def hosts(tmp_path, database):
    """Start `run` for manifests of their own, each a process, all on one wallet and one ledger."""
    scenario = Scenario(job_seconds=4.0, job_seconds_per_minute=0.0)
    with simulator.serve(scenario, wallet_cents=50_000) as sim:
        environ = {
            **os.environ,
            "EARMARK_LEDGER": database,
            "AUDIOPOD_API_KEY": sim.key,
            "AUDIOPOD_BASE_URL": sim.url,
        }
        earmark = RUN.with_name("earmark")
        subprocess.run([earmark, "ledger", "migrate"], env=environ, check=True, capture_output=True)

        def run(count):
            running = []
            for number in range(count):
                it = Rehearsal(tmp_path / f"host{number}", sim)
                it.record(*(f"h{number}r{each}.wav" for each in range(8)), seconds=1)
                it.plan("--service", "transcription")
                command = [RUN, "manifest.yaml", "--yes", "-q", "-vv"]
                running.append(
                    subprocess.Popen(command, cwd=it.folder, env=environ, stderr=subprocess.PIPE, text=True)
                )
            return [(each.communicate(timeout=120)[1], each.returncode) for each in running]

        yield run, sim


@pytest.mark.long
def test_the_looks_of_several_runs_are_bounded_by_time_and_not_by_runs(hosts, database):
    """Beside them each shift reads the list back before its first submit, and each run before each gate."""
    run, sim = hosts
    began = time.monotonic()
    ended = run(3)
    seconds = time.monotonic() - began
    assert [code for _, code in ended] == [0, 0, 0], "\n---\n".join(err for err, _ in ended)
    assert sim.books.paid_twice() == ()
    assert len(sim.books.jobs) == 24
    with psycopg.connect(database) as connection:
        ((looks,),) = connection.execute(
            "SELECT begun FROM looks WHERE name = 'list transcription'"
        ).fetchall()
        ((shifts,),) = connection.execute("SELECT count(*) FROM shifts").fetchall()
        ((settled, held),) = connection.execute("SELECT count(charge), sum(hold) FROM attempts").fetchall()
    assert (settled, held) == (24, 0)
    calls = [line.split()[2] for err, _ in ended for line in err.splitlines() if line.startswith("call ")]
    assert looks <= seconds / LIST_REST + 1
    assert calls.count("/api/v1/transcription/jobs") <= looks + shifts + 2 * len(ended)
    assert not [path for path in calls if re.fullmatch(r"/api/v1/transcription/jobs/\d+", path)]
