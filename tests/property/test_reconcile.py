"""Whatever is decided about lost answers, in whatever order: no cent is forgotten, nothing lives twice."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from manifests.money import Cents
from manifests.states import State
from runner import reconcile
from runner.api.interface import Job, JobStatus
from runner.ledger.interface import AlreadyLive, OverTheCap
from runner.ledger.rows import Move, NewItem, Reservation
from runner.ledger.sqlite.ledger import SqliteLedger
from runner.reconcile import Choice, NotAdoptable, Token

CAP, CEILING, PARTS = 100, 7, 3

STEPS = st.tuples(
    st.sampled_from(["lose", "adopt", "send again", "give up", "clear", "end"]),
    st.integers(0, PARTS - 1),
    st.sampled_from(JobStatus),
)


def opened(folder):
    ledger = SqliteLedger(Path(folder) / "ledger.db", lambda: 1000.0)
    ledger.db.execute("PRAGMA synchronous = OFF")
    with ledger.transaction():
        ledger.put_manifest("m1", Path("/m1.yaml"), Cents(CAP))
        keys = [f"{number:016x}" * 4 for number in range(PARTS)]
        ledger.put_items(
            "m1",
            [
                NewItem(f"l{n}", f"{n}.mp3", 1, "p", "b", "{}", key, key, "transcription", "{}", 0, 1)
                for n, key in enumerate(keys)
            ],
        )
    return ledger


class World:
    """A ledger, and the jobs that a service without a memory for names made."""

    def __init__(self, folder):
        self.ledger = opened(folder)
        self.jobs = 0

    def lose(self, number, _status):
        """A submit of a part gets no answer, if the part may be sent."""
        token = f"ek-{number:016x}-{self.jobs:016x}"
        self.jobs += 1
        try:
            with self.ledger.transaction():
                wish = Reservation(number + 1, "m1", "transcription", token, Cents(CEILING), Cents(CEILING))
                attempt = self.ledger.reserve(wish)
                for state in (State.UPLOADING, State.SENDING, State.IN_DOUBT):
                    self.ledger.move(Move(attempt, state))
        except (AlreadyLive, OverTheCap):
            pass

    def doubt(self, number, choice):
        found = reconcile.doubts_of(self.ledger, "m1", [])
        return next((each for each in found if each.file == f"{number}.mp3" and choice in each.choices), None)

    def new_job(self, status, *tokens):
        self.jobs += 1
        return Job(str(self.jobs), status, frozenset(map(Token, tokens)))

    def decide(self, word, number, status):
        doubt = self.doubt(number, Choice.ADOPT if word == "clear" else Choice(word))
        if doubt is None:
            return
        match word:
            case "adopt":
                reconcile.adopt(self.ledger, doubt, self.new_job(status))
            case "clear":
                reconcile.clear(self.ledger, doubt, self.new_job(status, doubt.attempt.token))
            case "send again":
                reconcile.send_again(self.ledger, doubt)
            case _:
                reconcile.give_up(self.ledger, doubt)

    def end(self, number, status):
        """What was submitted ends."""
        state, attempt = self.ledger.part(number + 1)
        if attempt is not None and state is State.SUBMITTED and status is not JobStatus.RUNNING:
            done = State.FINISHED if status is JobStatus.COMPLETED else State.FAILED
            with self.ledger.transaction():
                self.ledger.move(Move(attempt.attempt_id, done))

    def step(self, word, number, status):
        if word in ("lose", "end"):
            getattr(self, word)(number, status)
        else:
            self.decide(word, number, status)

    def rows(self):
        return self.ledger.db.execute(
            "SELECT part_id, state, purse, hold, coalesce(charge, 0), superseded FROM attempts"
        ).fetchall()


@given(st.lists(STEPS, max_size=25))
def test_every_cent_that_may_be_owed_is_counted_and_no_part_lives_twice(steps):
    with tempfile.TemporaryDirectory() as folder:
        world = World(folder)
        for step in steps:
            before = world.ledger.amounts("m1").committed
            world.step(*step)
            amounts, rows = world.ledger.amounts("m1"), world.rows()
            assert amounts.spent == sum(row[4] for row in rows)
            assert amounts.reserved == sum(row[3] for row in rows if row[2] == "reserved")
            assert amounts.in_doubt == sum(row[3] for row in rows if row[2] == "in doubt")
            # No decision gives money back: only a bill, or a failed job that was not charged, can.
            assert amounts.committed >= before
            assert amounts.committed <= CAP
            for part in range(1, PARTS + 1):
                living = [row for row in rows if row[0] == part and not row[5]]
                assert sum(row[1] not in ("planned", "rejected", "released") for row in living) <= 1
        world.ledger.close()


@given(st.lists(STEPS, max_size=15))
def test_every_decision_is_in_the_history_with_its_reason(steps):
    with tempfile.TemporaryDirectory() as folder:
        world = World(folder)
        for word, number, status in steps:
            rows = len(history(world.ledger))
            doubts = reconcile.doubts_of(world.ledger, "m1", [])
            world.step(word, number, status)
            written = history(world.ledger)[rows:]
            if word not in ("lose", "end") and reconcile.doubts_of(world.ledger, "m1", []) != doubts:
                assert written
                assert all(reason for (reason,) in written)
        world.ledger.close()


def history(ledger):
    return ledger.db.execute("SELECT reason FROM history ORDER BY rowid").fetchall()


@given(st.integers(1, 5))
def test_a_job_is_adopted_once(times):
    with tempfile.TemporaryDirectory() as folder:
        world = World(folder)
        for number in range(PARTS):
            world.lose(number, None)
        job = world.new_job(JobStatus.COMPLETED)
        adopted = 0
        for turn in range(times):
            doubt = world.doubt(turn % PARTS, Choice.ADOPT)
            if doubt is not None:
                try:
                    reconcile.adopt(world.ledger, doubt, job)
                    adopted += 1
                except NotAdoptable:
                    continue
        assert adopted == 1
        assert world.ledger.job_ids("transcription") == {job.job_id}
        assert world.ledger.db.execute("PRAGMA foreign_key_check").fetchall() == []
        world.ledger.close()
