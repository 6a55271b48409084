"""Two runs, one wallet: what they share is bought once, and neither waits in vain for the other."""

import shutil
import threading
from contextlib import ExitStack

import pytest

import simulator
from manifests.exits import Exit
from manifests.states import State
from runner.engine.timing import Patience
from runner.engine.world import Stop
from runner.ledger.rows import Move, Reservation
from runner.report import Fate
from simulator import Fault, Scenario
from support.rehearsal import QUICK, Rehearsal
from support.waiting import until

SUBMIT = "submit:transcription"


@pytest.fixture
def pair(tmp_path):
    """Opens two people's rehearsals on one wallet; both have `same.wav`, under names of their own."""
    with ExitStack() as stack:

        def open_two(*faults, wallet=5000, **switches):
            switches = {"job_seconds": 0.0, "job_seconds_per_minute": 0.0, **switches}
            sim = stack.enter_context(
                simulator.serve(Scenario(faults=faults, **switches), wallet_cents=wallet)
            )
            found = []
            for name in ("first", "second"):
                it = Rehearsal(tmp_path / name, sim, ledger_path=tmp_path / "state" / "ledger.db")
                it.record(f"{name}.wav")
                found.append(it)
            found[0].record("same.wav")
            shutil.copy(tmp_path / "first/media/same.wav", tmp_path / "second/media/again.wav")
            return found

        yield open_two


class Running:
    """A run in a thread of its own; its report at the end."""

    def __init__(self, it, **changes):
        self._report = None
        self._thread = threading.Thread(target=self._run, args=(it, changes))
        self._thread.start()

    def _run(self, it, changes):
        self._report = it.run(**changes)

    @property
    def report(self):
        self._thread.join(30)
        assert self._report is not None, "it did not end, or not well"
        return self._report


def results(it):
    return sorted(path.name for path in (it.folder / "results").glob("*.txt"))


def check_books(it):
    books = it.sim.books
    assert books.paid_twice() == ()
    assert books.violations == ()
    committed = it.ask_ledger(lambda ledger: [ledger.amounts(name) for name, _ in ledger.manifests()])
    assert sum(amounts.spent for amounts in committed) == books.spent_cents
    assert all(amounts.over == 0 for amounts in committed)


def test_the_second_waits_for_the_first_and_gets_its_own_copy(pair):
    first, second = pair(job_seconds=1.0)
    first.plan(), second.plan()
    one = Running(first)
    until(lambda: len(first.sim.books.jobs) == 2)
    two = Running(second)
    assert (one.report.exit, two.report.exit) == (Exit.DONE, Exit.DONE)
    assert results(first) == ["first.txt", "same.txt"]
    assert results(second) == ["again.txt", "second.txt"]
    assert len(first.sim.books.jobs) == 3
    assert (one.report.amounts.spent, two.report.amounts.spent) == (2, 1)
    check_books(first)


def test_started_at_the_same_moment_they_still_buy_once(pair):
    first, second = pair(Fault(at=SUBMIT, do="slow", seconds=0.3))
    first.plan(), second.plan()
    one, two = Running(first), Running(second)
    assert (one.report.exit, two.report.exit) == (Exit.DONE, Exit.DONE)
    assert len(first.sim.books.jobs) == 3
    assert results(second) == ["again.txt", "second.txt"]
    check_books(first)


def test_what_failed_for_the_first_is_bought_by_the_second_under_its_own_cap(pair):
    first, second = pair(Fault(at=SUBMIT, do="fail", nth=(1, 2)), job_seconds=1.0)
    first.plan(), second.plan()
    one = Running(first)
    until(lambda: len(first.sim.books.jobs) == 2)
    two = Running(second)
    assert one.report.exit is Exit.SOME_FAILED
    assert two.report.exit is Exit.DONE
    assert results(second) == ["again.txt", "second.txt"]
    assert two.report.amounts.spent == 2
    check_books(first)


def test_the_copy_comes_also_where_the_bill_of_the_first_never_came(pair):
    first, second = pair(Fault(at=SUBMIT, do="usage_never", every=1))
    first.plan(), second.plan()
    patience = Patience(settle=0.2, bill=0.5, first_look=0.05, longest_look=0.2)
    assert first.run(patience=patience).exit is Exit.DONE
    assert second.run(patience=patience).exit is Exit.DONE
    assert results(second) == ["again.txt", "second.txt"]
    assert len(first.sim.books.jobs) == 3


def test_what_another_run_bought_while_the_gate_refused_costs_nothing(pair):
    first, second = pair(wallet=2)
    first.plan(), second.plan()
    client = second.ends(*second.open()).api()

    class Late:
        """The first run happens while the second one asks for the balance."""

        def __getattr__(self, name):
            return getattr(client, name)

        def balance(self):
            assert first.run().exit is Exit.DONE
            self.balance = client.balance
            return client.balance()

    late = Late()
    report = second.run(api=lambda: late)
    assert report.exit is Exit.REFUSED
    assert results(second) == ["again.txt"]
    check_books(first)


def reserved_by_another(it, locks):
    """A run of another manifest that has just reserved all that we are about to buy."""
    ledger, _ = it.open()
    locks.take("other")
    made = []
    with ledger.transaction():
        ledger.put_manifest("other", it.folder / "other.yaml", 100)
        for part_id in [row[0] for row in ledger.db.execute("SELECT id FROM parts")]:
            token = f"ek-{part_id:016x}-{0:016x}"
            made.append(ledger.reserve(Reservation(part_id, "other", "transcription", token, 1, 1)))
    return ledger, made


def test_what_another_run_took_and_gave_back_is_bought(pair):
    it, _ = pair()
    it.plan()
    _, locks = it.open()
    taken = threading.Event()

    def ask(_offer):
        ledger, made = reserved_by_another(it, locks)

        def give_back():
            with ledger.transaction():
                for attempt in made:
                    ledger.move(Move(attempt, State.PLANNED, "stopped"))
            ledger.close()
            locks.release()

        if not taken.is_set():
            taken.set()
            threading.Timer(0.5, give_back).start()
        return True

    report = it.run(ask=lambda offer: taken.is_set() or ask(offer))
    assert report.exit is Exit.DONE
    assert report.amounts.spent == 2
    assert results(it) == ["first.txt", "same.txt"]


def test_another_run_that_hangs_is_not_waited_for_longer_than_told(pair):
    it, _ = pair()
    it.plan()
    _, locks = it.open()
    opened = []

    def ask(_offer):
        opened.append(reserved_by_another(it, locks)[0])
        return True

    patience = Patience(job=1.5, settle=0.2, first_look=0.05, longest_look=0.2)
    report = it.run(ask=ask, patience=patience)
    assert report.exit is Exit.SERVICE_DOWN
    assert "other runs have them" in dict(report.stops)[Stop.WAITED]
    assert report.count(Fate.WAITING) == 2
    assert it.sim.books.submits == ()
    opened[0].close()
    locks.release()
    assert it.run().exit is Exit.DONE


def test_a_wallet_that_cannot_be_read_at_the_end_is_a_note(pair):
    it, _ = pair(Fault(at="wallet:balance", do="unavailable", nth=tuple(range(2, 60))))
    it.plan()
    report = it.run(patience=QUICK)
    assert report.exit is Exit.DONE
    assert any("could not be read at the end" in note for note in report.notes)
