"""Addresses of a plan, looked at as far as somebody wants what lies there."""

from collections.abc import Iterator

from earmark.plan_values import PlanEnds
from earmark.plan_wanted import Wanted
from planner.addresses import Address, Addresses
from planner.distant import Distant
from planner.leftout import LeftOut, Reason


def distant(listed: Addresses, wanted: Wanted, ends: PlanEnds) -> Iterator[Distant | LeftOut]:
    """The recordings at the addresses in their order, and why others are left out."""
    asked: list[Address] = []
    for address in listed.once:
        why = wanted.against(address.name)
        if why is None:
            asked.append(address)
        else:
            yield LeftOut(address.url, *why)
    yield from (LeftOut(address.url, Reason.TWICE, "given before") for address in listed.again)
    if asked:
        yield from ends.follow(ends.look(asked), "reading addresses", len(asked))
