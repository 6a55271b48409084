"""Where the service lives, and which addresses may be asked for what.

The key goes to the base address and nowhere else. Result addresses on other hosts are fetched
without it (docs/api.md 1), and only over https unless everything is on this machine.
"""

import ipaddress
from dataclasses import dataclass
from functools import lru_cache
from typing import Self
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from manifests.errors import UsageError

DEFAULT_BASE = "https://api.audiopod.ai"
DEFAULT_MEDIA = "https://media.audiopod.ai"
API_PREFIX = "/api/"
"""Calls lie under it; any other path of the service's own host is a signed link, which needs no key."""

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Base:
    """The service's base address, without a trailing slash."""

    url: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Check a base address as people write it.

        Raises:
            UsageError: not an address, or one to which the key must not be sent.
        """
        parts = _split(text.strip())
        if parts is None or parts.query or parts.fragment:
            raise UsageError(f"{_shown(text)} is no base address: write it like {DEFAULT_BASE}")
        if parts.username is not None or parts.password is not None:
            raise UsageError("the base address must not carry a user or a password: the key is sent instead")
        if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
            raise UsageError(
                f"{_shown(text)} would send the key unencrypted: use https (http is for loopback only)"
            )
        return cls(f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}")

    @property
    def local(self) -> bool:
        """Whether the service runs on this machine, as the simulator does."""
        return is_loopback(_own(self.url)[0][1])

    def absolute(self, address: str) -> str:
        """The address as an absolute one; relative ones are taken from the base."""
        try:
            return urljoin(f"{self.url}/", address.strip())
        except ValueError:  # such as http://[ : shown later as an address that cannot be fetched
            return address

    def media(self, key: str) -> str:
        """Where what is stored under a key lies; the key of this client never goes there (docs/api.md 10).

        The service has a host for it; of any other address the same lies under `/media/`. Where an
        address stands in place of the key, it is that.
        """
        if _split(key):
            return key
        host = DEFAULT_MEDIA if self.url == DEFAULT_BASE else f"{self.url}/media"
        return f"{host}/{quote(key.lstrip('/'), safe='/')}" if key else ""

    def is_call(self, address: str) -> bool:
        """Whether an absolute address is a call of the service itself, so that the key may go to it."""
        if self._begins(address):
            return True
        parts = _split(address)
        if parts is None:
            return False
        origin, path = _own(self.url)
        return _origin(parts) == origin and parts.path.startswith(path + API_PREFIX)

    def _begins(self, address: str) -> bool:
        """Whether it is written as this address and a call, as most are: then nothing is taken apart."""
        return address.startswith(f"{self.url}{API_PREFIX}") and address.isprintable() and not _odd(address)

    def may_fetch(self, address: str) -> bool:
        """Whether a result address may be followed: https, or http where all is on this machine."""
        if self._begins(address):
            return True
        parts = _split(address)
        if parts is None:
            return False
        return parts.scheme == "https" or (self.local and is_loopback(parts.hostname or ""))


@lru_cache(maxsize=8)
def _own(url: str) -> tuple[tuple[str, str, int], str]:
    """Origin and path of a base address, which every call is compared with."""
    parts = urlsplit(url)
    return _origin(parts), parts.path


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split(text: str) -> SplitResult | None:
    """The parts of an absolute http or https address, or None."""
    if not text.isprintable() or _odd(text):
        return None
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme in _PORTS and parts.hostname else None


def _odd(text: str) -> bool:
    return " " in text or "\\" in text


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, (parts.hostname or "").lower(), parts.port or _PORTS[parts.scheme]


def _shown(text: str) -> str:
    """The address for a message, without a password, or a key behind a `?`, that it may carry."""
    text, question, _ = text.partition("?")
    text += f"{question}…" if question else ""
    head, at, tail = text.rpartition("@")
    scheme, _, _ = head.partition("://")
    return repr(f"{scheme}://…@{tail}" if at else text)
