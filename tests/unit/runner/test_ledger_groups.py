"""Reservations by the group are what they are one by one, in either store."""

import random
import threading
from pathlib import Path

import pytest

from manifests.money import Cents
from runner.ledger.interface import AlreadyLive, OverTheCap
from runner.ledger.recount import miscounted
from runner.ledger.rows import NewItem, Reservation


def item(number):
    return NewItem(
        line=f"l{number}", file=f"{number}.mp3", size=10, print="p", base="b", wanted="{}",
        content_key=f"{number:064x}", sha256="s", product="transcription", options="{}", generation=0,
        audio_bytes=5,
    )  # fmt: skip


@pytest.fixture
def ledger(store):
    made = store.open()
    with made.transaction():
        made.put_manifest("m1", Path("/m1.yaml"), Cents(100), 10)
        made.put_items("m1", [item(number) for number in range(1, 31)])
        made.allot("m1", 90)
    return made


def wish(part, ceiling=7, token="", currency="cents"):
    return Reservation(part, "m1", "transcription", token or f"t{part}", Cents(1), Cents(ceiling), currency)


def reserved(ledger, *wishes):
    return ledger.durably(lambda: ledger.reserve_many(wishes))


def test_a_group_is_reserved_in_its_order(ledger):
    made = reserved(ledger, *(wish(part) for part in range(1, 11)))
    assert [ledger.attempt(number).part_id for number in made] == list(range(1, 11))
    assert made == sorted(made)
    assert ledger.amounts("m1").reserved == 70
    assert ledger.allotted() == {"m1": 20}
    assert {str(ledger.part(part)[0]) for part in range(1, 11)} == {"reserved"}
    assert ledger.db.execute("SELECT count(*) FROM history").fetchone()[0] == 10
    assert not list(miscounted(ledger.db))


def test_what_the_cap_leaves_is_taken_and_the_rest_is_refused(ledger):
    made = reserved(ledger, wish(1, 60), wish(2, 50), wish(3, 40), wish(4, 1))
    assert [type(each) for each in made] == [int, OverTheCap, int, OverTheCap]
    assert ledger.amounts("m1").reserved == 100


def test_a_part_that_is_bought_already_stops_none_of_the_others(ledger):
    reserved(ledger, wish(2, token="first"))
    made = reserved(ledger, wish(1), wish(2), wish(3), wish(3, token="twice"))
    assert [type(each) for each in made] == [int, AlreadyLive, int, AlreadyLive]
    assert ledger.amounts("m1").reserved == 21


def test_cents_and_credits_have_a_cap_each(ledger):
    made = reserved(ledger, wish(1, 99), wish(2, 10, currency="credits"), wish(3, 2), wish(4, 1))
    assert [type(each) for each in made] == [int, int, OverTheCap, int]
    assert (ledger.amounts("m1").reserved, ledger.credits("m1").reserved) == (100, 10)
    assert not ledger.allotted()["m1"]


def test_many_hosts_at_once_never_pass_the_cap_and_buy_nothing_twice(store, ledger):
    """Each wants all thirty parts, three cents apiece, of a hundred: all are bought once."""
    hosts = [store.open() for _ in range(4)]
    together = threading.Barrier(len(hosts))
    found = {number: [] for number in range(len(hosts))}

    def buy(number):
        together.wait(30)
        for first in range(1, 31, 5):
            wishes = [wish(part, 4, f"h{number}-{part}") for part in range(first, first + 5)]
            found[number] += reserved(hosts[number], *wishes)

    if store.name == "sqlite":  # whose connections stay with their thread
        pytest.skip("tests/faults/test_cap.py has processes for that")
    threads = [threading.Thread(target=buy, args=(number,)) for number in found]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    bought = [each for one in found.values() for each in one if isinstance(each, int)]
    assert len(bought) == len(set(bought)) == 25
    assert ledger.amounts("m1").reserved == 100
    assert not list(miscounted(ledger.db))


@pytest.mark.parametrize("seed", range(20))
def test_any_group_is_what_it_is_one_by_one(store, seed):
    """The same random wishes, in groups and singly, on two manifests of one ledger."""
    draw = random.Random(seed)
    ledger = store.open()
    with ledger.transaction():
        for name in ("a", "b"):
            ledger.put_manifest(name, Path("/m"), Cents(40), 15)
        ledger.put_items("a", [item(number) for number in range(1, 11)])
        ledger.put_items("b", [item(number) for number in range(11, 21)])
    wishes = [
        (draw.randint(1, 10), draw.randint(1, 15), draw.choice(["cents", "cents", "credits"]))
        for _ in range(12)
    ]
    kinds = []
    for name, beyond, size in (("a", 0, draw.randint(2, 10)), ("b", 10, 1)):
        asked = [
            Reservation(
                part + beyond, name, "transcription", f"{name}{number}", Cents(1), Cents(ceiling), currency
            )
            for number, (part, ceiling, currency) in enumerate(wishes)
        ]
        made = []
        for first in range(0, len(asked), size):
            made += reserved(ledger, *asked[first : first + size])
        kinds.append([type(each) for each in made])
    assert kinds[0] == kinds[1]
    assert ledger.amounts("a") == ledger.amounts("b")
    assert ledger.credits("a") == ledger.credits("b")
