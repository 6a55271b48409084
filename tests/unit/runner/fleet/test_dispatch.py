"""A run on a shared ledger: it offers what the gate let through, works on it, and reports the whole."""

import shutil
import signal
import threading
from contextlib import closing
from fractions import Fraction

import pytest

from manifests.exits import Exit
from manifests.money import Cents
from manifests.pilot import Size
from manifests.states import State
from runner.choosing import Portion
from runner.engine.world import Stop
from runner.fleet import watch
from runner.fleet.outcome import Outcome
from runner.fleet.packing import pack, pack_head
from runner.fleet.terms import shift_terms
from runner.fleet.watch import Watch
from runner.ledger import shifts
from runner.ledger.fleet_rows import NewShift
from runner.ledger.interface import LeaseLost
from runner.ledger.paces import Kind
from runner.ledger.runs import RunBy
from runner.report import Fate
from runner.told import Change, ItemTold
from support.dispatching import FleetDesk
from support.fake_api import FakeApi
from support.waiting import until


@pytest.fixture
def fleet(tmp_path):
    made = FleetDesk(tmp_path)
    yield made
    made.close()


def names(count):
    return [f"{number:02}.mp3" for number in range(count)]


def hosts(report):
    return {share.host: share.items for share in report.hosts}


# -- the good day


def test_a_run_alone_works_on_all_that_it_offers_and_reports_as_a_local_run_does(fleet):
    report = fleet.dispatch(fleet.manifest(*names(5)))
    assert (report.exit, report.count(Fate.SAVED)) == (Exit.DONE, 5)
    assert (report.amounts.spent, report.amounts.committed, report.submitted) == (5, 5, 5)
    assert hosts(report) == {"desk": 5}
    assert fleet.ledger.allotted() == {}
    assert fleet.ledger.waiting("m1").shifts == 0
    assert fleet.ledger.dispatches("m1") == []


def test_hosts_share_the_work_and_each_line_is_bought_once(fleet):
    both = threading.Barrier(2, timeout=20)
    met = []

    def meet(file):
        if len(met) < 2:
            met.append(file)
            both.wait()  # neither goes on before the other has a shift, too

    fleet.hands.before = meet
    other = fleet.host("b", before=meet)
    report = fleet.dispatch(fleet.manifest(*names(16)))
    assert report.exit is Exit.DONE
    assert sorted(fleet.hands.seen + other.seen) == names(16)
    assert fleet.hands.seen
    assert other.seen
    assert hosts(report) == {"b": len(other.seen), "desk": len(fleet.hands.seen)}
    assert report.amounts.spent == 16


def test_every_shift_that_waits_is_rung_for(fleet):
    fleet.dispatch(fleet.manifest(*names(9)))
    assert sorted(fleet.rung) == sorted(fleet.hands.shifts)


def test_a_second_run_finds_all_of_it_done_and_asks_the_service_for_nothing(fleet):
    manifest = fleet.manifest("a.mp3")
    fleet.dispatch(manifest)
    report = fleet.dispatch(manifest, api=lambda: pytest.fail("asked"))
    assert (report.exit, report.here) == (Exit.DONE, 1)


def test_results_on_another_hosts_disk_count_as_saved_and_are_not_fetched_again(fleet):
    manifest = fleet.manifest(*names(3))
    for name in names(3):
        (fleet.folder / "there").mkdir(exist_ok=True)
        (fleet.folder / name).rename(fleet.folder / "there" / name)
    fleet.host("b", "there")
    report = fleet.dispatch(manifest)
    assert (report.exit, hosts(report)) == (Exit.DONE, {"b": 3})
    assert not list(fleet.output.rglob("*.txt"))
    shutil.rmtree(fleet.folder / "there" / "results")  # as if that disk were not ours to look at
    again = fleet.dispatch(manifest, api=lambda: pytest.fail("asked"))
    assert (again.exit, again.count(Fate.SAVED)) == (Exit.DONE, 3)


def test_whoever_watches_hears_of_every_item_once_whoever_bought_it(fleet):
    heard = []
    fleet.host("b")
    fleet.dispatch(fleet.manifest(*names(8)), watch=heard.append)
    items = [told for told in heard if isinstance(told, ItemTold)]
    for change in (Change.SUBMITTED, Change.FINISHED, Change.SAVED, Change.CHARGED):
        assert sorted(told.file for told in items if told.change is change) == names(8)
    assert sum(told.charged for told in items if told.change is Change.CHARGED) == 8
    assert {told.results[1].rpartition("/")[2] for told in items if told.change is Change.SAVED} == {
        f"{number:02}.txt" for number in range(8)
    }


def test_progress_counts_what_all_hosts_did(fleet):
    heard = []
    fleet.dispatch(fleet.manifest(*names(4)), listener=heard.append)
    assert heard[0].items == 4
    assert [progress.done for progress in heard] == sorted(progress.done for progress in heard)


# -- the gate


def test_what_the_cap_does_not_allow_is_refused_as_ever_and_nothing_is_offered(fleet):
    report = fleet.dispatch(fleet.manifest(*names(3)), spend=5)
    assert (report.exit, report.refused.short) == (Exit.REFUSED, 1)
    assert (fleet.rung, fleet.hands.seen) == ([], [])
    assert report.amounts.committed == 0


def test_what_fits_is_offered_and_the_rest_waits(fleet):
    report = fleet.dispatch(fleet.manifest(*names(3)), spend=4, fit=True)
    assert fleet.hands.seen == names(2)
    assert (report.exit, report.count(Fate.SAVED), report.count(Fate.WAITING)) == (
        Exit.STOPPED_AS_TOLD,
        2,
        1,
    )


def test_what_another_host_may_see_counts_at_the_gate(fleet):
    manifest = fleet.manifest(*names(3))
    (fleet.folder / "02.mp3").unlink()
    fleet.host("b", "there")
    assert fleet.dispatch(manifest, spend=5).exit is Exit.REFUSED


def test_a_no_offers_nothing(fleet):
    report = fleet.dispatch(fleet.manifest("a.mp3"), ask=lambda _offer: False)
    assert (report.declined, report.exit, fleet.rung) == (True, Exit.STOPPED_AS_TOLD, [])
    assert fleet.ledger.allotted() == {}


def test_prices_that_rose_stop_it_before_anything_is_offered_and_those_accepted_go_with_the_shifts(fleet):
    api = FakeApi(live={"transcription": Fraction(3)})
    manifest = fleet.manifest("a.mp3")
    report = fleet.dispatch(manifest, api=lambda: api)
    assert (report.exit, fleet.rung) == (Exit.STALE, [])
    report = fleet.dispatch(manifest, api=lambda: api, accept_prices=True, spend=10)
    assert (report.exit, report.amounts.spent) == (Exit.DONE, 3)


def test_a_pilot_is_bought_first_and_the_rest_after_a_yes(fleet):
    seen = []

    def go_on(_pilot):
        seen.extend(fleet.hands.seen)
        return True

    report = fleet.dispatch(fleet.manifest(*names(6)), portion=Portion(pilot=Size(2)), go_on=go_on)
    assert (len(seen), len(fleet.hands.seen), report.exit) == (2, 6, Exit.DONE)


# -- files that not every host has


def test_a_file_that_no_host_has_is_stale_before_anything_is_bought_where_this_host_is_alone(fleet):
    manifest = fleet.manifest(*names(3))
    (fleet.folder / "01.mp3").unlink()
    report = fleet.dispatch(manifest)
    assert (report.exit, fleet.rung) == (Exit.STALE, [])
    (item,) = report.of(Fate.STALE)
    assert "No such file" in item.reason
    assert "desk" not in item.reason


def test_a_file_with_other_bytes_waits_for_the_host_that_has_it_as_planned_and_that_is_said(fleet):
    manifest = fleet.manifest(*names(3))
    there = fleet.folder / "there"
    there.mkdir()
    (there / "01.mp3").write_bytes((fleet.folder / "01.mp3").read_bytes())
    (fleet.folder / "01.mp3").write_bytes(b"something else")
    gate = threading.Event()
    other = fleet.host("b", "there", before=lambda _file: gate.wait(20))
    said = fleet.said.append
    fleet.said = _Heard(said, gate)
    report = fleet.dispatch(manifest)
    assert (report.exit, other.seen, sorted(fleet.hands.seen)) == (
        Exit.DONE,
        ["01.mp3"],
        ["00.mp3", "02.mp3"],
    )


class _Heard(list):
    """What is said; the other host goes on at once."""

    def __init__(self, _append, gate):
        super().__init__()
        gate.set()


def test_a_line_that_every_living_host_refused_is_given_up_with_the_reason_of_each(fleet):
    manifest = fleet.manifest(*names(3))
    there = fleet.folder / "there"
    there.mkdir()
    (there / "01.mp3").write_bytes(b"other bytes")
    (fleet.folder / "01.mp3").unlink()
    fleet.host("b", "there")
    report = fleet.dispatch(manifest)
    (item,) = report.of(Fate.STALE)
    assert (report.exit, item.file) == (Exit.STALE, "01.mp3")
    assert "desk: " in item.reason
    assert "No such file" in item.reason
    assert "b: changed since planning" in item.reason
    assert (report.count(Fate.SAVED), fleet.ledger.waiting("m1").shifts) == (2, 0)


def test_what_waits_for_another_host_is_said_while_it_waits(fleet):
    manifest = fleet.manifest(*names(2))
    there = fleet.folder / "there"
    there.mkdir()
    (fleet.folder / "01.mp3").rename(there / "01.mp3")
    with fleet.ledger.transaction():  # a host that lives and has not looked yet
        fleet.ledger.enter(RunBy("ben", "b", 9), [])
    timer = threading.Timer(1.0, lambda: fleet.host("c", "there"))
    timer.start()
    report = fleet.dispatch(manifest)
    timer.join()
    assert (report.exit, hosts(report)) == (Exit.DONE, {"c": 1, "desk": 1})
    (said,) = [text for text in fleet.said if "waits" in text]
    assert said.startswith("01.mp3 waits for another host: ")
    assert "No such file" in said


def test_what_waits_is_named_once_however_it_goes_on():
    said = []
    watch = Watch(None, "m1", None, None, said.append, lambda key: f"{key}.mp3")
    watch._tell_waiting(dict.fromkeys("abcde", "a: not there"))
    watch._tell_waiting({"b": "a: not there", "c": "a: not there; b: not there"})
    watch._tell_waiting({})
    watch._tell_waiting({"b": "a: not there", "f": "b: other bytes"})
    assert said == [
        "a.mp3, b.mp3, c.mp3 and 2 more wait for another host: a: not there",
        "f.mp3 waits for another host: b: other bytes",
    ]


# -- two runs of one manifest


@pytest.fixture
def beside(fleet):
    """A dispatch of the same manifest on host `a`, with a cap of its own."""

    def begin(cap, *, lease=30.0):
        ledger = fleet.connect()
        with ledger.transaction():
            ledger.put_manifest("m1", fleet.folder / "m.yaml", Cents(cap))
            ledger.begin_run("m1", RunBy("ben", "a", 5), lease)
            ledger.begin_dispatch("m1", "{}", "{}", cap)
        return ledger

    return begin


def test_of_two_caps_the_smaller_counts_and_the_later_run_says_so(fleet, beside):
    first = beside(800)
    report = fleet.dispatch(fleet.manifest("a.mp3"), spend=2000)
    first.close()
    assert report.amounts.cap == 800
    assert "cap $8.00 of the run on host a counts, not $20.00" in report.notes
    assert fleet.said == ["cap $8.00 of the run on host a counts, not $20.00"]


def test_the_earlier_run_says_when_its_cap_was_lowered(fleet, beside):
    def lower(_file):
        beside(800).close()

    fleet.hands.before = lower
    report = fleet.dispatch(fleet.manifest("a.mp3"), spend=2000)
    assert "cap $8.00 of the run on host a counts from now on, not $20.00" in report.notes
    assert report.amounts.cap == 800


def test_a_run_that_is_gone_leaves_its_cap_to_the_next_one(fleet, beside):
    beside(800, lease=-1.0).close()
    report = fleet.dispatch(fleet.manifest("a.mp3"), spend=2000)
    assert (report.amounts.cap, report.exit) == (2000, Exit.DONE)


def test_lines_in_a_shift_of_another_run_are_left_to_it_and_waited_for(fleet):
    manifest = fleet.manifest(*names(3))
    key = next(iter(fleet.lines(manifest).values())).key
    with closing(fleet.connect()) as other:
        with other.transaction():
            other.put_manifest("m1", fleet.folder / "m.yaml", Cents(100))
            other.begin_run("m1", RunBy("ben", "a", 5), 30.0)
            terms = shift_terms(fleet.options(), manifest.head.rates, None)
            made = other.begin_dispatch("m1", pack_head(manifest.head), terms.encoded(), 100)
            line = fleet.lines(manifest)["00.mp3"]
            shift = other.offer(made, NewShift(pack([line]), [key]))
        report = fleet.dispatch(manifest)
    assert report.exit is Exit.DONE
    assert shift in fleet.hands.shifts
    assert sorted(fleet.hands.seen) == names(3)
    assert report.submitted == 2  # the third is on the other run's account


def test_ctrl_c_ends_also_what_a_killed_run_had_offered(fleet):
    manifest = fleet.manifest(*names(12))
    with closing(fleet.connect()) as other, other.transaction():
        other.put_manifest("m1", fleet.folder / "m.yaml", Cents(100))
        other.begin_run("m1", RunBy("ben", "a", 5), -1.0)
        terms = shift_terms(fleet.options(), manifest.head.rates, None)
        made = other.begin_dispatch("m1", pack_head(manifest.head), terms.encoded(), 100)
        for line in fleet.lines(manifest).values():
            other.offer(made, NewShift(pack([line]), [line.key]))
    deliver = []

    def interrupt(_file):
        if deliver:
            deliver.pop()(signal.SIGINT)
        until(lambda: fleet.hands.signals, why="the signal is heard, before all is bought")

    fleet.hands.before = interrupt
    report = fleet.dispatch(manifest, on_signals=deliver.append)
    assert (report.exit, fleet.ledger.waiting("m1").shifts) == (Exit.INTERRUPTED, 0)
    assert fleet.ledger.dispatches("m1") == []


# -- what stops it


@pytest.mark.parametrize(
    ("stop", "code"),
    [
        (Stop.MONEY, Exit.OUT_OF_MONEY),
        (Stop.KEY, Exit.KEY),
        (Stop.PRICES, Exit.STALE),
        (Stop.DOWN, Exit.SERVICE_DOWN),
    ],
)
def test_what_stops_one_host_for_all_stops_the_rest(fleet, stop, code):
    fleet.hands.outcome = Outcome(stops={stop.value: "enough"}, required=9, available=4)
    report = fleet.dispatch(fleet.manifest(*names(16)))
    assert (report.exit, dict(report.stops)[stop]) == (code, "enough")
    assert len(fleet.hands.seen) < 16
    assert report.count(Fate.WAITING) == 16 - len(fleet.hands.seen)
    assert fleet.ledger.waiting("m1").shifts == 0
    if stop is Stop.MONEY:
        assert (report.shortage.required, report.shortage.available) == (9, 4)


def test_a_full_disk_of_one_host_stops_nobody_else_and_is_said(fleet):
    fleet.host("b", outcome=Outcome(stops={"disk": "no space left"}))
    report = fleet.dispatch(fleet.manifest(*names(8)))
    assert report.exit is Exit.DONE
    assert all("no space left" in text for text in fleet.said)


def test_what_ended_badly_is_told_by_its_exit_code(fleet):
    fleet.hands.ends_at = {"01.mp3": State.REJECTED}
    report = fleet.dispatch(fleet.manifest(*names(2)))
    assert (report.exit, report.count(Fate.SAVED)) == (Exit.SOME_FAILED, 1)


def test_ctrl_c_ends_the_shifts_here_and_stops_those_elsewhere(fleet):
    deliver = []

    def interrupt(_file):
        if deliver:
            deliver.pop()(signal.SIGINT)
        until(lambda: fleet.hands.signals, why="the signal is heard, before all is bought")

    fleet.hands.before = interrupt
    report = fleet.dispatch(fleet.manifest(*names(12)), on_signals=deliver.append)
    assert (report.exit, report.signal) == (Exit.INTERRUPTED, signal.SIGINT)
    assert 0 < len(fleet.hands.seen) < 12
    assert fleet.hands.signals == [signal.SIGINT]
    assert fleet.ledger.waiting("m1").shifts == 0
    fleet.hands.signals.clear()
    fleet.hands.before = lambda _file: None
    assert fleet.dispatch(fleet.manifest(*names(12))).exit is Exit.DONE
    assert sorted(fleet.hands.seen) == names(12)


def test_with_a_cap_of_nothing_it_only_collects(fleet):
    report = fleet.dispatch(fleet.manifest("a.mp3"), spend=0)
    assert (report.exit, fleet.rung, fleet.hands.seen) == (Exit.STOPPED_AS_TOLD, [], [])


# -- hosts that are lost


def test_a_lost_host_is_named_and_what_it_had_goes_on_here(fleet):
    manifest = fleet.manifest(*names(4))
    lost = []

    def hold(_file):
        if not lost:  # one shift is taken by a host that gives no sign of life again
            with closing(fleet.connect()) as ledger, ledger.transaction():
                worker = ledger.enter(RunBy("ben", "b", 8), [])
                lost.append(ledger.take_shift(worker, RunBy("ben", "b", 8), manifest_id="m1", lease=0.01))

    fleet.hands.before = hold
    report = fleet.dispatch(manifest)
    assert report.exit is Exit.DONE
    assert sorted(fleet.hands.seen) == names(4)
    assert any(text.startswith("host b was lost: what it had goes on elsewhere") for text in report.notes)


def test_what_too_many_hosts_were_lost_over_is_named_and_given_to_no_other(fleet, monkeypatch):
    for module in (shifts, watch):
        monkeypatch.setattr(module, "MOST_LOST", 1)
    lost = []

    def hold(_file):
        if not lost:
            with closing(fleet.connect()) as ledger, ledger.transaction():
                worker = ledger.enter(RunBy("ben", "b", 8), [])
                lost.append(ledger.take_shift(worker, RunBy("ben", "b", 8), manifest_id="m1", lease=0.01))

    fleet.hands.before = hold
    report = fleet.dispatch(fleet.manifest(*names(4)))
    (given,) = [each for each in report.notes if "hosts were lost over" in each]
    waiting = [item.file for item in report.items if item.fate is Fate.WAITING]
    assert report.exit is Exit.STOPPED_AS_TOLD
    assert waiting
    assert all(file in given for file in waiting[:3])
    assert fleet.dispatch(fleet.manifest(*names(4))).exit is Exit.DONE


def test_a_run_that_was_taken_for_lost_sends_nothing_more_and_says_what_to_type(fleet):
    def fence(_file):
        with closing(fleet.connect()) as ledger, ledger.transaction():
            ledger.db.execute("UPDATE runs SET fenced = 1, lease_until = 0 WHERE shift_id IS NULL")

    fleet.hands.before = fence
    with pytest.raises(LeaseLost, match="same command again"):
        fleet.dispatch(fleet.manifest(*names(12)))


# -- how often the service is called


def test_the_rates_that_a_run_was_told_count_for_all_hosts_while_its_dispatch_lasts(fleet):
    stated = []

    def look(_file):
        with closing(fleet.connect()) as ledger:
            stated.append([ledger.share(kind) for kind in Kind])

    fleet.hands.before = look
    fleet.dispatch(fleet.manifest("a.mp3"), submit_rate=50.0, read_rate=7.0)
    assert stated == [[50.0, 7.0]]
    assert [fleet.ledger.share(kind) for kind in Kind] == [None, None]
