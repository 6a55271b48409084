"""Where a large manifest stands: counted in the ledger, it is what a look at each line says."""

import os

import pytest

from earmark import counting
from earmark.screens.status import asked_of, render
from earmark.standing import at_once, standing
from earmark.status_command import status
from earmark.terminal import Terminal
from manifests.money import Cents
from manifests.text import read_manifest, write_manifest
from runner.api.interface import Doubtful, JobStatus, Rejected
from runner.report import Fate
from runner.stamps import mark_of
from support.small_run import manifest_of

NAMES = ("a.mp3", "b.mp3", "c.mp3", "d.mp3", "e.mp3")


@pytest.fixture(autouse=True)
def _large(monkeypatch):
    """Two lines are many."""
    monkeypatch.setattr(counting, "FROM", 2)


@pytest.fixture
def path(desk):
    """A manifest of five recordings and one that sounds like the first."""
    items = [desk.item(name) for name in NAMES]
    (desk.folder / "same.mp3").write_bytes(b"a.mp3")
    plan = manifest_of([*items, desk.item("same.mp3")])
    write_manifest(desk.folder / "m.yaml", plan.head, plan.items)
    return desk.folder / "m.yaml"


def idle(_manifest_id):
    return False


def run(desk, path, **changes):
    return desk.run(read_manifest(path), as_read=mark_of(path), **changes)


def both(desk, path, taken=idle):
    """Standing and screen, counted and looked at; the counted screen without the line that says so."""
    ledger = desk.ledger
    quick = at_once(path, desk.output, ledger, taken)
    exact = standing(read_manifest(path), path, desk.output, ledger, taken)
    screens = [render(found, asked_of(found, None), Terminal()) for found in (quick, exact)]
    return quick, exact, screens[0].replace(f"  {counting_words()}\n", ""), screens[1]


def counting_words():
    return "Counted in the ledger, without a look at each result; --json looks at all."


def test_before_the_first_run_the_head_tells(desk, path):
    quick, _, counted, looked = both(desk, path)
    assert (quick.known, quick.items, counted) == (False, 6, looked)


def test_after_a_run_it_is_what_the_lines_say(desk, path):
    outcomes = {"b.mp3": Doubtful("lost"), "c.mp3": Rejected("not audio")}
    desk.api.outcome = lambda order, _nth: outcomes.get(order.path.name)
    run(desk, path)
    quick, exact, counted, looked = both(desk, path)
    assert quick.counted
    assert [each.count for each in exact.sums] == [4, 1, 1]
    assert counted == looked
    assert "not audio" in counted


def test_what_failed_and_what_waits_lead_to_the_same_next_step(desk, path):
    desk.api.ends = JobStatus.FAILED
    run(desk, path, fit=True, spend=4)
    _, exact, counted, looked = both(desk, path)
    assert exact.report.count(Fate.WAITING)
    assert counted == looked


def test_lines_that_no_run_has_met_yet_count_at_their_price(desk, path):
    (desk.folder / "e.mp3").unlink()  # stale: not bound
    run(desk, path, skip_changed=True)
    quick, exact, _, _ = both(desk, path)
    waiting = [found.report.tally.end(Fate.WAITING) for found in (quick, exact)]
    assert waiting[0].items == waiting[1].items == 1
    assert waiting[0].cents.expected == waiting[1].cents.expected > 0


def test_what_another_manifest_bought_since_is_not_here_yet(desk, path):
    run(desk, path, spend=1)  # less than any costs: the lines are known
    desk.run(desk.manifest("a.mp3", "b.mp3", id="other"), output=desk.folder / "elsewhere")
    quick, _, counted, looked = both(desk, path)
    assert quick.report.count(Fate.NOT_SAVED) == 3
    assert counted == looked
    run(desk, path, spend=100)
    assert both(desk, path)[0].report.count(Fate.SAVED) == 6


def test_what_is_on_its_way_up_is_told_apart_while_a_run_is_under_way(desk, path):
    desk.api.outcome = lambda order, _nth: Doubtful("lost") if order.path.name == "b.mp3" else None
    run(desk, path)
    desk.ledger.db.execute("UPDATE attempts SET state = 'sending' WHERE state = 'in doubt'")
    desk.ledger.db.execute("UPDATE parts SET state = 'sending' WHERE state = 'in doubt'")
    quick, exact, counted, looked = both(desk, path, lambda _manifest_id: True)
    assert quick.sending.count == exact.sending.count == 1
    assert counted == looked


def test_an_edited_manifest_and_a_small_one_are_looked_at(desk, path, monkeypatch):
    run(desk, path)
    assert at_once(path, desk.output, desk.ledger, idle)
    path.write_text(path.read_text() + "# a comment\n")
    assert at_once(path, desk.output, desk.ledger, idle) is None
    monkeypatch.setattr(counting, "FROM", 7)
    assert at_once(path, desk.output, desk.ledger, idle) is None


def test_a_line_that_was_taken_out_before_the_last_run_is_looked_for(desk, path):
    run(desk, path)
    plan = manifest_of([desk.item(name) for name in NAMES[:3]])
    write_manifest(path, plan.head, plan.items)
    run(desk, path)
    assert at_once(path, desk.output, desk.ledger, idle) is None  # its money belongs to no line


def test_a_head_that_counts_other_lines_than_there_are_is_not_believed(desk, path):
    path.write_bytes(b"\n".join(path.read_bytes().splitlines()[:-1]) + b"\n")
    assert at_once(path, desk.output, None, idle) is None
    assert at_once(path, desk.output, desk.ledger, idle) is None


def test_the_cap_of_the_head_stands_before_the_first_run(desk):
    plan = manifest_of([desk.item("a.mp3"), desk.item("b.mp3")], cap=Cents(1))
    write_manifest(desk.folder / "m.yaml", plan.head, plan.items)
    found = at_once(desk.folder / "m.yaml", desk.output, None, idle)
    assert found.report.amounts.cap == 1


def test_a_manifest_that_comes_through_a_pipe_is_read_once(path, monkeypatch, capsys):
    monkeypatch.setenv("EARMARK_LEDGER", str(path.parent / "none.db"))
    source, sink = os.pipe()
    with os.fdopen(sink, "wb") as pipe:
        pipe.write(path.read_bytes())
    status.main([f"/dev/fd/{source}"], standalone_mode=False)
    os.close(source)
    assert "6 items, never run" in capsys.readouterr().out
