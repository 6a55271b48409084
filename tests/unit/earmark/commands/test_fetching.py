"""Fetching: one look, nothing bought, every manifest that is still there."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from earmark.fetching import Fetch, Skipped, exit_of, fetch_all, fetch_one
from earmark.screens.fetch import document, render
from earmark.terminal import Terminal
from manifests.exits import Exit
from manifests.text import write_manifest
from runner.api.errors import KeyRefused
from runner.api.interface import JobStatus
from runner.engine.world import Stop
from runner.report import Fate
from runner.start import run
from support.reports import item, report
from support.small_run import QUICK, manifest_of

PLAIN = Terminal()


def fetch(desk, plan, path=None, output=None, **ends):
    place = path or desk.folder / "m.yaml"
    return fetch_one(plan, place, output or desk.output, desk.ends(**ends), PLAIN, quiet=True)


def written(desk, plan, name="m.yaml"):
    path = desk.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    write_manifest(path, plan.head, plan.items)
    return path


def bought(desk, plan, path):
    """A run of a manifest that lies at a certain place."""
    run(plan, desk.options(manifest=path), desk.ends())


# One manifest


def test_missing_results_come_back_free_and_the_cap_stays(desk):
    plan = desk.manifest("a.mp3", "b.mp3")
    desk.run(plan, spend=50)
    shutil.rmtree(desk.output)
    found = fetch(desk, plan)
    assert (found.brought, found.exit) == (2, Exit.DONE)
    assert len(desk.api.orders) == 2
    assert desk.ledger.stored_cap("m1") == 50
    again = fetch(desk, plan)
    assert (again.brought, again.exit) == (0, Exit.DONE)


def test_only_what_is_missing_counts_as_brought(desk):
    plan = desk.manifest("a.mp3", "b.mp3")
    desk.run(plan)
    (desk.output / "a.json").unlink()
    assert fetch(desk, plan).brought == 1


def test_a_running_job_is_looked_at_once_and_left(desk):
    desk.api.ends = JobStatus.RUNNING
    plan = desk.manifest("a.mp3")
    desk.run(plan, patience=replace(QUICK, job=0.05, first_look=60.0))
    calls = len(desk.api.calls)
    found = fetch(desk, plan)
    assert (found.brought, found.exit) == (0, Exit.STOPPED_AS_TOLD)
    assert desk.api.calls[calls:].count("pages") == 1


def test_what_was_never_bought_is_none_of_its_business(desk):
    def no_key():
        raise KeyRefused("no key")

    (desk.folder / "a.mp3").write_bytes(b"changed since")
    plan = desk.manifest("a.mp3")
    found = fetch(desk, plan, api=no_key)
    assert (found.brought, found.exit, found.report.count(Fate.WAITING)) == (0, Exit.DONE, 1)


def test_with_something_to_fetch_a_key_is_needed(desk):
    def no_key():
        raise KeyRefused("no key")

    plan = desk.manifest("a.mp3")
    desk.run(plan)
    shutil.rmtree(desk.output)
    assert fetch(desk, plan, api=no_key).exit is Exit.KEY


def test_another_manifests_purchase_is_fetched_by_the_plans_digest(desk):
    """A plan that found its files paid carries their digests: no source has to be there."""
    plan = desk.manifest("a.mp3")
    desk.run(plan)
    digest = desk.ledger.items("m1")[0].sha256
    later = manifest_of([desk.item("a.mp3", sha256=digest), desk.item("b.mp3", sha256="0" * 64)], id="m2")
    (desk.folder / "a.mp3").unlink()
    found = fetch(desk, later, output=desk.folder / "elsewhere")
    assert (found.brought, found.exit) == (1, Exit.DONE)
    assert (desk.folder / "elsewhere" / "a.json").is_file()
    assert not (desk.folder / "elsewhere" / "b.json").exists()
    assert len(desk.api.orders) == 1


# Codes


@pytest.mark.parametrize(
    ("fates", "code"),
    [
        ([], 0),
        ([Fate.SAVED, Fate.WAITING, Fate.STALE, Fate.REJECTED, Fate.FAILED], 0),
        ([Fate.RUNNING], 9),
        ([Fate.LOST, Fate.RUNNING], 1),
        ([Fate.IN_DOUBT, Fate.LOST], 7),
        ([Fate.NOT_SAVED, Fate.IN_DOUBT], 8),
    ],
)
def test_the_exit_code_is_about_what_is_paid(fates, code):
    told = report(*[item(f"{n}", fate) for n, fate in enumerate(fates)])
    assert Fetch(told.manifest, Path("results"), told).exit == code


def test_signals_and_stops_come_first_and_the_strongest_of_all_manifests_counts():
    told = report(item("a", Fate.NOT_SAVED))
    interrupted = Fetch(told.manifest, Path("results"), replace(told, signal=2))
    full = Fetch(told.manifest, Path("results"), replace(told, stops=((Stop.DISK, "full"),)))
    assert (interrupted.exit, full.exit) == (130, 10)
    assert exit_of([full, interrupted]) == 130
    assert exit_of([]) == 0


# All manifests


def test_all_manifests_that_are_still_there_are_fetched_each_beside_itself(desk):
    one, two = desk.manifest("a.mp3"), desk.manifest("b.mp3", id="m2", root="..")
    paths = [written(desk, one), written(desk, two, "deep/m2.yaml")]
    bought(desk, one, paths[0])
    bought(desk, two, paths[1])
    shutil.rmtree(desk.output)
    found, skipped = fetch_all(desk.ends(), "results", PLAIN, quiet=True)
    assert ([each.brought for each in found], skipped) == ([1, 1], [])
    assert (desk.folder / "results" / "a.json").is_file()
    assert (desk.folder / "deep" / "results" / "b.json").is_file()


def test_lost_and_replaced_manifests_are_named_and_their_purchases_are_not(desk):
    bought(desk, desk.manifest("a.mp3"), desk.folder / "gone.yaml")
    bought(desk, desk.manifest("b.mp3", id="m2"), written(desk, desk.manifest("b.mp3", id="m3")))
    bought(desk, desk.manifest(id="m4"), desk.folder / "empty.yaml")  # bought nothing: nothing to say
    found, skipped = fetch_all(desk.ends(), "results", PLAIN, quiet=True)
    assert found == []
    assert [each.path.name for each in skipped] == ["gone.yaml", "m.yaml"]
    assert all("plan the same files again" in each.reason for each in skipped)
    assert "another manifest took its place" in skipped[1].reason


def test_an_interrupted_fetch_of_all_goes_no_further(desk):
    for number in (1, 2):
        plan = desk.manifest(f"{number}.mp3", id=f"m{number}")
        bought(desk, plan, written(desk, plan, f"m{number}.yaml"))
    shutil.rmtree(desk.output)
    ends = desk.ends(on_signals=lambda deliver: deliver(15))
    found, _ = fetch_all(ends, "results", PLAIN, quiet=True)
    assert [each.exit for each in found] == [143]


# The screen


def shown(*items, skipped=(), **rest):
    told = report(*items, **rest)
    return render([Fetch(told.manifest, Path("results"), told)], skipped, PLAIN)


def test_what_came_and_what_is_still_away_is_told_with_the_way_on():
    told = shown(item("a"), item("b", Fate.RUNNING), here=0)
    assert told.startswith("/home/me/manifest.yaml: 1 item fetched, 1 still away    results/\n")
    assert "  running         1   the service still works on them: b" in told
    assert "Next:  earmark fetch /home/me/manifest.yaml" in told
    assert "nothing was missing on disk" in shown(item("a"), here=1)
    assert "nothing fetched, 1 still away" in shown(item("b", Fate.NOT_SAVED))


@pytest.mark.parametrize(
    ("fate", "words"), [(Fate.IN_DOUBT, "Next:  earmark reconcile "), (Fate.LOST, "plan --pay-again")]
)
def test_what_cannot_be_fetched_has_another_way_on(fate, words):
    assert words in shown(item("a", fate))


def test_long_lists_are_cut_and_names_are_made_safe():
    told = shown(*[item(f"{n}\n.mp3", Fate.RUNNING) for n in range(9)])
    assert "and 6 more" in told
    assert "\\n.mp3" in told
    assert "the disk is full" in shown(item("a", Fate.NOT_SAVED), stops=((Stop.DISK, "the disk is full"),))


def test_of_many_manifests_those_with_news_are_shown():
    quiet, news = report(item("a"), here=1), report(item("b"), here=0)
    found = [Fetch(each.manifest, Path("results"), each) for each in (quiet, quiet, news)]
    told = render(found, [Skipped(quiet.manifest, "another manifest took its place")], PLAIN)
    assert told.count("fetched") == 1
    assert "2 manifests with nothing missing" in told
    assert "left out, another manifest took its place" in told
    assert render([], [], PLAIN) == "The ledger knows no manifest yet.\n"


def test_the_document_says_the_same():
    told = report(item("a"), item(b"\xff".decode("utf-8", "surrogateescape"), Fate.LOST), here=0)
    fetched, skipped = Fetch(told.manifest, Path("results"), told), Skipped(told.manifest, "gone")
    data = json.loads(document([fetched], [skipped]))
    (one,) = data["manifests"]
    assert (one["fetched"], one["exit"]) == (1, 1)
    assert one["left"]["lost"][0]["file_bytes"] == "ff"
    assert data["left_out"][0]["reason"] == "gone"
