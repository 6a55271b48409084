"""`run` on a ledger that hosts share: it reads as on one machine, and every promise is kept there, too."""

import json

import pytest


@pytest.fixture
def shared(bench, database, monkeypatch):
    """Opens a workplace whose ledger is a database: as `bench`."""

    def open_one(*faults, **switches):
        made = bench(*faults, **switches)
        monkeypatch.setenv("EARMARK_LEDGER", database)
        made.environ["EARMARK_LEDGER"] = database
        migrated = made.installed("earmark", "ledger", "migrate")
        assert migrated.code == 0, migrated.err
        return made

    return open_one


def test_what_was_planned_is_bought_saved_and_billed_and_is_free_ever_after(shared):
    made = shared()
    made.record(6)
    made.plan("media", "--service", "transcription", "--service", "stems:two", "--name", "both")
    first = made.installed("run", "manifest.yaml", "--max-spend", "1")
    assert first.code == 0, first.err + first.out
    assert first.err == ""
    headline, *rest = first.out.splitlines()
    assert headline == "DONE: 12 of 12 saved to results/, $0.18 charged, nothing in doubt."
    assert "             spent $0.18   reserved $0.00   in doubt $0.00   left $0.82" in rest
    assert any(line.startswith("  Saved by ") and line.endswith(" 12 items") for line in rest)
    again = made.installed("run", "manifest.yaml", "--max-spend", "1", "--json")
    found = json.loads(again.out)
    assert (again.code, found["effort"]["submitted"], found["amounts"]["spent"]) == (0, 0, 18)
    assert made.books.spent_cents == 18
    made.check_books()
