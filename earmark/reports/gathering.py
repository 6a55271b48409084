"""What a report says of all items together: by service, by folder, over time. They are gone through once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from earmark.reports.document import Drift, Item, Moment, Share
from earmark.reports.shares import SAVED, Folders, Services
from earmark.reports.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Gathered:
    """The sums."""

    services: list[Share]
    folders: list[Share]
    timeline: list[Moment]
    drift: list[Drift]  # over all items that are billed


class Gathering:
    """Adds up items that pass by.

    The timeline has those that are saved, but for those that another line or manifest bought: that was
    another run's.
    """

    def __init__(self) -> None:
        self._services, self._folders, self._timeline = Services(), Folders(), Timeline()
        self._billed: dict[str, tuple[int, int]] = {}

    def add(self, item: Item) -> None:
        """One more item."""
        self._services.add(item)
        self._folders.add(item)
        if item.charged is not None and item.currency == "cents":
            expected, charged = self._billed.get(item.service, (0, 0))
            self._billed[item.service] = expected + item.expected, charged + item.charged
        if item.fate == SAVED and item.since is not None and not (item.shared or item.paid_before):
            cents = (item.charged or 0) + item.held if item.currency == "cents" else 0
            self._timeline.add(datetime.fromisoformat(item.since).timestamp(), cents)

    def found(self) -> Gathered:
        """The sums of all so far."""
        drift = [Drift(service, *sums) for service, sums in self._billed.items()]
        return Gathered(self._services.shares(), self._folders.shares(), self._timeline.moments(), drift)


def gather(items: Iterable[Item]) -> Gathered:
    """Go through the items, once."""
    gathering = Gathering()
    for item in items:
        gathering.add(item)
    return gathering.found()
