"""What a look saw, as text for the ledger and back, without loss.

Numbers of the service that are no whole ones stay decimals, exactly as they were written.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias

import msgspec
from msgspec import Struct

from manifests.errors import MachineError
from manifests.money import Rate
from runner.api.interface import CreditRow, Job, UsageRow, Wallet


class Jobs(Struct, frozen=True, tag="jobs"):
    """Those jobs of a list that some run waited for when the look began, as far as the list shows them."""

    jobs: tuple[Job, ...]


class Usage(Struct, frozen=True, tag="usage"):
    """The newest usage rows, newest first, none missing in between.

    `whole` says that there are no older ones.
    """

    rows: tuple[UsageRow, ...]
    whole: bool


class Credits(Struct, frozen=True, tag="credits"):
    """The rows of the account's credits; None where the key may not see them."""

    rows: tuple[CreditRow, ...] | None


class Purse(Struct, frozen=True, tag="wallet"):
    """Balance and credits."""

    wallet: Wallet


class Rates(Struct, frozen=True, tag="rates"):
    """Live prices as exact fractions, cents a minute by service type, and the types listed besides."""

    rates: Mapping[str, str]
    types: frozenset[str]

    def exact(self) -> dict[str, Rate]:
        """The prices."""
        return {name: Rate(text) for name, text in self.rates.items()}


class NoAnswer(Struct, frozen=True, tag="no answer"):
    """The service was asked and did not answer.

    `down` tells a dead or failing service from one that has too many calls (429); `retry_after` are the
    seconds that it asks to wait, where it does.
    """

    down: bool
    reason: str
    retry_after: float | None


Body: TypeAlias = Jobs | Usage | Credits | Purse | Rates | NoAnswer

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DECODER = msgspec.json.Decoder(Body, float_hook=Decimal)


def written(body: Body) -> str:
    """The body as JSON."""
    return _ENCODER.encode(body).decode()


def read_back(text: str) -> Body:
    """The body of such a text.

    Raises:
        MachineError: it is none, or of another version of Earmark.
    """
    try:
        found: Body = _DECODER.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MachineError(f"the ledger holds a look that this Earmark cannot read: {error}") from error
    return found
