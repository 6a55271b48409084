"""A service that is down, silent, dearer than it was, or whose jobs fail."""

from dataclasses import replace
from itertools import count

import pytest

from earmark.main import load, through_the_door
from manifests.exits import Exit
from runner.report import Fate
from support.other_books import CENTS
from support.other_dialect import (
    TEXTS_ONLY,
    Dialect,
    silent,
    usd,
)
from support.other_shop import both, check_honest, hasty


def test_a_service_that_never_says_a_word_is_given_up(shop):
    it = shop(Dialect(before=lambda handler: silent(handler, None)))
    it.plan()
    report = it.run(api=hasty(it))
    assert report.exit is Exit.SERVICE_DOWN
    assert "no answer in time" in report.stops[0][1]


@pytest.mark.parametrize("path", ["/balance", "/pricing", "transcription/jobs"])
def test_a_service_that_is_down_where_the_money_is_decided_stops_the_run(shop, path):
    it = shop(Dialect(answers={path: 500}))
    it.plan()
    report = it.run()
    check_honest(it, report)
    assert report.exit is Exit.SERVICE_DOWN
    assert path in report.stops[0][1]
    assert it.sim.posts == []


@pytest.mark.parametrize("word", ["FAILED", "failed", "ERROR", "CANCELLED", "canceled"])
def test_a_failed_job_costs_nothing_and_is_tried_again(shop, word):
    it = shop(Dialect(ends=word))
    it.plan()
    report = it.run()
    check_honest(it, report)
    assert report.exit is Exit.SOME_FAILED
    assert {item.fate for item in report.items} == {Fate.FAILED}
    released = it.run(max_tries=1)
    assert released.amounts.committed == it.sim.spent_cents == 0
    assert len(it.sim.ours) == 2
    assert it.run(max_tries=2).submitted == 2


def test_a_word_that_nobody_knows_is_waited_for_and_named(shop):
    it = shop(Dialect(ends="ARCHIVED"))
    it.plan()
    report = it.run(patience=replace(it.patience, job=0.5))
    check_honest(it, report)
    assert report.exit is Exit.SERVICE_DOWN
    assert {item.fate for item in report.items} == {Fate.RUNNING}
    assert any("ARCHIVED" in note for note in report.notes)


@pytest.mark.parametrize(("more", "code"), [(1, Exit.DONE), (30, Exit.OUT_OF_MONEY)])
def test_what_is_charged_counts_and_not_what_was_planned(shop, more, code):
    def dearer(row: dict) -> dict:
        return {
            **row,
            "amount_cents": row["amount_cents"] + more,
            "amount_usd": usd(row["amount_cents"] + more),
        }

    it = shop(Dialect(row=dearer), "a.wav")
    (it.folder / "media" / "a.wav").unlink()
    it.record("a.wav", seconds=60)
    it.plan()
    report = it.run()
    check_honest(it, report)
    assert report.exit is code
    assert report.amounts.spent == 1 + more


def test_a_price_that_rose_is_stale(shop):
    dear = {name: {"rate_per_minute": f"${cents / 50:.2f}/min"} for name, cents in CENTS.items()}
    it = shop(Dialect(prices=lambda body: {"services": dear}))
    both(it)
    report = it.run()
    check_honest(it, report)
    assert report.exit is Exit.STALE
    assert it.sim.posts == []


def test_a_wallet_that_cannot_pay_is_refused_before_anything_is_sent(shop):
    it = shop(Dialect(wallet_cents=3, purse=TEXTS_ONLY))
    it.plan()
    report = it.run()
    check_honest(it, report)
    assert report.exit is Exit.REFUSED
    assert it.sim.posts == []


def test_credits_that_fall_stop_the_run(shop):
    levels = count(1500, -10)
    it = shop(Dialect(credits=lambda: {"payg_balance": 0, "total_available_credits": next(levels)}))
    it.plan()
    report = it.run()
    check_honest(it, report)
    assert report.exit is Exit.OUT_OF_MONEY
    assert "credits fell" in report.stops[0][1]


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/pricing", 404, "Wallet $50.00: enough."),
        ("/pricing", 422, "Wallet $50.00: enough."),
        ("/balance", 401, "Wallet not known: /api/v1/api-wallet/balance: the key was refused"),
        ("/balance", 403, "Wallet not known: /api/v1/api-wallet/balance: refused (403"),
        ("/balance", 404, "Wallet not known: /api/v1/api-wallet/balance: no longer there"),
    ],
)
def test_a_plan_is_complete_whatever_the_wallet_says(shop, monkeypatch, capsys, path, status, words):
    it = shop(Dialect(answers={path: status}))
    monkeypatch.setenv("AUDIOPOD_API_KEY", it.sim.key)
    monkeypatch.setenv("AUDIOPOD_BASE_URL", it.sim.url)
    output = it.folder / "manifest.yaml"
    arguments = [str(it.folder / "media"), "--service", "transcription", "-o", str(output)]
    assert through_the_door("plan", lambda: load("plan"), arguments) == 0
    assert words in capsys.readouterr().out
    assert output.is_file()
