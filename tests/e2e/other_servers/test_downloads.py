"""Results that come spoilt, not at all, or from where nothing may be fetched."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from manifests.exits import Exit
from runner.engine import timing
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


def at_transcripts(answer: Callable[[Any], bool], times: int, **query: str) -> Callable[[Any], bool]:
    """Answers the first requests for a transcript otherwise."""

    def before(handler: Any) -> bool:
        asked = handler.path_only.endswith("/transcript") and query.items() <= handler.query.items()
        if not asked:
            return False
        with handler.other.lock:
            handler.other.calls["odd"] += 1
            if handler.other.calls["odd"] > times:
                return False
        return answer(handler)

    return before


def not_yet(handler: Any) -> bool:
    handler.send(202, b'{"status":"processing"}', "application/json")
    return True


def half(handler: Any) -> bool:
    handler.wfile.write(b'HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{"segments": [{"te')
    return bool(handler.hang_up())


@pytest.mark.parametrize(
    ("answer", "query"),
    [
        (not_yet, {}),
        (half, {"format": "json"}),  # half a plain text, ended by closing, looks whole
    ],
)
def test_a_transcript_that_is_not_there_yet_or_cut_is_fetched_again(shop, answer, query):
    it = shop(Dialect(before=at_transcripts(answer, times=2, **query)))
    both(it)
    report = it.run()
    check_honest(it, report)
    check_saved(it, report)


def test_a_format_that_is_refused_costs_no_other_and_is_asked_for_once_a_run(shop):
    def refuse(handler: Any) -> bool:
        handler.refuse(400, "unsupported_format", "no srt")
        return True

    it = shop(Dialect(before=at_transcripts(refuse, times=1000, format="srt")), "a.wav")
    it.plan("--set", "formats=json,srt,txt")
    for asked in (1, 2):
        report = it.run()
        check_honest(it, report)
        assert report.exit is Exit.SOME_FAILED
        assert [(item.fate, item.reason.count("no srt")) for item in report.items] == [(Fate.NOT_SAVED, 1)]
        assert {path.name for path in (it.folder / "results").iterdir()} == {"a.json", "a.txt"}
        assert it.sim.calls["odd"] == asked
    assert len(it.sim.posts) == 1


def status_missing(times: int, code: int) -> Callable[[Any], bool]:
    """The status of a job, read alone, is not found at first."""

    def before(handler: Any) -> bool:
        if not re.search(r"/stem-extraction/(status|jobs)/\d+$", handler.path_only):
            return False
        with handler.other.lock:
            handler.other.calls["missing"] += 1
            if handler.other.calls["missing"] > times:
                return False
        handler.refuse(code, "not_found", "no such job")
        return True

    return before


def test_a_job_that_is_not_found_at_first_is_fetched_all_the_same(shop):
    it = shop(Dialect(before=status_missing(4, 404)), "a.wav")
    it.plan("--service", "stems:two")
    report = it.run()
    check_honest(it, report)
    assert report.exit is Exit.DONE
    assert [item.fate for item in report.items] == [Fate.SAVED]


@pytest.mark.parametrize(("code", "looks"), [(404, timing.FETCH_TRIES), (410, 1)])
def test_a_job_that_is_never_found_is_lost_and_one_that_is_gone_at_once(shop, code, looks):
    it = shop(Dialect(before=status_missing(1000, code)), "a.wav")
    it.plan("--service", "stems:two")
    report = it.run()
    check_honest(it, report)
    assert [item.fate for item in report.items] == [Fate.LOST]
    assert it.sim.calls["missing"] in (looks, 2 * looks)  # with or without a second address
