"""Credits in the ledger: a purse of their own, under a cap of their own, in no sum of cents."""

from fractions import Fraction
from pathlib import Path

import pytest

from manifests.budget import Amounts
from manifests.money import Cents
from manifests.states import State
from runner.api.interface import UsageRow
from runner.ledger import billing
from runner.ledger.db import Refused
from runner.ledger.interface import OverTheCap
from runner.ledger.rows import Adoption, Move, NewItem, Reservation

TO_SUBMITTED = (State.UPLOADING, State.SENDING, State.SUBMITTED)


@pytest.fixture
def ledger(store):
    found = store.open()
    with found.transaction():
        found.put_manifest("m1", Path("/m1.yaml"), Cents(100), 2000)
        found.put_items("m1", [item(number) for number in range(1, 5)])
    return found


def item(number, product="denoise:balanced", options="{}", characters=0):
    key = f"{number:064x}"
    file = f"ep{number}.mp3"
    return NewItem(f"l{number}", file, 1, "p", file, "{}", key, key, product, options, 0, 10, characters)


def reserve(ledger, part, ceiling, currency="credits", service="denoise"):
    wish = Reservation(part, "m1", service, f"t{part}", Cents(ceiling), Cents(ceiling), currency)
    with ledger.transaction():
        return ledger.reserve(wish)


def move(ledger, attempt, *states, job_id="7"):
    with ledger.transaction():
        for state in states:
            ledger.move(Move(attempt, state, "why", job_id if state is State.SUBMITTED else None))


def amounts(cap, spent=0, reserved=0, in_doubt=0):
    return Amounts(*map(Cents, (cap, spent, reserved, in_doubt)))


def test_credits_count_against_credits_and_never_against_the_wallet(ledger):
    attempt = reserve(ledger, 1, 1320)
    assert ledger.attempt(attempt).currency == "credits"
    assert ledger.credits("m1") == amounts(2000, reserved=1320)
    assert ledger.amounts("m1") == amounts(100)
    assert (ledger.held(), ledger.held_credits()) == (0, 1320)


def test_each_cap_refuses_its_own_currency_only(ledger):
    reserve(ledger, 1, 1320)
    with pytest.raises(OverTheCap):
        reserve(ledger, 2, 681)
    with pytest.raises(OverTheCap):
        reserve(ledger, 2, 101, "cents", "transcription")
    reserve(ledger, 2, 680)
    reserve(ledger, 3, 100, "cents", "transcription")
    assert (ledger.credits("m1").left, ledger.amounts("m1").left) == (0, 0)


def test_without_a_cap_for_credits_none_can_be_reserved(ledger):
    with ledger.transaction():
        ledger.put_manifest("m2", Path("/m2.yaml"), Cents(100))
    wish = Reservation(1, "m2", "denoise", "t", Cents(1), Cents(1), "credits")
    with pytest.raises(OverTheCap), ledger.transaction():
        ledger.reserve(wish)


def test_a_run_that_names_no_credits_leaves_their_cap_as_it_was(ledger):
    with ledger.transaction():
        ledger.put_manifest("m1", Path("/m1.yaml"), Cents(5))
    assert (ledger.credits("m1").cap, ledger.amounts("m1").cap) == (2000, 5)
    with ledger.transaction():
        ledger.put_manifest("m1", Path("/m1.yaml"), Cents(5), 0)
    assert ledger.credits("m1").cap == 0


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((State.UPLOADING, State.SENDING, State.IN_DOUBT), (0, 0, 660)),
        ((State.UPLOADING, State.SENDING, State.IN_DOUBT, State.GIVEN_UP), (660, 0, 0)),
        ((State.PLANNED,), (0, 0, 0)),
        ((*TO_SUBMITTED, State.FINISHED), (0, 660, 0)),
    ],
)
def test_credits_follow_the_states_as_cents_do(ledger, states, expected):
    move(ledger, reserve(ledger, 1, 660), *states)
    assert ledger.credits("m1") == amounts(2000, *expected)
    assert ledger.amounts("m1") == amounts(100)


def test_credits_never_touch_what_a_run_was_allotted_of_the_wallet(ledger):
    with ledger.transaction():
        ledger.allot("m1", 50)
    attempt = reserve(ledger, 1, 660)
    assert ledger.allotted() == {"m1": 50}
    move(ledger, attempt, State.PLANNED)
    assert ledger.allotted() == {"m1": 50}


def test_no_row_of_the_wallet_settles_a_job_that_credits_pay(ledger):
    attempt = reserve(ledger, 1, 660)
    move(ledger, attempt, *TO_SUBMITTED, State.FINISHED)
    row = UsageRow("r1", "transcription", Cents(5), 60, "7", "2026-01-01T00:00:00Z")
    with ledger.transaction():
        assert billing.add_rows(ledger, [row]) == []
        assert billing.match_recorded(ledger, ledger.attempt(attempt)) is None
        billing.settle_unverified(ledger, ledger.attempt(attempt))
    assert ledger.credits("m1") == amounts(2000, spent=660)
    assert ledger.charges() == {}


def test_a_job_that_credits_pay_is_adopted_in_credits(ledger):
    with ledger.transaction():
        ledger.adopt(Adoption(1, "m1", "denoise", "t", Cents(5000), Cents(5000), "9", "credits"))
    assert ledger.credits("m1").over == 3000
    assert ledger.amounts("m1") == amounts(100)


def test_an_attempt_keeps_its_currency(ledger):
    reserve(ledger, 1, 660)
    with pytest.raises(Refused, match="keeps its currency"), ledger.transaction(), ledger.db.tentative():
        ledger.db.execute("UPDATE attempts SET currency = 'cents'")


def test_what_other_manifests_may_have_taken_is_known_by_when_it_ended(ledger):
    states = {1: (), 2: TO_SUBMITTED, 3: (*TO_SUBMITTED, State.FINISHED), 4: (State.PLANNED,)}
    for part, moves in states.items():
        move(ledger, reserve(ledger, part, 100), *moves, job_id=str(part))
    assert ledger.credits_beside("m2", 999.0) == 200
    assert ledger.credits_beside("m2", 1001.0) == 100
    assert ledger.credits_beside("m1", 0.0) == 0


# -- a job that turns out longer -----------------------------------------------------------


def test_a_longer_job_raises_what_is_held_even_past_the_cap_and_then_nothing_fits(ledger):
    attempt = reserve(ledger, 1, 60, "cents", "tts")
    move(ledger, attempt, *TO_SUBMITTED)
    with ledger.transaction():
        ledger.enlarge(attempt, Cents(130))
    assert ledger.amounts("m1") == amounts(100, reserved=130)
    assert ledger.amounts("m1").over == 30
    row = ledger.attempt(attempt)
    assert (row.ceiling, row.hold, row.state) == (130, 130, State.SUBMITTED)
    told = ledger.db.execute("SELECT state, reason FROM history ORDER BY id DESC LIMIT 1").fetchone()
    assert told == ("submitted", "may cost 130 cents instead of 60")
    with pytest.raises(OverTheCap):
        reserve(ledger, 2, 1, "cents", "tts")


def test_nothing_is_lowered_and_what_is_settled_stays(ledger):
    attempt = reserve(ledger, 1, 60, "cents", "tts")
    with ledger.transaction():
        ledger.enlarge(attempt, Cents(40))
    assert ledger.attempt(attempt).hold == 60
    move(ledger, attempt, *TO_SUBMITTED, State.FINISHED)
    with ledger.transaction():
        billing.settle_unverified(ledger, ledger.attempt(attempt))
        ledger.enlarge(attempt, Cents(90))
    assert (ledger.attempt(attempt).hold, ledger.attempt(attempt).ceiling) == (0, 60)
    assert ledger.amounts("m1") == amounts(100, spent=60)


# -- what spoken texts came to -------------------------------------------------------------


def spoken(ledger, number, options, characters, *seconds, cents=3, service="tts"):
    with ledger.transaction():
        ledger.put_items("m1", [item(number, service, options, characters)])
    (part,) = [row.part_id for row in ledger.items("m1") if row.line == f"l{number}"]
    attempt = reserve(ledger, part, 10, "cents", service)
    move(ledger, attempt, *TO_SUBMITTED, State.FINISHED, job_id=str(number))
    rows = [
        UsageRow(f"{number}-{at}", "text_to_speech", Cents(cents), each, str(number))
        for at, each in enumerate(seconds)
    ]
    with ledger.transaction():
        billing.add_rows(ledger, rows)
    return attempt


def test_what_a_voice_took_for_how_many_characters_is_remembered(ledger):
    anna = '{"language":"en","speed":"1","voice":"anna"}'
    spoken(ledger, 5, anna, 300, 20)
    spoken(ledger, 6, '{"language":"en","speed":"1.25","voice":"anna"}', 600, 30, 2)
    spoken(ledger, 7, '{"speed":"1","voice":"anna"}', 100, 7)
    spoken(ledger, 8, '{"language":"en","speed":"1","voice":"ben"}', 100, 9)
    assert ledger.speech("anna", "en") == [(600, 32, Fraction(5, 4)), (300, 20, Fraction(1))]
    assert ledger.speech("anna") == [(100, 7, Fraction(1))]
    assert ledger.speech("clara", "en") == []


def test_only_what_was_billed_and_made_tells_how_long_a_text_takes(ledger):
    options = '{"voice":"anna"}'
    spoken(ledger, 5, options, 0, 20)  # no text
    spoken(ledger, 6, options, 100)  # no row
    spoken(ledger, 7, options, 100, None)  # a row without its seconds
    spoken(ledger, 8, options, 100, 5, cents=0)  # paid back
    move(ledger, spoken(ledger, 9, options, 100, 6), State.SAVED)
    assert ledger.speech("anna") == [(100, 6, Fraction(1))]
