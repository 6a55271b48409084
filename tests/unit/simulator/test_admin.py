"""The addresses under `/_sim/`, by which another process looks into the books and changes the rules."""

from __future__ import annotations

import httpx
import pytest

AT_ONCE = {"job_seconds": 0, "job_seconds_per_minute": 0}


def test_the_books_can_be_read_from_outside(desk):
    open_desk = desk(wallet_cents=100, **AT_ONCE)
    open_desk.transcribe(60.25, language="en")
    books = httpx.get(f"{open_desk.sim.url}/_sim/books").json()
    assert (books["spent_cents"], books["balance_cents"], books["holds_cents"]) == (2, 98, 0)
    [job] = books["jobs"]
    assert (job["id"], job["status"], job["charged_cents"]) == (1001, "COMPLETED", 2)
    assert (job["order"]["measured"], job["order"]["options"]) == (60.25, {"language": "en"})
    assert [submit["job_id"] for submit in books["submits"]] == [1001]
    assert [charge["cents"] for charge in books["charges"]] == [2]


def test_books_with_something_unforeseen_are_a_bug():
    from simulator.admin import plain

    with pytest.raises(TypeError, match="no JSON"):
        plain(object())


@pytest.mark.parametrize(
    ("body", "balance"),
    [({"add_cents": 50}, 150), ({"add_cents": -30}, 70), ({"set_cents": 7}, 7), ({"set_cents": 500}, 500)],
)
def test_the_wallet_can_be_changed_from_outside(desk, body, balance):
    open_desk = desk(wallet_cents=100)
    answer = httpx.post(f"{open_desk.sim.url}/_sim/wallet", json=body)
    assert answer.json() == {"balance_cents": balance, "held_cents": 0}
    assert open_desk.sim.books.balance_cents == balance


def test_setting_the_wallet_is_about_what_is_free(desk):
    open_desk = desk(wallet_cents=100, job_seconds=50)
    open_desk.separate(60)
    answer = httpx.post(f"{open_desk.sim.url}/_sim/wallet", json={"set_cents": 0})
    assert answer.json() == {"balance_cents": 10, "held_cents": 10}


@pytest.mark.parametrize(
    "body", [{}, {"add_cents": 1, "set_cents": 2}, {"add_cents": 1.5}, {"steal_cents": 3}]
)
def test_other_changes_of_the_wallet_are_refused(desk, body):
    assert httpx.post(f"{desk().sim.url}/_sim/wallet", json=body).status_code == 422


def test_the_scenario_can_be_changed_from_outside(desk):
    open_desk = desk(wallet_cents=100)
    script = {
        "faults": [{"at": "wallet:balance", "do": "unavailable", "times": 1}],
        "events": [{"do": "drain", "cents": 40}],
        "low_balance_cents": 60,
    }
    answer = httpx.post(f"{open_desk.sim.url}/_sim/scenario", json=script)
    assert answer.json() == {"faults": 1, "events": 1, "switches": ["low_balance_cents"]}
    path = "/api/v1/api-wallet/balance"
    assert [open_desk.http.get(path).status_code for _ in range(2)] == [503, 200]
    assert open_desk.balance()["balance_cents"] == 60
    assert open_desk.balance()["warning_threshold_cents"] == 60


def test_faults_can_be_cleared_from_outside(desk):
    open_desk = desk()
    base = f"{open_desk.sim.url}/_sim/scenario"
    httpx.post(base, json={"faults": [{"at": "wallet:*", "do": "unavailable"}]})
    assert open_desk.http.get("/api/v1/api-wallet/balance").status_code == 503
    httpx.post(base, json={"clear": True})
    assert open_desk.http.get("/api/v1/api-wallet/balance").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"faults": [{"at": "wallet:*", "do": "explode"}]},
        {"faults": [{"at": "sumbit:*", "do": "drop"}]},
        {"faults": 3},
        {"nonsense": 1},
    ],
)
def test_a_mistake_in_a_scenario_is_told_and_changes_nothing(desk, body):
    open_desk = desk(error_body="html")
    answer = httpx.post(f"{open_desk.sim.url}/_sim/scenario", json=body | {"low_balance_cents": 1})
    assert (answer.status_code, answer.json()["error"]) == (422, "invalid_scenario")
    assert open_desk.balance()["warning_threshold_cents"] == 500
