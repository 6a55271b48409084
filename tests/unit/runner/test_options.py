"""What a run is asked for, and ends that do nothing unless they are told to."""

import pytest

from manifests.money import Cents
from runner.options import RunEnds, RunOptions


@pytest.mark.parametrize(
    ("caps", "one_look", "only_collects"),
    [
        ((), False, False),
        ((None, None), False, False),
        ((Cents(5), None), False, False),
        ((Cents(0),), False, True),
        ((Cents(5), Cents(0)), False, True),
        ((), True, True),
        ((Cents(5),), True, True),
    ],
)
def test_a_cap_of_nothing_or_one_look_buys_nothing(tmp_path, caps, one_look, only_collects):
    options = RunOptions(tmp_path / "m.yaml", tmp_path, caps=caps, one_look=one_look)
    assert options.only_collects is only_collects


def test_ends_that_nobody_watches_say_yes_and_nothing_else(desk):
    ends = RunEnds(lambda: desk.api, desk.ledger, desk.locks, probes=None)
    assert ends.ask(None) is True
    assert [ends.listener(None), ends.on_signals(None), ends.alarm("x")] == [None] * 3
    assert len(ends.random_hex(8)) == 16
