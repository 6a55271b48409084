"""The web application: every address that this simulator has."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request

from simulator import account_credits, admin, media, wallet
from simulator.endpoints import Endpoint, routes
from simulator.refusals import Refusal
from simulator.replies import Reply
from simulator.services import all_services
from simulator.world import World


def endpoints() -> Iterator[Endpoint]:
    """Every address, in the order in which they are tried."""
    yield from wallet.ENDPOINTS
    yield from account_credits.ENDPOINTS
    for service in all_services().values():
        yield from service.endpoints
    yield from media.endpoints()
    yield from admin.ENDPOINTS


def build(world: World) -> Starlette:
    """The application over one world."""

    async def unrouted(_request: Request, error: Exception) -> Reply:
        """An address that is not there, or not with this method."""
        assert isinstance(error, HTTPException)
        headers = tuple((error.headers or {}).items())
        refusal = Refusal(error.status_code, "not_found", str(error.detail), headers=headers)
        return refusal.reply(world.scenario.error_body)

    return Starlette(routes=routes(world, endpoints()), exception_handlers={HTTPException: unrouted})  # type: ignore[dict-item]
