"""How quickly a run in another terminal goes, and about how long it still takes: as the ledger tells it."""

from collections.abc import Mapping
from dataclasses import dataclass

from earmark.time_left import FEWEST, SOONEST, WINDOW
from manifests.money import Rate
from runner.ledger.interface import Ledger
from runner.ledger.lately import Lately


@dataclass(frozen=True, slots=True)
class Pace:
    """Of one run; minutes of audio as they are billed."""

    since: float  # when the run began, seconds since 1970
    minutes: float | None  # done in a minute; None while nobody can tell
    left: float | None  # seconds


def pace_of(
    ledger: Ledger, manifest_id: str, rates: Mapping[str, Rate], now: float, *, many: bool = False
) -> Pace | None:
    """The pace of the run that is under way; None where no run is known.

    Args:
        ledger: of this wallet.
        manifest_id: of the run.
        rates: of the manifest, by product.
        now: seconds since 1970.
        many: the manifest has so many lines that they are not all looked at; then what waits is not known.
    """
    found = ledger.lately(manifest_id, now - WINDOW, waiting=not many)
    if found is None:
        return None
    worked = now - found.since
    done = _minutes(found.saved, rates)
    if found.items < FEWEST or now - found.started < SOONEST or worked <= 0 or not done:
        return Pace(found.started, None, None)
    rest = _minutes(found.under_way, rates) + _to_buy(found, rates)
    left = None if many and found.allotted else rest * worked / done
    return Pace(found.started, done * 60 / worked, left or None)


def _to_buy(found: Lately, rates: Mapping[str, Rate]) -> float:
    """Minutes that wait, as far as the run has money allotted for them."""
    cents = sum(found.waiting.values())
    if not cents:
        return 0.0
    return _minutes(found.waiting, rates) * min(1.0, found.allotted / cents)


def _minutes(prices: Mapping[str, int], rates: Mapping[str, Rate]) -> float:
    return float(sum(cents / rates[product] for product, cents in prices.items() if rates.get(product)))
