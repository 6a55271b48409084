"""The wallet's and the credits' addresses, asked over HTTP."""

from __future__ import annotations

import httpx
import pytest

from simulator import Event, Fault

WALLET = "/api/v1/api-wallet"


def test_the_balance_has_all_published_fields(desk):
    assert desk(wallet_cents=2500).balance() == {
        "balance_cents": 2500,
        "balance_usd": "$25.00",
        "total_spent_cents": 0,
        "total_spent_usd": "$0.00",
        "low_balance_warning": False,
        "total_topup_cents": 2500,
        "total_topup_usd": "$25.00",
        "warning_threshold_cents": 500,
    }


def test_a_low_balance_is_said(desk):
    assert desk(wallet_cents=499).balance()["low_balance_warning"]


def test_an_empty_wallet_is_possible(desk):
    open_desk = desk(wallet_cents=0)
    assert open_desk.balance()["balance_cents"] == 0
    assert open_desk.sim.books.topups == ()


def test_prices_need_no_key_and_name_all_services(desk):
    open_desk = desk()
    prices = httpx.get(f"{open_desk.sim.url}{WALLET}/pricing").json()
    assert prices["services"]["stem_extraction"] == {
        "rate_per_minute": "$0.10/min",
        "rate_per_hour": "$6.00",
        "cents_per_minute": 10,
        "description": "Stem separation",
    }
    assert prices["wallet"]["minimum_topup_cents"] == 100
    names = httpx.get(f"{open_desk.sim.url}{WALLET}/service-types").json()
    assert set(names) == set(prices["services"])
    assert len(names) == 10


def test_an_estimate_needs_no_key(desk):
    answer = httpx.post(
        f"{desk().sim.url}{WALLET}/estimate",
        json={"service_type": "stem_extraction", "duration_seconds": 328},
    )
    assert answer.json() == {
        "service_type": "stem_extraction",
        "duration_seconds": 328,
        "duration_minutes": 5.47,
        "rate_per_minute": "$0.10/min",
        "cost_cents": 55,
        "cost_usd": "$0.55",
        "description": "Stem separation",
    }


@pytest.mark.parametrize("path", ["estimate", "check-balance"])
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"service_type": "juggling", "duration_seconds": 5}, 400),
        ({"service_type": "transcription", "duration_seconds": 5.5}, 422),
        ({"service_type": "transcription", "duration_seconds": -1}, 422),
        ({"service_type": "transcription", "duration_seconds": True}, 422),
        ({"service_type": "transcription", "duration_seconds": 10**12}, 422),
        ({"service_type": 5, "duration_seconds": 5}, 422),
        ({"duration_seconds": 5}, 422),
        ([], 422),
    ],
)
def test_a_wrong_question_is_refused(desk, path, body, status):
    answer = desk().http.post(f"{WALLET}/{path}", json=body)
    assert answer.status_code == status
    if status == 422:
        assert isinstance(answer.json()["detail"], list)
    else:
        assert answer.json()["error"] == "invalid_service_type"


def test_a_whole_number_may_have_a_point(desk):
    http = desk().http
    asked = {"service_type": "transcription", "duration_seconds": 61.0}
    assert http.post(f"{WALLET}/estimate", json=asked).json()["cost_cents"] == 2
    assert http.post(f"{WALLET}/topup/checkout", json={"amount_cents": 100.0}).status_code == 200


def test_a_body_that_is_no_json_is_refused(desk):
    http = desk().http
    assert (
        http.post(
            f"{WALLET}/estimate", content=b"{", headers={"content-type": "application/json"}
        ).status_code
        == 422
    )
    assert http.post(f"{WALLET}/estimate", data={"service_type": "transcription"}).status_code == 422


def test_an_unknown_service_can_be_a_schema_error(desk):
    http = desk(unknown_service_status=422).http
    assert (
        http.post(f"{WALLET}/estimate", json={"service_type": "x", "duration_seconds": 1}).status_code == 422
    )


def test_check_balance_says_yes_or_402(desk):
    http = desk(wallet_cents=50).http
    asked = {"service_type": "stem_extraction", "duration_seconds": 300}
    assert http.post(f"{WALLET}/check-balance", json=asked).json() == {
        "can_proceed": True,
        "cost_cents": 50,
        "current_balance_cents": 50,
    }
    short = http.post(f"{WALLET}/check-balance", json=asked | {"duration_seconds": 301})
    assert short.status_code == 402
    assert short.json() == {
        "error": "insufficient_api_balance",
        "message": "Insufficient balance. Required: $0.51, Available: $0.50",
        "required_cents": 51,
        "available_cents": 50,
    }


def test_check_balance_counts_what_is_held(desk):
    open_desk = desk(wallet_cents=10)
    assert open_desk.separate(60).status_code == 200
    asked = {"service_type": "transcription", "duration_seconds": 1}
    assert open_desk.http.post(f"{WALLET}/check-balance", json=asked).status_code == 402
    assert open_desk.balance()["balance_cents"] == 10


def test_check_balance_can_see_less_than_the_balance(desk):
    http = desk(
        wallet_cents=50, faults=(Fault(at="wallet:check-balance", do="short_of_money", cents=3),)
    ).http
    asked = {"service_type": "transcription", "duration_seconds": 240}
    short = http.post(f"{WALLET}/check-balance", json=asked)
    assert short.status_code == 402
    assert (short.json()["required_cents"], short.json()["available_cents"]) == (4, 3)


def test_usage_is_paged_newest_first(desk):
    open_desk = desk(job_seconds=0, job_seconds_per_minute=0)
    for seconds in (30, 61, 121):
        open_desk.transcribe(seconds)
    assert [row["amount_cents"] for row in open_desk.usage()] == [3, 2, 1]
    assert [row["amount_cents"] for row in open_desk.usage(page=2, limit=2)] == [1]
    assert open_desk.usage(page=3, limit=2) == []
    row = open_desk.usage(limit=1)[0]
    assert row | {"id": "", "api_key_id": ""} == {
        "id": "",
        "service_type": "transcription",
        "duration_seconds": 121,
        "duration_minutes": 2.02,
        "amount_cents": 3,
        "amount_usd": "$0.03",
        "job_id": "1003",
        "api_key_id": "",
        "created_at": "2025-11-24T16:00:00.000000",
    }
    assert len(open_desk.usage(api_key_id=row["api_key_id"])) == 3
    assert open_desk.usage(api_key_id="another") == []


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=x", "limit=0", "limit=101", "limit=1.5", "page=", "page=٣"],
)
@pytest.mark.parametrize("path", ["usage", "topups"])
def test_odd_pages_are_refused(desk, path, query):
    assert desk().http.get(f"{WALLET}/{path}?{query}").status_code == 422


def test_a_page_beyond_all_pages_is_empty(desk):
    answer = desk().http.get(f"{WALLET}/usage?page={10**30}")
    assert (answer.status_code, answer.json()["logs"]) == (200, [])


def test_unknown_query_names_are_ignored(desk):
    assert desk().http.get(f"{WALLET}/usage?offset=50").status_code == 200


def test_a_top_up_is_paid_on_its_page_and_not_before(desk):
    open_desk = desk(wallet_cents=100)
    started = open_desk.http.post(f"{WALLET}/topup/checkout", json={"amount_cents": 2500}).json()
    assert (started["amount_cents"], started["amount_usd"]) == (2500, "$25.00")
    assert open_desk.balance()["balance_cents"] == 100
    assert "$25.00" in httpx.get(started["url"]).text
    assert httpx.post(started["url"]).status_code == 200
    assert open_desk.balance()["balance_cents"] == 2600
    assert httpx.post(started["url"] + "x").status_code == 404


@pytest.mark.parametrize(
    ("cents", "status"), [(99, 400), (1_000_001, 400), ("100", 422), (100.5, 422), (None, 422)]
)
def test_an_amount_out_of_range_is_refused(desk, cents, status):
    answer = desk().http.post(f"{WALLET}/topup/checkout", json={"amount_cents": cents})
    assert answer.status_code == status
    if status == 400:
        assert answer.json()["error"] == "invalid_amount"


def test_top_ups_are_listed_newest_first(desk):
    open_desk = desk(wallet_cents=1000)
    open_desk.http.post(f"{WALLET}/topup/checkout", json={"amount_cents": 500})
    listed = open_desk.http.get(f"{WALLET}/topups").json()
    assert [(row["amount_usd"], row["status"]) for row in listed["topups"]] == [
        ("$5.00", "pending"),
        ("$10.00", "completed"),
    ]
    assert (listed["page"], listed["limit"]) == (1, 20)


def test_credits_and_their_multipliers_can_be_read(desk):
    http = desk(credits=2250).http
    credits_ = http.get("/api/v1/credits").json()
    assert (credits_["payg_balance"], credits_["total_available_credits"]) == (2250, 2250)
    multipliers = http.get("/api/v1/credits/multipliers").json()
    assert (multipliers["transcription"], multipliers["denoise_audio"]) == (220, 660)
    assert http.get("/api/v1/credits/usage").json() == []


def test_credits_that_paid_for_a_job_are_listed_without_its_id(desk):
    open_desk = desk(
        wallet_cents=0, credits=1000, credits_fallback=True, job_seconds=0, job_seconds_per_minute=0
    )
    open_desk.transcribe(60)
    [row] = open_desk.http.get("/api/v1/credits/usage").json()
    assert (row["credits_used"], row["service_type"], row["audio_duration"]) == (220, "transcription", 60)
    assert "job_id" not in row
    assert open_desk.usage() == []


@pytest.mark.parametrize(
    "headers", [{}, {"X-API-Key": "nonsense"}, {"X-API-Key": "ap_wrong"}, {"Authorization": "Basic x"}]
)
def test_a_missing_or_wrong_key_is_401(desk, headers):
    answer = httpx.get(f"{desk().sim.url}{WALLET}/balance", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"] == "unauthorized"


def test_the_key_may_come_as_a_bearer_token(desk):
    sim = desk(keys=("ap_other",)).sim
    assert sim.key == "ap_other"
    assert (
        httpx.get(f"{sim.url}{WALLET}/balance", headers={"Authorization": "Bearer ap_other"}).status_code
        == 200
    )


def test_a_revoked_key_is_403(desk):
    open_desk = desk(revoked_keys=("ap_old",))
    answer = open_desk.http.get(f"{WALLET}/balance", headers={"X-API-Key": "ap_old"})
    assert (answer.status_code, answer.json()["error"]) == (403, "key_revoked")


def test_a_key_can_be_revoked_during_the_run(desk):
    open_desk = desk(events=(Event(do="revoke_key", after_seconds=10),))
    assert open_desk.http.get(f"{WALLET}/balance").status_code == 200
    open_desk.clock.advance(10)
    assert open_desk.http.get(f"{WALLET}/balance").status_code == 403


def test_an_unknown_address_and_a_wrong_method_are_told(desk):
    http = desk().http
    assert http.get("/api/v1/jobs/1001").status_code == 404
    assert http.get("/api/v1/jobs/1001").json()["error"] == "not_found"
    wrong = http.delete(f"{WALLET}/balance")
    assert (wrong.status_code, "GET" in wrong.headers["allow"]) == (405, True)
