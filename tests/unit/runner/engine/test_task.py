"""A task: what is uploaded under which name, and what it takes over from the ledger."""

from pathlib import Path

import pytest

from manifests.keys import Token, find_tokens
from manifests.money import Cents
from manifests.states import State
from runner.engine.task import Source, Target, Task
from runner.ledger.rows import AttemptRow

TOKEN = f"ek-{'a' * 16}-{'b' * 16}"


def task(**changes):
    fields = {
        "part_id": 1,
        "manifest_id": "m1",
        "product": "stems:two",
        "service": "stems",
        "key": "a" * 64,
        "fields": {"mode": "two"},
        "state": State.PLANNED,
        "targets": [Target(1, "songs/x.wav", "songs/x", {})],
        "source": Source(Path("/media/songs/My Song.WAV"), 500, ((44, 500),), "c" * 64),
        "token": TOKEN,
    }
    return Task(**{**fields, **changes})


def test_an_order_says_all_that_is_uploaded():
    order = task().order()
    assert (order.service, order.fields) == ("stems", {"mode": "two"})
    assert (order.path, order.size) == (Path("/media/songs/My Song.WAV"), 500)
    assert (order.spans, order.sha256) == (((44, 500),), "c" * 64)
    assert order.upload_name == f"My_Song.{TOKEN}.wav"
    assert find_tokens([order.upload_name]) == {Token(TOKEN)}


def test_without_a_source_nothing_can_be_uploaded():
    with pytest.raises(ValueError, match=r"songs/x\.wav has no source"):
        task(source=None).order()


def attempt(**changes):
    fields = {
        "attempt_id": 4,
        "part_id": 1,
        "manifest_id": "m2",
        "service": "stems",
        "token": "t",
        "state": State.FINISHED,
        "expected": Cents(10),
        "ceiling": Cents(11),
        "hold": Cents(11),
        "charge": None,
        "settled": "",
        "job_id": "77",
        "created": 1.0,
        "changed": 2.0,
    }
    return AttemptRow(**{**fields, **changes})


@pytest.mark.parametrize(("hold", "settled"), [(11, False), (0, True)])
def test_it_takes_over_what_the_ledger_holds(hold, settled):
    found = task()
    found.bind(attempt(hold=Cents(hold)))
    assert (found.attempt_id, found.token, found.job_id) == (4, "t", "77")
    assert (found.manifest_id, found.expected, found.ceiling) == ("m2", 10, 11)
    assert (found.since, found.settled) == (2.0, settled)


def test_it_is_named_after_its_first_file_or_its_job():
    assert task().name == "songs/x.wav"
    assert task(targets=[], job_id="77").name == "job 77"
