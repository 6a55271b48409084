"""A dispatch whose hosts work with real shifts: the very same engine, against an account in memory."""

import signal
import threading
from contextlib import closing
from dataclasses import replace
from queue import SimpleQueue

import pytest

from manifests.exits import Exit
from runner.api.interface import OutOfMoney
from runner.engine.world import Stop
from runner.fleet.beating import Beating
from runner.fleet.crew import Crew
from runner.fleet.ends import FleetEnds
from runner.fleet.place import Place
from runner.fleet.shift import take
from runner.ledger.runs import RunBy
from runner.report import Fate
from support.dispatching import FleetDesk
from support.small_run import BILLED, manifest_of


@pytest.fixture
def fleet(tmp_path):
    made = FleetDesk(tmp_path)
    made.take = take
    yield made
    made.close()


@pytest.fixture
def worker(fleet):
    """Starts a worker beside the run, with a folder of its own."""
    ends = []

    def start(name, folder=None, at_once=1):
        by = RunBy("ben", name, 8)
        with closing(fleet.connect()) as ledger, ledger.transaction():
            worker_id = ledger.enter(by, [])
        root = fleet.folder if folder is None else fleet.folder / folder
        pulse = Beating(fleet.connect, worker_id)
        pulse.start()
        place = Place(worker_id, by, root / "results", pulse, roots=[root])

        def one(ledger):
            ledger.host = name
            return take(place, replace(fleet.ends(), ledger=ledger), manifest_id="m1")

        crew = Crew(FleetEnds(fleet.connect, take, at_once=at_once, look=0.02), SimpleQueue())
        crew.start(one)
        ends.append((crew, pulse))

    yield start
    for crew, pulse in ends:
        crew.close(10.0)
        pulse.stop()


def names(count):
    return [f"{number:02}.mp3" for number in range(count)]


def hosts(report):
    return {share.host: share.items for share in report.hosts}


def test_a_run_alone_buys_saves_and_settles_all_of_it(fleet):
    report = fleet.dispatch(fleet.manifest(*names(6)), patience=BILLED, at_once=2)
    assert (report.exit, report.count(Fate.SAVED), report.submitted) == (Exit.DONE, 6, 6)
    assert (report.amounts.spent, report.amounts.committed) == (6, 6)
    assert len(list(fleet.output.glob("*.txt"))) == 6
    assert hosts(report) == {"desk": 6}
    assert len(fleet.api.orders) == 6


def test_two_hosts_with_different_files_buy_each_its_own(fleet, worker):
    manifest = fleet.manifest(*names(8))
    there = fleet.folder / "there"
    there.mkdir()
    for name in names(8)[4:]:
        (fleet.folder / name).rename(there / name)
    worker("b", "there")
    report = fleet.dispatch(manifest, patience=BILLED)
    assert (report.exit, hosts(report)) == (Exit.DONE, {"b": 4, "desk": 4})
    assert len(fleet.api.orders) == 8
    assert len(list((there / "results").glob("*.txt"))) == 4


def test_two_hosts_on_a_shared_disk_buy_each_line_once(fleet, worker):
    worker("b", at_once=2)
    report = fleet.dispatch(fleet.manifest(*names(24)), patience=BILLED, at_once=2)
    assert (report.exit, report.amounts.spent, len(fleet.api.orders)) == (Exit.DONE, 24, 24)
    assert len({order.upload_name.rpartition("-")[0] for order in fleet.api.orders}) == 24


def test_equal_files_are_bought_once_and_every_line_has_its_copy(fleet):
    manifest = fleet.manifest(*names(3))
    (fleet.folder / "copy.mp3").write_bytes((fleet.folder / "00.mp3").read_bytes())
    manifest = manifest_of([*manifest.items, fleet.item("copy.mp3")])
    report = fleet.dispatch(manifest, patience=BILLED)
    assert (report.exit, report.count(Fate.SAVED), len(fleet.api.orders)) == (Exit.DONE, 4, 3)
    assert (fleet.output / "copy.txt").exists()


def test_an_empty_wallet_stops_all_hosts_with_the_missing_amount(fleet, worker):
    def outcome(_order, nth):
        return OutOfMoney("402: not enough", 9, 4) if nth > 3 else None

    fleet.api.outcome = outcome
    worker("b")
    report = fleet.dispatch(fleet.manifest(*names(16)), patience=BILLED)
    assert (report.exit, Stop.MONEY in dict(report.stops)) == (Exit.OUT_OF_MONEY, True)
    assert (report.shortage.required, report.shortage.available) == (9, 4)
    assert (report.count(Fate.SAVED), report.count(Fate.WAITING)) == (3, 13)
    assert report.amounts.reserved == 0


def test_ctrl_c_leaves_nothing_half_sent_and_the_same_command_goes_on(fleet):
    deliver, met = [], threading.Event()

    def on_call(name):
        if name == "submit" and deliver and not met.is_set():
            met.set()
            deliver[0](signal.SIGINT)

    fleet.api.on_call = on_call
    manifest = fleet.manifest(*names(12))
    report = fleet.dispatch(manifest, on_signals=deliver.append)
    assert (report.exit, report.signal) == (Exit.INTERRUPTED, signal.SIGINT)
    assert fleet.ledger.waiting("m1").shifts == 0
    assert fleet.dispatch(manifest, patience=BILLED).exit is Exit.DONE
    assert len(fleet.api.orders) == 12


def test_a_file_that_changes_after_the_offer_is_told_as_stale_and_the_rest_is_bought(fleet):
    manifest = fleet.manifest(*names(4))

    def ask(_offer):
        (fleet.folder / "02.mp3").write_bytes(b"something else, and longer")
        return True

    report = fleet.dispatch(manifest, ask=ask, patience=BILLED)
    assert (report.exit, report.count(Fate.SAVED)) == (Exit.STALE, 3)
    (item,) = report.of(Fate.STALE)
    assert "changed since planning" in item.reason
