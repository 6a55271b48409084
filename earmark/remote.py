"""Addresses looked at: stated lengths are taken, others read from the recordings' headers, some at a time."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import urlsplit

from planner.addresses import Address
from planner.containers.source import Source
from planner.distant import Distant, stated, surveyed
from planner.leftout import LeftOut, Reason, Unreadable

if TYPE_CHECKING:
    from earmark.web import Web

AT_ONCE = 8
"""Addresses that are looked at together."""

WAY_OUT = "; state its length after the address: 'URL 12:34'"

_STATEABLE = frozenset({Reason.NO_LENGTH, Reason.UNREADABLE, Reason.NOT_AUDIO})
"""What a stated length helps against: the service may fetch what cannot be read here."""


def look(addresses: Sequence[Address], *, loopback: bool) -> Iterator[Distant | LeftOut]:
    """The recordings at some addresses in their order; left out, with the reason, where there is no length.

    Args:
        addresses: each once.
        loopback: the service runs on this machine, and reaches what does.
    """
    if all(address.stated_ms is not None for address in addresses):
        yield from (found for found in map(stated, addresses) if found)
        return
    from earmark.web import Web

    web = Web(loopback=loopback)
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="addresses")
    try:
        yield from pool.map(lambda address: look_at(address, web), addresses)
    finally:
        web.close()
        pool.shutdown(wait=False, cancel_futures=True)


def look_at(address: Address, web: "Web") -> Distant | LeftOut:
    """The recording at one address, or why it is left out."""
    known = stated(address)
    if known is not None:
        return known
    try:
        return _read(address, web)
    except Unreadable as error:
        more = WAY_OUT if error.reason in _STATEABLE else ""
        return LeftOut(address.url, error.reason, f"{error.detail}{more}")


def _read(address: Address, web: "Web") -> Distant:
    from earmark.ranges import RangeFile

    with closing(RangeFile(web, address.url)) as file:
        path = urlsplit(address.url).path  # its ending tells films
        source = Source(path, cast("BinaryIO", file), file.size, local=False)
        try:
            return surveyed(address, source, file.mark)
        except Unreadable as error:
            if file.failure is not None:  # whatever a library made of it
                raise file.failure from error
            if error.reason is Reason.NOT_AUDIO and file.kind.startswith("text/"):
                detail = f"a page ({file.kind}), no recording"
                raise Unreadable(error.reason, address.url, detail) from error
            raise
