"""Lengths at addresses: read from the header, within limits; else left out, with the way out."""

import struct

import pytest

from earmark import ranges, web
from earmark.remote import look, look_at
from earmark.web import Web
from manifests.addresses import content_digest
from manifests.length import Basis, Grade
from planner.addresses import addresses
from planner.distant import Distant
from planner.leftout import LeftOut, Reason
from support.file_server import serving, wave

MINUTE = wave(60)  # 480 KB: more than what is read first


@pytest.fixture(scope="module")
def server():
    with serving() as site:
        yield site


@pytest.fixture
def site(server):
    """The server with nothing on it."""
    server.answers.clear()
    server.asked.clear()
    return server


def at(site, path, stated=""):
    return addresses([(f"{site.url(path)} {stated}", "--url")]).once[0]


@pytest.fixture(scope="module")
def client():
    made = Web(loopback=True)
    yield made
    made.close()


@pytest.fixture
def looked(site, client):
    """What comes of a path."""
    return lambda path: look_at(at(site, path), client)


def box(kind, body):
    return struct.pack(">I", len(body) + 8) + kind + body


def film(sound):
    """An MP4 file of 12 s with its header at the end."""

    def full(kind, body):
        return box(kind, bytes(4) + body)

    def handled(kind, scale):
        stts = full(b"stts", struct.pack(">III", 1, 96, 1000))
        stbl = box(b"stbl", stts + full(b"stco", struct.pack(">II", 1, 40)))
        mdhd = full(b"mdhd", bytes(8) + struct.pack(">II", scale, 96_000) + bytes(4))
        hdlr = full(b"hdlr", bytes(4) + kind + bytes(12))
        return box(b"trak", box(b"mdia", mdhd + hdlr + box(b"minf", stbl)))

    mvhd = full(b"mvhd", bytes(8) + struct.pack(">II", 1000, 12_000) + bytes(4))
    moov = box(b"moov", mvhd + handled(b"soun", 8000) + handled(b"vide", 8000))
    return box(b"ftyp", b"mp42\0\0\0\0") + box(b"mdat", sound) + moov


def test_a_length_is_read_from_the_first_bytes(site, looked):
    site.ranges("/talk.wav", MINUTE)
    found = looked("/talk.wav")
    assert isinstance(found, Distant)
    assert (found.length.ms, found.length.grade, found.basis) == (60_000, Grade.EXACT, Basis.INPUT)
    assert (found.size, found.mark, found.kind) == (len(MINUTE), '"v1"', "audio")
    assert found.sha256 == content_digest(site.url("/talk.wav"), '"v1"', len(MINUTE))
    assert len(site.asked) == 1


def test_a_header_at_the_end_is_read_there_and_films_are_told(site, looked):
    site.ranges("/film", film(bytes(10_000_000)))
    found = looked("/film")
    assert (found.length.ms, found.kind) == (12_000, "video")
    assert len(site.asked) <= 3


def test_no_key_and_no_cookie_is_sent(site, looked, monkeypatch):
    monkeypatch.setenv("AUDIOPOD_API_KEY", "ap_" + "x" * 40)
    site.answers["/first"] = lambda handler: handler.reply(302, Location="/talk.wav", Set_Cookie="a=b")
    site.ranges("/talk.wav", MINUTE)
    assert isinstance(looked("/first"), Distant)
    sent = [name.lower() for _, headers in site.asked for name in headers]
    assert {"authorization", "x-api-key", "cookie"}.isdisjoint(sent)
    assert "ap_x" not in str(site.asked)


def test_a_server_without_ranges_is_read_from_its_start(site, looked):
    site.whole("/talk.wav", MINUTE)
    found = looked("/talk.wav")
    assert (found.length.ms, found.size, found.mark) == (60_000, len(MINUTE), "")


def test_a_server_without_ranges_and_without_a_size_is_read_to_its_end(site, looked):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(MINUTE)

    site.answers["/talk.wav"] = answer
    assert looked("/talk.wav").length.ms == 60_000


def test_redirects_are_followed_and_not_asked_again(site, looked):
    site.leads("/first", "/second#part", 307)
    site.leads("/second", site.url("/film"), 301)
    site.ranges("/film", film(bytes(500_000)))
    found = looked("/first")
    assert found.path == site.url("/first")
    assert [path for path, _ in site.asked][:3] == ["/first", "/second", "/film"]
    assert {path for path, _ in site.asked[3:]} == {"/film"}


def test_mutagen_reads_through_ranges(site, looked):
    header = b"TTA1" + struct.pack("<HHHII", 1, 1, 16, 8000, 8000 * 30) + bytes(4)
    frames = -(-8000 * 30 // (256 * 8000 // 245))
    table = struct.pack("<I", 20_000) * frames + bytes(4)
    site.ranges("/a.tta", header + table + bytes(20_000 * frames))
    assert looked("/a.tta").length.ms == 30_000


LEFT_OUT = {
    "nothing there": (lambda s: None, Reason.VANISHED, "its server answers 404: there is nothing"),
    "refused": (
        lambda s: s.answers.update({"/a": lambda h: h.reply(403)}),
        Reason.UNREADABLE,
        "its server answers 403; state its length after the address: 'URL 12:34'",
    ),
    "a page": (
        lambda s: s.whole("/a", b"<html>" + b"x" * 5000, kind="text/html; charset=utf-8"),
        Reason.NOT_AUDIO,
        "a page (text/html), no recording; state its length",
    ),
    "empty": (lambda s: s.ranges("/a", b""), Reason.EMPTY, "empty (0 bytes)"),
    "empty without ranges": (lambda s: s.whole("/a", b""), Reason.EMPTY, "empty (0 bytes)"),
    "a recording that was cut off": (
        lambda s: s.ranges("/a", MINUTE[: len(MINUTE) // 2]),
        Reason.TRUNCATED,
        "cut off at 0:29 of 1:00; copy it again",
    ),
    "a size that is a lie": (
        lambda s: s.ranges("/a", film(bytes(500_000)), total="900000000"),
        Reason.UNREADABLE,
        "its server sends less than it says; state its length",
    ),
    "an end that is not there": (
        lambda s: s.ranges("/a", film(bytes(500_000))[:70_000], total="500300"),
        Reason.UNREADABLE,
        "it is shorter than its server says; state its length",
    ),
    "no size": (
        lambda s: s.ranges("/a", MINUTE, total="*"),
        Reason.UNREADABLE,
        "its server does not say how large it is; state",
    ),
    "another range": (
        lambda s: s.answers.update({"/a": lambda h: h.reply(206, b"x", Content_Range="bytes 7-7/9")}),
        Reason.UNREADABLE,
        "its server answers another range than was asked for",
    ),
    "a range without its place": (
        lambda s: s.answers.update({"/a": lambda h: h.reply(206, b"x")}),
        Reason.UNREADABLE,
        "its server answers another range than was asked for",
    ),
    "less than it says": (
        lambda s: s.answers.update({"/a": lambda h: h.reply(206, b"x", Content_Range="bytes 0-65535/99999")}),
        Reason.UNREADABLE,
        "its server sends less than it says",
    ),
    "a body that breaks off": (
        lambda s: s.whole("/a", film(bytes(500_000))[:1000], stated=600_000),
        Reason.UNREADABLE,
        "its answer broke off: ",
    ),
    "packed": (
        lambda s: s.answers.update({"/a": lambda h: h.reply(200, b"x", Content_Encoding="gzip")}),
        Reason.UNREADABLE,
        "its server sends it packed",
    ),
    "a circle": (lambda s: s.leads("/a", "/a"), Reason.UNREADABLE, "it leads on more than 5 times"),
    "a redirect to another protocol": (
        lambda s: s.leads("/a", "ftp://example.org/a"),
        Reason.UNREADABLE,
        "it leads to ftp://example.org/a: only https:// and http:// are fetched",
    ),
    "a redirect to nowhere": (
        lambda s: s.leads("/a", "http://[::1/"),
        Reason.UNREADABLE,
        "it cannot be reached: Invalid URL in location header",
    ),
    "a redirect to a neighbour": (
        lambda s: s.leads("/a", "http://169.254.169.254/latest"),
        Reason.PRIVATE,
        "169.254.169.254 is in a private network, which the service does not reach: plan the file itself",
    ),
    "a kind that a library opens by its path": (
        lambda s: s.ranges("/a", b".snd" + bytes(1000)),
        Reason.NO_LENGTH,
        "the length of this kind is read from files only; state its length",
    ),
}


@pytest.mark.parametrize("case", LEFT_OUT)
def test_what_has_no_length_is_left_out_with_the_reason(site, looked, case):
    prepare, reason, words = LEFT_OUT[case]
    prepare(site)
    found = looked("/a")
    assert isinstance(found, LeftOut)
    assert (found.path, found.reason) == (site.url("/a"), reason)
    assert found.detail.startswith(words)


def test_a_recording_that_changes_while_it_is_read_is_left_out(site, looked):
    data = film(bytes(500_000))
    marks = iter(['"v1"', '"v2"'])

    def answer(handler):
        first, end = handler.range(len(data))
        told = f"bytes {first}-{end - 1}/{len(data)}"
        handler.reply(206, data[first:end], Content_Range=told, ETag=next(marks))

    site.answers["/a"] = answer
    assert looked("/a").detail.startswith("it changed while it was read")


@pytest.mark.parametrize("serve", ["ranges", "whole"])
def test_what_takes_too_many_bytes_is_left_out(site, looked, monkeypatch, serve):
    monkeypatch.setattr(web.Allowance, "__init__", lambda self, until: _few(self, until, 20, 100_000))
    frame = bytes.fromhex("fffb9064") + bytes(413)
    getattr(site, serve)("/a", frame * 700)
    found = looked("/a")
    assert (found.reason, found.detail.partition(";")[0]) == (
        Reason.NO_LENGTH,
        "its length takes more than 8 MiB or 20 requests to read",
    )


def test_what_takes_too_many_requests_is_left_out(site, looked, monkeypatch):
    monkeypatch.setattr(web.Allowance, "__init__", lambda self, until: _few(self, until, 1, 10_000_000))
    site.ranges("/a", film(bytes(500_000)))
    assert looked("/a").reason is Reason.NO_LENGTH
    assert len(site.asked) == 1


def _few(allowance, until, requests, count):
    allowance.until, allowance.requests, allowance.bytes = until, requests, count


def test_an_answer_that_trickles_is_given_up(site):
    site.ranges("/a", MINUTE)
    moments = iter([0.0, 0.0, 31.0])
    client = Web(loopback=True, clock=lambda: next(moments))
    assert look_at(at(site, "/a"), client).detail.startswith("no full answer within 30 s; state its length")
    client.close()


def test_a_server_that_is_not_there_is_told(site):
    (gone,) = addresses([("http://127.0.0.1:1/a.mp3", "--url")]).once
    (found,) = look([gone], loopback=True)
    assert found.detail.startswith("it cannot be reached: ")


def test_this_machine_is_looked_at_only_where_the_service_is_on_it(site):
    site.ranges("/a.wav", MINUTE)
    (found,) = look([at(site, "/a.wav")], loopback=False)
    assert (found.reason, site.asked) == (Reason.PRIVATE, [])


def test_stated_lengths_ask_nobody_and_all_come_in_their_order(site):
    site.ranges("/b.wav", MINUTE)
    some = [at(site, "/a.mp3", "12:34"), at(site, "/b.wav"), at(site, "/none.wav"), at(site, "/c.mp3", "90s")]
    found = list(look(some, loopback=True))
    assert [each.path for each in found] == [each.url for each in some]
    assert [isinstance(each, Distant) for each in found] == [True, True, False, True]
    assert {path for path, _ in site.asked} == {"/b.wav", "/none.wav"}
    assert [each.length.ms for each in look([some[0], some[3]], loopback=False)] == [754_000, 90_000]


def test_who_stops_early_asks_no_further(site):
    site.ranges("/a.wav", MINUTE)
    steps = look([at(site, "/a.wav"), at(site, "/b.wav")], loopback=True)
    assert isinstance(next(steps), Distant)
    steps.close()


def test_the_file_of_an_address_can_be_walked_like_any_other(site, client):
    site.ranges("/a", MINUTE)
    with ranges.RangeFile(client, site.url("/a")) as file:
        assert (file.readable(), file.seekable(), file.size) == (True, True, len(MINUTE))
        assert file.seek(-4, 2) == len(MINUTE) - 4
        assert (file.read(), file.read(5), file.tell()) == (MINUTE[-4:], b"", len(MINUTE))
        file.seek(100_000)
        file.seek(10, 1)
        assert file.read(100_000) == MINUTE[100_010:200_010]
