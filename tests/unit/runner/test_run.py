"""A run from outside: its fixed order, what stops it, and what it leaves, against an account in memory."""

import hashlib
import signal
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest

from manifests.errors import EarmarkError, MachineError
from manifests.exits import Exit
from manifests.money import Cents
from manifests.states import State
from runner.api.errors import CallRefused, KeyRefused, ServiceDown
from runner.api.interface import Doubtful, JobStatus, Rejected, SourceChanged
from runner.engine.world import Stop
from runner.file_locks import FileLocks
from runner.inputs import Probes
from runner.ledger.interface import LedgerUnwritable
from runner.ledger.rows import Move, Reservation
from runner.locks import Busy
from runner.performer import Crash
from runner.report import Fate
from runner.run import TELL_EVERY
from support.small_run import BILLED, QUICK, digest, look


def no_key():
    raise KeyRefused("set AUDIOPOD_API_KEY")


def saved(desk):
    return sorted(path.name for path in desk.output.rglob("*") if path.is_file())


# -- the good day


def test_what_is_planned_is_bought_saved_and_billed(desk):
    report = desk.run(desk.manifest("a.mp3", "b.mp3"), patience=BILLED)
    assert report.exit is Exit.DONE
    assert [item.fate for item in report.items] == [Fate.SAVED, Fate.SAVED]
    assert saved(desk) == ["a.json", "a.txt", "b.json", "b.txt"]
    assert (report.amounts.spent, report.amounts.committed, report.submitted) == (2, 2, 2)
    assert (report.balance.balance, report.before.balance.balance) == (998, 1000)
    assert desk.ledger.allotted() == {}


def test_a_second_run_asks_the_service_for_nothing_not_even_with_a_key(desk):
    manifest = desk.manifest("a.mp3")
    desk.run(manifest, patience=BILLED)
    calls = list(desk.api.calls)
    report = desk.run(manifest, api=no_key)
    assert report.exit is Exit.DONE
    assert report.here == 1
    assert desk.api.calls == calls


def test_whoever_watches_hears_of_every_phase(desk):
    heard, now = [], [1000.0]

    def clock():
        now[0] += 0.2  # each time is worth telling
        return now[0]

    desk.run(
        desk.manifest("a.mp3", "b.mp3"), listener=heard.append, clock=clock, patience=replace(QUICK, job=1e9)
    )
    phases = list(dict.fromkeys(progress.phase for progress in heard))
    assert phases == ["collecting", "reading files", "running"]
    assert {progress.items for progress in heard} == {2}
    assert [progress.done for progress in heard] == sorted(progress.done for progress in heard)
    last = heard[-1]
    assert (last.done, last.failed, last.running, last.amounts.cap) == (2, 0, 0, 4)


def test_whoever_watches_is_not_told_of_every_turn(desk):
    times, now = [], [1000.0]

    def clock():
        now[0] += 0.03
        return now[0]

    def heard(_progress):
        times.append(now[0])

    desk.run(desk.manifest("a.mp3", "b.mp3"), listener=heard, clock=clock, patience=replace(QUICK, job=1e9))
    assert all(later - earlier >= TELL_EVERY for earlier, later in pairwise(times))


def test_a_person_is_asked_with_the_figures_of_the_gate(desk):
    offers = []
    report = desk.run(desk.manifest("a.mp3", "b.mp3"), ask=lambda offer: offers.append(offer) or True)
    (offer,) = offers
    assert (offer.items, offer.expected, offer.ceiling) == (2, 2, 4)
    assert report.exit is Exit.DONE


def test_a_run_with_nothing_to_buy_asks_nobody(desk):
    manifest = desk.manifest("a.mp3")
    desk.run(manifest)
    assert desk.run(manifest, ask=lambda _offer: pytest.fail("asked")).exit is Exit.DONE


# -- before the first cent


def test_another_run_of_the_manifest_is_turned_away(desk):
    other = FileLocks(desk.folder / "state" / "locks")
    other.take("m1")
    with pytest.raises(Busy):
        desk.run(desk.manifest("a.mp3"))
    other.release()
    assert desk.api.calls == []


def test_a_results_folder_that_cannot_be_written_is_found_first(desk):
    desk.output.write_text("in the way")
    with pytest.raises(MachineError, match="--output"):
        desk.run(desk.manifest("a.mp3"))
    assert desk.api.calls == []
    assert desk.ledger.stored_cap("m1") is None


def test_no_key_stops_a_run_that_would_buy(desk):
    report = desk.run(desk.manifest("a.mp3"), api=no_key)
    assert report.exit is Exit.KEY
    assert dict(report.stops) == {Stop.KEY: "set AUDIOPOD_API_KEY"}
    assert report.count(Fate.WAITING) == 1
    assert desk.ledger.amounts("m1").committed == 0


@pytest.mark.parametrize("call", ["pages", "balance", "rates"])
def test_a_service_that_is_down_before_the_gate_is_told_and_nothing_is_sent(desk, call):
    desk.api.fail(call, ServiceDown("503 for a minute"))
    report = desk.run(desk.manifest("a.mp3"))
    assert report.exit is Exit.SERVICE_DOWN
    assert dict(report.stops) == {Stop.UNREACHABLE: "503 for a minute"}
    assert desk.api.orders == []
    assert desk.run(desk.manifest("a.mp3")).exit is Exit.DONE


def test_a_no_leaves_nothing_behind(desk):
    report = desk.run(desk.manifest("a.mp3"), ask=lambda _offer: False)
    assert (report.declined, report.exit) == (True, Exit.STOPPED_AS_TOLD)
    assert (desk.api.orders, desk.ledger.allotted()) == ([], {})
    assert report.amounts.committed == 0


# -- the cap


def test_the_smallest_cap_that_was_given_is_the_cap_and_is_remembered(desk):
    manifest = desk.manifest("a.mp3", cap=Cents(50))
    desk.run(manifest, caps=(None, Cents(20), Cents(30)), ask=lambda _offer: False)
    assert desk.ledger.stored_cap("m1") == 20
    desk.run(desk.manifest("a.mp3"), ask=lambda _offer: False)
    assert desk.ledger.stored_cap("m1") == 20
    desk.run(manifest, ask=lambda _offer: False)
    assert desk.ledger.stored_cap("m1") == 50


def test_without_any_cap_the_plan_s_ceilings_are_it(desk):
    desk.run(desk.manifest("a.mp3", "b.mp3"), ask=lambda _offer: False)
    assert desk.ledger.stored_cap("m1") == 4


def test_only_collecting_keeps_the_cap_and_reads_no_price(desk):
    manifest = desk.manifest("a.mp3")
    desk.run(manifest, spend=7, ask=lambda _offer: False)
    desk.api.calls.clear()
    report = desk.run(manifest, spend=0)
    assert report.exit is Exit.STOPPED_AS_TOLD
    assert desk.ledger.stored_cap("m1") == 7
    assert desk.api.calls == []


def test_a_refused_batch_buys_nothing_of_it(desk):
    report = desk.run(desk.manifest("a.mp3", "b.mp3"), spend=3)
    assert report.exit is Exit.REFUSED
    assert (report.refused.needed, report.refused.available) == (4, 3)
    assert desk.api.orders == []


def test_fit_buys_in_order_and_counts_what_it_left(desk):
    report = desk.run(desk.manifest("a.mp3", "b.mp3", "c.mp3"), spend=4, fit=True)
    assert report.exit is Exit.STOPPED_AS_TOLD
    assert [item.fate for item in report.items] == [Fate.SAVED, Fate.SAVED, Fate.WAITING]
    assert report.left_by_fit == 1


# -- files


def test_a_changed_file_stops_the_buying_of_all_unless_it_is_skipped(desk):
    manifest = desk.manifest("a.mp3", "b.mp3")
    (desk.folder / "a.mp3").write_text("other audio")
    report = desk.run(manifest)
    assert report.exit is Exit.STALE
    assert [item.fate for item in report.items] == [Fate.STALE, Fate.WAITING]
    assert "changed since planning" in report.items[0].reason
    assert desk.api.orders == []
    rest = desk.run(manifest, skip_changed=True)
    assert [item.fate for item in rest.items] == [Fate.SKIPPED, Fate.SAVED]


def test_a_file_that_vanishes_while_it_is_digested_is_stale(desk):
    def vanishing(path, spans):
        if path.endswith("a.mp3"):
            raise EarmarkError("a.mp3 became shorter while it was read")
        return digest(path, spans)

    report = desk.run(desk.manifest("a.mp3", "b.mp3"), probes=Probes(look, vanishing))
    assert report.exit is Exit.STALE
    assert report.items[0].reason == "a.mp3 became shorter while it was read"


def test_a_file_that_changes_during_its_upload_is_stale_and_costs_nothing(desk):
    desk.api.outcome = lambda order, _nth: SourceChanged("it changed") if order.path.stem == "a" else None
    report = desk.run(desk.manifest("a.mp3", "b.mp3"))
    assert report.exit is Exit.STALE
    assert [item.fate for item in report.items] == [Fate.STALE, Fate.SAVED]
    assert report.items[0].reason == "it changed"
    assert report.items[0].held == 0


def test_one_audio_under_two_names_is_bought_once(desk):
    desk.item("a.mp3")
    (desk.folder / "copy.mp3").write_bytes(b"a.mp3")
    report = desk.run(desk.manifest("a.mp3", "copy.mp3"), patience=BILLED)
    assert report.exit is Exit.DONE
    assert len(desk.api.orders) == 1
    assert saved(desk) == ["a.json", "a.txt", "copy.json", "copy.txt"]
    assert [item.charged for item in report.items] == [1, None]


# -- signals


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_does_not_wait_for_the_last_file(desk, number, code):
    deliver, looked = [], []

    def slow_look(path):
        looked.append(path)
        if len(looked) == 2:
            deliver[0](number)
        return look(path)

    manifest = desk.manifest(*(f"{n}.mp3" for n in range(5)))
    report = desk.run(manifest, probes=Probes(slow_look, digest), on_signals=deliver.append)
    assert report.exit == code
    assert len(looked) == 2
    assert report.signal == number
    assert (desk.api.orders, desk.ledger.amounts("m1").committed) == ([], 0)


def test_a_signal_while_digests_are_taken_leaves_at_once(desk):
    deliver, taken = [], []

    def slow_digest(path, spans):
        taken.append(path)
        deliver[0](signal.SIGINT)
        return digest(path, spans)

    report = desk.run(
        desk.manifest("a.mp3", "b.mp3"), probes=Probes(look, slow_digest), on_signals=deliver.append
    )
    assert report.exit is Exit.INTERRUPTED
    assert len(taken) == 1
    assert desk.api.calls == []


def test_a_signal_while_a_person_is_asked_buys_nothing(desk):
    deliver = []

    def hesitate(_offer):
        deliver[0](signal.SIGINT)
        return True

    report = desk.run(desk.manifest("a.mp3"), ask=hesitate, on_signals=deliver.append)
    assert report.exit is Exit.INTERRUPTED
    assert not report.declined
    assert (desk.api.orders, desk.ledger.allotted()) == ([], {})


def test_a_signal_ends_a_call_that_the_run_itself_waits_for(desk):
    deliver = []
    desk.api.on_call = lambda name: name == "balance" and deliver[0](signal.SIGINT)
    report = desk.run(desk.manifest("a.mp3"), on_signals=deliver.append)
    assert report.exit is Exit.INTERRUPTED
    assert desk.api.orders == []


# -- what earlier runs left


def bound(desk, manifest):
    """The manifest's items in the ledger, nothing bought."""
    desk.run(manifest, ask=lambda _offer: False)
    return {row.file: row for row in desk.ledger.items("m1")}


def left(desk, row, *states, job=""):
    """An attempt of an earlier run; its token."""
    token = f"ek-{row.content_key[:16]}-{'0' * 16}"
    with desk.ledger.transaction():
        wish = Reservation(row.part_id, "m1", "transcription", token, Cents(1), Cents(2))
        made = desk.ledger.reserve(wish)
        for state in states:
            desk.ledger.move(Move(made, state, "", job if state is State.SUBMITTED else None))
    return token


SENDING = (State.UPLOADING, State.SENDING)


def test_a_job_that_an_earlier_run_left_is_fetched_before_anything_is_asked(desk):
    manifest = desk.manifest("a.mp3")
    rows = bound(desk, manifest)
    desk.api.add_job("transcription", "x")
    desk.api.add_row("transcription", "1", 1)
    left(desk, rows["a.mp3"], *SENDING, State.SUBMITTED, job="1")
    report = desk.run(manifest, ask=lambda _offer: pytest.fail("asked"), patience=BILLED)
    assert report.exit is Exit.DONE
    assert (report.amounts.spent, desk.api.orders) == (1, [])


def test_what_a_killed_run_was_sending_is_found_by_its_token(desk):
    manifest = desk.manifest("a.mp3")
    token = left(desk, bound(desk, manifest)["a.mp3"], *SENDING)
    desk.api.add_job("transcription", f"a.{token}.mp3")
    desk.api.add_row("transcription", "1", 1)
    report = desk.run(manifest, patience=BILLED)
    assert report.exit is Exit.DONE
    assert (report.amounts.spent, desk.api.orders) == (1, [])


def test_a_job_that_the_wallet_made_for_the_same_content_is_adopted_not_bought(desk):
    manifest = desk.manifest("a.mp3", "b.mp3")
    row = bound(desk, manifest)["a.mp3"]
    desk.api.add_job("transcription", f"a.ek-{row.content_key[:16]}-{'7' * 16}.mp3")
    desk.api.add_row("transcription", "1", 1)
    report = desk.run(manifest, patience=BILLED)
    assert report.exit is Exit.DONE
    assert [order.path.stem for order in desk.api.orders] == ["b"]
    assert report.amounts.spent == 2


def test_money_that_a_running_job_held_is_used_once_it_is_free(desk):
    """The wallet pays for the second item only when the first one's bill is below its ceiling."""
    manifest = desk.manifest("a.mp3", "b.mp3")
    row = bound(desk, manifest)["a.mp3"]
    desk.api.balance_cents = 3
    job = desk.api.add_job("transcription", "x", JobStatus.RUNNING)
    left(desk, row, *SENDING, State.SUBMITTED, job=job.job_id)

    def end_it(name):
        if name == "rates" and not desk.api.rows:
            desk.api.lists["transcription"][0] = type(job)(job.job_id, JobStatus.COMPLETED)
            desk.api.add_row("transcription", job.job_id, 1)

    desk.api.on_call = end_it
    report = desk.run(manifest, spend=10, patience=BILLED)
    assert report.exit is Exit.DONE
    assert report.amounts.spent == 2


def test_a_failed_job_that_was_not_charged_is_tried_again_by_the_next_run_only(desk):
    manifest = desk.manifest("a.mp3")
    desk.api.ends = JobStatus.FAILED
    report = desk.run(manifest)
    assert report.exit is Exit.SOME_FAILED
    assert len(desk.api.orders) == 1
    desk.api.ends = JobStatus.COMPLETED
    assert desk.run(manifest).exit is Exit.DONE
    assert len(desk.api.orders) == 2


def test_a_rejected_item_does_not_stop_the_others(desk):
    desk.api.outcome = lambda order, _nth: Rejected("400: too short") if order.path.stem == "a" else None
    report = desk.run(desk.manifest("a.mp3", "b.mp3"))
    assert [item.fate for item in report.items] == [Fate.REJECTED, Fate.SAVED]
    assert report.items[0].reason == "400: too short"
    assert (report.exit, report.items[0].held, report.items[0].charged) == (Exit.SOME_FAILED, 0, None)


# -- one look: `earmark fetch`


def test_one_look_brings_what_is_paid_and_buys_nothing(desk):
    manifest = desk.manifest("a.mp3", "b.mp3")
    desk.run(manifest, spend=2, fit=True)
    for path in desk.output.iterdir():
        path.unlink()
    report = desk.run(manifest, one_look=True, ask=lambda _offer: pytest.fail("asked"))
    assert [item.fate for item in report.items] == [Fate.SAVED, Fate.WAITING]
    assert len(desk.api.orders) == 1


def test_one_look_knows_paid_lines_of_a_new_plan_by_their_digest_without_the_source(desk):
    desk.run(desk.manifest("a.mp3"))
    sha256 = hashlib.sha256(b"a.mp3").hexdigest()
    plan = desk.manifest("a.mp3")
    items = tuple(desk.item("a.mp3", sha256=sha256, paid=True, cents=0, ceiling=0) for _ in plan.items)
    (desk.folder / "a.mp3").unlink()
    other = type(plan)(type(plan.head)(**{**_fields(plan.head), "id": "m2"}), items)
    report = desk.run(other, one_look=True, output=desk.folder / "elsewhere")
    assert [item.fate for item in report.items] == [Fate.SAVED]
    assert report.items[0].shared
    assert (desk.folder / "elsewhere" / "a.txt").is_file()
    assert len(desk.api.orders) == 1


def _fields(head):
    return {name: getattr(head, name) for name in head.__struct_fields__}


def test_a_deleted_result_is_fetched_again_free(desk):
    manifest = desk.manifest("a.mp3")
    desk.run(manifest)
    (desk.output / "a.txt").unlink()
    report = desk.run(manifest)
    assert report.exit is Exit.DONE
    assert saved(desk) == ["a.json", "a.txt"]
    assert len(desk.api.orders) == 1


# -- prices


def test_accepted_prices_reprice_the_items_within_the_cap(desk):
    desk.api.live["transcription"] = Fraction(3)
    desk.api.cents = 3
    manifest = desk.manifest("a.mp3")
    assert desk.run(manifest).exit is Exit.STALE
    assert desk.run(manifest, accept_prices=True).exit is Exit.REFUSED  # the cap stays
    report = desk.run(manifest, accept_prices=True, spend=4, patience=BILLED)
    assert report.exit is Exit.DONE
    assert (report.items[0].expected, report.items[0].ceiling, report.amounts.spent) == (3, 4, 3)


def test_prices_that_may_not_be_read_are_a_note(desk):
    desk.api.fail("rates", CallRefused("403 of /pricing"))
    report = desk.run(desk.manifest("a.mp3"))
    assert report.exit is Exit.DONE
    assert report.notes == ("live prices could not be read: 403 of /pricing",)


# -- this machine


def test_a_ledger_that_can_no_longer_be_written_says_what_it_would_have_held(desk):
    """The job's number and token are all that is needed to find it again."""

    def the_disk_fills(_order, _nth):
        desk.ledger.db.execute("PRAGMA query_only = ON")

    desk.api.outcome = the_disk_fills
    lines = []
    with pytest.raises(LedgerUnwritable, match="make room and run again"):
        desk.run(desk.manifest("a.mp3"), alarm=lines.append)
    (line,) = lines
    (job,) = desk.api.lists["transcription"]
    (token,) = job.tokens
    assert line == f"transcription {job.job_id} {token.text}"
    desk.ledger.db.execute("PRAGMA query_only = OFF")
    desk.api.outcome = lambda _order, _nth: None
    report = desk.run(desk.manifest("a.mp3"), patience=BILLED)
    assert report.exit is Exit.DONE
    assert (len(desk.api.orders), report.amounts.spent) == (1, 1)


def test_a_bug_in_a_thread_ends_the_run_with_nothing_between_two_states(desk):
    desk.api.outcome = lambda _order, _nth: pytest.fail("a bug")
    with pytest.raises(Crash, match="in upload"):
        desk.run(desk.manifest("a.mp3"))
    (row,) = desk.ledger.items("m1")
    assert row.state is State.IN_DOUBT  # nobody knows whether it arrived
    assert desk.ledger.amounts("m1").in_doubt == 2
    assert desk.ledger.allotted() == {}


def test_a_lost_answer_without_a_trace_keeps_its_money(desk):
    desk.api.outcome = lambda _order, _nth: Doubtful("504")
    report = desk.run(desk.manifest("a.mp3"))
    assert report.exit is Exit.IN_DOUBT
    assert (report.amounts.in_doubt, report.items[0].held) == (2, 2)


def test_a_wallet_that_cannot_be_read_at_the_end_spoils_nothing(desk):
    def fail_late(name):
        if name == "balance" and "balance" in desk.api.calls:
            desk.api.fail("balance", ServiceDown("503"))

    desk.api.on_call = fail_late
    report = desk.run(desk.manifest("a.mp3"))
    assert report.exit is Exit.DONE
    assert report.notes == ("the wallet could not be read at the end: 503",)


def test_credits_that_paid_instead_of_the_wallet_are_found_at_the_end(desk):
    desk.api.credits_left = 9000

    def someone_pays_with_credits(_order, _nth):
        desk.api.credits_left -= 75

    desk.api.outcome = someone_pays_with_credits
    report = desk.run(desk.manifest("a.mp3"), patience=BILLED)
    assert report.exit is Exit.OUT_OF_MONEY
    assert "credits fell by 75" in dict(report.stops)[Stop.CREDITS]
    assert report.amounts.spent == 2


def test_the_report_names_its_places_and_its_time(desk):
    report = desk.run(desk.manifest("a.mp3"))
    assert (report.manifest, report.output) == (desk.folder / "m.yaml", desk.output)
    assert report.seconds > 0
    assert report.sent == len(b"a.mp3")
    assert report.stopped_at is None
