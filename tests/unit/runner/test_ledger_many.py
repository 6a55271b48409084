"""The ledger with many lines: bound a batch at a time, read a page at a time, with nothing lost between."""

from dataclasses import replace
from pathlib import Path

import pytest

from manifests.money import Cents
from manifests.states import State
from runner.api.interface import UsageRow
from runner.ledger import billing
from runner.ledger import items as module
from runner.ledger.recount import miscounted
from runner.ledger.rows import Move, NewItem, Refreshed, Reservation, ResultRow
from runner.ledger.sqlite.ledger import SqliteLedger


def item(number, key=None, **changes):
    fields = {
        "line": f"line{number}",
        "file": f"ep{number}.mp3",
        "size": 10,
        "print": "p",
        "base": f"ep{number}",
        "wanted": "{}",
        "content_key": f"{number if key is None else key:064x}",
        "sha256": f"{number:064x}",
        "product": "transcription",
        "options": "{}",
        "generation": 0,
        "audio_bytes": 100 + number,
        "expected": Cents(3),
        "ceiling": Cents(4),
    }
    return NewItem(**{**fields, **changes})


@pytest.fixture
def ledger(tmp_path, monkeypatch):
    """A ledger that takes three lines at a time."""
    monkeypatch.setattr(module, "_BATCH", 3)
    found = SqliteLedger(tmp_path / "ledger.db", lambda: 1000.0)
    with found.transaction():
        found.put_manifest("m1", Path("/m1.yaml"), Cents(100))
        found.put_manifest("m2", Path("/m2.yaml"), Cents(100))
    yield found
    found.close()


def put(ledger, items, manifest_id="m1"):
    with ledger.transaction():
        ledger.put_items(manifest_id, items)


def bought(ledger, manifest_id="m1"):
    return {row.line: row.content_key for row in ledger.items(manifest_id)}


def test_lines_of_several_batches_are_bound_to_purchases_of_their_own(ledger):
    items = [item(number) for number in range(8)]
    put(ledger, iter(items))
    assert bought(ledger) == {each.line: each.content_key for each in items}
    assert len({row.part_id for row in ledger.items("m1")}) == 8


def test_equal_content_is_one_purchase_within_a_batch_and_across_batches(ledger):
    put(ledger, [item(0), item(1, key=0), item(2), item(3, key=0), item(4, key=2)])
    parts = [row.part_id for row in ledger.items("m1")]
    assert parts[0] == parts[1] == parts[3]
    assert parts[2] == parts[4]
    put(ledger, [item(7, key=2), item(8)], "m2")
    assert ledger.items("m2")[0].part_id == parts[2]


def test_a_line_that_buys_something_else_loses_its_results_and_the_others_keep_theirs(ledger):
    put(ledger, [item(0), item(1)])
    with ledger.transaction():
        ledger.put_results([ResultRow(row.item_id, "srt", "/x", 1, "d") for row in ledger.items("m1")])
    put(ledger, [item(0, key=9, file="new.mp3"), item(1, base="new")])
    first, second = ledger.items("m1")
    assert (first.file, first.content_key, second.base) == ("new.mp3", f"{9:064x}", "new")
    assert ledger.results(first.item_id) == []
    assert len(ledger.results(second.item_id)) == 1


def test_lines_are_read_page_by_page_while_others_are_added(ledger):
    put(ledger, [item(number) for number in range(4)])
    put(ledger, [item(number) for number in range(4)], "m2")
    seen = []
    for row in ledger.each_item("m1"):
        seen.append(row.line)
        if row.line == "line3":
            put(ledger, [item(50)])
    assert seen == ["line0", "line1", "line2", "line3", "line50"]


def test_some_lines_are_found_by_their_names_or_by_what_they_buy(ledger):
    put(ledger, [item(0), item(1, key=0), item(2)])
    put(ledger, [item(0)], "m2")
    assert [row.line for row in ledger.items_of("m1", ["line2", "line0", "gone"])] == ["line0", "line2"]
    part = ledger.items("m1")[0].part_id
    assert [row.line for row in ledger.items_of_parts("m1", [part])] == ["line0", "line1"]


def test_what_has_not_changed_of_known_lines_is_not_written_again(ledger):
    put(ledger, [item(number) for number in range(3)])
    same = [Refreshed(f"line{n}", f"ep{n}", "{}", Cents(3), Cents(4)) for n in range(3)]
    before = ledger.db.total_changes
    with ledger.transaction():
        ledger.refresh_items("m1", [*same, replace(same[0], line="no")])
    assert ledger.db.total_changes == before
    with ledger.transaction():
        ledger.refresh_items("m1", [*same[:2], replace(same[2], base="other")])
    assert [row.base for row in ledger.items("m1")] == ["ep0", "ep1", "other"]


def test_what_is_counted_of_lines_follows_every_change_of_them(ledger):
    put(ledger, [item(0), item(1, key=0, expected=Cents(2)), item(2, currency="credits")])
    put(ledger, [item(0, ceiling=Cents(9)), item(5)], "m2")
    found = {each.currency: each for each in ledger.standings("m1")}
    assert (found["cents"].items, found["cents"].expected, found["cents"].each_expected) == (2, 3, 5)
    assert found["credits"].ceiling == 4
    put(ledger, [item(0, key=7), item(2, expected=Cents(1))])  # the second line pays for both now
    with ledger.transaction():
        ledger.refresh_items("m1", [Refreshed("line1", "b", "{}", Cents(8), Cents(9), "credits")])
        ledger.db.execute("UPDATE parts SET state = 'saved' WHERE id = 1")
    kept = {(each.state, each.currency): each.items for each in ledger.standings("m1") if each.items}
    assert kept == {(State.PLANNED, "cents"): 2, (State.SAVED, "credits"): 1}
    assert list(miscounted(ledger.db)) == []
    ledger.db.execute("UPDATE standings SET each_ceiling = 1 WHERE state = 'saved'")
    assert len(list(miscounted(ledger.db))) == 2


def steps(ledger, act):
    """How much SQLite does, in its own steps."""
    done = []
    ledger.db.set_progress_handler(lambda: done.append(1), 10)  # None: go on
    act()
    ledger.db.set_progress_handler(None, 0)
    return len(done)


def test_binding_and_pricing_known_lines_again_costs_as_much_however_many_others_there_are(ledger):
    def again():
        put(ledger, [item(0), item(1, key=2), item(2, expected=Cents(2))])
        put(ledger, [item(0, key=9), item(1), item(2)])

    put(ledger, [item(number) for number in range(12)])
    again()
    few = steps(ledger, again)
    put(ledger, [item(number) for number in range(12, 600)])
    assert steps(ledger, again) < 2 * few
    assert not list(miscounted(ledger.db))


def test_nothing_that_each_item_asks_goes_through_all_bills_or_all_attempts(ledger):
    """A million of them would make the last item a thousand times as dear as the first."""
    put(ledger, [item(number) for number in range(3)])
    asked = []
    ledger.db.set_trace_callback(asked.append)
    for number, row in enumerate(ledger.items("m1")):
        with ledger.transaction():
            wish = Reservation(row.part_id, "m1", "transcription", f"t{number}", Cents(3), Cents(4))
            made = ledger.reserve(wish)
            for state in (State.UPLOADING, State.SENDING, State.SUBMITTED, State.FINISHED):
                ledger.move(Move(made, state, "", f"{number}" if state is State.SUBMITTED else None))
            bill = UsageRow(f"r{number}", "transcription", Cents(3), job_id=f"{number}")
            assert billing.add_rows(ledger, [bill])
        ledger.credits_beside("m1", 0.0)
        ledger.done_in_credits(0.0)
    ledger.db.set_trace_callback(None)
    selects = [statement for statement in asked if statement.startswith("SELECT")]
    plans = [
        step[3] for each in selects for step in ledger.db.execute(f"EXPLAIN QUERY PLAN {each}").fetchall()
    ]
    assert any("usage_by_job" in step for step in plans)
    assert [step for step in plans if step in ("SCAN usage_rows", "SCAN attempts", "SCAN a")] == []
