"""The second line of defence: wallet, credits and prices while money is being spent."""

from fractions import Fraction
from itertools import pairwise

import pytest

from manifests.money import Cents
from runner.api.interface import Balance, Wallet
from runner.engine.guarding import dearer, gone, live_rates
from runner.engine.messages import CallFailed, CallProblem, RatesRead, ReadRates, ReadWallet
from runner.engine.timing import RATES_EVERY, WALLET_EVERY
from runner.engine.world import Stop
from support.virtual import SERVICE, Behaviour, House, VirtualService


def guarded(tmp_path, wallet=100_000, left=None, **does):
    house = House(tmp_path, VirtualService(Behaviour(wallet=wallet, credits=left, **does)))
    tasks = house.add(400)
    house.approve([])
    house.engine.start_guard(Wallet(Balance(Cents(wallet), Cents(0)), left))
    return house, tasks


def count(house, kind):
    return sum(isinstance(action, kind) for action in house.service.actions)


def test_the_wallet_is_read_every_minute_while_submitting(tmp_path):
    house, tasks = guarded(tmp_path, upload_seconds=10.0)
    house.buy(tasks)
    minutes = 400 / 8 * 10.5 / 60
    assert minutes - 2 <= count(house, ReadWallet) <= minutes + 3


def test_the_wallet_is_read_after_each_quarter_of_it(tmp_path):
    house, tasks = guarded(tmp_path, wallet=2500)
    house.buy(tasks)
    assert count(house, ReadWallet) >= 3


def test_falling_credits_stop_submits_and_count(tmp_path):
    house, tasks = guarded(tmp_path, left=9000, upload_seconds=10.0)
    house.service.later(30.0, CallFailed(ReadRates(), CallProblem.REFUSED, "an odd event changes nothing"))
    house.service.does.credits = 9000 - 7500
    house.buy(tasks)
    assert "credits fell by 7,500" in house.engine.world.stops[Stop.CREDITS]
    assert house.ledger.amounts("m1").spent == house.service.charged + 100


def test_credits_that_rise_or_cannot_be_read_stop_nothing(tmp_path):
    house, tasks = guarded(tmp_path, left=100, upload_seconds=10.0)
    house.service.does.credits = None
    house.buy(tasks)
    assert house.engine.world.stops == {}


def test_a_price_that_rises_during_the_run_stops_submits(tmp_path):
    def rates(now):
        return {SERVICE: Fraction(1) if now < 1_000_900 else Fraction(2)}

    house, tasks = guarded(tmp_path, upload_seconds=60.0, rates=rates)
    house.buy(tasks)
    assert house.engine.world.stops == {
        Stop.PRICES: "transcription costs 2 c/min now, the plan was made at 1 c/min"
    }
    assert len(house.service.jobs) < 400
    assert house.engine.guard.risen == {SERVICE: Fraction(2)}


def test_a_price_that_is_gone_during_the_run_stops_submits(tmp_path):
    house, tasks = guarded(
        tmp_path, upload_seconds=60.0, rates=lambda _now: {"stem_extraction": Fraction(10)}
    )
    house.buy(tasks)
    assert house.engine.world.stops == {Stop.PRICES: "the service states no price for transcription any more"}


def test_a_price_that_rises_after_the_last_submit_stops_nothing(tmp_path):
    house, tasks = guarded(tmp_path, rates=lambda _now: {SERVICE: Fraction(2)})
    house.buy(tasks[:1])
    house.loop.run([RatesRead({SERVICE: Fraction(2)})], until=lambda: True)
    assert house.engine.world.stops == {}


def test_readings_that_fail_are_taken_again_later(tmp_path):
    def call(action, nth):
        failing = isinstance(action, ReadWallet | ReadRates)
        return CallFailed(action, CallProblem.REFUSED, "no") if failing else None

    house, tasks = guarded(tmp_path, upload_seconds=60.0, call=call)
    house.buy(tasks)
    assert count(house, ReadWallet) > 3
    assert house.engine.world.stops == {}


@pytest.mark.parametrize(("kind", "every"), [(ReadWallet, WALLET_EVERY), (ReadRates, RATES_EVERY)])
def test_readings_wait_as_long_as_the_service_asks(tmp_path, kind, every):
    asked = 2 * every
    times = []

    def call(action, _nth):
        if not isinstance(action, kind):
            return None
        times.append(house.service.now)
        return CallFailed(action, CallProblem.THROTTLED, "429", asked)

    # Each dollar is a third of the wallet, which would be read at once otherwise.
    house, tasks = guarded(tmp_path, wallet=2500, upload_seconds=60.0, call=call)
    house.buy(tasks)
    gaps = [after - before for before, after in pairwise(times)]
    assert gaps
    assert min(gaps) >= asked
    assert house.engine.world.stops == {}


def test_live_rates_go_by_the_first_wallet_name_and_the_variant():
    live = {"stem_extraction": Fraction(10), "transcription": Fraction(3, 2)}
    products = {"stems:karaoke": Fraction(15), "transcription": Fraction(1)}
    assert live_rates(products, live) == {"stems:karaoke": Fraction(15), "transcription": Fraction(3, 2)}
    assert dearer(products, live) == ["transcription costs 1.5 c/min now, the plan was made at 1 c/min"]
    assert gone(products, {"transcription": Fraction(1)}) == ["stems:karaoke"]


def test_the_names_that_the_wallet_lists_choose_the_price():
    live = {"text_to_speech": Fraction(4), "voice_cloning": Fraction(5)}
    assert dearer({"tts": Fraction(4)}, live) == []
    assert dearer({"tts": Fraction(4)}, live, {"voice_cloning"}) == [
        "tts costs 5 c/min now, the plan was made at 4 c/min"
    ]


def test_what_credits_pay_has_no_price_in_the_wallet_that_could_be_missed():
    assert gone({"denoise:studio": Fraction(1320), "transcription": Fraction(1)}, {}) == ["transcription"]


def test_credits_that_fall_between_two_gates_are_seen(tmp_path):
    house, _ = guarded(tmp_path, left=9000)
    house.engine.start_guard(Wallet(Balance(Cents(100), Cents(0)), 9000 - 750))
    house.finish()
    assert "credits fell by 750" in house.engine.world.stops[Stop.CREDITS]
    assert house.amounts == (10, 0, 0)


def test_what_is_expected_at_nothing_needs_no_price_at_the_service():
    assert gone({"clone": Fraction(4), "tts": Fraction(4)}, {"text_to_speech": Fraction(4)}) == []
    assert dearer({"clone": Fraction(4)}, {"voice_cloning": Fraction(5)}) == [
        "clone costs 5 c/min now, the plan was made at 4 c/min"
    ]
