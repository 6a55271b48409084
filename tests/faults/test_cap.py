"""The cap, with many callers at once: spent + reserved + in doubt never passes it, at any instant."""

import multiprocessing
import threading
from contextlib import ExitStack
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest

import simulator
from manifests.exits import Exit
from manifests.money import Cents
from manifests.states import State
from manifests.text import read_manifest
from runner.api.interface import Balance, Wallet
from runner.engine.task import Task
from runner.file_locks import FileLocks
from runner.gate import Gate
from simulator import Fault, Scenario
from support.callers import MANIFEST, Shop, Watcher, call, ceiling_of, committed, opened, prepared
from support.hurry import hurry
from support.rehearsal import Rehearsal

CALLERS = 64


def handed_out(queue):
    """The parts that nobody else took."""
    while True:
        try:
            yield queue.get_nowait()
        except Empty:
            return


def check_end(path, cap, most):
    ledger = opened(path)
    amounts = ledger.amounts(MANIFEST)
    rows = ledger.db.execute("SELECT purse, sum(hold), sum(coalesce(charge, 0)) FROM attempts GROUP BY purse")
    assert amounts.committed == sum(hold + charge for _, hold, charge in rows)
    assert amounts.committed <= cap
    assert most <= cap
    # It was pressed: the cheapest that is still to be bought does not fit.
    assert most > cap // 2
    assert amounts.in_doubt > 0
    assert amounts.spent > 0
    ledger.close()


@pytest.mark.parametrize("items", [1000, pytest.param(10_000, marks=pytest.mark.long)])
def test_sixty_four_callers_on_one_ledger_never_pass_the_cap(tmp_path, items):
    path, shop, queue = tmp_path / "ledger.db", Shop(), SimpleQueue()
    parts = range(1, items + 1)
    cap = sum(map(ceiling_of, parts)) // 8
    prepared(path, items, cap)
    for part in parts:
        queue.put(part)
    refused = []
    callers = [
        threading.Thread(target=lambda n=n: refused.append(call(path, handed_out(queue), n, shop)))
        for n in range(CALLERS)
    ]
    with Watcher(committed(path)) as watcher:
        for each in callers:
            each.start()
        for each in callers:
            each.join()
    assert len(refused) == CALLERS
    assert sum(refused) > items // 4
    check_end(path, cap, watcher.most)
    assert cap // 4 < shop.most <= cap


@pytest.mark.parametrize("items", [200, pytest.param(5_000, marks=pytest.mark.long)])
def test_several_processes_on_one_ledger_never_pass_the_cap(tmp_path, items):
    path, parts = tmp_path / "ledger.db", range(1, items + 1)
    cap = sum(map(ceiling_of, parts)) // 8
    prepared(path, items, cap)
    context, count = multiprocessing.get_context("spawn"), 2
    with Watcher(committed(path)) as watcher, context.Pool(count) as pool:
        work = [(path, list(parts)[nth::count], nth) for nth in range(count)]
        refused = pool.starmap(call, work)
    assert all(refused)
    check_end(path, cap, watcher.most)


# -- two manifests on one wallet


def task(part, ceiling):
    return Task(
        part_id=part,
        manifest_id="",
        product="transcription",
        service="transcription",
        key=f"{part:064x}",
        fields={},
        state=State.PLANNED,
        expected=Cents(ceiling),
        ceiling=Cents(ceiling),
    )


def test_runs_that_start_together_are_allotted_no_more_than_there_is(tmp_path):
    path, together, passed = tmp_path / "ledger.db", threading.Barrier(16), []
    prepared(path, 1, 1000)
    wallet = Wallet(Balance(Cents(100), Cents(0)), None)

    def start(number):
        ledger, locks = opened(path), FileLocks(tmp_path / "locks")
        name = f"run{number}"
        locks.take(name)
        with ledger.transaction():
            ledger.put_manifest(name, Path("/m.yaml"), Cents(1000))
        together.wait()
        passage = Gate(ledger, locks, name, fits=False).decide([task(1, 30)], wallet)
        passed.append(passage.passes)
        together.wait()  # they live on until all have decided
        ledger.close()
        locks.release()

    runs = [threading.Thread(target=start, args=(number,)) for number in range(16)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()
    assert sorted(passed) == [False] * 13 + [True] * 3


@pytest.fixture
def workplaces(tmp_path, monkeypatch):
    """Opens rehearsals on one wallet and one ledger: `workplaces(names, *faults, wallet=...)`."""
    hurry(monkeypatch)
    with ExitStack() as stack:

        def open_some(names, *faults, wallet=5000, **switches):
            switches = {"job_seconds": 0.0, "job_seconds_per_minute": 0.0, **switches}
            sim = stack.enter_context(
                simulator.serve(Scenario(faults=faults, **switches), wallet_cents=wallet)
            )
            return [
                Rehearsal(tmp_path / name, sim, ledger_path=tmp_path / "state" / "ledger.db")
                for name in names
            ]

        yield open_some


def run_together(places, **changes):
    """Their reports."""
    reports = {}

    def run(place):
        reports[place.folder.name] = place.run(**changes)

    threads = [threading.Thread(target=run, args=(place,)) for place in places]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return [reports[place.folder.name] for place in places]


def test_two_manifests_on_one_wallet_share_what_is_in_it_and_meet_no_402(workplaces):
    places = workplaces(["one", "two"], wallet=20, job_seconds=0.2)
    for place in places:
        place.record(*(f"{place.folder.name}{n}.wav" for n in range(14)))
        place.plan()
    reports = run_together(places, fit=True)
    books = places[0].sim.books
    assert {report.exit for report in reports} <= {Exit.STOPPED_AS_TOLD, Exit.DONE, Exit.REFUSED}
    assert {submit.answer for submit in books.submits} == {"200"}
    assert len(books.jobs) <= 20
    assert sum(report.amounts.spent for report in reports) == books.spent_cents


# -- everything, on bad days

BAD_DAYS = (
    Fault(at="submit:*", do="drop", probability=0.03),
    Fault(at="submit:*", do="gateway", status=504, probability=0.03),
    Fault(at="submit:*", do="cut_upload", probability=0.04),
    Fault(at="submit:*", do="unavailable", probability=0.04),
    Fault(at="submit:*", do="rate_limited", retry_after=0, probability=0.04),
    Fault(at="submit:*", do="bad_request", probability=0.03),
    Fault(at="submit:*", do="fail", probability=0.05),
    Fault(at="submit:*", do="fail_charged", probability=0.03),
    Fault(at="submit:*", do="usage_late", seconds=0.3, probability=0.1),
    Fault(at="list:*", do="unavailable", probability=0.05),
    Fault(at="wallet:usage", do="bad_gateway", probability=0.05),
)


def charged_and_held(sim):
    """What the simulator has taken or set aside, time and again."""
    while True:
        books = sim.books
        yield books.spent_cents + books.holds_cents


@pytest.mark.parametrize("items", [80, pytest.param(1000, marks=pytest.mark.long)])
def test_on_bad_days_neither_ledger_nor_books_ever_pass_the_cap(workplaces, items):
    (place,) = workplaces(["one"], *BAD_DAYS, list_delay=0.05)
    for n in range(items):
        place.record(f"{n}.wav", seconds=(3, 7, 13, 19)[n % 4])
    manifest = read_manifest(place.plan("--service", "stems:two"))
    cap = manifest.ceiling // 4
    ledger_path = place.ledger_path
    place.run(spend=0)
    with (
        Watcher(committed(ledger_path, manifest.head.id), 0.01) as ledger,
        Watcher(charged_and_held(place.sim), 0.01) as books,
    ):
        for _ in range(3):
            report = place.run(spend=cap, fit=True, uploads=CALLERS, retry_failed=True)
    assert cap // 2 < ledger.most <= cap
    assert cap // 3 < books.most <= cap
    assert min(ledger.looks, books.looks) > 20
    place.check_books(report)
