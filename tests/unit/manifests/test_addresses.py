"""Which addresses are taken, and what stands for the content behind one."""

import hashlib

import pytest

from manifests.addresses import content_digest, print_of, problem


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/talk.mp3",
        "HTTP://Example.org:8080/a%20b?x=1&y=@",
        "http://127.0.0.1:9/a",
        "http://[::1]:80/a.mp3",
        "https://example.org",
        "https://example.org/über.mp3",
    ],
)
def test_web_addresses_are_taken(url):
    assert problem(url) is None


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("talk.mp3", "begins with https://"),
        ("ftp://example.org/a.mp3", "not ftp://"),
        ("file:///etc/passwd", "not file://"),
        ("https://me:secret@example.org/a.mp3", "user's name or password"),
        ("https://example.org/a.mp3#t=10", "take out '#'"),
        ("https://example.org/a b.mp3", "%20 for a blank"),
        ("https://example.org/a\x1b[31m.mp3", "write https://HOST/PATH"),
        ("https:///a.mp3", "write https://HOST/PATH"),
        ("https://example.org:99999/a.mp3", "host or port"),
        ("https://example.org:0/a.mp3", "host or port"),
        ("https://[::1/a.mp3", "host or port"),
    ],
)
def test_what_no_service_fetches_is_refused_with_the_way_out(url, words):
    assert words in (problem(url) or "")


def test_the_digest_is_of_address_mark_and_size():
    digest = content_digest("https://example.org/a.mp3", '"v1"', 10)
    assert digest == hashlib.sha256(b'url\nhttps://example.org/a.mp3\n"v1"\n10').hexdigest()
    assert digest != content_digest("https://example.org/a.mp3", '"v2"', 10)
    assert print_of(digest) == digest[:12]
