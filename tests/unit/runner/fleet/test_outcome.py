"""What a shift came to is kept without loss, and the dispatch says it as if it had met it itself."""

from fractions import Fraction

import pytest

from manifests.errors import MachineError
from manifests.money import Cents
from runner.engine.engine import Engine
from runner.engine.world import Stop, Terms
from runner.fleet.outcome import Outcome, decoded, merge, outcome_of


def engine():
    return Engine(Terms("m1", {"transcription": Fraction(1)}), lambda key: key)


def shift():
    made = engine()
    made.world.stop(Stop.MONEY, "402: not enough")
    made.world.shortfall.required, made.world.shortfall.available = Cents(9), Cents(4)
    made.world.note("caf\udce9 was sent twice")
    made.world.submitted, made.submits.sent = 3, 4_000
    made.settles.count("transcription", 10, 12)
    made.guard.risen = {"transcription": Fraction(4, 3)}
    return outcome_of(made, {"key": "changed"})


def test_an_outcome_comes_back_as_it_went():
    assert decoded(shift().encoded()) == shift()
    assert decoded("") == Outcome()


def test_what_two_shifts_came_to_adds_up():
    own = engine()
    own.world.note("mine")
    merge(shift(), own)
    merge(shift(), own)
    assert dict(own.world.stops) == {Stop.MONEY: "402: not enough"}
    assert (own.world.shortfall.required, own.world.shortfall.available) == (9, 4)
    assert own.world.notes == ["mine", "caf\ufffd was sent twice"]
    assert (own.world.submitted, own.submits.sent) == (6, 8_000)
    assert own.settles.drift == {"transcription": (20, 24)}
    assert own.guard.risen == {"transcription": Fraction(4, 3)}


@pytest.mark.parametrize("stop", [Stop.DISK, Stop.NAME, Stop.SIGNAL])
def test_what_is_about_one_host_stops_no_other(stop):
    own = engine()
    merge(Outcome(stops={stop.value: "full"}), own)
    assert not own.world.stops
    assert Outcome(stops={stop.value: "full"}).local_stops == {stop: "full"}


def test_a_stop_that_only_a_newer_earmark_knows_is_passed_over():
    assert Outcome(stops={"moon": "full", "down": "503"}).shared_stops == {Stop.DOWN: "503"}


def test_what_is_no_outcome_is_refused():
    with pytest.raises(MachineError, match="another Earmark"):
        decoded("[]")
