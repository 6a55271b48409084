"""The addresses of the account's credits (docs/api.md 16)."""

from __future__ import annotations

from simulator.calls import Call
from simulator.clock import iso_z
from simulator.endpoints import Endpoint
from simulator.prices import DENOISE_CREDITS, RATES
from simulator.replies import Reply, json_reply

PREFIX = "/api/v1/credits"


async def balance(call: Call) -> Reply:
    """What credits there are; all of them count as bought, none as part of a plan."""
    account = call.world.books.credits
    return json_reply(
        {
            "credits_balance": 0,
            "payg_balance": account.balance,
            "total_available_credits": account.balance,
            "total_credits_used": account.spent,
            "total_payg_credits_purchased": account.balance + account.spent,
            "credits_per_month": 0,
            "last_reset_at": None,
            "next_reset_date": None,
        }
    )


async def multipliers(_call: Call) -> Reply:
    """Credits for a minute, by service."""
    return json_reply({name: rate.credits_per_minute for name, rate in RATES.items()} | DENOISE_CREDITS)


async def usage(call: Call) -> Reply:
    """All credit charges, newest first, with no word about which job they were for."""
    rows = [
        {
            "id": row.id,
            "credits_used": row.credits,
            "service_type": row.service_type,
            "audio_duration": row.seconds,
            "credit_source": "payg",
            "created_at": iso_z(row.at),
        }
        for row in reversed(call.world.books.credits.rows)
    ]
    return json_reply(rows)


ENDPOINTS = (
    Endpoint("GET", PREFIX, "credits:balance", balance, session="also"),
    Endpoint("GET", f"{PREFIX}/multipliers", "credits:multipliers", multipliers, session="also"),
    Endpoint("GET", f"{PREFIX}/usage", "credits:usage", usage, session="also"),
)
