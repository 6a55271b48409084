"""The gate of a run: cap, wallet, other runs, live prices; refusing costs nothing."""

from fractions import Fraction

import pytest

from manifests.budget import Verdict
from manifests.money import Cents
from manifests.states import State
from runner.api.errors import CallRefused, Gone, KeyRefused, ServiceDown
from runner.api.interface import Balance, Wallet
from runner.engine.task import Target, Task
from runner.file_locks import FileLocks
from runner.gate import Gate, check_prices
from runner.ledger.rows import Reservation
from runner.prepare import check, new_items
from support.fake_api import FakeApi
from support.small_run import PROBES, manifest_of

PLANNED = {"transcription": Fraction(1), "stems:karaoke": Fraction(15)}


def task(part_id, ceiling, items=1):
    targets = [Target(number, "a.mp3", "a", {}) for number in range(items)]
    return Task(
        part_id,
        "m1",
        "transcription",
        "transcription",
        "k",
        {},
        State.PLANNED,
        Cents(ceiling - 1),
        Cents(ceiling),
        targets=targets,
    )


def wallet(cents):
    return Wallet(Balance(Cents(cents), Cents(0)))


@pytest.fixture
def gate(desk):
    with desk.ledger.transaction():
        desk.ledger.put_manifest("m1", desk.folder / "m.yaml", Cents(100))
        desk.ledger.put_manifest("m2", desk.folder / "m2.yaml", Cents(1000))
        found = check(desk.lines(manifest_of([desk.item(f"{n}.mp3") for n in range(4)])).values(), PROBES)
        desk.ledger.put_items("m1", list(new_items(found, {}, PROBES)))

    def make(*, fits=False, **beside):
        return Gate(desk.ledger, desk.locks, "m1", fits=fits, **beside)

    return make


def reserve(desk, part_id, ceiling, manifest_id="m1"):
    with desk.ledger.transaction():
        wish = Reservation(
            part_id, manifest_id, "transcription", f"t{part_id}", Cents(ceiling), Cents(ceiling)
        )
        desk.ledger.reserve(wish)


# -- the decision


def test_what_cap_and_wallet_allow_passes_and_is_allotted(desk, gate):
    passage = gate().decide([task(1, 40), task(2, 60)], wallet(100))
    assert passage.decision.passes
    assert [each.part_id for each in passage.tasks] == [1, 2]
    assert passage.left_out == ()
    assert desk.ledger.allotted() == {"m1": 100}


@pytest.mark.parametrize(
    ("ceilings", "balance", "verdict", "short"),
    [
        ((40, 61), 1000, Verdict.OVER_CAP, 1),
        ((40, 60), 99, Verdict.OVER_BALANCE, 1),
        ((1,), 0, Verdict.OVER_BALANCE, 1),
    ],
)
def test_a_cent_too_much_is_refused_and_nothing_is_allotted(desk, gate, ceilings, balance, verdict, short):
    tasks = [task(number, ceiling) for number, ceiling in enumerate(ceilings, 1)]
    passage = gate().decide(tasks, wallet(balance))
    assert (passage.decision.verdict, passage.decision.short) == (verdict, short)
    assert (passage.tasks, passage.left_out) == ((), ())
    assert desk.ledger.allotted() == {}


def test_nothing_to_buy_passes_even_with_an_empty_wallet(desk, gate):
    assert gate().decide([], wallet(0)).decision.passes
    assert desk.ledger.allotted() == {}


def test_what_was_committed_before_counts_against_the_cap(desk, gate):
    reserve(desk, 1, 50)
    assert gate().decide([task(2, 51)], wallet(1000)).decision.verdict is Verdict.OVER_CAP
    assert gate().decide([task(2, 50)], wallet(1000)).decision.passes


def test_the_holds_of_all_manifests_count_against_the_wallet(desk, gate):
    reserve(desk, 1, 30, "m2")
    reserve(desk, 2, 10, "m1")
    passage = gate().decide([task(3, 61)], wallet(100))
    assert passage.decision.verdict is Verdict.OVER_BALANCE
    assert passage.held == 40
    assert gate().decide([task(3, 60)], wallet(100)).decision.passes


def test_the_allotment_of_a_living_run_counts_that_of_a_dead_one_does_not(desk, gate):
    with desk.ledger.transaction():
        desk.ledger.allot("m2", 70)
    living = FileLocks(desk.folder / "state" / "locks")
    living.take("m2")
    assert gate().held() == 70
    assert gate().decide([task(1, 31)], wallet(100)).decision.verdict is Verdict.OVER_BALANCE
    living.release()
    assert gate().held() == 0
    assert gate().decide([task(1, 31)], wallet(100)).decision.passes


def test_a_run_s_own_allotment_is_not_counted_twice(desk, gate):
    assert gate().decide([task(1, 80)], wallet(100)).decision.passes
    assert gate().decide([task(1, 80)], wallet(100)).decision.passes
    assert desk.ledger.allotted() == {"m1": 80}


def test_a_withdrawn_allotment_is_free_again(desk, gate):
    gate().decide([task(1, 80)], wallet(100))
    gate().withdraw()
    assert desk.ledger.allotted() == {}


# -- --fit


@pytest.mark.parametrize(
    ("balance", "taken", "left"),
    [(1000, [1, 3], [2]), (60, [1, 3], [2]), (59, [1], [2, 3]), (0, [], [1, 2, 3])],
)
def test_fit_takes_in_order_what_cap_and_wallet_allow(desk, gate, balance, taken, left):
    passage = gate(fits=True).decide([task(1, 40), task(2, 90), task(3, 20)], wallet(balance))
    assert passage.decision.passes
    assert [each.part_id for each in passage.tasks] == taken
    assert [each.part_id for each in passage.left_out] == left
    assert sum(desk.ledger.allotted().values()) == sum({1: 40, 3: 20}[part] for part in taken)


# -- what a person is asked


def test_the_offer_names_items_and_both_amounts(desk, gate):
    offer = gate().offer([task(1, 40, items=2), task(2, 10)], wallet(500))
    assert (offer.items, offer.expected, offer.ceiling) == (3, 48, 50)
    assert (offer.amounts.cap, offer.wallet.balance.balance) == (100, 500)


# -- live prices


def test_prices_as_planned_are_no_matter():
    assert check_prices(FakeApi(), PLANNED, accept=False).problems == ()


@pytest.mark.parametrize("accept", [True, False])
def test_lower_prices_are_never_a_problem(accept):
    live = {"transcription": Fraction(1, 2), "stem_extraction": Fraction(9)}
    prices = check_prices(FakeApi(live=live), PLANNED, accept=accept)
    assert prices.problems == ()
    assert prices.rates == PLANNED  # a lower price may be gone before the next job


def test_dearer_prices_are_a_problem_with_both_figures():
    prices = check_prices(
        FakeApi(live={"transcription": Fraction(2), "stem_extraction": Fraction(11)}), PLANNED, accept=False
    )
    assert prices.problems == (
        "transcription costs 2 c/min now, the plan was made at 1 c/min",
        "stems:karaoke costs 16.5 c/min now, the plan was made at 15 c/min",
    )


def test_accepted_prices_are_the_higher_of_both():
    live = {"transcription": Fraction(1, 2), "stem_extraction": Fraction(11)}
    prices = check_prices(FakeApi(live=live), PLANNED, accept=True)
    assert prices.problems == ()
    assert prices.rates == {"transcription": Fraction(1), "stems:karaoke": Fraction(33, 2)}


@pytest.mark.parametrize("accept", [True, False])
def test_a_product_without_a_price_is_not_bought_whatever_is_accepted(accept):
    prices = check_prices(FakeApi(live={"transcription": Fraction(1)}), PLANNED, accept=accept)
    assert prices.problems == ("the service states no price for stems:karaoke any more",)


@pytest.mark.parametrize("refusal", [CallRefused("404 of /pricing"), Gone("404 of /pricing")])
def test_prices_that_may_not_be_read_are_said_and_stop_nothing(refusal):
    api = FakeApi()
    api.fail("rates", refusal)
    prices = check_prices(api, PLANNED, accept=False)
    assert (prices.rates, prices.problems) == (PLANNED, ())
    assert prices.note == "live prices could not be read: 404 of /pricing"


@pytest.mark.parametrize("error", [ServiceDown("503"), KeyRefused("401")])
def test_a_service_that_does_not_answer_is_not_bought_from(error):
    api = FakeApi()
    api.fail("rates", error)
    with pytest.raises(type(error)):
        check_prices(api, PLANNED, accept=False)


def test_a_hold_that_became_a_charge_while_the_wallet_was_read_still_counts(gate):
    """The balance may be older than the bill: neither shows that money any more."""
    made = gate()
    assert made.decide([task(1, 10)], wallet(12)).decision.passes
    made.withdraw()
    passage = made.decide([task(1, 10)], wallet(12), held_before=Cents(5))
    assert (passage.decision.verdict, passage.held) == (Verdict.OVER_BALANCE, 5)


# -- beside other runs of the same manifest


@pytest.mark.parametrize(
    ("ceiling", "balance", "passes"), [(70, 1000, True), (71, 1000, False), (70, 100, True), (70, 99, False)]
)
def test_what_runs_beside_were_let_through_is_not_let_through_again(desk, gate, ceiling, balance, passes):
    one = gate(beside=lambda: Cents(30))
    assert one.decide([task(1, ceiling)], wallet(balance)).decision.passes is passes


def test_an_allotment_beside_stays_when_this_one_is_written_and_withdrawn(desk, gate):
    one = gate(beside=lambda: Cents(30))
    one.decide([task(1, 40)], wallet(100))
    assert desk.ledger.allotted() == {"m1": 70}
    one.withdraw()
    assert desk.ledger.allotted() == {"m1": 30}


def test_a_gate_beside_others_takes_what_fits_into_what_they_leave(desk, gate):
    passage = gate(fits=True, beside=lambda: Cents(30)).decide([task(1, 40), task(2, 40)], wallet(1000))
    assert [each.part_id for each in passage.tasks] == [1]
