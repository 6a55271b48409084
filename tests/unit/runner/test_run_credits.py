"""A run that spends the account's credits: its own cap, its own refusal, a session token or nothing."""

from fractions import Fraction

import pytest

from manifests.budget import Verdict
from manifests.exits import Exit
from runner.api.errors import SessionRefused
from runner.engine.world import Stop
from runner.report import Fate
from support.small_run import RATES, manifest_of

DENOISE = "denoise:balanced"


@pytest.fixture
def rich(desk):
    """A desk whose account has credits."""
    desk.api.credits_left = 9000
    return desk


def both(desk):
    """A manifest with a line for each purse."""
    return manifest_of([desk.item("a.mp3"), desk.item("b.mp3", DENOISE)])


def run(desk, manifest, **options):
    return desk.run(manifest, **{"logged_in": True, **options})


def test_each_purse_pays_its_own_lines(rich):
    report = run(rich, both(rich), max_credits=2000)
    assert report.exit is Exit.DONE
    assert (report.credits.spent, report.credits.cap, report.credits_left) == (660, 2000, 8340)
    assert report.amounts.committed <= 2
    assert [item.currency for item in report.items] == ["cents", "credits"]
    assert report.uses_credits
    assert not any(stop for stop, _ in report.stops)


@pytest.mark.parametrize(("allowed", "available"), [(None, 0), (0, 0), (671, 671)])
def test_too_few_credits_allowed_refuses_all_and_submits_nothing(rich, allowed, available):
    report = run(rich, both(rich), max_credits=allowed)
    assert report.exit is Exit.REFUSED
    assert report.refused is None
    assert report.credits_refused.verdict is Verdict.OVER_CAP
    assert (report.credits_refused.needed, report.credits_refused.available) == (672, available)
    assert rich.api.orders == []


def test_too_few_credits_at_the_account_refuse_all(rich):
    rich.api.credits_left = 100
    report = run(rich, both(rich), max_credits=2000)
    assert report.credits_refused.verdict is Verdict.OVER_BALANCE
    assert (report.exit, rich.api.orders) == (Exit.REFUSED, [])


def test_a_second_run_needs_no_credits_for_what_is_paid(rich):
    manifest = both(rich)
    run(rich, manifest, max_credits=700)
    report = run(rich, manifest)
    assert report.exit is Exit.DONE
    assert (report.credits.spent, report.credits.cap) == (660, 700)


def test_credits_can_be_all_that_is_spent(rich):
    report = run(rich, both(rich), spend=0, max_credits=700, fit=True)
    assert [item.fate for item in report.items] == [Fate.WAITING, Fate.SAVED]
    assert report.amounts.committed == 0


# -- the login -----------------------------------------------------------------------------


def test_without_a_session_token_nothing_is_submitted_and_the_reason_is_told(rich):
    report = run(rich, both(rich), max_credits=2000, logged_in=False)
    assert report.exit is Exit.KEY
    told = dict(report.stops)[Stop.SESSION]
    assert told == (
        "denoise needs a session token, the key does not open it: log in and set AUDIOPOD_SESSION_TOKEN,"
        " or take the denoise line out of the manifest"
    )
    assert rich.api.orders == []
    assert "pages" not in rich.api.calls


def test_without_a_session_token_what_runs_is_seen_through(rich):
    manifest = manifest_of([rich.item("a.mp3"), rich.item("b.mp3", DENOISE), rich.item("c.mp3", DENOISE)])
    run(rich, manifest_of(list(manifest.items[:1])))
    report = run(rich, manifest, max_credits=2000, logged_in=False)
    assert [item.fate for item in report.items] == [Fate.SAVED, Fate.WAITING, Fate.WAITING]
    assert "take the 2 denoise lines out" in dict(report.stops)[Stop.SESSION]


def test_a_session_token_that_has_expired_is_not_taken_for_a_refused_key(rich):
    rich.api.errors["pages"] = [SessionRefused("401: expired; check AUDIOPOD_SESSION_TOKEN")]
    report = run(rich, manifest_of([rich.item("b.mp3", DENOISE)]), max_credits=2000)
    assert dict(report.stops) == {Stop.SESSION: "401: expired; check AUDIOPOD_SESSION_TOKEN"}
    assert report.exit is Exit.KEY


def test_fit_without_credits_leaves_their_lines_out_and_needs_no_login(rich):
    report = run(rich, both(rich), fit=True, logged_in=False)
    assert [item.fate for item in report.items] == [Fate.SAVED, Fate.WAITING]
    assert (report.left_by_fit, report.exit) == (1, Exit.STOPPED_AS_TOLD)
    again = run(rich, both(rich), fit=True, max_credits=2000, logged_in=False)
    assert again.exit is Exit.KEY


# -- alarms --------------------------------------------------------------------------------


def test_what_the_jobs_take_is_no_alarm_and_what_else_falls_is(rich):
    rich.api.credits_each = 1422  # 750 more than it can cost
    report = run(rich, both(rich), max_credits=2000)
    assert report.exit is Exit.OUT_OF_MONEY
    assert "fell by 750 (about $0.10) more than" in dict(report.stops)[Stop.CREDITS]
    assert report.credits.spent == 660
    assert report.amounts.spent >= 10


# -- prices that rose ----------------------------------------------------------------------


def test_after_prices_rose_the_report_says_what_the_rest_costs_now(rich):
    rich.api.live["transcription"] = Fraction(3)
    report = run(rich, both(rich), max_credits=2000)
    assert report.exit is Exit.STALE
    assert report.repriced == 4  # a minute at 3 cents, at most
    assert rich.api.orders == []
    assert RATES["transcription"] == 1
