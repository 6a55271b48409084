"""What a run leaves of a manifest as it met it, so that its standing can be told from the ledger alone."""

from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec.structs import astuple

from runner.ledger.interface import Ledger
from runner.lines import Line

_KEY = "lines of {}"
"""Under it the ledger keeps a manifest's stamp."""


class Lines(msgspec.Struct, frozen=True):
    """The sums of all lines, as they cost if they have to be paid; cents and credits apart."""

    items: int = 0
    expected: int = 0
    ceiling: int = 0
    credit_items: int = 0
    credits: int = 0
    credits_ceiling: int = 0

    def plus(self, other: "Lines") -> "Lines":
        """The sums of both."""
        return Lines(*map(sum, zip(astuple(self), astuple(other), strict=True)))


class Stamp(msgspec.Struct, frozen=True):
    """A manifest's file when it was last run, and its lines."""

    size: int  # bytes
    mtime_ns: int
    lines: Lines
    plain: bool  # whether the ledger knew lines by nothing else than what they say


def mark_of(path: Path) -> tuple[int, int] | None:
    """What differs once a file was written to; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def lines_sum(lines: Iterable[Line]) -> Lines:
    """The sums of these lines."""
    sums = {"cents": [0, 0, 0], "credits": [0, 0, 0]}
    for line in lines:
        own = sums[line.product.currency]
        own[0] += 1
        own[1] += line.expected
        own[2] += line.ceiling
    return Lines(*sums["cents"], *sums["credits"])


def put_stamp(ledger: Ledger, manifest_id: str, stamp: Stamp) -> None:
    """Keep it; inside a transaction."""
    ledger.set_meta(_KEY.format(manifest_id), msgspec.json.encode(stamp).decode())


def stamp_of(ledger: Ledger, manifest_id: str) -> Stamp | None:
    """The stamp of a manifest's last run, if it left one that can be read."""
    text = ledger.meta(_KEY.format(manifest_id))
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=Stamp)
    except msgspec.MsgspecError:
        return None
