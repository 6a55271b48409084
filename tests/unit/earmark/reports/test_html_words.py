"""What a page says in words: the sentence, the bar, the facts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from earmark.reports.document import Besides, Credits, Money, Pilot, PilotRest, Refusal
from earmark.reports.html_words import THIN, bar, below, bought, facts, lead, limit
from support.made_reports import gate, item, made, of, planned

SOME = st.integers(0, 10_000)


def told(report) -> dict[str, str]:
    return {each.name: f"{each.figure} | {each.about}".rstrip(" |") for each in facts(report)}


def test_the_sentence_tells_items_and_amounts():
    lines = [item(f"{number}.mp3", ceiling=10) for number in range(37)]
    lines += [
        item("x.mp3", fate="in doubt", charged=None, held=21),
        item("y.mp3", fate="failed", charged=None),
    ]
    money = Money(cap=400, spent=370, reserved=0, in_doubt=21, left=9, over=0)
    assert lead(of(lines, amounts=money)) == "37 of 39 items done, $3.70 of $4.00 spent, $0.21 in doubt"


def test_a_run_under_way_is_told_so_far():
    money = Money(cap=400, spent=10, reserved=30, in_doubt=0, left=360, over=0)
    report = of([item(), item(fate="running", charged=None, held=30)], amounts=money, running=True)
    assert lead(report) == "So far 1 of 2 items done, $0.10 of $4.00 spent, $0.30 reserved"


def test_what_passed_the_cap_is_in_the_sentence():
    money = Money(cap=10, spent=12, reserved=0, in_doubt=0, left=0, over=2)
    assert lead(of([item(charged=12)], amounts=money)).endswith("$0.12 of $0.10 spent, $0.02 over the cap")


def test_credits_are_told_apart():
    purse = Credits(
        cap=2000, spent=660, reserved=0, in_doubt=0, left=1340, over=0, worth_cents=9, account=1500
    )
    report = of([item()], credits=purse)
    assert lead(report).endswith(", 660 of 2,000 credits spent")
    assert told(report)["Credits"].startswith("660 of 2,000 credits | $0.0")
    assert told(report)["Credits"].endswith("in no sum of dollars; 1,500 in the account")


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("1 of 2 items done, $0.10 of $1.00 spent.", ""),
        ("A run is under way: 1 of 2 items done, $0.10 of $1.00 spent.", "A run is under way."),
        ("STOPPED, exit 4: the wallet ran dry.", "STOPPED, exit 4: the wallet ran dry."),
    ],
)
def test_nothing_is_said_twice(sentence, words):
    lead_ = "So far 1 of 2 items done, $0.10 of $1.00 spent"
    assert below(of([item()], sentence=sentence), lead_) == words


@pytest.mark.parametrize("how", [{"made_by": "plan"}, {"made_by": "report", "outcome": "never run"}])
def test_before_anything_is_bought_it_says_what_it_would_cost(how):
    lines = [item(f"{number}.mp3", fate="waiting", charged=None) for number in range(3)]
    report = of(lines, **how)
    assert lead(report) == "3 items to buy for $0.30, at most $0.33"
    fates = [replace(report.fates[0], shared=2)]
    services = [replace(report.services[0], expected=0, ceiling=0, credits=660, credits_ceiling=671)]
    words = "1 item to buy for 660 credits, at most 671 credits"
    assert lead(replace(report, fates=fates, services=services)) == words
    assert not bought(report)
    fates = [replace(report.fates[0], shared=3)]
    assert lead(replace(report, fates=fates)) == "Nothing to pay: 3 items paid for already"


def test_a_plan_with_nothing_to_buy_says_its_own_sentence():
    assert lead(of([], made_by="plan", sentence="Nothing to buy.")) == "Nothing to buy."
    assert lead(of([], sentence="no.yaml: no such file")) == "no.yaml: no such file"


def test_what_may_have_been_paid_is_bought():
    assert bought(of([item(fate="in doubt", charged=None, held=11)]))
    assert bought(of([item(charged=0, expected=0)]))  # had for nothing


def test_a_report_without_amounts_still_says_how_far_it_is():
    assert lead(of([item()], amounts=None)) == "1 of 1 item done"


@given(SOME, SOME, SOME, SOME)
def test_the_parts_fill_the_bar_and_none_is_too_thin_to_be_seen(spent, reserved, in_doubt, left):
    cap = spent + reserved + in_doubt + left
    pieces = bar(Money(cap=cap, spent=spent, reserved=reserved, in_doubt=in_doubt, left=left, over=0))
    assert [each.cents for each in pieces] == [spent, reserved, in_doubt, left]
    if not cap:
        assert {each.width for each in pieces} == {0.0}
        return
    assert sum(each.width for each in pieces) == pytest.approx(100, abs=0.01)
    assert all(each.width >= THIN if each.cents else each.width == 0 for each in pieces)
    assert [each.start for each in pieces] == sorted(each.start for each in pieces)


def test_what_passed_the_cap_has_its_place_in_the_bar():
    money = Money(cap=300, spent=400, reserved=0, in_doubt=0, left=0, over=100)
    assert limit(money) == 75
    assert limit(replace(money, over=0)) is None


def test_where_only_credits_are_spent_no_dollars_are_told():
    money = Money(cap=0, spent=0, reserved=0, in_doubt=0, left=0, over=0)
    purse = Credits(cap=9, spent=5, reserved=0, in_doubt=0, left=4, over=0, worth_cents=0, account=None)
    assert lead(of([item()], amounts=money, credits=purse)) == "1 of 1 item done, 5 of 9 credits spent"


def test_facts_are_only_what_there_is():
    assert set(told(of([item(ms=0)], wallet=None, planned=None, effort=None))) == set()
    whole = told(made(60))
    assert set(whole) == {"Length", "Saved", "Took", "Wallet"}
    assert whole["Wallet"] == "$50.00 | $2.77 to $3.23 went to something else on this account"
    assert whole["Took"].startswith("3 h 04 min | ")


def test_why_the_gate_refused_is_a_fact():
    refusal = Refusal("over_balance", needed=900, available=100, short=800, limit=None, said_by=None)
    report = made(3)
    effort = replace(report.effort, refused=refusal, credits_refused=refusal, repriced=950, left_by_fit=2)
    facts_of = told(replace(report, effort=effort))
    assert facts_of["Refused"] == "$9.00 needed | $1.00 available, $8.00 short"
    assert facts_of["Credits refused"].startswith("900 credits needed")
    assert facts_of["Prices rose"].startswith("$9.50 at most")
    assert facts_of["Left out by --fit"].startswith("2 items")


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ({}, "$50.00 | $127.31 short"),
        ({"short": 0}, "$50.00 | enough"),
        ({"balance": None, "reason": "no key"}, "not known | no key"),
    ],
)
def test_a_plan_tells_what_the_wallet_says(rest, words):
    lines, view = [item(fate="waiting", charged=None)], planned(gate=gate(**rest))
    report = of(lines, made_by="plan", wallet=None, effort=None, planned=view)
    assert told(report)["Wallet"] == words
    assert told(replace(report, made_by="report"))["Wallet"] == f"{words}, when it was planned"
    assert "Wallet" not in told(of([item()], wallet=None, planned=view))


def test_what_is_in_no_item_is_told():
    besides = Besides(charged=31, held=5, credits_charged=0, credits_held=7)
    words = "$0.31 charged, $0.05 and 7 credits set aside"
    assert told(of([item()], besides=besides))["In no item"].startswith(words)
    assert "In no item" not in told(of([item()], besides=Besides(0, 0, 0, 0)))


def test_a_pilot_whose_rest_waits_is_a_fact_and_one_that_went_on_is_none():
    left = PilotRest(items=5, expected=50, likely=55, ceiling=60, credits=0, credits_ceiling=0)
    pilot = Pilot(items=3, saved=3, unbilled=0, expected=30, charged=33, above=0, agreed=False, rest=left)
    report = made(3)
    shown = told(replace(report, effort=replace(report.effort, pilot=pilot)))
    assert shown["Pilot"] == (
        "3 of 3 items saved, $0.33 charged"
        " | planned $0.30; 5 items left: $0.55 expected by its bills, at most $0.60"
    )
    agreed = replace(pilot, agreed=True)
    assert "Pilot" not in told(replace(report, effort=replace(report.effort, pilot=agreed)))
