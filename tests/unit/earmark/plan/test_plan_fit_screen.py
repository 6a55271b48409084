"""What --fit left out, and what more room would keep, on the screen and in the JSON document."""

import pytest

from earmark.planning import make_plan
from earmark.reports.of_planning import planned_of
from earmark.reports.planned import DidNotFit, Fit, Room
from earmark.screens.plan import render
from earmark.terminal import Terminal
from earmark.wallet_lookup import WalletView
from manifests.money import Cents

TEN_MINUTES = 600_000


@pytest.fixture
def six(world, recording):
    """Six recordings of ten minutes: 11 cents each at most."""
    names = ["0.mp3", "\x1b[2J.mp3", "2.mp3", "3.mp3", "4.mp3", "5.mp3"]
    world.found = [recording(name, ms=TEN_MINUTES, size=n) for n, name in enumerate(names, 1)]
    return world


def screen(world, **given):
    result = make_plan(world.given(fit=True, **given), world.ends())
    return [line.strip() for line in render(result, Terminal()).splitlines()]


def test_a_few_that_did_not_fit_are_named_and_the_next_cap(six):
    rows = screen(six, max_spend=Cents(11))
    start = rows.index(next(each for each in rows if each.startswith("did not fit")))
    assert rows[start].split() == ["did", "not", "fit", "5", "50", "min", "00", "s", "$0.50", "$0.55"]
    assert rows[start + 1 : start + 5] == [
        r"\x1b[2J.mp3 10:00 $0.10",
        "2.mp3 10:00 $0.10",
        "3.mp3 10:00 $0.10",
        "and 2 more; list: --show did-not-fit",
    ]
    assert "fit         $0.11 keeps 1 item; --max-spend 0.22 would keep 2; all 6: --max-spend 0.66" in rows


def test_all_that_did_not_fit_are_named_on_demand(six):
    rows = screen(six, max_spend=Cents(11), tells_all=True)
    assert "5.mp3 10:00 $0.10" in rows
    assert not [each for each in rows if "did-not-fit" in each]


def test_where_nothing_fits_the_first_cap_that_takes_something_is_named(six):
    rows = screen(six, max_spend=Cents(10))
    assert "fit         nothing fits; --max-spend 0.11 would keep 1; all 6: --max-spend 0.66" in rows


def test_the_cap_that_is_in_the_way_is_the_one_to_raise(six):
    for typed, cap in ((50, "EARMARK_MAX_SPEND="), (None, "EARMARK_MAX_SPEND="), (10, "--max-spend ")):
        rows = screen(six, max_spend=typed, outer_cap=Cents(11))
        (fit,) = [each for each in rows if each.startswith("fit")]
        assert fit.endswith(f"all 6: {cap}0.66")


def test_a_wallet_that_is_the_limit_is_to_be_filled(six):
    six.wallet = lambda: WalletView(Cents(15), {"transcription": 1})
    assert (
        "fit         $0.11 keeps 1 item; $0.22 in the wallet would keep 2; all 6: $0.66 in the wallet"
        in screen(six)
    )


def test_where_all_fits_nothing_is_said(six):
    assert not [each for each in screen(six, max_spend=Cents(66)) if each.startswith(("fit", "did"))]


def test_a_machine_is_told_every_item_that_did_not_fit(six):
    result = make_plan(six.given(max_spend=Cents(11), fit=True, tells_all=True), six.ends())
    found = planned_of(result)
    assert (len(found.did_not_fit_items), found.did_not_fit_more) == (5, 0)
    assert found.did_not_fit_items[1] == DidNotFit(
        "2.mp3", None, None, "transcription", TEN_MINUTES, cents=10, ceiling=11, credits=0
    )
    assert found.fit == Fit("cap", Room(1, 11), Room(2, 22), Room(6, 66))


def test_a_narrow_screen_has_no_empty_row_below_what_did_not_fit(six):
    result = make_plan(six.given(max_spend=Cents(11), fit=True), six.ends())
    assert all(line.strip() for line in render(result, Terminal(width=44)).splitlines())
