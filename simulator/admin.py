"""The simulator's own addresses under `/_sim/`, for tests in another process. They need no key."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import msgspec

from simulator.calls import Call
from simulator.endpoints import Endpoint
from simulator.errors import ScenarioError
from simulator.loading import read_scenario
from simulator.prices import usd
from simulator.refusals import Refusal, invalid
from simulator.replies import Reply, json_reply


async def books(call: Call) -> Reply:
    """All books, as JSON."""
    return Reply(200, msgspec.json.encode(call.world.snapshot(), enc_hook=plain))


def plain(value: Any) -> Any:
    """What JSON has no form for, in one that it has."""
    if isinstance(value, Fraction):
        return float(value)
    raise TypeError(f"no JSON for {type(value)}")


async def wallet(call: Call) -> Reply:
    """Change the wallet: `add_cents` (negative: somebody else spends), or `set_cents` for what is free."""
    data = await call.json()
    if len(data) != 1 or not data.keys() <= {"add_cents", "set_cents"}:
        raise invalid("Give add_cents or set_cents", "body")
    [(how, cents)] = data.items()
    if type(cents) is not int:
        raise invalid("Input should be a valid integer", "body", how)
    keeper = call.world.books
    change = cents if how == "add_cents" else cents - keeper.wallet.available_cents
    if change > 0:
        keeper.wallet.top_up(change, call.now)
    else:
        keeper.drain(-change, call.now)
    return json_reply({"balance_cents": keeper.wallet.balance_cents, "held_cents": keeper.wallet.held_cents})


async def scenario(call: Call) -> Reply:
    """Add `faults` and `events`, and set other switches anew; `clear: true` first removes all faults."""
    data = await call.json()
    if data.pop("clear", False):
        call.world.faults.clear()
    try:
        added = read_scenario({name: data.pop(name) for name in ("faults", "events") if name in data})
        call.world.check_places(added.faults)
        call.world.change(data)
    except ScenarioError as error:
        raise Refusal(422, "invalid_scenario", str(error), shape="flat") from error
    call.world.add(*added.faults, *added.events)
    return json_reply({"faults": len(added.faults), "events": len(added.events), "switches": sorted(data)})


async def payment_page(call: Call) -> Reply:
    """What stands in for the page where a top-up is paid."""
    topup = _topup(call)
    page = (
        f"<!DOCTYPE html><title>Top-up</title><p>No real money: {usd(topup.cents)}, {topup.status}."
        '<form method="post"><button>Pay</button></form>'
    )
    return Reply(200, page.encode(), "text/html; charset=utf-8")


async def pay(call: Call) -> Reply:
    """Pay a top-up."""
    call.world.books.wallet.pay_checkout(_topup(call).id, call.now)
    return await payment_page(call)


def _topup(call: Call) -> Any:
    topup = call.world.books.wallet.topups.get(str(call.request.path_params["topup_id"]))
    if topup is None:
        raise Refusal(404, "not_found", "No such top-up")
    return topup


ENDPOINTS = (
    Endpoint("GET", "/_sim/books", "sim:books", books, needs_key=False),
    Endpoint("POST", "/_sim/wallet", "sim:wallet", wallet, needs_key=False),
    Endpoint("POST", "/_sim/scenario", "sim:scenario", scenario, needs_key=False),
    Endpoint("GET", "/_sim/pay/{topup_id}", "sim:pay", payment_page, needs_key=False),
    Endpoint("POST", "/_sim/pay/{topup_id}", "sim:pay", pay, needs_key=False),
)
