"""The looks of a fleet, in memory and in either store: one at a time, numbered as they begin."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from manifests.errors import MachineError
from manifests.money import Cents
from manifests.states import State
from runner.api.interface import UsageRow
from runner.fleet.ledger_looks import LedgerLooks
from runner.ledger import billing
from runner.ledger.looking import FURTHEST, LiveJobs, Look
from runner.ledger.rows import Move, NewItem, Reservation
from support import ledgers
from support.shared_looks import MemoryLooks

NAME = "list transcription"
START = 1_800_000_000.0


class Clock:
    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(params=["memory", *ledgers.NAMES])
def looks(request, clock, tmp_path):
    if request.param == "memory":
        yield MemoryLooks(clock)
        return
    there = request.param == "postgres"
    place = request.getfixturevalue("ledger_database") if there else tmp_path / "state" / "ledger.db"
    shelf = ledgers.Shelf(request.param, place, clock)
    made = LedgerLooks(shelf.open)
    yield made
    made.close()
    shelf.close()


def test_nothing_was_seen_yet(looks):
    board = looks.board(NAME)
    assert (board.begun, board.wait, board.claimed, board.latest) == (0, 0.0, False, None)


def test_one_looks_at_a_time(looks, clock):
    assert looks.begin(NAME, 10.0) == 1
    assert looks.begin(NAME, 10.0) is None
    board = looks.board(NAME)
    assert (board.begun, board.wait, board.claimed, board.latest) == (1, 10.0, True, None)
    assert looks.begin("list stems", 10.0) == 1


def test_what_was_seen_is_told_with_its_number(looks):
    number = looks.begin(NAME, 10.0)
    looks.end(NAME, number, '{"seen": "\\u0000 é"}', 0.0)
    assert looks.board(NAME).latest == Look(1, '{"seen": "\\u0000 é"}')
    assert looks.board(NAME, after=1).latest is None
    assert looks.board(NAME, after=1).begun == 1
    assert not looks.board(NAME).claimed


def test_a_name_rests_from_when_the_look_began(looks, clock):
    number = looks.begin(NAME, 10.0)
    clock.now += 3
    looks.end(NAME, number, "{}", 5.0)
    assert looks.board(NAME).wait == pytest.approx(2.0)
    assert not looks.board(NAME).claimed
    assert looks.begin(NAME, 10.0) is None
    clock.now += 2
    assert looks.begin(NAME, 10.0) == 2


def test_a_claim_without_a_sign_of_life_ends(looks, clock):
    looks.begin(NAME, 10.0)
    clock.now += 9.9
    assert looks.begin(NAME, 10.0) is None
    clock.now += 0.1
    assert looks.begin(NAME, 10.0) == 2


def test_a_sign_of_life_holds_the_claim(looks, clock):
    number = looks.begin(NAME, 10.0)
    clock.now += 9
    looks.sign(NAME, number, 10.0)
    clock.now += 9
    assert looks.begin(NAME, 10.0) is None


def test_one_taken_for_dead_neither_holds_nor_replaces_nor_frees_what_a_later_one_does(looks, clock):
    first = looks.begin(NAME, 10.0)
    clock.now += 11
    second = looks.begin(NAME, 10.0)
    looks.sign(NAME, first, 100.0)
    looks.drop(NAME, first)
    assert looks.board(NAME).wait == 10.0
    looks.end(NAME, first, "old", 60.0)  # true for whoever asked before it began; the later one goes on
    assert looks.board(NAME).latest == Look(first, "old")
    assert looks.board(NAME).claimed
    looks.end(NAME, second, "new", 1.0)
    looks.end(NAME, first, "old", 60.0)
    assert looks.board(NAME).latest == Look(second, "new")
    assert looks.board(NAME).wait <= 1.0


def test_one_that_ended_makes_no_sign_any_more(looks):
    number = looks.begin(NAME, 10.0)
    looks.end(NAME, number, "{}", 0.0)
    looks.sign(NAME, number, 100.0)
    assert looks.begin(NAME, 10.0) == 2


def test_nothing_seen_lets_the_next_one_look_at_once(looks):
    number = looks.begin(NAME, 10.0)
    looks.drop(NAME, number)
    assert looks.board(NAME).latest is None
    assert looks.begin(NAME, 10.0) == number + 1


@pytest.mark.parametrize("back", [FURTHEST, 86_400.0])
def test_a_clock_that_is_set_back_holds_nobody_up(looks, clock, back):
    looks.end(NAME, looks.begin(NAME, 10.0), "{}", 30.0)
    looks.begin("usage", 10.0)
    clock.now -= back
    for name, number in ((NAME, 2), ("usage", 2)):
        assert looks.board(name).wait == 0.0
        assert looks.begin(name, 10.0) == number


# -- in the ledger


def test_of_many_that_would_look_at_once_one_does(store, clock):
    hosts = [LedgerLooks(lambda: store.open(clock)) for _ in range(8)]
    with ThreadPoolExecutor(len(hosts)) as pool:
        begun = list(pool.map(lambda host: host.begin(NAME, 10.0), hosts))
    assert sorted(begun, key=str) == [1, *[None] * 7]
    for host in hosts:
        host.close()


def test_the_jobs_that_anybody_waits_for_are_those_of_all_manifests(store, clock):
    ledger = store.open(clock)
    with ledger.transaction():
        for manifest in ("m1", "m2"):
            submitted(ledger, manifest, f"{manifest}-7")
            submitted(ledger, manifest, f"{manifest}-8", State.FINISHED)
            clock.now += 60
    looks = LedgerLooks(lambda: store.open(clock))
    assert looks.live_jobs("transcription") == LiveJobs(frozenset({"m1-7", "m2-7"}), 120.0)
    assert looks.live_jobs("stems") == LiveJobs()
    looks.close()


def test_a_job_that_another_run_saw_billed_is_still_waited_for(store, clock):
    ledger = store.open(clock)
    with ledger.transaction():
        submitted(ledger, "m1", "7")
        row = UsageRow("r1", "transcription", Cents(5), job_id="7")
        assert billing.add_rows(ledger, [row])
    looks = LedgerLooks(lambda: store.open(clock))
    assert looks.live_jobs("transcription").numbers == {"7"}
    looks.close()


def test_a_connection_that_was_lost_is_made_anew(clock):
    class Lost:
        def board(self, _name, _after):
            raise MachineError("gone")

        def close(self):
            closed.append(1)

    class Well(Lost):
        def board(self, _name, _after):
            return "seen"

    closed, connections = [], [Lost(), Well()]
    looks = LedgerLooks(lambda: connections.pop(0))
    with pytest.raises(MachineError, match="gone"):
        looks.board(NAME)
    assert closed == [1]
    assert looks.board(NAME) == "seen"


def submitted(ledger, manifest_id, job_id, *further):
    """An attempt of a manifest that was sent, and what became of it."""
    item = NewItem(
        line=job_id,
        file=f"{job_id}.mp3",
        size=10,
        print="p",
        base=job_id,
        wanted="{}",
        content_key=hashlib.sha256(job_id.encode()).hexdigest(),
        sha256=hashlib.sha256(job_id.encode()).hexdigest(),
        product="transcription",
        options="{}",
        generation=0,
        audio_bytes=10,
    )
    ledger.put_manifest(manifest_id, Path("/m.yaml"), Cents(100))
    ledger.put_items(manifest_id, [item])
    (part_id,) = [row.part_id for row in ledger.items(manifest_id) if row.line == job_id]
    wish = Reservation(part_id, manifest_id, "transcription", f"token {job_id}", Cents(5), Cents(6))
    made = ledger.reserve(wish)
    for state in (State.UPLOADING, State.SENDING, State.SUBMITTED, *further):
        ledger.move(Move(made, state, "", job_id if state is State.SUBMITTED else None))
