"""Lost answers: proof adopts, nothing is sent a second time, money stays reserved."""

from manifests.states import State
from runner.engine.messages import CallFailed, CallProblem, ReadList
from runner.engine.world import Stop
from support.virtual import Behaviour, House, VirtualService


def house_with(tmp_path, **does):
    return House(tmp_path, VirtualService(Behaviour(**does)))


def lost_first(_upload, nth):
    return "502 Bad Gateway" if nth == 1 else ""


def test_a_lost_answer_is_found_by_its_token_and_never_sent_again(tmp_path):
    house = house_with(tmp_path, lose_answer=lost_first)
    house.buy(house.add(3))
    assert set(house.states().values()) == {State.SAVED}
    assert len(house.service.submits) == len(house.service.jobs) == 3
    assert house.amounts == (15, 0, 0)
    assert house.engine.world.submitted == 3  # the screen says how many were bought


def test_a_list_that_lags_is_looked_at_again(tmp_path):
    house = house_with(tmp_path, lose_answer=lost_first, list_delay=12.0)
    house.buy(house.add(1))
    assert set(house.states().values()) == {State.SAVED}
    assert len(house.service.submits) == 1


def test_without_names_in_the_list_it_stays_in_doubt_with_its_money(tmp_path):
    house = house_with(tmp_path, lose_answer=lost_first, list_names=False)
    house.buy(house.add(1))
    assert set(house.states().values()) == {State.IN_DOUBT}
    assert house.amounts == (0, 0, 6)
    assert len(house.service.submits) == 1


def test_a_later_run_looks_again_first(tmp_path):
    house = house_with(tmp_path, lose_answer=lost_first, list_names=False)
    house.buy(house.add(1))
    house.service.does.list_names = True
    house.resume()
    house.finish()
    assert set(house.states().values()) == {State.SAVED}
    assert len(house.service.submits) == 1
    assert house.engine.world.submitted == 0  # an earlier run bought it


def test_many_lost_answers_stop_the_run_before_more_is_risked(tmp_path):
    house = house_with(tmp_path, lose_answer=lambda _u, _n: "504", list_names=False)
    house.buy(house.add(40))
    assert Stop.DOWN in house.engine.world.stops
    assert len(house.service.submits) <= 6  # four were in flight at the first loss
    assert house.amounts[2] == 6 * len(house.service.submits)


def test_an_unreadable_list_is_no_proof_of_anything(tmp_path):
    def refuse(action, _nth):
        if isinstance(action, ReadList):
            return CallFailed(action, CallProblem.REFUSED, "404: no such list")
        return None

    house = house_with(tmp_path, lose_answer=lost_first, call=refuse)
    house.buy(house.add(2))
    states = list(house.states().values())
    assert states.count(State.IN_DOUBT) == 1
    assert states.count(State.SAVED) == 1  # watched job by job instead
    assert len(house.service.submits) == 2


def test_a_killed_run_s_sending_upload_falls_into_doubt_and_is_found(tmp_path):
    house = House(tmp_path)
    house.approve(house.add(1))
    house.loop.run([], until=lambda: bool(house.service.jobs))  # the job is made, the answer is under way
    house.resume()
    house.finish()
    assert set(house.states().values()) == {State.SAVED}
    assert len(house.service.submits) == 1
    assert house.amounts == (5, 0, 0)


def test_a_killed_run_s_unsent_upload_is_simply_planned_again(tmp_path):
    house = house_with(tmp_path, upload_seconds=50.0)
    house.approve(house.add(1))
    house.service._heap.clear()  # the process is gone, and its connection with it
    house.resume()
    assert set(house.states().values()) == {State.PLANNED}
    assert house.amounts == (0, 0, 0)
    assert house.service.jobs == []
