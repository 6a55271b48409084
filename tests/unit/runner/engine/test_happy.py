"""The engine on its good days."""

from manifests.states import State
from support.virtual import House


def test_everything_approved_is_bought_once_fetched_and_billed(tmp_path):
    house = House(tmp_path)
    house.buy(house.add(12))

    assert set(house.states().values()) == {State.SAVED}
    assert len(house.service.submits) == len(house.service.jobs) == 12
    assert house.amounts == (60, 0, 0)
    assert house.service.charged == 60
