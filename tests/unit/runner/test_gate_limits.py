"""The gate under limits on a run, an item, a service and a month; also with several runs at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manifests.budget import Verdict
from manifests.limits import Limit, Limits, Scope
from manifests.money import Cents
from manifests.states import State
from runner.api.interface import Balance, Wallet
from runner.engine.journal import Journal
from runner.engine.messages import NoRoom, Reserved
from runner.engine.task import Source, Target, Task
from runner.engine.writes import Enlarge, Reserve
from runner.file_locks import FileLocks
from runner.gate import Gate
from runner.ledger.rows import Move, Reservation
from runner.ledger.sqlite.ledger import SqliteLedger
from runner.limiting import month_start
from runner.prepare import check, new_items
from runner.wanted import Wanted
from support.small_run import PROBES, manifest_of

RICH = Wallet(Balance(Cents(100_000), Cents(0)))
NOW = datetime(2026, 11, 30, 23, 30, tzinfo=UTC).timestamp()
NAMES = ("m1", "m2", "m3")
LINES = 12


def limit(scope, cents, service=""):
    return Limit(scope, Cents(cents), "earmark.toml:3", service)


def task(part_id, ceiling, product="transcription", **more):
    targets = [Target(part_id, f"{part_id}.mp3", str(part_id), {})]
    fields = {"key": "k", "fields": {}, "state": State.PLANNED, "targets": targets}
    service = product.partition(":")[0]
    money = {"expected": Cents(ceiling), "ceiling": Cents(ceiling)}
    return Task(part_id, "m1", product, service, **{**fields, **money, **more})


@pytest.fixture
def gate(desk):
    """Gates on one ledger with three manifests of the same lines; the locks of each are its own."""
    desk.ledger._clock = lambda: NOW
    items = [desk.item(f"{n}.mp3", "stems:two" if n % 3 == 2 else "transcription") for n in range(LINES)]
    with desk.ledger.transaction():
        for name in NAMES:
            desk.ledger.put_manifest(name, desk.folder / f"{name}.yaml", Cents(1_000_000))
        found = check(desk.lines(manifest_of(items)).values(), PROBES)
        desk.ledger.put_items("m1", list(new_items(found, {}, PROBES)))

    def make(*limits, name="m1", fits=False, locks=None, clock=lambda: NOW):
        locks = desk.locks if locks is None else locks
        return Gate(desk.ledger, locks, name, fits=fits, limits=Limits(limits), clock=clock)

    return make


def reserve(desk, part_id, cents, name="m1"):
    with desk.ledger.transaction():
        wish = Reservation(part_id, name, "transcription", f"{name} {part_id}", Cents(cents), Cents(cents))
        return desk.ledger.reserve(wish)


def wanted(*tasks):
    found = Wanted("m1")
    for number, each in enumerate(tasks):
        found.add(each, number)
    return found


SHAPES = [list, lambda tasks: wanted(*tasks)]


@pytest.mark.parametrize("shape", SHAPES, ids=["few", "many"])
@pytest.mark.parametrize(
    ("set_limit", "needed", "available", "items"),
    [
        (limit(Scope.RUN, 99), 100, 99, 3),
        (limit(Scope.FILE, 49), 50, 49, 1),
        (limit(Scope.SERVICE, 29, "stems"), 30, 29, 1),
        (limit(Scope.SERVICE, 29, "stems:two"), 30, 29, 1),
        (limit(Scope.MONTH, 99), 100, 99, 3),
    ],
    ids=lambda value: getattr(value, "scope", ""),
)
def test_a_cent_above_a_limit_is_refused_with_its_figures(
    desk, gate, shape, set_limit, needed, available, items
):
    tasks = shape([task(1, 50), task(2, 20), task(3, 30, "stems:two")])
    passage = gate(set_limit).decide(tasks, RICH)
    told = passage.decision
    assert (told.verdict, told.needed, told.available) == (Verdict.OVER_LIMIT, needed, available)
    assert (told.over.limit, told.over.items) == (set_limit, items)
    assert (list(passage.tasks), desk.ledger.allotted()) == ([], {})
    raised = Limit(set_limit.scope, Cents(set_limit.cents + 1), "", set_limit.service)
    assert gate(raised).decide(tasks, RICH).decision.passes


@pytest.mark.parametrize("shape", SHAPES, ids=["few", "many"])
@pytest.mark.parametrize(
    ("set_limit", "taken"),
    [
        (limit(Scope.RUN, 80), [1, 2]),
        (limit(Scope.FILE, 30), [2, 3]),
        (limit(Scope.SERVICE, 50, "transcription"), [1, 3]),
        (limit(Scope.MONTH, 20), [2]),
        (limit(Scope.MONTH, 0), []),
    ],
    ids=lambda value: getattr(value, "scope", ""),
)
def test_fit_takes_in_order_what_limits_allow(gate, shape, set_limit, taken):
    tasks = shape([task(1, 50), task(2, 20), task(3, 30, "stems:two")])
    passage = gate(set_limit, fits=True).decide(tasks, RICH)
    assert passage.decision.passes
    assert [each.part_id for each in passage.tasks] == taken
    assert [each.part_id for each in passage.left_out] == [n for n in (1, 2, 3) if n not in taken]
    assert [over.limit for over in passage.over] == [set_limit]


def test_the_cap_and_the_wallet_still_refuse_what_limits_allow(desk, gate):
    with desk.ledger.transaction():
        desk.ledger.put_manifest("m1", desk.folder / "m1.yaml", Cents(49))
    assert gate(limit(Scope.RUN, 50)).decide([task(1, 50)], RICH).decision.verdict is Verdict.OVER_CAP


def test_a_run_counts_what_it_committed_itself_and_not_what_earlier_runs_did(desk, gate):
    reserve(desk, 1, 500)  # of an earlier run
    this = gate(limit(Scope.RUN, 100), limit(Scope.SERVICE, 60, "transcription"))
    assert this.decide([task(2, 60)], RICH).decision.passes
    reserve(desk, 2, 60)
    told = this.decide([task(4, 1)], RICH).decision
    assert (told.over.limit.scope, told.available) == (Scope.SERVICE, 0)
    assert this.decide([task(3, 41, "stems:two")], RICH).decision.over.limit.scope is Scope.RUN
    assert this.decide([task(3, 40, "stems:two")], RICH).decision.passes


def test_what_failed_uncharged_is_free_again_for_the_run_and_the_month(desk, gate):
    this = gate(limit(Scope.RUN, 60), limit(Scope.MONTH, 60))
    assert this.decide([task(1, 60)], RICH).decision.passes
    attempt = reserve(desk, 1, 60)
    assert not this.decide([task(2, 1)], RICH).decision.passes
    with desk.ledger.transaction():
        for state in (State.UPLOADING, State.REJECTED):
            desk.ledger.move(Move(attempt, state))
    assert this.decide([task(2, 60)], RICH).decision.passes


def test_a_month_counts_all_manifests_and_begins_anew_in_utc(desk, gate):
    reserve(desk, 1, 70, "m2")
    with desk.ledger.transaction():
        desk.ledger.add_extra_charge("m2", Cents(10), "credits fell")
    month = limit(Scope.MONTH, 100)
    assert gate(month).decide([task(2, 21)], RICH).decision.available == 20
    next_month = datetime(2026, 12, 1, tzinfo=UTC).timestamp()
    assert gate(month, clock=lambda: next_month).decide([task(2, 100)], RICH).decision.passes
    assert gate(month, clock=lambda: next_month - 1).decide([task(2, 21)], RICH).decision.over


def test_a_month_counts_what_other_living_runs_may_still_reserve(desk, gate):
    month = limit(Scope.MONTH, 100)
    other = FileLocks(desk.folder / "state" / "locks")
    other.take("m2")
    assert gate(month, name="m2", locks=other).decide([task(1, 70)], RICH).decision.passes
    assert gate(month).decide([task(2, 31)], RICH).decision.available == 30
    other.release()
    assert gate(month).decide([task(2, 31)], RICH).decision.passes


def test_the_parts_of_a_text_are_one_item(gate):
    def part(number, ceiling, text="book.txt"):
        source = Source(None, 1, (), "", text=True, span=(number, number + 1))
        return task(
            number,
            ceiling,
            "tts",
            source=source,
            targets=[Target(number, text, "book", {})],
            fields={"v": [1]},
        )

    tasks = [part(1, 30), part(2, 30), part(3, 50, "note.txt")]
    told = gate(limit(Scope.FILE, 59)).decide(tasks, RICH).decision
    assert (told.needed, told.available, told.over.items) == (60, 59, 2)
    assert gate(limit(Scope.FILE, 60)).decide(tasks, RICH).decision.passes
    passage = gate(limit(Scope.FILE, 59), fits=True).decide(tasks, RICH)
    assert [each.part_id for each in passage.tasks] == [3]


def test_what_credits_pay_counts_against_no_limit(gate):
    tasks = [task(1, 50), task(2, 700, "denoise:balanced")]
    passage = gate(limit(Scope.RUN, 50), limit(Scope.FILE, 50), limit(Scope.MONTH, 50), fits=True)
    assert [each.part_id for each in passage.decide(tasks, RICH).tasks] == [1]
    assert gate(limit(Scope.RUN, 50), limit(Scope.FILE, 50)).decide(tasks, RICH).decision.over is None


@pytest.mark.parametrize(
    ("moment", "start"),
    [
        ((2026, 11, 30, 23, 59, 59), (2026, 11, 1)),
        ((2026, 12, 1), (2026, 12, 1)),
        ((2024, 2, 29, 12), (2024, 2, 1)),
    ],
)
def test_a_month_is_the_calendars(moment, start):
    begun = month_start(datetime(*moment, tzinfo=UTC).timestamp())
    assert begun == datetime(*start, tzinfo=UTC).timestamp()


def test_runs_that_decide_at_the_same_instant_share_what_the_month_allows(desk, gate):
    """Each with a connection and locks of its own, as processes have them."""
    start = Barrier(len(NAMES))

    def decide(name):
        ledger = SqliteLedger(desk.ledger.path, lambda: NOW)
        locks = FileLocks(desk.folder / "state" / "locks")
        locks.take(name)
        limits = Limits((limit(Scope.MONTH, 100),))
        own = Gate(ledger, locks, name, fits=False, limits=limits, clock=lambda: NOW)
        start.wait()
        passes = own.decide([task(NAMES.index(name) + 1, 40)], RICH).passes
        start.wait()  # it lives until all have decided
        ledger.close()
        locks.release()
        return passes

    gate()  # the manifests are there
    with ThreadPoolExecutor(len(NAMES)) as pool:
        assert sorted(pool.map(decide, NAMES)) == [False, True, True]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(NAMES), st.integers(1, 60), st.booleans()), min_size=2, max_size=LINES
    ),
    st.integers(0, 150),
)
def test_runs_at_once_never_commit_more_than_the_month_allows(desk, gate, wishes, most):
    """Each run is allotted at some time and reserves later, in whatever order that comes."""
    desk.ledger.db.execute("DROP TRIGGER IF EXISTS attempts_are_kept")
    desk.ledger.db.execute("DELETE FROM attempts")
    desk.ledger.db.execute("UPDATE manifests SET spent = 0, reserved = 0, in_doubt = 0")
    desk.ledger.db.execute("DELETE FROM allotments")
    locks = {name: FileLocks(desk.folder / "state" / "locks") for name in NAMES}
    for name, own in locks.items():
        own.take(name)
    gates = {name: gate(limit(Scope.MONTH, most), name=name, locks=locks[name], fits=True) for name in NAMES}
    pending = {name: [] for name in NAMES}
    for part_id, (name, cents, reserves) in enumerate(wishes, 1):
        if not pending[name]:  # a run decides again once it has sent what it was allotted
            pending[name] = list(gates[name].decide([task(part_id, cents)], RICH).tasks)
        if reserves and pending[name]:
            sent = pending[name].pop()
            reserve(desk, sent.part_id, sent.ceiling, name)
        allotted = sum(desk.ledger.allotted().values())
        assert desk.ledger.committed_since(month_start(NOW)) + allotted <= most
    for own in locks.values():
        own.release()


# -- what turns out dearer after the gate --------------------------------------------------


def sent(gate, desk, *writes):
    return Journal(desk.ledger, "m1", gate.room).commit(writes)


def wish(part_id, cents):
    money = Cents(cents), Cents(cents)
    return Reserve(Reservation(part_id, "m1", "transcription", f"token {part_id}", *money))


@pytest.mark.parametrize(
    ("scope", "service"), [(Scope.RUN, ""), (Scope.MONTH, ""), (Scope.SERVICE, "transcription")]
)
def test_what_turns_out_dearer_leaves_the_rest_less_of_a_limit(desk, gate, scope, service):
    held = gate(limit(scope, 100, service))
    assert held.decide([task(1, 20), task(2, 30), task(4, 40)], RICH).passes
    (first,) = sent(held, desk, wish(1, 20))
    sent(held, desk, Enlarge(first.attempt_id, Cents(45), ""))
    second, third = sent(held, desk, wish(2, 30), wish(4, 40))
    assert isinstance(second, Reserved)
    assert third == NoRoom(4, "earmark.toml:3")  # 45 + 30 + 40 are above 100
    assert sum(desk.ledger.committed_after("m1", 0).values()) == 75
    other = [task(4, 25)]
    assert held.decide(other, RICH).passes  # everything is counted anew
    assert isinstance(sent(held, desk, wish(4, 25))[0], Reserved)


@pytest.mark.parametrize(("cents", "told"), [(70, (0, "")), (71, (1, "earmark.toml:3"))])
def test_a_hold_that_passes_a_limit_says_so_at_once(desk, gate, cents, told):
    held = gate(limit(Scope.FILE, 30), limit(Scope.MONTH, 100))
    assert held.decide([task(1, 20), task(2, 30)], RICH).passes
    first, _ = sent(held, desk, wish(1, 20), wish(2, 30))
    (answer,) = sent(held, desk, Enlarge(first.attempt_id, Cents(cents), ""))
    assert (answer.over, answer.said_by) == told


def test_as_long_as_nothing_is_dearer_nothing_is_counted_again(desk, gate, monkeypatch):
    held = gate(limit(Scope.RUN, 100), limit(Scope.MONTH, 100))
    assert held.decide([task(1, 20), task(2, 30)], RICH).passes
    monkeypatch.setattr(held._counting, "used", lambda: pytest.fail("counted"))
    answers = sent(held, desk, wish(1, 20), wish(2, 30))
    assert [type(each) for each in answers] == [Reserved, Reserved]
