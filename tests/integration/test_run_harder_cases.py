"""The hard cases, each with its designed outcome and the test that shows it.

A test of this module is named alone, others with their file.

| case | outcome | test |
|---|---|---|
| the earlier job of a shared purchase still runs | waited for, its results copied, paid once | faults/test_two_runs.py: test_the_second_waits_for_the_first_and_gets_its_own_copy |
| it runs, and its run is dead | taken over, paid by the manifest that sent it | integration/test_run_hard_cases.py: test_what_a_dead_run_of_another_manifest_left_is_taken_over |
| it failed | bought by the second under its own cap | faults/test_two_runs.py: test_what_failed_for_the_first_is_bought_by_the_second_under_its_own_cap |
| it is in doubt | so is the second item, which sends nothing | test_what_shares_a_purchase_in_doubt_is_in_doubt_too_and_comes_whole_with_it |
| failed, but charged afterwards | counted, and not bought again by itself | test_a_failure_that_is_charged_after_it_was_given_back_counts |
| its usage row never comes | the ceiling stays set aside, the result is saved | unit/runner/engine/test_ends_of_jobs.py: test_a_bill_that_does_not_come_leaves_the_ceiling_set_aside |
| its row has no job number | counts at the expected price, unverified | test_odd_usage_rows_count_once |
| its row is on two pages, or its charge in two rows | a row counts once, rows add up | test_odd_usage_rows_count_once |
| a row of another service's job of the same number | bills that job only | test_jobs_of_one_number_at_two_services_are_billed_apart |
| `send again`, then the first job appears | both are counted, nothing is sent a third time | test_a_first_job_that_appears_after_it_was_sent_again_counts_beside_the_second |
| the balance already shows holds | refused while jobs run, read again, bought | test_a_balance_that_shows_holds_is_read_again_once_they_are_over |
| the own job answers 404 | after three looks lost: paid, never bought again | unit/runner/engine/test_ends_of_jobs.py: test_a_job_that_the_service_no_longer_knows_is_lost_and_not_bought_again |
| completed without an address | lost: paid, never bought again by itself | test_what_is_completed_without_an_address_is_paid_and_lost |
| a job that never ends | exit 8 after --wait, its hold stays | test_a_job_that_never_ends_keeps_its_hold_and_ends_the_wait |
| a price raised | exit 6 unless accepted; the cap stays | integration/test_run_hard_cases.py: test_a_price_that_rose_is_stale_unless_it_is_accepted |
| a price raised of what is bought already | no matter | test_a_price_that_rose_for_what_is_bought_already_stops_nothing |
| a price raised in the middle | nothing more is sent, exit 6 | unit/runner/engine/test_guarding.py: test_a_price_that_rises_during_the_run_stops_submits |
| a price lowered | paid as it is | integration/test_run_hard_cases.py: test_a_price_that_fell_is_good_luck |
| a price gone | exit 6, whatever is accepted | unit/runner/test_gate.py: test_a_product_without_a_price_is_not_bought_whatever_is_accepted |
| the balance drained by somebody else | exit 4, what runs is saved | integration/test_run_hard_cases.py: test_the_wallet_runs_dry_in_the_middle |
| credits fall although the wallet is the purse | exit 4, counted | integration/test_run_hard_cases.py: test_credits_that_fall_although_the_wallet_is_the_purse_stop_the_run |
| credits paid because the wallet was short | exit 4, counted once | test_what_credits_paid_because_the_wallet_was_short_counts_once |
| the results folder moved | found where it is, nothing is fetched | test_results_that_were_moved_are_found_where_they_are |
| results in another place | fetched again, free | integration/test_run_hard_cases.py: test_another_results_folder_is_filled_free |
| source renamed | the same purchase, results under the new name | test_a_renamed_source_is_the_same_purchase |
| source retagged | the same purchase | integration/test_run_hard_cases.py: test_a_retagged_file_is_the_same_purchase |
| source re-encoded | other audio: stale, then a purchase of its own | test_a_source_that_was_encoded_anew_is_stale_and_then_another_purchase |
| source replaced during the upload | cut before the last chunk, stale, nothing paid | test_a_source_that_is_replaced_during_its_upload_makes_no_job |
| the clock is wrong | nothing is lost or paid twice | test_a_wrong_clock_costs_nothing |
| the clock is set during the run | holds nothing up | unit/runner/engine/test_clock.py: test_a_clock_that_is_set_during_a_run_holds_nothing_up |
| the ledger restored from an older copy | adopts what came after | integration/test_run_hard_cases.py: test_a_ledger_restored_from_an_older_copy_adopts_what_came_after |
| the ledger gone | adopts from the lists | integration/test_run_hard_cases.py: test_a_lost_ledger_adopts_what_the_wallet_bought |
| another key | refused until its wallet is named | unit/runner/test_identity.py: test_another_key_that_nobody_knows_is_refused_with_the_two_ways_out |
"""  # noqa: E501 - a row of the table is a line

import re
import shutil
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

import simulator
from earmark.reconciling import Decision, Session
from manifests.exits import Exit
from manifests.text import read_manifest
from runner.engine.world import Stop
from runner.lines import lines_of
from runner.reconcile import Choice
from runner.report import Fate
from simulator import Event, Fault, Scenario
from support.bench import wav
from support.hurry import HURRIED, hurry
from support.rehearsal import Rehearsal
from support.waiting import until

TESTS = Path(__file__).parents[1]
SUBMIT = "submit:transcription"
LOST = Fault(at=SUBMIT, do="drop", nth=1)


@pytest.fixture
def stage(tmp_path, monkeypatch):
    """Opens a rehearsal: `stage(*faults, events=..., wallet=..., **switches)`."""
    hurry(monkeypatch)
    with ExitStack() as stack:

        def open_one(*faults, events=(), wallet=5000, **switches):
            switches = {"job_seconds": 0.0, "job_seconds_per_minute": 0.0, **switches}
            scenario = Scenario(faults=faults, events=events, **switches)
            sim = stack.enter_context(simulator.serve(scenario, wallet_cents=wallet))
            return Rehearsal(tmp_path, sim, patience=HURRIED)

        yield open_one


def decide(it, choice, job=""):
    """A person's word about the only doubt."""
    path = it.folder / "manifest.yaml"
    plan = read_manifest(path)
    ledger, locks = it.open()
    api = it.ends(ledger, locks).api()
    try:
        session = Session(plan.head.id, lines_of(plan, path.parent, plan.head.rates), ledger, locks, api)
        session.look()
        (doubt,) = [each for each in session.doubts() if not each.decided]
        session.decide(Decision(choice, doubt, job))
    finally:
        ledger.close()
        locks.release()
        api.close()


def amounts(report):
    found = report.amounts
    return found.spent, found.reserved, found.in_doubt


def test_every_case_of_the_table_has_its_test():
    rows = [line.split("|")[1:-1] for line in __doc__.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 30
    for _, _, shown in rows:
        path, _, name = shown.strip().rpartition(": ")
        text = (TESTS / path if path else Path(__file__)).read_text(encoding="utf-8")
        assert re.search(rf"^def {name}\(", text, re.MULTILINE), shown


# -- shared purchases and second sends


def test_what_shares_a_purchase_in_doubt_is_in_doubt_too_and_comes_whole_with_it(stage):
    it = stage(LOST, list_names=False)
    it.record("a.wav")
    it.plan()
    assert it.run().exit is Exit.IN_DOUBT
    wav(it.folder / "other" / "again.wav", mark="a.wav")
    it.plan(path="other", output="second.yaml")
    second = it.run("second.yaml", results=it.folder / "second")
    assert second.exit is Exit.IN_DOUBT
    assert amounts(second) == (0, 0, 0)  # the money is the first manifest's
    assert len(it.sim.books.submits) == 1
    it.sim.change(list_names=True)
    assert it.run("second.yaml", results=it.folder / "second").exit is Exit.DONE
    first = it.run()
    assert first.exit is Exit.DONE
    assert amounts(first) == (1, 0, 0)
    assert {path.name for path in (it.folder / "second").iterdir()} == {"again.json", "again.txt"}
    assert len(it.sim.books.submits) == 1


def test_a_first_job_that_appears_after_it_was_sent_again_counts_beside_the_second(stage):
    it = stage(LOST, list_names=False)
    it.record("a.wav")
    it.plan()
    it.run()
    decide(it, Choice.SEND_AGAIN)
    again = it.run(spend=2)
    assert amounts(again) == (1, 0, 1)
    assert len(it.sim.books.jobs) == 2
    it.sim.change(list_names=True)
    ledger, _ = it.open()
    (doubt,) = ledger.unclear_attempts(read_manifest(it.folder / "manifest.yaml").head.id)
    ledger.close()
    assert doubt.superseded
    report = it.run(spend=2)
    whole = report if not report.amounts.in_doubt else looked(it)
    assert amounts(whole) == (2, 0, 0)
    assert it.sim.books.spent_cents == 2
    assert len(it.sim.books.submits) == 2


def looked(it):
    """A run after a session of reconciling that only looked."""
    path = it.folder / "manifest.yaml"
    plan = read_manifest(path)
    ledger, locks = it.open()
    api = it.ends(ledger, locks).api()
    session = Session(plan.head.id, lines_of(plan, path.parent, plan.head.rates), ledger, locks, api)
    session.look()
    assert session.cleared
    ledger.close()
    locks.release()
    api.close()
    return it.run(spend=2)


# -- bills


def test_a_failure_that_is_charged_after_it_was_given_back_counts(stage):
    late = Fault(at=SUBMIT, do="usage_late", seconds=1.0, nth=1)
    it = stage(Fault(at=SUBMIT, do="fail_charged", nth=1), late)
    shown = time.time() + 1.2
    it.record("a.wav")
    it.plan("--name", "batch")
    assert it.run().exit is Exit.SOME_FAILED
    time.sleep(HURRIED.bill)
    released = it.run(max_tries=1)
    assert amounts(released) == (0, 0, 0)
    until(lambda: it.sim.books.spent_cents == 1 and time.time() > shown)
    it.record("b.wav")
    it.plan("--name", "batch", "--force")
    assert it.run(spend=1).exit is Exit.REFUSED  # the cap is used up by what was charged late
    report = it.run(spend=2)
    assert report.exit is Exit.SOME_FAILED
    assert amounts(report) == (2, 0, 0)
    assert it.sim.books.spent_cents == len(it.sim.books.jobs) == 2


@pytest.mark.parametrize("how", ["usage_twice", "usage_split", "usage_without_job_id"])
def test_odd_usage_rows_count_once(stage, how):
    it = stage(Fault(at="submit:*", do=how))
    it.record("a.wav", "b.wav", seconds=18)
    it.plan("--service", "stems:two")
    report = it.run()
    assert report.exit is Exit.DONE
    assert report.amounts.spent == it.sim.books.spent_cents == 6
    assert amounts(report) == (6, 0, 0)


def test_jobs_of_one_number_at_two_services_are_billed_apart(stage):
    it = stage(LOST)
    it.record("a.wav", seconds=18)
    it.plan("--service", "stems:two", "--service", "transcription")
    report = it.run()
    assert report.exit is Exit.DONE
    assert amounts(report) == (4, 0, 0)
    charged = it.ask_ledger(lambda ledger: ledger.charges())
    assert {service: cents for (service, _), cents in charged.items()} == {"stems": 3, "transcription": 1}


def test_a_balance_that_shows_holds_is_read_again_once_they_are_over(stage):
    it = stage(wallet=3, balance_shows_holds=True, job_seconds=0.6)
    it.record("a.wav")
    it.plan("--name", "batch")
    left = it.run(patience=replace(HURRIED, job=0.1))
    assert left.exit is Exit.SERVICE_DOWN
    it.record("b.wav", "c.wav")
    it.plan("--name", "batch", "--force")
    report = it.run(spend=3)
    assert report.exit is Exit.DONE
    assert amounts(report) == (3, 0, 0)


def test_what_credits_paid_because_the_wallet_was_short_counts_once(stage):
    it = stage(events=(Event(do="drain", after_submits=1, cents=4999),), credits=9000, credits_fallback=True)
    it.record("a.wav", "b.wav", "c.wav")
    it.plan()
    report = it.run(uploads=1)
    assert report.exit is Exit.OUT_OF_MONEY
    assert Stop.CREDITS in dict(report.stops)
    books = it.sim.books
    assert books.credits_spent > 0
    dollars = -(-books.credits_spent // 75)
    assert amounts(report) == (books.spent_cents + dollars, 0, 0)


# -- ends of jobs


def test_what_is_completed_without_an_address_is_paid_and_lost(stage):
    it = stage(Fault(at="submit:stems", do="no_result", nth=1))
    it.record("a.wav")
    it.plan("--service", "stems:two")
    for _ in range(2):
        report = it.run(retry_failed=True)
        assert report.exit is Exit.SOME_FAILED
        assert report.count(Fate.LOST) == 1
        assert amounts(report) == (2, 0, 0)
    assert len(it.sim.books.submits) == 1


def test_a_job_that_never_ends_keeps_its_hold_and_ends_the_wait(stage):
    it = stage(Fault(at=SUBMIT, do="never", nth=1))
    it.record("a.wav")
    it.plan()
    for _ in range(2):
        report = it.run(patience=replace(HURRIED, job=0.1))
        assert report.exit is Exit.SERVICE_DOWN
        assert Stop.WAITED in dict(report.stops)
        assert amounts(report) == (0, 1, 0)
    assert len(it.sim.books.submits) == 1


def test_a_price_that_rose_for_what_is_bought_already_stops_nothing(stage):
    it = stage()
    it.record("a.wav")
    it.plan("--name", "batch", "--service", "stems:two")
    it.run()
    it.record("b.wav")
    it.plan("--name", "batch", "--force", "--service", "stems:two", "--service", "transcription")
    shutil.rmtree(it.folder / "media", ignore_errors=False)
    it.record("a.wav", "b.wav")
    it.sim.change(prices={"stem_extraction": 50})
    stale = it.run(spend=100)
    assert stale.exit is Exit.STALE  # b is still to be separated
    text = (it.folder / "manifest.yaml").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not ("b.wav" in line and "stems:two" in line)]
    (it.folder / "manifest.yaml").write_text("\n".join(kept) + "\n", encoding="utf-8")
    report = it.run(spend=100)
    assert report.exit is Exit.DONE
    assert amounts(report) == (4, 0, 0)


# -- files


def test_results_that_were_moved_are_found_where_they_are(stage):
    it = stage()
    it.record("a.wav")
    it.plan()
    it.run()
    fetched = len(it.sim.books.downloads)
    shutil.move(it.folder / "results", it.folder / "archive")
    assert it.run(results=it.folder / "archive").exit is Exit.DONE
    assert len(it.sim.books.downloads) == fetched
    assert not (it.folder / "results").exists()


def test_a_renamed_source_is_the_same_purchase(stage):
    it = stage()
    it.record("a.wav")
    it.plan("--name", "batch")
    it.run()
    (it.folder / "media" / "a.wav").rename(it.folder / "media" / "talk.wav")
    it.plan("--name", "batch", "--force")
    report = it.run()
    assert report.exit is Exit.DONE
    assert amounts(report) == (1, 0, 0)
    assert (it.folder / "results" / "talk.txt").is_file()
    assert len(it.sim.books.jobs) == 1


def test_a_source_that_was_encoded_anew_is_stale_and_then_another_purchase(stage):
    it = stage()
    examples = TESTS.parent / "examples" / "podcasts"
    (it.folder / "media").mkdir()
    shutil.copy(examples / "ep01.mp3", it.folder / "media" / "ep.mp3")
    it.plan("--name", "batch")
    first = it.run()
    data = bytearray((it.folder / "media" / "ep.mp3").read_bytes())
    data[len(data) // 2] ^= 1  # a frame of other sound
    (it.folder / "media" / "ep.mp3").write_bytes(data)
    (it.folder / "results" / "ep.txt").unlink()
    assert it.run().exit is Exit.DONE  # what is bought is fetched from the service, whatever the file is now
    it.plan("--name", "batch", "--force")
    second = it.run(spend=100)
    assert second.exit is Exit.DONE
    assert len(it.sim.books.jobs) == 2
    assert second.amounts.spent == 2 * first.amounts.spent


def test_a_source_that_is_replaced_during_its_upload_makes_no_job(stage):
    it = stage()
    it.record("a.wav", "b.wav", seconds=30)
    it.plan()
    target = it.folder / "media" / "a.wav"

    def ask(_offer):
        data = bytearray(target.read_bytes())
        data[len(data) // 3] ^= 255  # of the same size, where no print looks
        target.write_bytes(data)
        return True

    report = it.run(ask=ask)
    assert report.exit is Exit.STALE
    assert (report.count(Fate.STALE), report.count(Fate.SAVED)) == (1, 1)
    assert amounts(report) == (1, 0, 0)
    assert [submit.job_id is not None for submit in it.sim.books.submits].count(True) == 1


@pytest.mark.parametrize("days", [-400, -1, 1, 400])
def test_a_wrong_clock_costs_nothing(stage, days):
    it = stage(LOST, Fault(at=SUBMIT, do="fail", nth=2))
    it.record("a.wav", "b.wav", "c.wav")
    it.plan()

    def clock():
        return time.time() + days * 86400

    first = it.run(clock=clock, uploads=1)
    assert first.exit is Exit.SOME_FAILED
    time.sleep(HURRIED.bill)
    second = it.run(clock=clock)
    assert second.exit is Exit.DONE
    assert amounts(second) == (3, 0, 0)
    assert it.sim.books.spent_cents == 3
    assert it.sim.books.paid_twice() == ()
