"""The threads of a run that take shifts: they outlive a server that is away when they want a connection."""

from queue import SimpleQueue
from threading import Event

from manifests.errors import MachineError
from runner.fleet import crew
from runner.fleet.crew import Crew
from runner.fleet.ends import FleetEnds

PATIENCE = 30.0


class _Ledger:
    def close(self):
        pass


class _Hand:
    def __init__(self):
        self.worked = Event()

    def work(self):
        self.worked.set()

    def interrupt(self, number):
        pass


def test_a_thread_that_got_no_connection_tries_again(monkeypatch):
    monkeypatch.setattr(crew, "TROUBLED", 0.01)
    answers = [MachineError("the server is away"), MachineError("still away")]

    def connect():
        if answers:
            raise answers.pop(0)
        return _Ledger()

    hand, given = _Hand(), []

    def take(_ledger):
        given.append(1)
        return hand if len(given) == 1 else None

    inbox = SimpleQueue()
    made = Crew(FleetEnds(connect, take, at_once=1, look=0.01), inbox)
    made.start(take)
    assert hand.worked.wait(PATIENCE)
    made.close(PATIENCE)
    assert made.troubles == ["the server is away", "still away"]
    assert inbox.empty()
