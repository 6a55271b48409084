"""Content, not names: equal sound is bought once, whatever it is called and however it is tagged."""

import shutil
from pathlib import Path

import mutagen
import pytest

import simulator
from earmark.main import load, through_the_door
from manifests.exits import Exit
from manifests.text import read_manifest
from runner.report import Fate
from simulator import Scenario
from support.hurry import HURRIED, hurry
from support.rehearsal import Rehearsal

EPISODE = Path(__file__).parents[2] / "examples" / "podcasts" / "ep01.mp3"
NAMES = 10


@pytest.fixture
def it(tmp_path, monkeypatch):
    """A rehearsal whose plans look into its ledger."""
    hurry(monkeypatch)
    monkeypatch.setenv("EARMARK_LEDGER", str(tmp_path / "state" / "ledger.db"))
    with simulator.serve(Scenario(job_seconds=0.0, job_seconds_per_minute=0.0), wallet_cents=5000) as sim:
        yield Rehearsal(tmp_path, sim, patience=HURRIED)


def copies(folder, title):
    """Ten copies under names and tags of their own."""
    folder.mkdir()
    for number in range(NAMES):
        path = folder / f"{title} {number}.mp3"
        shutil.copy(EPISODE, path)
        tagged = mutagen.File(path, easy=True)
        tagged["title"] = f"{title} number {number} " * (number + 1)
        tagged.save()


def told(it, capsys, folder, output):
    """What `earmark plan` says, on one line."""
    capsys.readouterr()
    arguments = [str(it.folder / folder), "--service", "transcription", "-o", str(it.folder / output)]
    assert through_the_door("plan", lambda: load("plan"), arguments) == 0
    return " ".join(capsys.readouterr().out.split())


def test_ten_names_and_tags_of_one_sound_are_one_purchase_now_and_later(it, capsys):
    copies(it.folder / "now", "episode")
    plan = told(it, capsys, "now", "now.yaml")
    items = read_manifest(it.folder / "now.yaml").items
    price = sum(item.cents for item in items)
    assert [item.cents for item in items].count(0) == NAMES - 1
    assert "1 to pay, 9 the same audio as others" in plan
    assert f"saves ${price * 9 / 100:.2f}" in plan

    first = it.run("now.yaml", results=it.folder / "first")
    assert first.exit is Exit.DONE
    assert first.count(Fate.SAVED) == NAMES
    assert first.amounts.spent == it.sim.books.spent_cents == price
    assert len(list((it.folder / "first").glob("*.txt"))) == NAMES

    copies(it.folder / "later", "rerun")
    plan = told(it, capsys, "later", "later.yaml")
    assert "0 to pay, 10 paid before" in plan
    assert f"saves ${price * 10 / 100:.2f}" in plan
    second = it.run("later.yaml", results=it.folder / "second")
    assert second.exit is Exit.DONE
    assert second.amounts.committed == 0
    assert len(list((it.folder / "second").glob("*.txt"))) == NAMES
    assert len(it.sim.books.submits) == 1
