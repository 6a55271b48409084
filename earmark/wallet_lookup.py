"""The wallet as `plan` shows it: asked in the background while files are read, never waited for long."""

import queue
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from manifests.catalogue import Product
from manifests.errors import EarmarkError
from manifests.money import Cents, Rate

T = TypeVar("T")

PATIENCE = 8.0
"""Seconds that a finished plan waits for the wallet; a plan is complete without it."""


@dataclass(frozen=True, slots=True)
class WalletView:
    """The balance in cents, and the live rates by the wallet's service types; None: they cannot be read.

    `types` are the names that the wallet lists besides; they choose where a service has several prices.
    """

    balance: Cents
    rates: Mapping[str, Rate] | None
    low: bool = False
    types: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class NoWallet:
    """The wallet could not be read; `reason` is one plain sentence."""

    reason: str


Answer: TypeAlias = WalletView | NoWallet
Lookup: TypeAlias = Callable[[], WalletView]
"""Asks the service; raises `EarmarkError`."""


class Pending(Generic[T]):
    """An answer that is on its way."""

    def __init__(self, lookup: Callable[[], T]) -> None:
        """Ask in the background; `lookup` asks the service and may raise `EarmarkError`."""
        self._answers: queue.SimpleQueue[T | NoWallet | Exception] = queue.SimpleQueue()
        # A daemon: a server that never answers must not keep the finished command from ending.
        threading.Thread(target=self._ask, args=(lookup,), daemon=True).start()

    def _ask(self, lookup: Callable[[], T]) -> None:
        try:
            self._answers.put(lookup())
        except EarmarkError as error:
            self._answers.put(NoWallet(str(error)))
        except Exception as error:  # noqa: BLE001 - raised again where the answer is awaited
            self._answers.put(error)

    def answer(self, patience: float = PATIENCE) -> T | NoWallet:
        """The answer, or that there was none within so many seconds."""
        try:
            found = self._answers.get(timeout=patience)
        except queue.Empty:
            return NoWallet(f"no answer within {patience:g} s")
        if isinstance(found, Exception):
            raise found
        return found


@dataclass(frozen=True, slots=True)
class Moved:
    """A product whose live rate is not the catalogue's; `live` is None where the service names none."""

    product: str
    planned: Rate
    live: Rate | None


def moved(
    products: Sequence[Product],
    rates: Mapping[str, Rate] | None,
    types: Collection[str] = (),
    multipliers: Mapping[str, Rate] | None = None,
) -> tuple[Moved, ...]:
    """The products whose live rates differ, each by the name under which it is sold.

    Args:
        products: of the catalogue.
        rates: cents a minute by the wallet's names; None where they are not known.
        types: the names that the wallet lists.
        multipliers: credits a minute by the account's names; None where they are not known.
    """
    from runner.api.service_types import credit_rate, live_rate

    found: list[Moved] = []
    for product in products:
        if product.currency == "credits":
            live = product.rate if multipliers is None else credit_rate(product, multipliers)
        else:
            live = product.rate if rates is None else live_rate(product, rates, types)
        if live != product.rate:
            found.append(Moved(product.name, product.rate, live))
    return tuple(found)
