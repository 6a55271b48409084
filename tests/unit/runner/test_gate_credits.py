"""The gate and credits: two purses, one gate; either refuses all, and nothing is ever added."""

from dataclasses import replace

import pytest

from manifests.budget import Verdict
from manifests.money import Cents
from manifests.states import State
from runner.api.interface import Balance, Wallet
from runner.engine.task import Target, Task
from runner.gate import Gate
from runner.ledger.rows import Reservation
from runner.prepare import check, new_items
from support.small_run import PROBES, manifest_of


def task(part_id, ceiling, service="denoise"):
    product = "denoise:balanced" if service == "denoise" else service
    amounts = Cents(ceiling - 1), Cents(ceiling)
    targets = [Target(part_id, "a.mp3", "a", {})]
    return Task(part_id, "m1", product, service, "k", {}, State.PLANNED, *amounts, targets=targets)


def cents(part_id, ceiling):
    return task(part_id, ceiling, "transcription")


def wallet(credits_, balance=1000):
    return Wallet(Balance(Cents(balance), Cents(0)), credits_)


@pytest.fixture
def gate(desk):
    with desk.ledger.transaction():
        desk.ledger.put_manifest("m1", desk.folder / "m.yaml", Cents(100), 2000)
        desk.ledger.put_manifest("m2", desk.folder / "m2.yaml", Cents(100), 9000)
        found = check(desk.lines(manifest_of([desk.item(f"{n}.mp3") for n in range(4)])).values(), PROBES)
        desk.ledger.put_items("m1", list(new_items(found, {}, PROBES)))

    def make(max_credits=2000, *, fits=False):
        return Gate(desk.ledger, desk.locks, "m1", fits=fits, max_credits=max_credits)

    return make


def reserve(desk, part_id, ceiling, manifest_id="m1"):
    with desk.ledger.transaction():
        amounts = Cents(ceiling), Cents(ceiling)
        wish = Reservation(part_id, manifest_id, "denoise", f"t{part_id}", *amounts, "credits")
        return desk.ledger.reserve(wish)


def test_credits_pass_within_their_own_cap_and_leave_the_allotment_to_the_wallet(desk, gate):
    passage = gate().decide([task(1, 1320), cents(2, 40)], wallet(9000))
    assert passage.passes
    assert [each.part_id for each in passage.tasks] == [1, 2]
    assert (passage.decision.needed, passage.credits.needed) == (40, 1320)
    assert desk.ledger.allotted() == {"m1": 40}


@pytest.mark.parametrize(
    ("max_credits", "account", "verdict", "available"),
    [
        (0, 9000, Verdict.OVER_CAP, 0),
        (1319, 9000, Verdict.OVER_CAP, 1319),
        (2000, 1319, Verdict.OVER_BALANCE, 1319),
        (2000, 0, Verdict.OVER_BALANCE, 0),
        (1320, None, Verdict.PASS, 1320),
    ],
)
def test_a_credit_too_many_refuses_everything(desk, gate, max_credits, account, verdict, available):
    passage = gate(max_credits).decide([task(1, 1320), cents(2, 40)], wallet(account))
    assert passage.credits.verdict is verdict
    assert passage.credits.available == available
    assert passage.decision.passes
    if verdict is not Verdict.PASS:
        assert (passage.passes, passage.tasks, desk.ledger.allotted()) == (False, (), {})


def test_a_cent_too_many_refuses_the_credits_too(gate):
    passage = gate().decide([task(1, 1320), cents(2, 101)], wallet(9000))
    assert (passage.passes, passage.tasks) == (False, ())
    assert passage.credits.passes


def test_what_is_committed_and_what_other_manifests_hold_counts(desk, gate):
    reserve(desk, 1, 600)
    reserve(desk, 2, 3000, "m2")
    assert gate().decide([task(3, 1401)], wallet(9000)).credits.verdict is Verdict.OVER_CAP
    passage = gate().decide([task(3, 1400)], wallet(4999))
    assert (passage.credits.verdict, passage.held_credits) == (Verdict.OVER_BALANCE, 3600)
    assert gate().decide([task(3, 1400)], wallet(5000)).passes


def test_a_run_without_max_credits_has_none_whatever_an_earlier_one_had(gate):
    assert gate(0).credits().cap == 0
    assert gate(0).decide([task(1, 1)], wallet(9000)).credits.verdict is Verdict.OVER_CAP


def test_fit_takes_in_order_what_each_purse_allows(gate):
    tasks = [task(1, 1500), cents(2, 90), task(3, 600), cents(4, 20), task(5, 500)]
    passage = gate(fits=True).decide(tasks, wallet(9000))
    assert [each.part_id for each in passage.tasks] == [1, 2, 5]
    assert [each.part_id for each in passage.left_out] == [3, 4]
    without = gate(0, fits=True).decide(tasks, wallet(9000))
    assert [each.part_id for each in without.tasks] == [2]


def test_only_credits_need_no_cent(gate):
    assert gate().decide([task(1, 1320)], wallet(1320, balance=0)).passes


def test_it_is_worth_asking_again_once_a_purse_that_was_short_holds_less(desk, gate):
    attempt = reserve(desk, 2, 3000, "m2")
    short = gate().decide([task(1, 1320)], wallet(4000))
    assert not gate().may_have_freed(short)
    over_cap = replace(short, credits=replace(short.credits, verdict=Verdict.OVER_CAP))
    with desk.ledger.transaction():
        desk.ledger.db.execute("UPDATE attempts SET hold = 0 WHERE id = ?", (attempt,))
    assert gate().may_have_freed(short)
    assert not gate().may_have_freed(over_cap)


def test_a_person_is_asked_with_both_amounts_apart(gate):
    offer = gate().offer([task(1, 1320), cents(2, 40)], wallet(9000))
    assert (offer.items, offer.expected, offer.ceiling) == (2, 39, 40)
    assert (offer.credits_expected, offer.credits_ceiling, offer.credits.cap) == (1319, 1320, 2000)
