"""A shift: the very same run over a few lines; what this host cannot send, or leaves, waits for others."""

import threading
import time

import pytest

from manifests.money import Cents
from manifests.states import State
from runner.api.errors import KeyRefused, ServiceDown
from runner.api.interface import Doubtful, OutOfMoney
from runner.engine.world import Stop
from runner.fleet.beating import Beating
from runner.fleet.outcome import decoded
from runner.fleet.rates import SharedRates
from runner.fleet.sharing import Shared
from runner.fleet.together import Together
from runner.ledger.fleet_rows import LEASE
from runner.ledger.interface import LeaseLost
from runner.ledger.paces import Kind
from runner.performer import Crash
from runner.reading import read
from runner.tempo import Tempo
from support.shifts import Fleet
from support.small_run import manifest_of


@pytest.fixture
def fleet(desk):
    made = Fleet(desk)
    yield made
    made.close()


def absences(fleet, dispatch_id):
    return {(each.host, each.reason) for each in fleet.desk.ledger.absences(dispatch_id)}


def test_a_host_buys_the_lines_of_its_shift_and_keeps_the_results(fleet):
    fleet.offer(fleet.desk.manifest("a.mp3", "b.mp3", "c.mp3"), size=2)
    a = fleet.host("a", "a.mp3", "b.mp3", "c.mp3")
    outcome = a.work()
    assert (outcome.submitted, dict(outcome.stops)) == (2, {})
    assert fleet.states() == {"a.mp3": "saved", "b.mp3": "saved"}
    assert fleet.shifts() == ["done", "waiting"]
    assert min(path.name for path in a.output.iterdir()).startswith("a.")
    hosts = fleet.desk.ledger.db.execute("SELECT DISTINCT host FROM results").fetchall()
    assert hosts == [("a",)]
    assert a.work().submitted == 1
    assert a.work() is None
    assert len(fleet.desk.api.orders) == 3


def test_what_was_allotted_to_the_dispatch_stays_less_what_was_reserved(fleet):
    fleet.offer(fleet.desk.manifest("a.mp3", "b.mp3"), size=1, cap=10)
    a = fleet.host("a", "a.mp3", "b.mp3")
    a.work()
    assert fleet.desk.ledger.allotted() == {"m1": 8}
    assert fleet.desk.ledger.amounts("m1").cap == 10


def test_a_line_whose_file_is_not_here_goes_to_another_host_and_the_rest_is_bought(fleet):
    made = fleet.offer(fleet.desk.manifest("a.mp3", "b.mp3"))
    a, b = fleet.host("a", "a.mp3"), fleet.host("b", "b.mp3")
    a.work()
    assert fleet.states() == {"a.mp3": "saved"}
    assert fleet.shifts() == ["done", "waiting"]
    assert a.rung == [2]
    assert [host for host, _ in absences(fleet, made)] == ["a"]
    assert a.work() is None
    b.work()
    assert fleet.states() == {"a.mp3": "saved", "b.mp3": "saved"}
    assert b.rung == []


def test_a_file_of_the_same_name_and_other_bytes_is_not_sent(fleet):
    made = fleet.offer(fleet.desk.manifest("a.mp3"))
    a = fleet.host("a", "a.mp3")
    (a.roots[0] / "a.mp3").write_bytes(b"other")
    a.work()
    assert fleet.desk.api.orders == []
    ((_, reason),) = absences(fleet, made)
    assert "changed since planning" in reason
    assert fleet.desk.ledger.hopeless(made) == [
        line.key for line in fleet.desk.lines(fleet.desk.manifest("a.mp3")).values()
    ]


def test_a_file_is_looked_for_under_every_root(fleet, tmp_path):
    fleet.offer(fleet.desk.manifest("a.mp3"))
    a = fleet.host("a")
    other, right = tmp_path / "one", tmp_path / "two"
    for folder, data in ((other, b"longer than the other"), (right, b"a.mp3")):
        folder.mkdir()
        (folder / "a.mp3").write_bytes(data)
    object.__setattr__(a.place, "roots", (other, right))
    a.work()
    assert fleet.states() == {"a.mp3": "saved"}


def test_without_roots_a_host_looks_where_the_manifest_does(fleet):
    fleet.offer(fleet.desk.manifest("a.mp3"))
    a = fleet.host("a")
    object.__setattr__(a.place, "roots", ())
    a.work()
    assert fleet.states() == {"a.mp3": "saved"}


def test_result_names_are_those_of_the_whole_manifest(fleet):
    fleet.offer(fleet.desk.manifest("ep1.mp3", "ep1.wav"), size=1)
    a = fleet.host("a", "ep1.mp3", "ep1.wav")
    a.work()
    assert all(path.name.startswith("ep1.mp3.transcription") for path in a.output.iterdir())


def test_a_dear_price_stops_the_shift_and_is_told_to_whoever_offered_it(fleet):
    made = fleet.offer(fleet.desk.manifest("a.mp3"))
    fleet.desk.api.live["transcription"] = 2
    fleet.host("a", "a.mp3").work()
    assert fleet.desk.api.orders == []
    (over,) = fleet.desk.ledger.ended_shifts(made)
    assert "costs 2" in decoded(over.outcome).shared_stops[Stop.PRICES]


def test_no_money_left_is_told_and_nobody_takes_more_of_the_dispatch(fleet):
    made = fleet.offer(fleet.desk.manifest("a.mp3", "b.mp3"), size=1)
    fleet.desk.api.outcome = lambda _order, _nth: OutOfMoney("402", Cents(5), Cents(1))
    fleet.host("a", "a.mp3", "b.mp3").work()
    outcome = decoded(next(each.outcome for each in fleet.desk.ledger.ended_shifts(made) if each.outcome))
    assert (outcome.required, outcome.available) == (5, 1)
    assert Stop.MONEY in outcome.shared_stops
    assert fleet.shifts() == ["done", "cancelled"]
    assert fleet.desk.ledger.dispatch(made).reason == "402"


def test_a_key_that_is_refused_is_told(fleet):
    made = fleet.offer(fleet.desk.manifest("a.mp3"))
    fleet.desk.api.errors["balance"] = [KeyRefused("no")]
    fleet.host("a", "a.mp3").work()
    assert Stop.KEY in decoded(fleet.desk.ledger.ended_shifts(made)[0].outcome).shared_stops


def test_the_cap_holds_whoever_reserves(fleet):
    fleet.offer(fleet.desk.manifest("a.mp3", "b.mp3", "c.mp3"), size=1, cap=2)
    hosts = [fleet.host(name, "a.mp3", "b.mp3", "c.mp3") for name in "ab"]
    for number in range(3):
        hosts[number % 2].work()
    assert len(fleet.desk.api.orders) == 1  # each costs 2 at most
    assert fleet.desk.ledger.amounts("m1").committed <= 2


def test_a_results_folder_that_cannot_be_written_leaves_the_lines_to_other_hosts(fleet):
    made = fleet.offer(fleet.desk.manifest("a.mp3"))
    a, b = fleet.host("a", "a.mp3"), fleet.host("b", "a.mp3")
    a.output.write_text("a file where a folder should be")
    outcome = a.work()
    assert "results of a" in outcome.failed
    assert fleet.desk.api.orders == []
    assert [host for host, _ in absences(fleet, made)] == ["a"]
    b.work()
    assert fleet.states() == {"a.mp3": "saved"}


def test_lines_of_a_newer_earmark_are_left_to_hosts_that_can_read_them(fleet):
    made = fleet.offer(fleet.desk.manifest("a.mp3"))
    fleet.desk.ledger.db.execute("UPDATE shifts SET lines = '[{\"no\": 1}]'")
    a = fleet.host("a", "a.mp3")
    assert "cannot read" in a.work().failed
    assert fleet.shifts() == ["done", "waiting"]
    assert [host for host, _ in absences(fleet, made)] == ["a"]


def test_a_signal_leaves_the_shift_to_anybody(fleet):
    fleet.offer(fleet.desk.manifest("a.mp3", "b.mp3"))
    a = fleet.host("a", "a.mp3", "b.mp3")
    shift = a.take()
    shift.interrupt(15)
    outcome = shift.work()
    assert Stop.SIGNAL in outcome.local_stops
    assert fleet.desk.api.orders == []
    assert fleet.shifts() == ["done", "waiting"]
    assert a.work().submitted == 2  # this host may take it again


def test_a_dispatch_that_is_stopped_buys_nothing_more(fleet):
    made = fleet.offer(fleet.desk.manifest("a.mp3", "b.mp3"))
    a = fleet.host("a", "a.mp3", "b.mp3")
    shift = a.take()
    with fleet.desk.ledger.transaction():
        fleet.desk.ledger.stop_dispatch(made, "Ctrl-C on desk")
    a.beating.once()
    outcome = shift.work()
    assert outcome.shared_stops == {Stop.TOLD: "Ctrl-C on desk"}
    assert fleet.desk.api.orders == []
    assert fleet.shifts() == ["done"]


def test_a_shift_that_only_collects_reads_no_files_and_buys_nothing(fleet):
    manifest = fleet.desk.manifest("a.mp3", "b.mp3")
    fleet.offer(manifest)
    a = fleet.host("a", "a.mp3", "b.mp3")
    a.work()
    for path in list(a.output.iterdir()):
        path.unlink()
    fleet.offer(manifest, buys=False)
    (a.roots[0] / "b.mp3").unlink()
    a.work()
    assert len(fleet.desk.api.orders) == 2
    assert len(list(a.output.iterdir())) > 0


def test_a_line_that_another_living_shift_buys_is_waited_for_and_costs_nothing(fleet):
    desk = fleet.desk
    same = [desk.item("a.mp3"), desk.item("copy.mp3")]
    (desk.folder / "copy.mp3").write_bytes(b"a.mp3")
    same[1] = desk.item("copy.mp3")
    fleet.offer(manifest_of(same), size=1)
    a, b = fleet.host("a", "a.mp3"), fleet.host("b", "copy.mp3")
    first = a.take()
    first.work()
    b.work()
    assert len(desk.api.orders) == 1
    assert fleet.states() == {"a.mp3": "saved", "copy.mp3": "saved"}


def test_a_run_that_lost_its_lease_sends_no_last_chunk(fleet):
    fleet.offer(fleet.desk.manifest("a.mp3"))
    a = fleet.host("a", "a.mp3")
    shift = a.take()

    def late(call):
        if call == "submit":
            fleet.ahead += LEASE + 1

    fleet.desk.api.on_call = late
    with pytest.raises(LeaseLost):
        shift.work()
    assert fleet.desk.api.orders == []


def test_a_run_that_slept_between_its_turn_and_the_last_chunk_does_not_send_it(fleet):
    fleet.offer(fleet.desk.manifest("a.mp3"))
    a = fleet.host("a", "a.mp3")

    def sleep(point):
        if point == "after-sending":
            fleet.ahead += LEASE + 1

    shift = a.take(reach=sleep)
    with pytest.raises(LeaseLost):
        shift.work()
    assert fleet.desk.api.orders == []
    assert fleet.states() == {"a.mp3": "sending"}
    b = fleet.host("b", "a.mp3")
    with b.ledger.transaction():
        b.ledger.fence_dead()
    assert fleet.states() == {"a.mp3": "in doubt"}
    b.work()
    assert fleet.desk.api.orders == []  # nobody sends it again without proof
    assert fleet.states() == {"a.mp3": "in doubt"}


class Bills(Shared):
    """Reads for itself, and counts how often it is told to read bills anew."""

    def __init__(self):
        self.forgotten = 0

    def __call__(self, api, action):
        return read(api, action)

    def forget(self):
        self.forgotten += 1


def test_bills_that_a_lost_run_read_or_that_were_left_to_it_are_read_anew(fleet):
    fleet.offer(fleet.desk.manifest("a.mp3"))
    a, b = fleet.host("a", "a.mp3"), fleet.host("b", "a.mp3")
    mine, theirs = Bills(), Bills()

    def sleep(point):
        if point == "answered":
            fleet.ahead += LEASE + 1
            with b.ledger.transaction():
                b.ledger.fence_dead()

    with pytest.raises(LeaseLost):
        a.take(reach=sleep, reader=mine).work()
    assert mine.forgotten
    b.take(reader=theirs).work()
    assert theirs.forgotten
    assert fleet.states() == {"a.mp3": "saved"}


def test_bills_are_read_once_where_nobody_is_lost(fleet):
    fleet.offer(fleet.desk.manifest("a.mp3"))
    bills = Bills()
    fleet.host("a", "a.mp3").take(reader=bills).work()
    assert not bills.forgotten


def test_a_doubt_of_a_lost_host_is_cleared_by_its_token(fleet):
    fleet.offer(fleet.desk.manifest("a.mp3"))
    a, b = fleet.host("a", "a.mp3"), fleet.host("b", "a.mp3")

    def die(point):
        if point == "answered":
            fleet.ahead += LEASE + 1
            with b.ledger.transaction():
                b.ledger.fence_dead()
            raise SystemExit

    with pytest.raises((LeaseLost, Crash)):
        a.take(reach=die).work()
    assert fleet.states() == {"a.mp3": "in doubt"}
    assert len(fleet.desk.api.orders) == 1
    b.work()
    assert fleet.states() == {"a.mp3": "saved"}
    assert len(fleet.desk.api.orders) == 1


def test_an_answer_that_came_after_the_lease_was_lost_clears_the_doubt(fleet):
    fleet.offer(fleet.desk.manifest("a.mp3"))
    a, b = fleet.host("a", "a.mp3"), fleet.host("b")

    def late(point):
        if point == "before-number":
            fleet.ahead += LEASE + 1
            with b.ledger.transaction():
                b.ledger.fence_dead()

    with pytest.raises(LeaseLost):
        a.take(reach=late).work()
    assert fleet.states() == {"a.mp3": "submitted"}
    assert fleet.desk.ledger.attempt(1).driver is None


def test_a_run_whose_beat_says_that_it_is_lost_ends_soon(fleet):
    fleet.offer(fleet.desk.manifest("a.mp3"))
    a = fleet.host("a", "a.mp3")
    shift = a.take()
    fleet.ahead += LEASE + 1
    other = fleet.host("b")
    with other.ledger.transaction():
        other.ledger.fence_dead()
    a.beating.once()
    with pytest.raises(LeaseLost):
        shift.work()
    assert fleet.desk.api.orders == []


def test_a_lost_answer_is_in_doubt_as_ever(fleet):
    fleet.offer(fleet.desk.manifest("a.mp3"))
    fleet.desk.api.outcome = lambda _order, _nth: Doubtful("reset")
    fleet.host("a", "a.mp3").work()
    assert fleet.states() == {"a.mp3": State.IN_DOUBT.value}
    assert fleet.shifts() == ["done"]


def test_its_threads_end_with_it(fleet):
    before = set(threading.enumerate())  # other tests' threads among them
    fleet.offer(fleet.desk.manifest("a.mp3", "b.mp3"))
    fleet.host("a", "a.mp3", "b.mp3").work()
    left = set(threading.enumerate()) - before
    for thread in left:
        thread.join(5)
    assert not [thread for thread in left if thread.is_alive()]


def test_two_hosts_look_together_and_each_sees_its_own_jobs_through(fleet):
    """One service, whose list both need; every look that one of them makes serves both."""
    names = [f"{number}.mp3" for number in range(8)]
    fleet.offer(fleet.desk.manifest(*names), size=4)
    hosts = [fleet.host(name, *names) for name in "ab"]
    together = [Together(fleet.open) for _ in hosts]
    threads = [
        threading.Thread(target=host.work, kwargs={"reader": each.reader})
        for host, each in zip(hosts, together, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(fleet.states().values()) == {"saved"}
    assert len(fleet.desk.api.orders) == 8
    looks = dict(fleet.desk.ledger.db.execute("SELECT name, begun FROM looks").fetchall())
    assert {"list transcription", "wallet", "rates"} <= looks.keys()
    assert fleet.desk.api.calls.count("rates") == looks["rates"]
    for each in together:
        each.close()


def test_signs_of_life_exchange_the_rates_of_a_process(fleet):
    fleet.offer(fleet.desk.manifest("a.mp3"))
    a, tempo = fleet.host("a"), Tempo(floor=0.1)
    rates = SharedRates()
    rates.join(Kind.SUBMIT, tempo)
    beating = Beating(fleet.open, a.place.worker_id, rates=rates)
    tempo.book(fleet.clock())
    tempo.halve(fleet.clock())
    beating.once()
    learned = fleet.desk.ledger.db.execute("SELECT kind, run_id FROM paces").fetchall()
    assert learned == [("submit", 0)]
    assert tempo.rate(fleet.clock()) == pytest.approx(fleet.desk.ledger.share(Kind.SUBMIT), rel=0.01)
    beating.stop()


def test_a_run_that_submits_keeps_to_its_share_while_it_lasts(fleet):
    fleet.offer(fleet.desk.manifest("a.mp3", "b.mp3", "c.mp3"), submit_rate=1000.0)
    ledger = fleet.desk.ledger
    with ledger.transaction():
        ledger.state_rate(Kind.SUBMIT, ledger.run_id, 4.0)
    a = fleet.host("a", "a.mp3", "b.mp3", "c.mp3")
    began = time.monotonic()
    assert a.work().submitted == 3
    assert time.monotonic() - began > 0.4  # two waits of a quarter of a second


def unreachable(fleet, times):
    fleet.desk.api.errors["balance"] = [ServiceDown("no route to host")] * times


def test_a_host_without_a_way_to_the_service_leaves_its_lines_to_others(fleet):
    made = fleet.offer(fleet.desk.manifest("a.mp3"))
    a, b = fleet.host("a", "a.mp3"), fleet.host("b", "a.mp3")
    unreachable(fleet, 1)
    outcome = a.work()
    assert dict(outcome.shared_stops) == {}
    assert "host a got no answer" in outcome.notes[-1]
    assert fleet.shifts() == ["done", "waiting"]
    assert absences(fleet, made) == {("a", "no route to host")}
    b.work()
    assert fleet.states() == {"a.mp3": "saved"}


def test_a_service_that_two_hosts_cannot_reach_is_down_for_all(fleet):
    made = fleet.offer(fleet.desk.manifest("a.mp3"))
    a, b = fleet.host("a", "a.mp3"), fleet.host("b", "a.mp3")
    fleet.host("c")
    unreachable(fleet, 2)
    a.work()
    assert Stop.UNREACHABLE in b.work().shared_stops
    assert fleet.desk.ledger.dispatch(made).reason == "no route to host"


@pytest.mark.parametrize("ahead", [3600.0, -3600.0])
def test_a_shift_goes_by_the_ledgers_hour_whatever_the_hosts_clock_says(fleet, ahead):
    """A job that failed just now, under another host, is not given back before its bill may have come."""
    fleet.offer(fleet.desk.manifest("a.mp3"))
    shift = fleet.host("a", "a.mp3").take(clock=lambda: time.time() + ahead)
    assert abs(shift._new_run()._ends.clock() - fleet.clock()) < 60


def test_in_a_large_fleet_two_hosts_with_bad_lines_do_not_mean_the_service(fleet):
    made = fleet.offer(fleet.desk.manifest("a.mp3"))
    hosts = [fleet.host(name, "a.mp3") for name in "abcdefg"]
    unreachable(fleet, 3)
    assert [dict(host.work().shared_stops) for host in hosts[:2]] == [{}, {}]
    assert Stop.UNREACHABLE in hosts[2].work().shared_stops
    assert fleet.desk.ledger.dispatch(made).reason == "no route to host"


def test_a_host_that_is_alone_says_that_the_service_is_down(fleet):
    fleet.offer(fleet.desk.manifest("a.mp3"))
    unreachable(fleet, 1)
    assert Stop.UNREACHABLE in fleet.host("a", "a.mp3").work().shared_stops


def test_signals_are_never_asked_for_by_a_shift_which_may_be_in_any_thread(fleet):
    fleet.offer(fleet.desk.manifest("a.mp3"))
    asked = []
    fleet.host("a", "a.mp3").work(on_signals=asked.append)
    assert asked == []
