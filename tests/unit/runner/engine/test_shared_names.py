"""A failed job whose number another service's job has, under a wallet name that both share."""

import random

import pytest

from manifests.money import Cents
from manifests.states import State
from runner.api.interface import UsageRow
from runner.engine.messages import UsageRead
from runner.engine.settling import SettleDesk
from runner.engine.task import Task
from runner.engine.world import Terms, World
from runner.engine.writes import AddUsage, MatchUsage, Unverified
from runner.ledger.rows import Move

NOW = 10_000.0
CLONE_7 = UsageRow("r1", "voice_cloning", Cents(4), 12, "7")


def failed(service="tts"):
    """A desk with a failed job number 7, long after its bill should have come."""
    world = World(Terms("m1", {}), random.Random(0), now=NOW)
    task = Task(1, "m1", service, service, "k", {}, State.FAILED, attempt_id=1, job_id="7", settled=False)
    desk = SettleDesk(world)
    desk.add(task)
    return desk, world


def writes(desk, world, *rows):
    """What a reading makes the ledger do, the rows themselves apart."""
    desk.read(UsageRead(rows))
    return [write for write in world.take_turn().writes if not isinstance(write, AddUsage)]


def test_the_ledger_says_whose_row_it_is_and_what_is_another_s_gives_the_hold_back():
    desk, world = failed()
    assert writes(desk, world, CLONE_7) == [MatchUsage(1)]
    (_, move) = writes(desk, world, CLONE_7)
    assert isinstance(move, Move)
    assert move.to is State.RELEASED


@pytest.mark.parametrize(
    "row",
    [
        UsageRow("r2", "text_to_speech", Cents(0), 12, "7", priced=False),
        UsageRow("r2", "a_new_name", Cents(20), 12, "7"),
        UsageRow("r2", "text_to_speech", Cents(20), 12, ""),
    ],
    ids=["no amount", "new name", "no number"],
)
def test_a_charge_that_may_hide_beside_it_counts_all_the_same(row):
    desk, world = failed()
    writes(desk, world, CLONE_7)
    assert Unverified(1) in writes(desk, world, CLONE_7, row)


def test_a_row_under_a_name_of_its_own_is_waited_for():
    desk, world = failed("transcription")
    row = UsageRow("r1", "transcription", Cents(4), 12, "7")
    for _ in range(3):
        assert writes(desk, world, row) == [MatchUsage(1)]
