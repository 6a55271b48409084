"""A job that turns out longer than it was planned: its hold grows at once, and the cap still holds."""

import itertools
from fractions import Fraction

import pytest

from manifests.money import Cents
from manifests.states import State
from runner.api.interface import Accepted
from runner.engine.world import Stop
from support.virtual import Behaviour, House, VirtualService, usage_row

RATE = Fraction(4)  # cents a minute of speech


def house_of_speech(tmp_path, estimates, cap=10_000, job_seconds=600.0):
    """Texts whose submits are answered with these estimated lengths, in seconds."""
    answers = itertools.cycle(estimates)
    house = House(tmp_path, VirtualService(Behaviour(job_seconds=job_seconds)), cap=cap)
    make = house.service._submitted

    def submitted(upload):
        outcome, seconds = make(upload), next(answers)
        if isinstance(outcome, Accepted) and seconds is not None:
            return Accepted(outcome.job_id, seconds * 1000)
        return outcome

    house.service._submitted = submitted
    return house


def speech(house, count):
    tasks = house.add(count, cents=5, ceiling=6)
    for task in tasks:
        task.service = task.product = "tts"
    return tasks


def submitted(house, tasks):
    """Approve, and go on until every answer is there or nothing more is sent."""
    house.approve(tasks)
    house.loop.run([], until=lambda: not house.engine.submits.busy)


def test_the_hold_grows_with_the_estimate_of_the_answer(tmp_path):
    house = house_of_speech(tmp_path, [150])
    submitted(house, speech(house, 1))

    assert house.amounts == (0, 11, 0)  # 150 s at 4 c/min are 10 c, 11 at most
    (attempt,) = house.ledger.live_attempts("m1")
    assert (attempt.ceiling, attempt.hold, attempt.expected) == (11, 11, 5)
    assert "the service expects 150 s: $0.11 is set aside for it, not $0.06" in house.engine.world.notes[0]
    house.finish()


@pytest.mark.parametrize("seconds", [None, 1, 75, 90])
def test_an_estimate_within_the_ceiling_changes_nothing(tmp_path, seconds):
    house = house_of_speech(tmp_path, [seconds])
    submitted(house, speech(house, 1))

    assert house.amounts == (0, 6, 0)
    assert house.engine.world.notes == []
    house.finish()


def test_a_hold_that_no_longer_fits_the_cap_stops_new_submits(tmp_path):
    house = house_of_speech(tmp_path, [600], cap=30)
    house.engine.submits.pace.slots = 1
    submitted(house, speech(house, 4))

    assert len(house.service.submits) == 1
    assert (
        house.engine.world.stops[Stop.OVER]
        == "ep0.mp3 turns out longer than planned: $0.11 more than the cap"
    )
    assert house.ledger.amounts("m1").over == 11
    house.finish()


def test_what_is_already_being_uploaded_is_cut_when_the_cap_is_passed(tmp_path):
    house = house_of_speech(tmp_path, [600], cap=30)
    house.service.does.upload_seconds = 5.0
    uploads = itertools.count()
    quick = house.service._upload
    house.service._upload = lambda upload: (
        quick(upload) if next(uploads) else house.service.later(0.1, _last_chunk(upload))
    )
    submitted(house, speech(house, 4))

    assert len(house.service.submits) == 1
    assert sorted(house.states().values()) == [State.PLANNED] * 3 + [State.SUBMITTED]
    house.finish()


def test_the_bill_settles_it_whatever_was_set_aside(tmp_path):
    house = house_of_speech(tmp_path, [150], job_seconds=1.0)
    house.service.does.price = lambda _upload: 7
    house.service.does.usage_rows = lambda job: [usage_row(job, service_type="text_to_speech")]
    house.buy(speech(house, 1))

    assert house.amounts == (7, 0, 0)
    assert house.engine.world.stops == {}


def test_a_recording_has_no_estimate(tmp_path):
    house = house_of_speech(tmp_path, [100_000])
    submitted(house, house.add(1))

    assert house.amounts == (0, 6, 0)
    house.finish()


def _last_chunk(upload):
    from runner.engine.messages import LastChunk

    return LastChunk(upload.part_id, upload.attempt_id)


def test_the_ceiling_follows_the_rate_that_was_approved(tmp_path):
    house = house_of_speech(tmp_path, [150])
    house.engine.world.terms.rates["tts"] = RATE * 2
    submitted(house, speech(house, 1))

    assert house.amounts == (0, Cents(21), 0)
    house.finish()
