"""Runs in which the service, the wallet, the disk or another run misbehaves; the designed outcome of each."""

import shutil
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

import simulator
from earmark.main import load, through_the_door
from manifests.exits import Exit
from manifests.money import Cents
from runner.engine.world import Stop
from runner.locks import Busy
from runner.report import Fate
from simulator import Event, Fault, Scenario
from support.bench import wav
from support.hurry import hurry
from support.rehearsal import Rehearsal


@pytest.fixture
def stage(tmp_path, monkeypatch):
    """Opens a rehearsal: `stage(*faults, events=..., wallet=..., **switches)`."""
    for name in ("AUDIOPOD_API_KEY", "AUDIOPOD_API_KEY_FILE", "AUDIOPOD_BASE_URL", "EARMARK_MAX_SPEND"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "no-state"))
    hurry(monkeypatch)
    with ExitStack() as stack:

        def open_one(*faults, events=(), wallet=5000, **switches):
            switches = {"job_seconds": 0.0, "job_seconds_per_minute": 0.0, **switches}
            scenario = Scenario(faults=faults, events=events, **switches)
            return Rehearsal(tmp_path, stack.enter_context(simulator.serve(scenario, wallet_cents=wallet)))

        yield open_one


SUBMIT = "submit:transcription"


# -- the good day, twice


def test_a_second_run_asks_for_nothing_and_pays_nothing(stage):
    it = stage()
    it.record("a.wav", "talks/b.wav")
    it.plan()
    first, second = it.run(), it.run()
    assert (first.exit, second.exit) == (Exit.DONE, Exit.DONE)
    assert first.submitted == 2
    assert second.submitted == 0
    assert first.amounts.spent == second.amounts.spent == it.sim.books.spent_cents == 2
    assert (it.folder / "results" / "talks" / "b.txt").is_file()
    it.check_books(second)


def test_stems_and_transcription_of_one_file_lie_side_by_side(stage):
    it = stage()
    it.record("song.wav")
    it.plan("--service", "stems:two", "--service", "transcription")
    report = it.run()
    assert report.exit is Exit.DONE
    names = {str(path.relative_to(it.folder / "results")) for path in (it.folder / "results").rglob("*.*")}
    assert names == {"song.json", "song.txt", "song/vocals.wav", "song/no_vocals.wav"}
    assert report.amounts.spent == it.sim.books.spent_cents


# -- lost answers


@pytest.mark.parametrize("how", ["drop", "reset", "gateway", "garbage"])
def test_a_lost_answer_is_found_by_the_token(stage, how):
    it = stage(Fault(at=SUBMIT, do=how, nth=1))
    it.record("a.wav", "b.wav")
    it.plan()
    report = it.run()
    assert report.exit is Exit.DONE
    assert len(it.sim.books.jobs) == 2
    it.check_books(report)


def test_a_doubt_without_proof_stays_with_its_money(stage):
    it = stage(Fault(at=SUBMIT, do="drop", nth=1), names="strip")
    it.record("a.wav")
    it.plan()
    report, again = it.run(), it.run()
    assert report.exit is again.exit is Exit.IN_DOUBT
    assert report.amounts.in_doubt == 1
    assert len(it.sim.books.submits) == 1
    assert it.sim.books.paid_twice() == ()


# -- the earlier job of a shared purchase


def test_the_same_audio_under_two_names_is_bought_once_and_saved_twice(stage):
    it = stage()
    it.record("a.wav")
    shutil.copy(it.folder / "media" / "a.wav", it.folder / "media" / "copy.wav")
    it.plan()
    report = it.run()
    assert report.exit is Exit.DONE
    assert len(it.sim.books.jobs) == 1
    saved = sorted(path.name for path in (it.folder / "results").iterdir())
    assert saved == ["a.json", "a.txt", "copy.json", "copy.txt"]


def test_a_second_manifest_gets_its_own_copy_of_what_was_bought(stage):
    it = stage()
    it.record("a.wav")
    it.plan()
    it.run()
    wav(it.folder / "other" / "same sound.wav", mark="a.wav")
    it.plan(path="other", output="second.yaml")
    report = it.run("second.yaml", results=it.folder / "second")
    assert report.exit is Exit.DONE
    assert report.amounts.spent == 0
    assert report.items[0].shared
    assert (it.folder / "second" / "same sound.txt").is_file()
    assert len(it.sim.books.jobs) == 1


def test_what_a_dead_run_of_another_manifest_left_is_taken_over(stage):
    it = stage(Fault(at=SUBMIT, do="job_seconds", nth=1, seconds=1.5))
    it.record("a.wav")
    it.plan()
    from runner.engine.timing import Patience

    left = it.run(patience=Patience(job=0.2, settle=0.1, first_look=0.05, longest_look=0.1))
    assert left.exit is Exit.SERVICE_DOWN
    it.plan(output="second.yaml")
    report = it.run("second.yaml", spend=50, results=it.folder / "second")
    assert report.exit is Exit.DONE
    assert len(it.sim.books.jobs) == 1
    assert it.run().exit is Exit.DONE


def test_two_runs_of_one_manifest_at_once_are_refused(stage):
    it = stage()
    it.record("a.wav")
    it.plan()
    ledger, locks = it.open()
    manifest_id = (it.folder / "manifest.yaml").read_text().split("id: ")[1].split("\n")[0].strip().strip('"')
    locks.take(manifest_id)
    with pytest.raises(Busy, match="another run"):
        it.run()
    locks.release()
    ledger.close()


# -- a ledger that is gone, or old


def test_a_lost_ledger_adopts_what_the_wallet_bought(stage):
    it = stage()
    it.record("a.wav", "b.wav")
    it.plan()
    it.run()
    shutil.rmtree(it.folder / "state")
    shutil.rmtree(it.folder / "results")
    report = it.run()
    assert report.exit is Exit.DONE
    assert len(it.sim.books.jobs) == 2
    assert report.amounts.spent == it.sim.books.spent_cents == 2


def test_a_ledger_restored_from_an_older_copy_adopts_what_came_after(stage):
    it = stage()
    it.record("a.wav")
    it.plan()
    it.run()
    shutil.copytree(it.folder / "state", it.folder / "copy")
    it.record("b.wav")
    it.plan("--name", "x", "--force")
    it.run()
    it.plan("--name", "x", "--force", output="again.yaml")
    it.ledger_path = it.folder / "copy" / "ledger.db"
    report = it.run("again.yaml")
    assert report.exit is Exit.DONE
    assert len(it.sim.books.jobs) == 2


# -- the gate


def test_a_cap_that_is_too_small_refuses_before_anything_is_sent(stage):
    it = stage()
    it.record("a.wav", "b.wav", "c.wav")
    it.plan()
    report = it.run(spend=2)
    assert report.exit is Exit.REFUSED
    assert report.refused.needed == 3
    assert it.sim.books.submits == ()


def test_fit_buys_what_the_cap_allows(stage):
    it = stage()
    it.record("a.wav", "b.wav", "c.wav")
    it.plan()
    report = it.run(spend=2, fit=True)
    assert report.exit is Exit.STOPPED_AS_TOLD
    assert (report.count(Fate.SAVED), report.left_by_fit) == (2, 1)
    assert it.run(spend=3).exit is Exit.DONE


def test_running_again_gets_no_fresh_budget(stage):
    it = stage()
    it.record("a.wav", "b.wav", "c.wav")
    it.plan()
    it.run(spend=2, fit=True)
    report = it.run(spend=2)
    assert report.exit is Exit.REFUSED
    assert report.amounts.left == 0


def test_a_cap_of_nothing_only_collects_and_is_not_kept(stage):
    it = stage()
    it.record("a.wav")
    it.plan()
    assert it.run(spend=0).exit is Exit.STOPPED_AS_TOLD
    assert it.sim.books.submits == ()
    assert it.run().exit is Exit.DONE


def test_a_wallet_that_cannot_pay_refuses(stage):
    it = stage(wallet=1)
    it.record("a.wav", "b.wav")
    it.plan()
    report = it.run()
    assert report.exit is Exit.REFUSED
    assert report.refused.short == 1
    assert report.balance.balance == 1


def test_a_no_buys_nothing(stage):
    it = stage()
    it.record("a.wav")
    it.plan()
    report = it.run(ask=lambda _offer: False)
    assert report.declined
    assert report.exit is Exit.STOPPED_AS_TOLD
    assert it.sim.books.submits == ()
    assert it.ask_ledger(lambda ledger: ledger.allotted()) == {}


def test_what_another_run_was_allotted_is_not_spent_twice(stage):
    it = stage(wallet=3)
    it.record("a.wav", "b.wav")
    it.plan()
    ledger, locks = it.open()
    with ledger.transaction():
        ledger.put_manifest("other", Path("/other"), Cents(100))
        ledger.allot("other", 2)
    locks.take("other")
    assert it.run().exit is Exit.REFUSED
    locks.release()  # that run ended without cleaning up
    assert it.run().exit is Exit.DONE
    ledger.close()


def test_the_wallet_runs_dry_in_the_middle(stage):
    it = stage(events=(Event(do="drain", after_submits=2, cents=4998),))
    it.record(*(f"{number:02}.wav" for number in range(8)))
    it.plan()
    report = it.run(uploads=1)
    assert report.exit is Exit.OUT_OF_MONEY
    assert report.shortage.required == 1
    assert report.count(Fate.SAVED) == len(it.sim.books.jobs) >= 2
    it.check_books(report)


# -- prices


def test_a_price_that_rose_is_stale_unless_it_is_accepted(stage):
    it = stage(prices={"transcription": 2})
    it.record("a.wav", seconds=60)
    it.plan()
    report = it.run(spend=100)
    assert report.exit is Exit.STALE
    assert "2 c/min now" in dict(report.stops)[Stop.PRICES]
    assert it.sim.books.submits == ()
    accepted = it.run(spend=100, accept_prices=True)
    assert accepted.exit is Exit.DONE
    assert accepted.amounts.spent == it.sim.books.spent_cents == 2


def test_accepted_prices_do_not_raise_the_cap(stage):
    it = stage(prices={"transcription": 30})
    it.record("a.wav", seconds=60)
    it.plan()
    report = it.run(accept_prices=True)
    assert report.exit is Exit.REFUSED
    assert it.sim.books.submits == ()


def test_a_price_that_fell_is_good_luck(stage):
    it = stage(prices={"stem_extraction": 5})
    it.record("a.wav", seconds=60)
    it.plan("--service", "stems:two")
    report = it.run()
    assert report.exit is Exit.DONE
    assert report.amounts.spent == 5
    assert report.drift == (("stems", 10, 5),)


# -- results


def test_deleted_results_come_back_free(stage):
    it = stage()
    it.record("a.wav")
    it.plan()
    it.run()
    (it.folder / "results" / "a.txt").unlink()
    report = it.run()
    assert report.exit is Exit.DONE
    assert (it.folder / "results" / "a.txt").is_file()
    assert len(it.sim.books.jobs) == 1


def test_further_formats_are_free(stage):
    it = stage()
    it.record("a.wav")
    it.plan("--name", "x")
    it.run()
    it.plan("--name", "x", "--set", "formats=srt,vtt")
    report = it.run()
    assert report.exit is Exit.DONE
    assert {path.name for path in (it.folder / "results").iterdir()} == {
        "a.json",
        "a.txt",
        "a.srt",
        "a.vtt",
    }
    assert len(it.sim.books.jobs) == 1


def test_another_results_folder_is_filled_free(stage):
    it = stage()
    it.record("a.wav")
    it.plan()
    it.run()
    assert it.run(results=it.folder / "elsewhere").exit is Exit.DONE
    assert (it.folder / "elsewhere" / "a.txt").is_file()
    assert len(it.sim.books.jobs) == 1


@pytest.mark.parametrize("how", ["cut_download", "wrong_length"])
def test_a_spoiled_download_is_fetched_again(stage, how):
    it = stage(Fault(at="download:stems", do=how, nth=(1, 2)))
    it.record("a.wav")
    it.plan("--service", "stems:two")
    report = it.run()
    assert report.exit is Exit.DONE
    assert len(list((it.folder / "results" / "a").iterdir())) == 2


def test_a_results_folder_that_cannot_be_written_is_said_before_anything_is_bought(stage):
    it = stage()
    it.record("a.wav")
    it.plan()
    (it.folder / "results").write_text("in the way")
    from manifests.errors import MachineError

    with pytest.raises(MachineError, match="--output"):
        it.run()
    assert it.sim.books.submits == ()


# -- files


def test_a_retagged_file_is_the_same_purchase(stage):
    it = stage()
    examples = Path(__file__).parents[2] / "examples"
    (it.folder / "media").mkdir()
    shutil.copy(examples / "podcasts" / "ep01.mp3", it.folder / "media" / "ep.mp3")
    it.plan()
    it.run()
    import mutagen

    tagged = mutagen.File(it.folder / "media" / "ep.mp3", easy=True)
    tagged["title"] = "another title " * 50
    tagged.save()
    it.plan(output="second.yaml")
    report = it.run("second.yaml", results=it.folder / "second")
    assert report.exit is Exit.DONE
    assert len(it.sim.books.jobs) == 1


def test_changed_and_vanished_files_are_stale_and_the_rest_runs_on_demand(stage):
    it = stage()
    it.record("a.wav", "b.wav", "c.wav")
    it.plan()
    wav(it.folder / "media" / "a.wav", 13)
    (it.folder / "media" / "b.wav").unlink()
    report = it.run()
    assert report.exit is Exit.STALE
    assert report.count(Fate.STALE) == 2
    assert it.sim.books.submits == ()
    rest = it.run(skip_changed=True)
    assert rest.exit is Exit.STOPPED_AS_TOLD
    assert rest.count(Fate.SAVED) == 1


def test_a_file_that_is_gone_after_it_was_bought_does_not_matter(stage):
    it = stage()
    it.record("a.wav")
    it.plan()
    it.run()
    (it.folder / "media" / "a.wav").unlink()
    (it.folder / "results" / "a.txt").unlink()
    assert it.run().exit is Exit.DONE


# -- failures


def test_a_failed_job_is_tried_again_by_the_next_run_three_times_at_most(stage):
    it = stage(Fault(at=SUBMIT, do="fail", every=1))
    it.record("a.wav")
    it.plan()
    exits = [it.run().exit for _ in range(5)]
    assert exits == [Exit.SOME_FAILED] * 5
    assert len(it.sim.books.jobs) == 3
    assert it.sim.books.spent_cents == 0


def test_a_run_soon_after_a_failure_waits_for_the_bill_and_then_tries_again(stage):
    it = stage(Fault(at=SUBMIT, do="fail", nth=1))
    it.record("a.wav")
    it.plan()
    patience = replace(it.patience, bill=2.5)
    assert it.run(patience=patience).exit is Exit.SOME_FAILED
    report = it.run(patience=patience)
    assert report.exit is Exit.DONE
    assert len(it.sim.books.jobs) == 2
    assert report.amounts.spent == it.sim.books.spent_cents == 1


def test_a_rejected_file_is_sent_again_only_when_asked(stage):
    it = stage(Fault(at=SUBMIT, do="bad_request", nth=1))
    it.record("a.wav")
    it.plan()
    assert it.run().exit is Exit.SOME_FAILED
    assert it.run().exit is Exit.SOME_FAILED
    assert len(it.sim.books.jobs) == 0
    assert it.run(retry_failed=True).exit is Exit.DONE


def test_a_plan_too_low_rejects_the_item_not_the_run(stage):
    it = stage(Fault(at=SUBMIT, do="premium_required", nth=1))
    it.record("a.wav", "b.wav")
    it.plan()
    report = it.run()
    assert report.exit is Exit.SOME_FAILED
    assert (report.count(Fate.SAVED), report.count(Fate.REJECTED)) == (1, 1)


def test_what_the_service_s_own_check_of_its_balance_refuses_is_not_sent(stage):
    it = stage(Fault(at="wallet:check-balance", do="short_of_money", cents=1, times=1))
    it.record("a.wav", "b.wav")
    it.plan()
    report = it.run()
    assert report.exit is Exit.REFUSED
    assert (report.refused.needed, report.refused.available) == (2, 1)
    assert len(it.sim.books.jobs) == 0
    assert it.run().exit is Exit.DONE


def test_credits_that_fall_although_the_wallet_is_the_purse_stop_the_run(stage):
    it = stage(credits=9000, events=(Event(do="credits", after_submits=1, credits=-750),))
    it.record("a.wav")
    it.plan()
    report = it.run()
    assert report.exit is Exit.OUT_OF_MONEY
    assert Stop.CREDITS in dict(report.stops)
    assert report.amounts.spent == it.sim.books.spent_cents + 10


def test_the_plan_says_what_was_paid_before_with_other_options(stage, monkeypatch, capsys):
    it = stage()
    it.record("a.wav")
    it.plan("--set", "language=de")
    it.run()
    monkeypatch.setenv("EARMARK_LEDGER", str(it.folder / "state" / "ledger.db"))
    arguments = [str(it.folder / "media"), "--service", "transcription", "-o", str(it.folder / "second.yaml")]
    code = through_the_door("plan", lambda: load("plan"), [*arguments, "--set", "language=en"])
    assert code == 0
    told = " ".join(capsys.readouterr().out.split())  # however wide the screen is
    assert "1 item was paid before with other options, $0.01 again: language de -> en" in told


def test_a_result_that_somebody_edited_is_not_written_over(stage):
    it = stage()
    it.record("a.wav")
    it.plan()
    it.run()
    edited = it.folder / "results" / "a.txt"
    edited.write_text("as it was really said")
    (it.folder / "results" / "a.json").unlink()
    assert it.run().exit is Exit.DONE
    assert edited.read_text() == "as it was really said"
    assert (it.folder / "results" / "a.json").is_file()
