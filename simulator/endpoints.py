"""Endpoints, and the way of every request through keys, limits, faults and books."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from starlette.requests import ClientDisconnect, Request
from starlette.routing import Route

from simulator.calls import Call, Cut
from simulator.refusals import Refusal
from simulator.replies import Reply
from simulator.spoil import SPOILING, Answer, Hangup, spoiled
from simulator.world import World

UNLIMITED = ("/_sim/", "/media/")
"""Addresses that no rate limit counts: they are not the service's."""

Handler = Callable[[Call], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path. `kind` is what faults name, such as `submit:stems`."""

    method: str
    path: str
    kind: str
    handler: Handler
    needs_key: bool = True
    session: Literal["no", "also", "only"] = "no"
    """Whether a session token opens it in place of a key: not at all, as well as a key, or nothing else."""


def routes(world: World, endpoints: Iterable[Endpoint]) -> list[Route]:
    """The endpoints as the web framework wants them: one route a path, so that it knows all its methods."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for endpoint in endpoints:
        by_path.setdefault(endpoint.path, {})[endpoint.method] = endpoint
    return [_route(world, path, methods) for path, methods in by_path.items()]


def _route(world: World, path: str, methods: dict[str, Endpoint]) -> Route:
    async def handle(request: Request) -> Answer:
        endpoint = methods["GET" if request.method == "HEAD" else request.method]
        return await answer(endpoint, Call(world, request, endpoint.kind))

    return Route(path, handle, methods=list(methods))


async def answer(endpoint: Endpoint, call: Call) -> Answer:
    """Carry out a request, write down what it was, and spoil its answer where a fault wants it."""
    said, note = await _carried_out(endpoint, call)
    spoiler = call.fault(SPOILING)
    if isinstance(said, Reply) and spoiler is not None and not note:
        note, said = spoiler.do, spoiled(said, spoiler)
    if endpoint.kind.startswith("submit:"):
        call.world.books.submits.append(call.submit(note or str(getattr(said, "status", ""))))
    return said


async def _carried_out(endpoint: Endpoint, call: Call) -> tuple[Answer, str]:
    """The answer before any spoiling; and what the books call it, if it is no answer."""
    shape = call.world.scenario.error_body
    try:
        _admit(endpoint, call)
        return await endpoint.handler(call), ""
    except Refusal as refusal:
        return refusal.reply(shape), ""
    except Cut:
        return Hangup(reset=True), "cut"
    except ClientDisconnect:
        return Hangup(reset=False), "hung up"
    except Exception:  # noqa: BLE001 - a bug must not look like an answer of the service
        call.world.books.violations.append(f"bug in the simulator: {traceback.format_exc()}")
        return Refusal(500, "simulator_bug", "The simulator failed; see its books").reply(shape), ""


def _admit(endpoint: Endpoint, call: Call) -> None:
    """Check the key and the rate, and strike what is no submit. Raises Refusal."""
    if endpoint.needs_key:
        _check_caller(endpoint, call)
    if not endpoint.path.startswith(UNLIMITED):
        call.world.check_rate(call.key or "", call.request.url.path)
    if not endpoint.kind.startswith("submit:"):
        call.strike(call.job_name())
        call.refuse()


def _check_caller(endpoint: Endpoint, call: Call) -> None:
    """Check the key, or the session token where it opens this address. Raises Refusal."""
    session = call.session
    if session is not None and (
        endpoint.session == "only" or (endpoint.session == "also" and session == call.key)
    ):
        call.world.check_session(session)
        return
    call.world.check_key(call.key)
    if endpoint.session == "only":
        call.world.refuse_key()
