"""Kill the engine after any turn, under any mix of faults, as often as you like: the money still adds up.

The process is gone, with it every connection; the ledger is what the last committed turn left.
"""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manifests.money import Cents
from manifests.states import State
from runner.api.interface import JobStatus, NotSent, Rejected, Throttled
from support.virtual import Behaviour, House, VirtualService

FAULTS = st.sampled_from(
    ["well", "well", "well", "lost", "throttled", "not sent", "rejected", "failed", "odd price"]
)


class Killed(BaseException):
    """The process is gone."""


def behaviour(faults):
    """A service whose n-th submit meets the n-th fault."""

    def fault(nth):
        return faults[nth % len(faults)]

    refusals = {"throttled": Throttled(1.0), "not sent": NotSent("cut"), "rejected": Rejected("no")}
    return Behaviour(
        upload_seconds=1.0,
        job_seconds=5.0,
        outcome=lambda _upload, nth: refusals.get(fault(nth)),
        lose_answer=lambda _upload, nth: "504" if fault(nth) == "lost" else "",
        fate=lambda nth: JobStatus.FAILED if fault(nth) == "failed" else JobStatus.COMPLETED,
        price=lambda upload: 4 if fault(upload.part_id) == "odd price" else 5,
        list_delay=1.0,
    )


def check_always(house, service):
    """What must hold at every instant."""
    spent, reserved, in_doubt = house.amounts
    assert spent + reserved + in_doubt <= house.cap
    charged = service.charged
    running = sum(job.cents for job in service.jobs if not job.charged and job.fate is JobStatus.COMPLETED)
    assert charged + running <= spent + reserved + in_doubt
    assert max(service.charges_by_key().values(), default=0) <= 1


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    faults=st.lists(FAULTS, min_size=1, max_size=7),
    kills=st.lists(st.integers(0, 40), max_size=6),
    cap=st.sampled_from([20, 60, 1000]),
    seed=st.integers(0, 2**16),
)
def test_kills_at_any_turn_never_cost_a_cent_twice(tmp_path_factory, faults, kills, cap, seed):
    service = VirtualService(behaviour(faults), seed=seed)
    house = House(tmp_path_factory.mktemp("house"), service, cap=cap, seed=seed)
    house.add(8)
    for turns in kills:
        left = [turns]

        def count(left=left):
            check_always(house, service)
            left[0] -= 1
            if left[0] < 0:
                raise Killed

        service.on_take = count
        try:
            house.resume()
            house.buy(house.candidates())
        except Killed:
            service._heap.clear()
            service._uploads.clear()

    service.on_take = lambda: check_always(house, service)
    for _ in range(6):
        house.resume()
        house.finish()
        house.start()
        house.buy(house.candidates())
        service.now += 200

    check_always(house, service)
    house.resume()
    house.finish()
    states = house.states().values()
    assert not {State.RESERVED, State.UPLOADING, State.SENDING, State.SUBMITTED, State.FINISHED} & set(states)
    assert house.ledger.amounts("m1").spent == Cents(service.charged)
    doubts = house.ledger.live_attempts("m1")  # killed while sending what the service then refused: no proof
    assert not {attempt.token for attempt in doubts} & {job.token.text for job in service.jobs}
    assert house.amounts[1:] == (0, 6 * len(doubts))
    saved = sum(state is State.SAVED for state in states)
    assert saved == len(service.charges_by_key())
