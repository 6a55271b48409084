"""Collecting: what a killed run left is cleared without guessing, and only what is missing is work."""

import pytest

from manifests.money import Cents
from manifests.states import State
from runner.collect import Collector, recover
from runner.engine.task import Target
from runner.ledger.rows import Move, Reservation, ResultRow
from runner.prepare import check, new_items
from support.small_run import PROBES, manifest_of

UP_TO = {
    State.RESERVED: (),
    State.UPLOADING: (State.UPLOADING,),
    State.SENDING: (State.UPLOADING, State.SENDING),
    State.IN_DOUBT: (State.UPLOADING, State.SENDING, State.IN_DOUBT),
    State.REJECTED: (State.UPLOADING, State.SENDING, State.REJECTED),
    State.SUBMITTED: (State.UPLOADING, State.SENDING, State.SUBMITTED),
}
for _state in (State.FINISHED, State.FAILED, State.LOST):
    UP_TO[_state] = (*UP_TO[State.SUBMITTED], _state)
UP_TO[State.SAVED] = (*UP_TO[State.FINISHED], State.SAVED)
UP_TO[State.RELEASED] = (*UP_TO[State.FAILED], State.RELEASED)
UP_TO[State.GIVEN_UP] = (*UP_TO[State.IN_DOUBT], State.GIVEN_UP)


@pytest.fixture
def room(desk):
    """A ledger with one item `a.mp3` in two manifests, and what drives it."""
    return Room(desk)


class Room:
    def __init__(self, desk):
        self.desk, self.ledger = desk, desk.ledger
        self.free = set()
        for manifest_id in ("m1", "m2"):
            self.bind(manifest_id, desk.item("a.mp3", options={"formats": ["json", "srt"]}))

    def bind(self, manifest_id, *items):
        found = check(self.desk.lines(manifest_of(list(items))).values(), PROBES)
        with self.ledger.transaction():
            self.ledger.put_manifest(manifest_id, self.desk.folder / "m.yaml", Cents(1000))
            self.ledger.put_items(manifest_id, list(new_items(found, {}, PROBES)))

    def attempt(self, state, manifest_id="m1", token="t", part_id=1, service="transcription"):
        """An attempt that stands in this state."""
        with self.ledger.transaction():
            made = self.ledger.reserve(
                Reservation(part_id, manifest_id, service, token, Cents(1), Cents(2)),
            )
            for each in UP_TO[state]:
                self.ledger.move(Move(made, each, "why", token if each is State.SUBMITTED else None))
        return made

    def save(self, name, data=b"12345", item_id=1, size=5):
        """A result that was recorded; with data it is on disk, too."""
        path = self.desk.output / f"a.{name}"
        with self.ledger.transaction():
            self.ledger.put_results([ResultRow(item_id, name, str(path), size, "0" * 64)])
        if data is not None:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)

    def settle(self, attempt_id):
        self.ledger.db.execute("UPDATE attempts SET hold = 0, charge = 1 WHERE id = ?", (attempt_id,))

    def collector(self, manifest_id="m1"):
        return Collector(
            self.ledger, manifest_id, self.desk.output, lambda each: self.is_ours(each, manifest_id)
        )

    def is_ours(self, attempt, manifest_id):
        return attempt.manifest_id == manifest_id or attempt.manifest_id in self.free

    def tasks(self, manifest_id="m1"):
        return self.collector(manifest_id).tasks(self.ledger.items(manifest_id))


# -- recovering


@pytest.mark.parametrize(
    ("left", "becomes"),
    [
        (State.RESERVED, State.PLANNED),
        (State.UPLOADING, State.PLANNED),
        (State.SENDING, State.IN_DOUBT),
        (State.IN_DOUBT, State.IN_DOUBT),
        (State.SUBMITTED, State.SUBMITTED),
        (State.FINISHED, State.FINISHED),
        (State.FAILED, State.FAILED),
        (State.SAVED, State.SAVED),
    ],
)
def test_what_surely_did_not_arrive_is_planned_again_and_what_may_have_is_in_doubt(room, left, becomes):
    room.attempt(left)
    recover(room.ledger, "m1")
    assert room.ledger.part(1)[0] is becomes
    amounts = room.ledger.amounts("m1")
    assert amounts.in_doubt == (2 if becomes is State.IN_DOUBT else 0)
    assert amounts.committed == (0 if becomes is State.PLANNED else 2)


def test_another_manifest_s_attempts_are_left_alone(room):
    room.attempt(State.SENDING, "m2")
    recover(room.ledger, "m1")
    assert room.ledger.part(1)[0] is State.SENDING


def test_recovering_twice_changes_nothing_more(room):
    room.attempt(State.SENDING)
    recover(room.ledger, "m1")
    before = room.ledger.db.execute("SELECT count(*) FROM history").fetchone()
    recover(room.ledger, "m1")
    assert room.ledger.db.execute("SELECT count(*) FROM history").fetchone() == before


# -- what is work


@pytest.mark.parametrize("state", UP_TO)
def test_what_is_bought_or_unclear_is_loaded_and_nothing_else(room, state):
    room.attempt(state)
    loaded = state not in (
        State.RESERVED,
        State.UPLOADING,
        State.SENDING,
        State.REJECTED,
        State.RELEASED,
        State.GIVEN_UP,
    )
    assert bool(room.tasks()) is loaded


def test_a_task_knows_its_attempt_and_where_its_results_go(room):
    made = room.attempt(State.SUBMITTED)
    (task,) = room.tasks()
    assert (task.attempt_id, task.token, task.job_id) == (made, "t", "t")
    assert (task.expected, task.ceiling, task.settled) == (1, 2, False)
    assert (task.service, task.product, task.source) == ("transcription", "transcription", None)
    assert task.targets == [Target(1, "a.mp3", "a", {"formats": ["json", "srt"]})]
    assert task.fields == {"enable_speaker_diarization": False, "enable_word_timestamps": True}


def test_two_items_of_one_purchase_are_one_task(room):
    (room.desk.folder / "b.mp3").write_bytes(b"a.mp3")
    room.bind("m1", room.desk.item("b.mp3"))
    room.attempt(State.SUBMITTED)
    (task,) = room.tasks()
    assert [target.file for target in task.targets] == ["a.mp3", "b.mp3"]


def test_a_saved_and_billed_item_with_all_its_files_is_no_work(room):
    room.settle(room.attempt(State.SAVED))
    room.save("json")
    room.save("srt")
    assert room.tasks() == []


def test_a_saved_item_that_is_not_billed_is_work_without_a_target(room):
    room.attempt(State.SAVED)
    room.save("json")
    room.save("srt")
    (task,) = room.tasks()
    assert task.targets == []


@pytest.mark.parametrize(
    "missing",
    [
        lambda room: (room.desk.output / "a.srt").unlink(),
        lambda room: room.ledger.db.execute("DELETE FROM results WHERE name = 'srt'"),
        lambda room: room.ledger.db.execute("DELETE FROM results"),
    ],
    ids=["deleted", "a further format", "none was ever recorded"],
)
def test_a_missing_file_is_work_even_after_all_was_billed(room, missing):
    room.settle(room.attempt(State.SAVED))
    room.save("json")
    room.save("srt")
    missing(room)
    (task,) = room.tasks()
    assert [target.file for target in task.targets] == ["a.mp3"]
    assert "srt" not in task.targets[0].have


def test_a_file_that_somebody_edited_is_there(room):
    room.settle(room.attempt(State.SAVED))
    room.save("json")
    room.save("srt")
    (room.desk.output / "a.srt").write_bytes(b"corrected by hand")
    assert room.tasks() == []


def test_files_that_are_there_are_not_fetched_again(room):
    room.settle(room.attempt(State.SAVED))
    room.save("json")
    room.save("srt", data=None)
    (task,) = room.tasks()
    assert task.targets[0].have == {"json"}


def test_another_results_folder_lacks_everything(room):
    room.settle(room.attempt(State.SAVED))
    room.save("json")
    room.save("srt")
    room.desk.output = room.desk.folder / "elsewhere"
    (task,) = room.tasks()
    assert task.targets[0].have == frozenset()


def test_a_folder_of_stems_is_complete_with_what_was_recorded_of_it(room):
    collector = room.collector()
    target = Target(1, "a.wav", "a", {}, frozenset({"vocals.wav", "drums.wav"}))
    assert collector.complete("stems:two", target, ["vocals.wav", "drums.wav"])
    assert not collector.complete("stems:two", target, ["vocals.wav", "bass.wav"])
    assert not collector.complete("stems:two", target, [])


@pytest.mark.parametrize("settled", [True, False])
def test_a_lost_result_is_asked_for_again_whether_its_bill_is_open_or_not(room, settled):
    made = room.attempt(State.LOST)
    if settled:
        room.settle(made)
    assert [task.state for task in room.tasks()] == [State.LOST]


# -- what other runs drive


@pytest.mark.parametrize("state", [State.RESERVED, State.SENDING, State.SUBMITTED, State.FINISHED])
def test_what_a_living_run_drives_is_waited_for_and_left_to_it(room, state):
    room.attempt(state, "m2")
    (task,) = room.tasks("m1")
    assert task.foreign


@pytest.mark.parametrize("state", [State.SUBMITTED, State.FINISHED, State.IN_DOUBT])
def test_what_a_dead_run_left_becomes_ours(room, state):
    room.attempt(state, "m2")
    room.free.add("m2")
    (task,) = room.tasks("m1")
    assert not task.foreign
    assert task.manifest_id == "m2"  # who pays


@pytest.mark.parametrize("state", [State.SAVED, State.LOST, State.FAILED])
def test_what_another_run_has_finished_with_is_nobody_s_to_wait_for(room, state):
    room.attempt(state, "m2")
    assert [task.foreign for task in room.tasks("m1")] == [False]


def test_open_bills_of_other_manifests_are_settled_on_the_way(room):
    room.attempt(State.SAVED, "m2")
    collector = room.collector()
    (task,) = collector.unsettled([])
    assert (task.part_id, task.manifest_id, task.state) == (1, "m2", State.SAVED)
    assert (task.name, task.targets, task.job_id) == ("job t", [], "t")
    assert collector.unsettled([task]) == []
