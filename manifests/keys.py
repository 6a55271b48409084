"""Content keys and tokens: how a purchase is recognised on both sides of the wire.

The content key says what is bought: the digest of the audio, the service, the variant, the
submit options in wire values, and the generation. The token says which attempt bought it. The
service keeps the file name of an upload, so its own job list is a second ledger.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import msgspec

KEY_PART = 16
"""Hex digits of the content key in a token: 64 bits tell the purchases of one wallet apart."""

RANDOM_PART = 16
MARK = "ek-"
"""How every token begins."""

TOKEN = re.compile(rf"ek-(?P<key>[0-9a-f]{{{KEY_PART}}})-(?P<random>[0-9a-f]{{{RANDOM_PART}}})")
TOKEN_ANY_CASE = re.compile(TOKEN.pattern, re.IGNORECASE)
STEM_LENGTH = 80
"""Characters of the source's own name that an upload's name keeps."""

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def content_key(sha256: str, product: str, submit_options: Mapping[str, object], generation: int = 0) -> str:
    """The content key, 64 hex digits.

    Args:
        sha256: digest of the audio.
        product: canonical `service[:variant]`.
        submit_options: wire values with defaults filled in (`manifests.options.submitted`).
        generation: raised to buy the same again on purpose.
    """
    parts = {"audio": sha256, "product": product, "options": dict(submit_options), "generation": generation}
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()


CLONE = "clone:"
"""Before the content key of a clone, where a purchase names no voice of the service but one to be made."""


def voiced(submit_options: Mapping[str, object], option: str, clone_key: str) -> dict[str, object]:
    """Submit options that speak with the voice of a clone.

    Args:
        submit_options: without a voice.
        option: the service's option that names a voice.
        clone_key: the content key of the clone.
    """
    return {**submit_options, option: f"{CLONE}{clone_key}"}


@dataclass(frozen=True, slots=True)
class Token:
    """The mark of one attempt: `ek-<16 of the content key>-<16 random>`."""

    text: str

    @property
    def key_part(self) -> str:
        """The first digits of the content key that this token was made for."""
        match = TOKEN.fullmatch(self.text)
        assert match is not None
        return match["key"]


def new_token(key: str, random_hex: Callable[[int], str]) -> Token:
    """A token for one attempt; `random_hex(n)` gives n random bytes as hex, as `secrets.token_hex`."""
    return Token(f"ek-{key[:KEY_PART]}-{random_hex(RANDOM_PART // 2)}")


def find_tokens(texts: Iterable[str]) -> set[Token]:
    """Every token that appears anywhere in the texts."""
    lower = (text.lower() for text in texts)
    return {Token(match[0]) for text in lower if MARK in text for match in TOKEN.finditer(text)}


def upload_name(stem: str, token: Token, extension: str) -> str:
    """The part's file name: safe stem + `.` + token + extension.

    Only letters, digits, `.`, `_` and `-` of the source's name go out, so that no server, log or
    terminal is surprised by it. A token in the source's name (a file that came back from the service)
    is taken out: an upload's name proves one attempt and no other.
    """
    unmarked = TOKEN_ANY_CASE.sub("_", _UNSAFE.sub("_", stem))
    safe = unmarked.strip("._")[:STEM_LENGTH] or "audio"
    ending = _UNSAFE.sub("", extension).lower()[:10]
    return f"{safe}.{token.text}{ending}"
