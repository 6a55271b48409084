"""Addresses that a service fetches a recording from itself: which are taken, and how they are recognised."""

import hashlib
import re
from urllib.parse import urlsplit

from manifests.content import PRINT_DIGITS

ADDRESS = re.compile(r"https?://[^\s/?#@]+(?:[/?][^\s#]*)?", re.ASCII | re.IGNORECASE)
"""Web addresses without a user's name, white space or a fragment."""

_USER = re.compile(r"^([^:/?#]*://)[^/?#]*@")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def problem(url: str) -> str | None:
    """What is wrong with an address, with the way out; None where it is right."""
    if not ADDRESS.fullmatch(url) or _CONTROL.search(url):
        return _fault(url)
    return None if _reachable(url) else "its host or port cannot be: write https://HOST/PATH"


def _reachable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:  # no number, no closed bracket
        return False


def _fault(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    if not separator:
        return "an address begins with https:// or http://"
    if scheme.lower() not in ("http", "https"):
        return f"only https:// and http:// are fetched, not {scheme}://"
    if "@" in re.split(r"[/?#]", rest, maxsplit=1)[0]:
        return "it holds a user's name or password, which a manifest would keep: take it out"
    if "#" in rest:
        return "take out '#' and what follows: no server is told of it"
    return "write https://HOST/PATH, with %20 for a blank"


def without_user(url: str) -> str:
    """The address for a message: what stands before its host may be a password."""
    return _USER.sub(r"\1***@", url)


def content_digest(url: str, mark: str = "", size: int = 0) -> str:
    """The digest that stands for what lies at an address, 64 hex digits.

    Args:
        url: the address.
        mark: the server's ETag or Last-Modified; empty where it gave none or was not asked.
        size: bytes; 0 where it is not known.
    """
    return hashlib.sha256(f"url\n{url}\n{mark}\n{size}".encode()).hexdigest()


def print_of(digest: str) -> str:
    """The print of a line with such a digest."""
    return digest[:PRINT_DIGITS]
