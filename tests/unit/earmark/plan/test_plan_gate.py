from fractions import Fraction

import pytest

from earmark.plan_gate import Funds, gate_of
from earmark.wallet_lookup import Moved, NoWallet, WalletView, moved
from manifests import catalogue
from manifests.budget import Amounts, Verdict
from manifests.money import ZERO, Cents
from manifests.pilot import Sampler
from planner.fitting import Candidates, Prefer
from planner.pricing import paid_before

TRANSCRIPTION = catalogue.load().product("transcription")
KARAOKE = catalogue.load().product("stems:karaoke")
LIVE = {"transcription": Fraction(1), "stem_extraction": Fraction(10)}


def funds(balance, held=0, spent=0):
    view = WalletView(Cents(balance), LIVE)
    return Funds(view, Cents(held), Amounts(ZERO, spent=Cents(spent)))


def gate(lines, money, caps=()):
    sampler = Sampler()
    sampler.add([line.item for line in lines], 0)
    return gate_of(money, Candidates(lines), [TRANSCRIPTION], caps, sampler)


@pytest.fixture
def lines(priced):
    """100, 300 and 10 minutes: 101, 301 and 11 cents at most; the first is the newest."""
    return [
        priced("a.mp3", ms=6_000_000, mtime_ns=9),
        priced("b.mp3", ms=18_000_000, mtime_ns=5),
        priced("c.mp3", ms=600_000, mtime_ns=1),
    ]


def test_prices_that_cannot_be_read_are_no_prices_that_moved(lines):
    view = WalletView(Cents(413), None)
    found = gate(lines, Funds(view, ZERO, Amounts(ZERO)))
    assert (found.decision.verdict, found.moved) == (Verdict.PASS, ())


def test_without_a_wallet_there_is_no_gate(lines):
    assert gate(lines, Funds(None, ZERO, Amounts(ZERO))) is None
    silent = NoWallet("no connection")
    assert gate(lines, Funds(silent, ZERO, Amounts(ZERO))) is silent
    assert Funds(silent, ZERO, Amounts(ZERO)).purse is None


def test_the_gate_counts_ceilings(lines):
    assert gate(lines, funds(413)).decision.verdict is Verdict.PASS
    short = gate(lines, funds(412)).decision
    assert (short.verdict, short.short) == (Verdict.OVER_BALANCE, 1)


def test_what_running_jobs_hold_is_not_free(lines):
    assert gate(lines, funds(500, held=100)).decision.short == 13


def test_what_was_spent_before_is_no_part_of_the_need(lines):
    assert gate(lines, funds(413, spent=1000)).decision.passes


def test_the_smallest_cap_counts(lines):
    assert gate(lines, funds(5000), [Cents(900), Cents(400)]).decision.verdict is Verdict.OVER_CAP


def test_the_offer_for_now_keeps_the_newest(lines):
    made = gate(lines, funds(250))
    assert (made.fits_now.room, made.fits_now.prefer) == (250, Prefer.NEWEST)
    assert (made.fits_now.items, made.fits_now.ceiling) == (2, 112)


def test_a_pilot_is_offered_in_whole_dollars_with_what_it_costs_at_most(priced):
    many = [priced(f"{n % 9}/{n}.mp3", ms=600_000 * (n % 9 + 1)) for n in range(18)]
    made = gate(many, funds(5000)).try_first
    assert (made.room, made.items, made.ceiling) == (200, 3, 21 + 51 + 81)
    assert gate(many, funds(made.ceiling - 1)).try_first is None


def test_a_pilot_that_is_no_small_part_of_the_plan_is_not_offered(lines):
    assert gate(lines, funds(5000)).try_first is None


def test_where_no_manifest_is_written_no_pilot_is_offered(priced):
    many = [priced(f"{n}.mp3", ms=600_000 * n) for n in range(1, 10)]
    assert gate_of(funds(5000), Candidates(many), [TRANSCRIPTION], ()).try_first is None


def test_an_empty_wallet_offers_nothing(lines):
    made = gate(lines, funds(0))
    assert (made.fits_now, made.try_first) == (None, None)


def test_a_plan_that_costs_little_needs_no_pilot(priced):
    few = [priced(f"{n}.mp3", ms=600_000) for n in range(9)]
    assert gate(few, funds(500)).try_first is None


def test_what_is_paid_before_is_no_offer(priced):
    assert gate([paid_before(priced()), priced("b.mp3", ms=600_000)], funds(5)).fits_now is None


def test_prices_that_moved_are_named_with_the_variants_multiplier():
    products = (TRANSCRIPTION, KARAOKE)
    assert moved(products, LIVE) == ()
    assert moved(products, {**LIVE, "stem_extraction": Fraction(12)}) == (
        Moved("stems:karaoke", Fraction(15), Fraction(18)),
    )
    assert moved(products, {"stem_extraction": Fraction(10)}) == (Moved("transcription", Fraction(1), None),)
