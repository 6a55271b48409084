"""What triggers and constraints promise is kept in either store, whatever shape they have there."""

from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from manifests.keys import content_key
from manifests.money import Cents
from manifests.states import State
from runner.ledger import checking
from runner.ledger.db import Refused
from runner.ledger.interface import OverTheCap
from runner.ledger.postgres import reserving
from runner.ledger.rows import Adoption, Move, NewItem, Reservation


@pytest.fixture
def ledger(store):
    made = store.open()
    with made.transaction():
        made.put_manifest("m1", Path("/m1.yaml"), Cents(100), 50)
        made.put_items("m1", [item(number) for number in range(1, 8)])
    return made


def item(number):
    digest = f"{number:064x}"
    return NewItem(
        line=f"l{number}", file=f"{number}.mp3", size=10, print="p", base="b", wanted="{}",
        content_key=content_key(digest, "transcription", {}, 0), sha256=digest, product="transcription",
        options="{}", generation=0, audio_bytes=5,
    )  # fmt: skip


def wish(part, ceiling, currency="cents"):
    return Reservation(part, "m1", "transcription", f"t{part}", Cents(0), Cents(ceiling), currency)


class Enough(Exception):
    """Ends a transaction of which nothing is to stay."""


UNGUARDED = {
    "sqlite": "DROP TRIGGER reserving_stays_under_the_cap",
    "postgres": "ALTER TABLE attempts DISABLE TRIGGER reserving_stays_under_the_cap",
}


@contextmanager
def unguarded(store, ledger):
    """A transaction in which no trigger looks at the cap; nothing of it stays."""
    with suppress(Enough), ledger.transaction():
        ledger.db.execute(UNGUARDED[store.name])
        yield
        raise Enough


@pytest.mark.parametrize(("currency", "cap"), [("cents", 100), ("credits", 50)])
def test_a_constraint_stands_behind_the_check_of_a_reservation(store, ledger, currency, cap):
    with unguarded(store, ledger):
        ledger.reserve(wish(1, cap - 10, currency))
        with pytest.raises(OverTheCap):
            ledger.reserve(wish(2, 11, currency))
        ledger.reserve(wish(2, 10, currency))
        with pytest.raises(OverTheCap):
            ledger.reserve(wish(3, 1, currency))
        amounts = ledger.amounts("m1") if currency == "cents" else ledger.credits("m1")
        assert (amounts.reserved, amounts.left) == (cap, 0)


def test_a_group_whose_own_check_was_blind_meets_the_constraint(store, ledger, monkeypatch):
    monkeypatch.setattr(reserving, "_RESERVE", reserving._RESERVE.replace("c.total <= cap.room", "true"))
    with unguarded(store, ledger):
        made = ledger.reserve_many([wish(1, 60), wish(2, 50), wish(3, 40)])
        assert [type(each) for each in made] == [int, OverTheCap, int]
        assert ledger.amounts("m1").reserved == 100


def test_nothing_but_a_reservation_is_refused_for_a_cap_that_was_lowered(ledger):
    """Nor does what the cap left back then stand in the way."""
    with ledger.transaction():
        first, second = ledger.reserve_many([wish(1, 60), wish(2, 40)])
        ledger.put_manifest("m1", Path("/m1.yaml"), Cents(1), 0)
        ledger.reserve_many([wish(3, 0)])
        for attempt in (first, second):
            for state in (State.UPLOADING, State.SENDING, State.IN_DOUBT):
                ledger.move(Move(attempt, state))
        ledger.move(Move(second, State.GIVEN_UP))
        ledger.enlarge(first, Cents(90))
        ledger.move(Move(first, State.SUBMITTED, job_id="7"))
        ledger.adopt(Adoption(4, "m1", "transcription", "t4", Cents(80), Cents(80), "8"))
        ledger.adopt(Adoption(5, "m1", "denoise", "t5", Cents(80), Cents(80), "9", "credits"))
        ledger.add_extra_charge("m1", Cents(500), "account credits fell")
    amounts = ledger.amounts("m1")
    assert (amounts.spent, amounts.reserved) == (540, 170)
    with ledger.transaction():
        refused = ledger.reserve_many([wish(6, 1), wish(6, 0), wish(7, 0, "credits")])
        assert [type(each) for each in refused] == [OverTheCap] * 3
        ledger.put_manifest("m1", Path("/m1.yaml"), Cents(711), 80)
        made = ledger.reserve_many([wish(6, 1), wish(7, 0, "credits")])
    assert [type(each) for each in made] == [int, int]
    assert ledger.amounts("m1").left == 0
    assert not list(checking.findings(ledger.db))


NEVER = (
    "DELETE FROM attempts",
    "UPDATE attempts SET currency = 'credits'",
    "UPDATE attempts SET purse = 'lost'",
    "UPDATE attempts SET hold = -1",
    "UPDATE attempts SET purse = 'none'",
    "UPDATE attempts SET ceiling = expected - 1",
    "UPDATE attempts SET part_id = 99",
    "UPDATE attempts SET manifest_id = 'm9'",
    "UPDATE manifests SET room = -1",
    "UPDATE manifests SET credits_room = -1",
    "UPDATE manifests SET reserved = -1",
    "INSERT INTO allotments VALUES ('m1', -1)",
    "INSERT INTO parts (purchase_id) SELECT purchase_id FROM parts",
)


def test_what_must_never_be_is_refused_in_either_store(ledger):
    with ledger.transaction():
        ledger.reserve(Reservation(1, "m1", "transcription", "t1", Cents(2), Cents(3)))
    for statement in NEVER:
        with pytest.raises(Refused), ledger.transaction(), ledger.db.tentative():
            ledger.db.execute(statement)
    assert ledger.amounts("m1").reserved == 3
    assert not list(checking.findings(ledger.db))
