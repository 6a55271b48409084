"""What needs a voice waits for its clone, without a hold, and stays planned where none is made."""

import pytest

from manifests.keys import CLONE
from manifests.states import State
from runner.api.interface import JobStatus, Rejected
from runner.engine.messages import Upload
from support.virtual import Behaviour, House, VirtualService


def clone_and_users(house, users=2):
    """A clone and what speaks with its voice, in front of it."""
    *speech, clone = house.add(users + 1)
    clone.service = clone.product = "clone"
    for task in speech:
        task.needs, task.fields = clone.key, {"voice": f"{CLONE}{clone.key}", "speed": "1"}
    return speech, clone


def house_with(tmp_path, **does):
    return House(tmp_path, VirtualService(Behaviour(**does)))


def sent(house):
    return [upload.part_id for upload in house.service.submits]


def test_speech_is_sent_after_its_voice_is_made_whatever_the_order_of_the_lines(tmp_path):
    house = House(tmp_path)
    speech, clone = clone_and_users(house)
    house.buy([*speech, clone])

    assert sent(house) == [clone.part_id, *(task.part_id for task in speech)]
    assert set(house.states().values()) == {State.SAVED}


def test_speech_names_the_voice_by_its_number(tmp_path):
    house = House(tmp_path)
    speech, clone = clone_and_users(house, users=1)
    house.buy([*speech, clone])

    made, spoken = house.service.submits
    (number,) = [job.job_id for job in house.service.jobs if job.token.text in made.order.upload_name]
    assert spoken.order.fields == {"voice": number, "speed": "1"}


def test_nothing_is_set_aside_for_speech_that_waits(tmp_path):
    house = house_with(tmp_path, job_seconds=600.0)
    speech, clone = clone_and_users(house)
    house.approve([*speech, clone])
    house.loop.run([], until=lambda: bool(house.service.jobs))

    assert house.amounts == (0, clone.ceiling, 0)
    house.finish()


def test_other_items_do_not_wait_for_a_voice(tmp_path):
    house = house_with(tmp_path, job_seconds=600.0)
    *_, clone = tasks = house.add(4)
    clone.service = clone.product = "clone"
    tasks[0].needs = clone.key
    house.approve(tasks)
    house.loop.run([], until=lambda: len(house.service.jobs) == 3)
    assert tasks[0].part_id not in sent(house)
    house.finish()
    assert sent(house)[-1] == tasks[0].part_id


@pytest.mark.parametrize(
    "does",
    [
        {"outcome": lambda _upload, nth: Rejected("too short") if nth == 1 else None},
        {"fate": lambda _nth: JobStatus.FAILED},
        {"lose_answer": lambda _upload, _nth: "reset", "list_names": False},
    ],
    ids=["rejected", "failed", "in doubt"],
)
def test_without_the_voice_its_speech_stays_planned(tmp_path, does):
    house = house_with(tmp_path, **does)
    speech, clone = clone_and_users(house)
    house.buy([*speech, clone])

    assert sent(house) == [clone.part_id]
    states = house.states()
    assert [states[task.name] for task in speech] == [State.PLANNED] * 2
    assert any("the voice that it needs was not made" in note for note in house.engine.world.notes)


def test_a_voice_of_an_earlier_run_is_used_at_once(tmp_path):
    house = House(tmp_path)
    (speech,), clone = clone_and_users(house, users=1)
    house.engine.voices.know({clone.key: "77"})
    house.buy([speech])

    (upload,) = [action for action in house.service.actions if isinstance(action, Upload)]
    assert upload.order.fields["voice"] == "77"


def test_a_clone_whose_lost_answer_is_found_again_is_waited_for(tmp_path):
    house = house_with(
        tmp_path, lose_answer=lambda _upload, nth: "reset" if nth == 1 else "", list_delay=10.0
    )
    speech, clone = clone_and_users(house)
    house.buy([*speech, clone])

    assert sent(house) == [clone.part_id, *(task.part_id for task in speech)]
    assert set(house.states().values()) == {State.SAVED}
