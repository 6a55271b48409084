"""Where results lie, as the ledger has it: what is told later names the folder that a run was told of."""

import shutil
from dataclasses import replace
from pathlib import Path

from earmark.results_folder import output_flag, results_folder
from earmark.screens.status import asked_of, following
from earmark.standing import standing
from runner.api.interface import Rejected
from runner.fleet.terms import shift_terms
from runner.ledger.runs import RunBy
from runner.options import RunOptions


def folder(desk, ledger="its own"):
    return results_folder(desk.folder / "m.yaml", "m", desk.ledger if ledger == "its own" else ledger)


def bought(desk, output):
    desk.output = desk.folder / output
    plan = desk.manifest("a.mp3", "s/b.mp3", id="m")
    desk.run(plan)
    return plan


def test_results_lie_beside_the_manifest_where_nobody_said_otherwise(desk):
    usual = desk.folder / "results"
    assert folder(desk) == folder(desk, ledger=None) == usual
    bought(desk, "results")
    assert folder(desk) == usual
    assert output_flag(desk.folder / "m.yaml", usual) == {}


def test_the_folder_that_a_run_was_told_of_is_found_again(desk, monkeypatch):
    bought(desk, "else where")
    assert folder(desk) == desk.folder / "else where"
    monkeypatch.chdir(desk.folder)
    assert folder(desk) == Path("else where")


def test_where_one_of_several_hosts_keeps_results_is_not_where_the_run_does(desk):
    bought(desk, "of host b")
    terms = shift_terms(RunOptions(desk.folder / "m.yaml", desk.folder / "results"), {}, None)
    with desk.ledger.transaction():
        desk.ledger.begin_run("m", RunBy())
        desk.ledger.begin_dispatch("m", "", terms.encoded(), 100)
    assert folder(desk) == desk.folder / "results"


def test_a_folder_that_was_moved_away_is_not_looked_for(desk):
    bought(desk, "elsewhere")
    shutil.move(desk.output, desk.folder / "results")
    assert folder(desk) == desk.folder / "results"


def test_what_goes_on_goes_on_in_the_same_folder(desk):
    desk.api.outcome = lambda order, _nth: Rejected("no") if order.path.name == "b.mp3" else None
    plan = bought(desk, "else where")
    found = standing(plan, desk.folder / "m.yaml", folder(desk), desk.ledger, lambda _: False)
    _, others = following(found, asked_of(found, None))
    assert f"--output '{desk.folder}/else where'" in others[0].command
    next(each for each in desk.output.rglob("*") if each.is_file()).unlink()
    found = standing(plan, desk.folder / "m.yaml", folder(desk), desk.ledger, lambda _: False)
    _, (fetch, *_) = following(found, replace(asked_of(found, None), manifest="m.yaml"))
    assert fetch.command == f"earmark fetch m.yaml --output '{desk.folder}/else where'"
