"""Many items: calls are made now and then, not once an item."""

from manifests.states import State
from runner.engine.messages import ReadUsage
from support.virtual import START, Behaviour, House, VirtualService


def test_bills_are_read_now_and_then_while_jobs_run_and_at_once_after(tmp_path):
    made = House(tmp_path, VirtualService(Behaviour(upload_seconds=4.0, job_seconds=20.0)))
    made.buy(made.add(200))
    assert set(made.states().values()) == {State.SAVED}
    readings = sum(isinstance(action, ReadUsage) for action in made.service.actions)
    assert readings <= (made.service.now - START) / 5 + 3
    assert made.amounts == (1000, 0, 0)
