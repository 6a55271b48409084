"""Addresses in messages hold no password."""

import pytest

from manifests.addresses import without_user


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://anna:secret@example.org/a.mp3", "https://***@example.org/a.mp3"),
        ("https://token@example.org", "https://***@example.org"),
        ("https://example.org/a@b.mp3?mail=x@y", "https://example.org/a@b.mp3?mail=x@y"),
        ("no address", "no address"),
    ],
)
def test_what_stands_before_the_host_is_not_shown(url, shown):
    assert without_user(url) == shown
