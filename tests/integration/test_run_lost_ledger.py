"""The ledger is gone, or an older copy: what was bought since is adopted from lists and receipts."""

import shutil
from contextlib import ExitStack

import pytest

import simulator
from manifests import catalogue
from manifests.exits import Exit
from runner.report import Fate
from simulator import Scenario
from support.orders import products, supply, words
from support.rehearsal import Rehearsal

MUTE = ("tts", "karaoke", "convert")
"""Services whose lists, if they have any, name no upload (docs/api.md 6)."""


@pytest.fixture
def stage(tmp_path, monkeypatch):
    """Opens a rehearsal of one service: planned, with a ledger as it is before anything was bought."""
    for name in ("AUDIOPOD_API_KEY", "AUDIOPOD_API_KEY_FILE", "AUDIOPOD_BASE_URL", "EARMARK_MAX_SPEND"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "no-state"))
    with ExitStack() as stack:

        def open_one(name):
            scenario = Scenario(job_seconds=0.0, job_seconds_per_minute=0.0)
            place = Rehearsal(tmp_path, stack.enter_context(simulator.serve(scenario, wallet_cents=5000)))
            service = catalogue.load().service(name)
            supply(place, service)
            place.plan(*words(products(service)[:1]))
            place.open()[0].close()
            shutil.copytree(place.folder / "state", place.folder / "older")
            first = place.run()
            assert first.exit is Exit.DONE
            return place, first

        yield open_one


def results(place):
    return {path.name: path.read_bytes() for path in (place.folder / "results").rglob("*.*")}


@pytest.mark.parametrize("name", [*MUTE, "transcription"])
def test_a_ledger_that_is_gone_learns_what_was_bought(stage, name):
    place, first = stage(name)
    saved = results(place)
    shutil.rmtree(place.folder / "state")
    shutil.rmtree(place.folder / "results")
    again = place.run()
    assert again.exit is Exit.DONE
    assert len(place.sim.books.jobs) == 1
    assert again.submitted == 0
    assert again.amounts.spent == first.amounts.spent == place.sim.books.spent_cents
    assert results(place) == saved
    place.check_books(again)


@pytest.mark.parametrize("name", MUTE)
def test_an_older_copy_learns_what_was_bought_since(stage, name):
    place, first = stage(name)
    place.ledger_path = place.folder / "older" / "ledger.db"
    again = place.run()
    assert again.exit is Exit.DONE
    assert len(place.sim.books.jobs) == 1
    assert again.amounts.spent == first.amounts.spent
    assert again.items[0].fate is Fate.SAVED


def test_only_without_receipts_is_it_bought_again(stage):
    """What docs/ledger.md says of services without a list."""
    place, _ = stage("tts")
    shutil.rmtree(place.folder / "state")
    (place.folder / "manifest.yaml.receipts.jsonl").unlink()
    place.run()
    assert len(place.sim.books.jobs) == 2
