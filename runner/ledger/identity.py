"""Which keys belong to a ledger's wallet: salted fingerprints of them, never the keys.

A ledger counts the money of one wallet. Two keys may open the same wallet, and only a person can
tell; so a key that a ledger has not seen is not used with it before somebody has.

Ledgers of several wallets at one service lie side by side: `ledger.db`, `ledger-2.db`, ... A key
finds its own by its fingerprint.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from enum import StrEnum
from itertools import count
from pathlib import Path

from manifests.errors import EarmarkError
from manifests.exits import Exit
from runner.ledger.interface import Ledger, NoLedgerYet
from runner.ledger.sqlite.ledger import SqliteLedger

SALT = "key salt"
KEYS = "key fingerprints"
"""Where the ledger keeps them."""

SALT_BYTES = 16
DIGEST_BYTES = 16


class AnotherKey(EarmarkError):
    """A key that this ledger has not seen, and nobody has said whose it is."""

    exit_code = Exit.KEY


class Kinship(StrEnum):
    """What a ledger knows of a key."""

    FIRST = "first"  # the ledger has seen no key yet, or has counted no money with any
    KNOWN = "known"
    OTHER = "other"


def kinship(ledger: Ledger, key: str) -> Kinship:
    """What the ledger knows of a key."""
    salt = ledger.meta(SALT)
    if salt is not None and fingerprint(key, salt) in _known(ledger):
        return Kinship.KNOWN
    # A key with a typing error must not make the right one a stranger.
    return Kinship.OTHER if salt is not None and _counts_money(ledger) else Kinship.FIRST


def remember(ledger: Ledger, key: str) -> None:
    """Record that a key opens this ledger's wallet; inside a transaction."""
    salt = ledger.meta(SALT)
    if salt is None:
        salt = secrets.token_hex(SALT_BYTES)
        ledger.set_meta(SALT, salt)
    known = _known(ledger) if _counts_money(ledger) else []
    ledger.set_meta(KEYS, " ".join(dict.fromkeys([*known, fingerprint(key, salt)])))


def admit(ledger: Ledger, key: str, same_wallet: Callable[[], bool]) -> None:
    """Let a key use a ledger; `same_wallet()` is asked about one that the ledger has not seen.

    Raises:
        AnotherKey: it is not known to be a key of the same wallet.
    """
    found = kinship(ledger, key)
    if found is Kinship.KNOWN:
        return
    if found is Kinship.OTHER and not same_wallet():
        raise AnotherKey(
            f"the ledger {ledger.place} was made with another key; nothing was done. Is this a key of the"
            " same wallet? Then add --same-wallet, once. Is it of another wallet? Then"
            f" {ledger.another_wallet}"
        )
    with ledger.transaction():
        remember(ledger, key)


def is_open_to(path: Path, key: str, clock: Callable[[], float]) -> bool:
    """Whether a key may use the ledger at a place without a question: none is there, or it knows the key."""
    return not path.exists() or kinship_at(path, key, clock) is not Kinship.OTHER


def place_of(first: Path, key: str, clock: Callable[[], float]) -> Path:
    """The ledger, of those beside the first, that knows a key; the first where none does.

    Raises:
        MachineError: a ledger that cannot be read.
    """
    known = (path for path in beside(first) if kinship_at(path, key, clock) is Kinship.KNOWN)
    return next(known, first)


def new_place(first: Path) -> Path:
    """Where the ledger of one more wallet goes."""
    return next(path for path in _names(first) if not path.exists())


def for_new_wallet(found: Path, key: str, clock: Callable[[], float]) -> Path:
    """The ledger of a key that opens another wallet; `found` is what `place_of` gives, a first one if new."""
    return found if is_open_to(found, key, clock) else new_place(found)


def beside(first: Path) -> list[Path]:
    """All ledgers that are there, the first one's place first."""
    found: list[Path] = []
    for path in _names(first):
        if not path.exists():
            return found
        found.append(path)
    raise AssertionError("names never end")


def fingerprint(key: str, salt: str) -> str:
    """A short text that tells keys apart and says nothing about them."""
    return hashlib.blake2b(
        key.encode(), digest_size=DIGEST_BYTES, salt=bytes.fromhex(salt), person=b"earmark key"
    ).hexdigest()


def _known(ledger: Ledger) -> list[str]:
    return (ledger.meta(KEYS) or "").split()


def _counts_money(ledger: Ledger) -> bool:
    """Whether anything was ever bought, or may have been."""
    row = ledger.db.execute("SELECT 1 FROM attempts WHERE hold > 0 OR charge IS NOT NULL LIMIT 1").fetchone()
    return row is not None


def kinship_at(path: Path, key: str, clock: Callable[[], float]) -> Kinship:
    """What the ledger in a file knows of a key; nothing is written."""
    try:
        ledger = SqliteLedger.reading(path, clock)
    except NoLedgerYet:
        return Kinship.FIRST
    try:
        return kinship(ledger, key)
    finally:
        ledger.close()


def _names(first: Path) -> Iterator[Path]:
    yield first
    for number in count(2):
        yield first.with_stem(f"{first.stem}-{number}")
