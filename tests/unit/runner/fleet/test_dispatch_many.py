"""A dispatch of very many lines: enlisted piece by piece, and to the same ends as a small one."""

from fractions import Fraction

import pytest

from manifests.exits import Exit
from runner import large, pieces
from runner.fleet import members
from runner.fleet.shift import take
from runner.report import Fate
from support.dispatching import FleetDesk
from support.fake_api import FakeApi
from support.small_run import BILLED


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch):
    monkeypatch.setattr(large, "FROM", 1)
    monkeypatch.setattr(pieces, "PIECE", 4)
    monkeypatch.setattr(members, "LINES", 3)


@pytest.fixture
def fleet(tmp_path):
    made = FleetDesk(tmp_path)
    yield made
    made.close()


def names(count):
    return [f"{number:02}.mp3" for number in range(count)]


def test_all_lines_are_offered_in_shifts_and_bought_once(fleet):
    other = fleet.host("b")
    report = fleet.dispatch(fleet.manifest(*names(14)))
    assert (report.exit, report.count(Fate.SAVED), report.amounts.spent) == (Exit.DONE, 14, 14)
    assert sorted(fleet.hands.seen + other.seen) == names(14)
    assert len(fleet.rung) == 5
    again = fleet.dispatch(fleet.manifest(*names(14)), api=lambda: pytest.fail("asked"))
    assert (again.exit, again.here) == (Exit.DONE, 14)


def test_what_fits_is_offered_in_the_manifests_order_whoever_sees_it(fleet):
    manifest = fleet.manifest(*names(10))
    there = fleet.folder / "there"
    there.mkdir()
    for name in names(10)[2:4]:
        (fleet.folder / name).rename(there / name)
    other = fleet.host("b", "there")
    report = fleet.dispatch(manifest, spend=10, fit=True)  # each may cost 2
    assert sorted(fleet.hands.seen + other.seen) == names(5)
    assert (report.count(Fate.SAVED), report.count(Fate.WAITING)) == (5, 5)


def test_lines_that_no_living_host_has_are_given_up_by_name(fleet):
    manifest = fleet.manifest(*names(9))
    (fleet.folder / "04.mp3").unlink()
    fleet.host("b", "there")
    report = fleet.dispatch(manifest)
    (item,) = report.of(Fate.STALE)
    assert (report.exit, item.file, report.count(Fate.SAVED)) == (Exit.STALE, "04.mp3", 8)
    assert "desk: " in item.reason
    assert "b: " in item.reason


def test_equal_files_are_bought_once(fleet):
    manifest = fleet.manifest(*names(4))
    (fleet.folder / "03.mp3").write_bytes((fleet.folder / "00.mp3").read_bytes())
    manifest = fleet.manifest(*names(4))
    fleet.take = take
    report = fleet.dispatch(manifest, patience=BILLED)
    assert (report.exit, report.amounts.spent, report.count(Fate.SAVED)) == (Exit.DONE, 3, 4)
    assert len(fleet.api.orders) == 3


def test_prices_that_were_accepted_go_with_the_shifts(fleet):
    api = FakeApi(live={"transcription": Fraction(3)})
    report = fleet.dispatch(fleet.manifest(*names(5)), api=lambda: api, accept_prices=True, spend=100)
    assert (report.exit, report.amounts.spent) == (Exit.DONE, 15)
