"""Results that come spoilt, not at all, or from where nothing may be fetched."""

from collections.abc import Callable
from typing import Any

import pytest

from manifests.exits import Exit
from runner.report import Fate
from support.other_dialect import (
    Dialect,
)
from support.other_shop import both, check_honest, check_saved


def cut(body_of: Callable[[bytes], bytes], times: int) -> Callable[[Any], bool]:
    """Spoils the first downloads."""

    def before(handler: Any) -> bool:
        if not handler.server.is_storage:
            return False
        with handler.other.lock:
            handler.other.calls["spoilt"] += 1
            if handler.other.calls["spoilt"] > times:
                return False
        handler.wfile.write(body_of(b""))
        return handler.hang_up()

    return before


SPOILT = {
    "cut": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
    "cut in chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    "empty": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "no answer": b"",
    "garbage": b"\x16\x03\x01 hello\r\n\r\n",
    "expired": b"HTTP/1.1 403 No\r\nContent-Length: 15\r\n\r\nRequest expired",
    "not there yet": b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
    "slow down": b"HTTP/1.1 503 SlowDown\r\nContent-Length: 0\r\n\r\n",
    "not really zipped": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nhalf",
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_download_is_fetched_again(shop, name):
    it = shop(Dialect(before=cut(lambda _: SPOILT[name], times=2)))
    both(it)
    report = it.run()
    check_honest(it, report)
    check_saved(it, report)


def test_results_that_are_gone_are_lost_and_not_bought_again(shop):
    gone = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
    it = shop(Dialect(before=cut(lambda _: gone, times=1000)))
    it.plan("--service", "stems:two")
    for _ in range(2):
        report = it.run()
        check_honest(it, report)
        assert report.exit is Exit.SOME_FAILED
        assert {item.fate for item in report.items} == {Fate.LOST}
        assert report.amounts.spent == it.sim.spent_cents == 22
    assert len(it.sim.posts) == 2


@pytest.mark.parametrize(
    "place",
    [
        "http://media.example/x.wav",
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "http://[",
        "//",
        "javascript:x",
    ],
)
def test_an_address_that_must_not_be_fetched_is_not(shop, place):
    it = shop(Dialect(links=lambda other, job, links: {**links, "trap": place}))
    it.plan("--service", "stems:two")
    report = it.run()
    check_honest(it, report)
    assert report.exit in (Exit.SERVICE_DOWN, Exit.SOME_FAILED)
    assert report.amounts.spent == it.sim.spent_cents == 22
    assert not list((it.folder / "results").rglob("trap*"))
