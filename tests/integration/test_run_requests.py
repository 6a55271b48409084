"""How often a run asks: besides submits and results, once an item at most, of services that have lists."""

import pytest

import simulator
from manifests.exits import Exit
from runner.api.client import AudioPod
from runner.engine.timing import Patience
from simulator import Scenario
from support.counting import RESULT, SMALL, SUBMIT, Counting
from support.rehearsal import Rehearsal


@pytest.mark.parametrize("files", [20, pytest.param(500, marks=pytest.mark.long)])
def test_a_run_asks_less_than_once_an_item_beside_submits_and_results(tmp_path, files):
    """The waits are the usual ones: shorter waits would mean more looks."""
    scenario = Scenario(job_seconds=0.0, job_seconds_per_minute=0.0)
    with simulator.serve(scenario, wallet_cents=50_000) as sim:
        it = Rehearsal(tmp_path, sim, patience=Patience())
        it.record(*(f"r{number}.wav" for number in range(files)), seconds=1)
        it.plan("--service", "transcription", "--service", "stems:two")
        counting = Counting()
        with AudioPod(sim.url, sim.key, transport=counting) as client:
            report = it.run(api=lambda: client)
    items = 2 * files
    assert report.exit is Exit.DONE
    assert counting.requests[SUBMIT] == items
    assert counting.requests[RESULT] == items * 2  # json and txt, two stems
    assert counting.requests[SMALL] < items, counting.small
    assert not any("/jobs/N" in path for path in counting.small), "a job was read that a list had shown"
