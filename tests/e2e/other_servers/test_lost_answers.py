"""Submits whose answers get lost: found by the token, else in doubt, and never sent again."""

import socket
from collections.abc import Callable
from typing import Any

import pytest

from manifests.exits import Exit
from runner.report import Fate
from support.other_dialect import (
    Dialect,
    once,
    only,
    silent,
    without,
)
from support.other_shop import check_honest, hasty


def refuse_unread(status: int) -> Callable[[Any], bool]:
    """Answers a submit by its head alone, and closes without reading the file."""

    def before(handler: Any) -> bool:
        if handler.command != "POST" or handler.path_only.endswith("/check-balance"):
            return False
        handler.refuse(
            status,
            "insufficient_api_balance" if status == 402 else "too_large",
            "no",
            headers={"Connection": "close"},
        )
        handler.connection.shutdown(socket.SHUT_WR)
        return handler.hang_up()

    return before


def said(status: int, body: bytes, kind: str = "application/json") -> Callable[[Any, Any], bool]:
    return once(lambda handler, job: handler.send(status, body, kind) or True)


def half(handler: Any, job: Any) -> bool:
    handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"job_id":')
    return handler.hang_up()


LOST = {
    "closes": once(lambda handler, job: handler.hang_up()),
    "resets": once(lambda handler, job: handler.hang_up(reset=True)),
    "half an answer": once(half),
    "silence": once(silent),
    "500": said(500, b"oops", "text/plain"),
    "502": said(502, b"<html>Bad Gateway</html>", "text/html"),
    "503 that asks to wait": once(
        lambda handler, job: handler.send(503, b"", "text/plain", {"Retry-After": "0"}) or True
    ),
    "504, empty": said(504, b""),
    "408": said(408, b"{}"),
    "307": once(
        lambda handler, job: handler.send(307, b"", "text/plain", {"Location": "/elsewhere"}) or True
    ),
    "200, no JSON": said(200, b"<html>welcome</html>", "text/html"),
    "200, empty": said(200, b""),
    "200, no id": said(200, b'{"status": "PENDING"}'),
    "200, null": said(200, b"null"),
    "201, list": said(201, b"[]"),
    "204": said(204, b""),
}


@pytest.mark.parametrize("name", LOST)
def test_a_lost_answer_is_found_by_its_token(shop, name):
    it = shop(Dialect(after=LOST[name], entry=only("input_path"), list_page=20, strangers=50))
    it.plan("--set", "formats=json,txt,srt")
    report = it.run(api=hasty(it))
    check_honest(it, report)
    assert report.exit is Exit.DONE, (report.stops, [(i.fate, i.reason) for i in report.items])
    assert report.amounts.spent == report.amounts.committed == it.sim.spent_cents == 4
    assert len(it.sim.posts) == len(it.sim.ours) == 2


@pytest.mark.parametrize("name", ["closes", "silence", "502", "307", "200, no id", "204"])
def test_where_no_list_shows_names_a_lost_answer_stays_in_doubt_and_is_not_sent_again(shop, name):
    it = shop(Dialect(after=LOST[name], entry=without("display_name", "input_path", "source_urls")))
    it.plan()
    for _ in range(2):
        report = it.run(api=hasty(it), retry_failed=True)
        check_honest(it, report)
        assert report.exit is Exit.IN_DOUBT
        assert sorted(item.fate for item in report.items) == [Fate.IN_DOUBT, Fate.SAVED]
        assert report.amounts.in_doubt >= 2
        assert len(it.sim.posts) == len(it.sim.ours) == 2


@pytest.mark.parametrize(("status", "code"), [(402, Exit.OUT_OF_MONEY), (413, Exit.SOME_FAILED)])
def test_a_refusal_that_does_not_wait_for_the_file_is_heard(shop, status, code):
    it = shop(Dialect(before=refuse_unread(status)))
    it.record("long.wav", seconds=900)
    it.plan()
    report = it.run(api=hasty(it))
    check_honest(it, report)
    assert report.exit is code, (report.stops, [(i.fate, i.reason) for i in report.items])
    assert report.amounts.committed == 0
