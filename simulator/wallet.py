"""The wallet's addresses (docs/api.md 4)."""

from __future__ import annotations

from itertools import islice
from typing import Any

from simulator.books import TopUp, UsageRow
from simulator.calls import MOST_PER_PAGE, Call, whole
from simulator.clock import iso, iso_z
from simulator.endpoints import Endpoint
from simulator.prices import RATES, per_minute, usd
from simulator.refusals import Refusal, invalid, short_of_money
from simulator.replies import Reply, json_reply

PREFIX = "/api/v1/api-wallet"
LEAST_TOPUP_CENTS = 100
MOST_TOPUP_CENTS = 1_000_000
LONGEST_SECONDS = 10**9
"""No recording is longer: above, a length is a mistake."""


async def balance(call: Call) -> Reply:
    """What is in the wallet."""
    wallet, switches = call.world.books.wallet, call.world.scenario
    shown = wallet.available_cents if switches.balance_shows_holds else wallet.balance_cents
    spent = wallet.spent_cents + wallet.drained_cents
    return json_reply(
        {
            "balance_cents": shown,
            "balance_usd": usd(shown),
            "total_spent_cents": spent,
            "total_spent_usd": usd(spent),
            "low_balance_warning": shown < switches.low_balance_cents,
            "total_topup_cents": wallet.topup_cents,
            "total_topup_usd": usd(wallet.topup_cents),
            "warning_threshold_cents": switches.low_balance_cents,
        }
    )


async def pricing(call: Call) -> Reply:
    """All rates; noise reduction has none, since the wallet does not pay for it."""
    return json_reply(
        {
            "services": {name: _price(call, name) for name in RATES},
            "wallet": {
                "minimum_topup_cents": LEAST_TOPUP_CENTS,
                "minimum_topup_usd": usd(LEAST_TOPUP_CENTS),
                "maximum_topup_cents": MOST_TOPUP_CENTS,
                "maximum_topup_usd": usd(MOST_TOPUP_CENTS),
                "currency": "USD",
            },
        }
    )


def _price(call: Call, service_type: str) -> dict[str, Any]:
    rate = call.world.rate(service_type)
    cents = rate.cents_per_minute
    return {
        "rate_per_minute": per_minute(cents),
        "rate_per_hour": usd(round(60 * cents)),
        "cents_per_minute": int(cents) if cents.denominator == 1 else float(cents),
        "description": rate.description,
    }


async def service_types(_call: Call) -> Reply:
    """The names that estimate and check-balance take."""
    return json_reply(list(RATES))


async def estimate(call: Call) -> Reply:
    """Price a duration at the base rate."""
    service_type, seconds = await _question(call)
    rate, cents = call.world.rate(service_type), call.world.cents(service_type, seconds)
    return json_reply(
        {
            "service_type": service_type,
            "duration_seconds": seconds,
            "duration_minutes": round(seconds / 60, 2),
            "rate_per_minute": per_minute(rate.cents_per_minute),
            "cost_cents": cents,
            "cost_usd": usd(cents),
            "description": rate.description,
        }
    )


async def check_balance(call: Call) -> Reply:
    """Whether a job would be paid for; 402 when not."""
    service_type, seconds = await _question(call)
    cents, wallet = call.world.cents(service_type, seconds), call.world.books.wallet
    call.refuse(required_cents=cents)
    if cents > wallet.available_cents:
        raise short_of_money(cents, max(0, wallet.available_cents))
    return json_reply(
        {"can_proceed": True, "cost_cents": cents, "current_balance_cents": wallet.balance_cents}
    )


async def _question(call: Call) -> tuple[str, int]:
    """Service and whole seconds of an estimate. Raises Refusal 400 or 422."""
    data = await call.json()
    service_type, seconds = data.get("service_type"), whole(data.get("duration_seconds"))
    if not isinstance(service_type, str):
        raise invalid("Input should be a valid string", "body", "service_type")
    if seconds is None or not 0 <= seconds <= LONGEST_SECONDS:
        raise invalid("Input should be a whole number of seconds, 0 or more", "body", "duration_seconds")
    if service_type not in RATES:
        status = call.world.scenario.unknown_service_status
        raise Refusal(status, "invalid_service_type", f"Unknown service type: {service_type[:100]}")
    return service_type, seconds


async def usage(call: Call) -> Reply:
    """A page of charges, newest first."""
    page, limit = call.number("page", 1, least=1), call.number("limit", 50, least=1, most=MOST_PER_PAGE)
    key_id = call.request.query_params.get("api_key_id")
    rows = (
        row
        for row in call.world.books.usage.shown(call.now, call.world.scenario.usage_delay)
        if key_id is None or row.api_key_id == key_id
    )
    start = 0 if call.repeats_page() else (page - 1) * limit
    shown = [
        _row(row, with_job=call.world.scenario.usage_job_ids) for row in islice(rows, start, start + limit)
    ]
    return json_reply({"page": page, "limit": limit, "logs": shown})


def _row(row: UsageRow, *, with_job: bool) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": row.id,
        "service_type": row.service_type,
        "duration_seconds": row.seconds,
        "duration_minutes": round(row.seconds / 60, 2),
        "amount_cents": row.cents,
        "amount_usd": usd(row.cents),
        "api_key_id": row.api_key_id,
        "created_at": iso(row.at),
    }
    return data | {"job_id": row.job_id} if with_job and row.job_id is not None else data


async def checkout(call: Call) -> Reply:
    """Start a top-up; nothing moves until somebody pays at the address in the answer."""
    cents = whole((await call.json()).get("amount_cents"))
    if cents is None:
        raise invalid("Input should be a valid integer", "body", "amount_cents")
    if not LEAST_TOPUP_CENTS <= cents <= MOST_TOPUP_CENTS:
        raise Refusal(
            400, "invalid_amount", f"Amount must be from {usd(LEAST_TOPUP_CENTS)} to {usd(MOST_TOPUP_CENTS)}"
        )
    topup = call.world.books.wallet.open_checkout(cents, call.now)
    return json_reply(
        {
            "url": f"{call.base_url}/_sim/pay/{topup.id}",
            "session_id": topup.id,
            "amount_cents": cents,
            "amount_usd": usd(cents),
        }
    )


async def topups(call: Call) -> Reply:
    """A page of top-ups, newest first."""
    page, limit = call.number("page", 1, least=1), call.number("limit", 20, least=1, most=MOST_PER_PAGE)
    newest_first = reversed(call.world.books.wallet.topups.values())
    shown = [_topup(topup) for topup in islice(newest_first, (page - 1) * limit, page * limit)]
    return json_reply({"page": page, "limit": limit, "topups": shown})


def _topup(topup: TopUp) -> dict[str, Any]:
    return {
        "id": topup.id,
        "amount_cents": topup.cents,
        "amount_usd": usd(topup.cents),
        "status": topup.status,
        "created_at": iso_z(topup.at),
    }


ENDPOINTS = (
    Endpoint("GET", f"{PREFIX}/balance", "wallet:balance", balance),
    Endpoint("GET", f"{PREFIX}/pricing", "wallet:pricing", pricing, needs_key=False),
    Endpoint("GET", f"{PREFIX}/service-types", "wallet:service-types", service_types, needs_key=False),
    Endpoint("POST", f"{PREFIX}/estimate", "wallet:estimate", estimate, needs_key=False),
    Endpoint("POST", f"{PREFIX}/check-balance", "wallet:check-balance", check_balance),
    Endpoint("GET", f"{PREFIX}/usage", "wallet:usage", usage),
    Endpoint("POST", f"{PREFIX}/topup/checkout", "wallet:checkout", checkout),
    Endpoint("GET", f"{PREFIX}/topups", "wallet:topups", topups),
)
