"""Purchases that another run makes: waited for, saved here too, paid once; and stops between two steps."""

import pytest

from manifests.money import Cents
from manifests.states import State
from runner.api.interface import Cancelled, Throttled
from runner.engine import timing
from runner.engine.messages import (
    Answer,
    Approve,
    CallFailed,
    CallProblem,
    ForeignSeen,
    LastChunk,
    Listed,
    Looked,
    ReadJob,
    ReadList,
    ReadUsage,
    Reserved,
    Signal,
    SubmitEnded,
    Upload,
)
from runner.engine.world import Stop
from runner.engine.writes import Reserve
from runner.ledger.rows import Move, Reservation
from support.virtual import SERVICE, START, Behaviour, House, VirtualService


@pytest.fixture
def open_house(tmp_path):
    """Opens a house: `open_house(**behaviour)`."""
    opened = []

    def made(**behaviour):
        opened.append(House(tmp_path, VirtualService(Behaviour(**behaviour))))
        return opened[-1]

    yield made
    for house in opened:
        house.ledger.close()


# -- another run is quicker


def taken_by_another_run(house):
    """One item, which a run of m2 has reserved at the last moment; the attempt."""
    (task,) = house.add(1)
    with house.ledger.transaction():
        house.ledger.put_manifest("m2", house.folder / "m2.yaml", Cents(100))
        wish = Reservation(task.part_id, "m2", SERVICE, f"ek-{'0' * 16}-{'1' * 16}", Cents(5), Cents(6))
        attempt = house.ledger.reserve(wish)
    house.approve([task])
    return attempt


def other_run_moves(house, attempt, *states):
    with house.ledger.transaction():
        for state in states:
            house.ledger.move(Move(attempt, state, "by m2", "41" if state is State.SUBMITTED else None))


def seen(house, *, free=False):
    """What the ledger shows of the part, as an event."""
    state, attempt = house.ledger.part(1)
    return ForeignSeen(1, state, attempt, free)


DONE = (State.UPLOADING, State.SENDING, State.SUBMITTED, State.FINISHED, State.SAVED)


def test_what_another_run_took_is_waited_for_saved_here_too_and_not_paid_again(open_house):
    house = open_house()
    attempt = taken_by_another_run(house)
    assert not house.engine.done
    other_run_moves(house, attempt, *DONE[:3])
    house.service.later(1.0, seen(house))
    house.loop.run([], until=lambda: house.service.now > START + 5)
    assert not house.engine.done
    other_run_moves(house, attempt, *DONE[3:])
    house.service.later(1.0, seen(house))
    house.finish()
    assert (house.service.fetches, house.service.submits) == (1, [])
    assert house.ledger.results(1) != []
    assert house.amounts == (0, 0, 0)
    assert house.ledger.amounts("m2").reserved == 6


@pytest.mark.parametrize("end", [(State.PLANNED,), (*DONE[:2], State.REJECTED)], ids=["cut", "rejected"])
def test_what_another_run_did_not_get_either_is_no_longer_waited_for(open_house, end):
    house = open_house()
    attempt = taken_by_another_run(house)
    other_run_moves(house, attempt, *end)
    house.service.later(1.0, seen(house, free=True))
    house.finish()
    assert house.engine.done
    assert house.service.fetches == 0


def test_a_job_of_a_run_that_died_is_watched_to_its_end_and_its_own_manifest_pays(open_house):
    house = open_house()
    attempt = taken_by_another_run(house)
    upload = Upload(1, attempt, house.engine.world.tasks[1].order())
    job = house.service._make(_named(upload, f"a.ek-{'0' * 16}-{'1' * 16}.mp3"), 5)
    with house.ledger.transaction():
        for state in DONE[:2]:
            house.ledger.move(Move(attempt, state))
        house.ledger.move(Move(attempt, State.SUBMITTED, "", job.job_id))
    house.service.later(1.0, seen(house, free=True))
    house.finish()
    assert house.states() == {"ep0.mp3": State.SAVED}
    assert house.amounts == (0, 0, 0)
    assert (house.ledger.amounts("m2").spent, house.ledger.amounts("m2").reserved) == (5, 0)


def _named(upload, name):
    from dataclasses import replace

    return replace(upload, order=replace(upload.order, upload_name=name))


# -- a stop between two steps


def reserving(house):
    """An engine that has just asked the ledger for a part's ceiling; its wish."""
    (task,) = house.add(1)
    house.engine.world.tasks[task.part_id] = task
    house.engine.step(Approve((task.part_id,)), START)
    (write,) = house.engine.turn().writes
    assert isinstance(write, Reserve)
    return write.wish


def test_a_ceiling_that_was_set_aside_after_a_stop_is_given_back_before_any_byte_goes_out(open_house):
    house = open_house()
    wish = reserving(house)
    house.engine.step(Signal(2), START)
    house.engine.step(Reserved(1, 7, wish.token), START)
    turn = house.engine.turn()
    assert turn.writes == [Move(7, State.PLANNED, "stopped before the upload")]
    assert turn.actions == []
    assert house.engine.done


def test_a_last_chunk_is_not_let_go_after_a_stop(open_house):
    house = open_house()
    wish = reserving(house)
    house.engine.step(Reserved(1, 7, wish.token), START)
    house.engine.turn()
    house.engine.world.stop(Stop.MONEY, "402")
    house.engine.step(LastChunk(1, 7), START)
    turn = house.engine.turn()
    assert turn.actions == [Answer(7, go=False)] * 2  # once more when all uploads are cut
    assert State.SENDING not in [write.to for write in turn.writes]
    assert house.engine.world.tasks[1].state is State.PLANNED


def test_an_upload_that_was_cut_by_itself_is_sent_again(open_house):
    house = open_house()
    wish = reserving(house)
    house.engine.step(Reserved(1, 7, wish.token), START)
    house.engine.turn()
    house.engine.step(SubmitEnded(1, 7, Cancelled()), START)
    turn = house.engine.turn()
    assert turn.writes[:2] == [Move(7, State.UPLOADING), Move(7, State.PLANNED, "cut before the last chunk")]
    assert isinstance(turn.writes[2], Reserve)
    assert turn.writes[2].wish.token != wish.token


# -- when nothing gets through


def test_nothing_but_429_for_a_quarter_of_an_hour_stops_the_run_early(open_house):
    house = open_house(outcome=lambda _upload, _nth: Throttled())
    house.buy(house.add(2))
    assert house.engine.world.stops == {Stop.DOWN: "429 to every submit for a quarter of an hour"}
    assert house.service.now - START >= timing.THROTTLED_TO_STOP
    assert set(house.states().values()) == {State.PLANNED}
    assert house.amounts == (0, 0, 0)


def test_429_for_a_while_only_slows_a_run_down(open_house):
    house = open_house(outcome=lambda _upload, nth: Throttled(30.0) if nth % 3 else None)
    house.buy(house.add(4))
    assert house.engine.world.stops == {}
    assert set(house.states().values()) == {State.SAVED}


# -- reads that fail are taken again


@pytest.mark.parametrize("kind", [ReadList, ReadJob, ReadUsage])
@pytest.mark.parametrize("problem", [CallProblem.DOWN, CallProblem.REFUSED])
def test_a_read_that_fails_is_taken_again_later(open_house, kind, problem):
    failed = []

    def call(action, _nth):
        if isinstance(action, kind) and len(failed) < 2:
            failed.append(action)
            return CallFailed(action, problem, "no")
        return None

    house = open_house(call=call, list_names=False)
    house.approve(house.add(2))
    house.loop.run([], until=lambda: len(house.service.jobs) == 2)
    house.service.jobs[0].listed = kind is not ReadJob  # then it is looked at by itself
    house.finish()
    assert len(failed) == (1 if (kind, problem) == (ReadList, CallProblem.REFUSED) else 2)
    assert set(house.states().values()) == {State.SAVED}
    assert house.amounts == (10, 0, 0)


def test_news_of_jobs_that_nobody_watches_changes_nothing(open_house):
    house = open_house()
    house.buy(house.add(1))
    before = house.states()
    job = house.service._view(house.service.jobs[0])
    house.loop.run([Listed(SERVICE, (job,), frozenset({"1"})), Looked(1, None)], until=lambda: True)
    house.loop.run([CallFailed(ReadJob(1, SERVICE, "1"), CallProblem.DOWN, "no")], until=lambda: True)
    assert house.states() == before
    assert house.engine.done


def test_a_move_that_the_table_does_not_know_is_a_bug_and_not_written(open_house):
    house = open_house()
    (task,) = house.add(1)
    with pytest.raises(ValueError, match=r"ep0\.mp3: planned cannot become saved"):
        house.engine.world.move(task, State.SAVED)
    assert house.engine.turn().writes == []
