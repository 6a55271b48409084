"""What a report says of all items together: by service, by folder, over time. They are gone through once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from earmark.reports.document import Item, Moment, Share
from earmark.reports.shares import SAVED, Folders, Services
from earmark.reports.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Gathered:
    """The sums."""

    services: list[Share]
    folders: list[Share]
    timeline: list[Moment]


def gather(items: Iterable[Item]) -> Gathered:
    """Go through the items.

    The timeline has those that are saved, but for those that another line or manifest bought: that was
    another run's.
    """
    services, folders, timeline = Services(), Folders(), Timeline()
    for item in items:
        services.add(item)
        folders.add(item)
        if item.fate == SAVED and item.since is not None and not (item.shared or item.paid_before):
            cents = (item.charged or 0) + item.held if item.currency == "cents" else 0
            timeline.add(datetime.fromisoformat(item.since).timestamp(), cents)
    return Gathered(services.shares(), folders.shares(), timeline.moments())
