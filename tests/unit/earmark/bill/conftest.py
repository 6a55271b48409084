"""A ledger with two runs, a job of unknown origin, credits, and names that people made up."""

import shutil
import time
from datetime import UTC, datetime

import pytest

from earmark.bill.lines import Bill
from earmark.bill.period import Period
from manifests.money import Cents
from runner.ledger.runs import RunBy
from runner.ledger.sqlite.ledger import SqliteLedger
from runner.start import run
from support.small_run import BILLED, Desk, manifest_of

ANNA = RunBy("anna@studio", "studio", 41, "1.2", "pr-481", "ab" * 32)
BEN = RunBy("ben", "=ci", 42, "1.2", "songs.yaml", "cd" * 32)
EVER = Period(datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def paid(tmp_path_factory):
    """The ledger of four jobs: two of a run, one of which nobody is known to have run; two of another."""
    desk = Desk(tmp_path_factory.mktemp("bill"))
    desk.api.credits_left = 5000
    first = [desk.item("talks/a.mp3"), desk.item("talks/b.mp3")]
    desk.run(manifest_of(first), patience=BILLED, by=ANNA)
    second = [desk.item("=cmd\n.wav", "stems:two"), desk.item("n.mp3", "denoise:balanced")]
    options = desk.options(manifest=desk.folder / "songs.yaml", patience=BILLED, max_credits=5000, by=BEN)
    run(manifest_of(second, id="m2"), options, desk.ends(logged_in=True))
    with desk.ledger.transaction():
        desk.ledger.db.execute("UPDATE attempts SET run_id = NULL WHERE id = 2")
        desk.ledger.add_extra_charge("m2", Cents(7), "account credits fell by 160")
    desk.close()
    return desk.ledger.path


@pytest.fixture
def bill(paid, tmp_path):
    """The bill of a copy of it."""
    ledger = SqliteLedger(shutil.copy(paid, tmp_path / "ledger.db"), time.time)
    ledger.db.execute("PRAGMA synchronous = OFF")
    yield Bill(ledger, EVER)
    ledger.close()
