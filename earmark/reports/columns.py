"""The table of services and of folders, for every view that has one: before anything is bought, and after."""

from collections.abc import Sequence

from earmark.reports.document import Report, Share
from earmark.screens.money import both
from earmark.screens.words import long
from manifests.money import show

PLANNED = ("items", "length", "price", "at most")
BOUGHT = ("items", "done", "length", "price", "charged")


def columns(report: Report) -> Sequence[str]:
    """The heads of the columns behind the name."""
    bought = any(each.done or each.charged or each.held for each in report.services)
    return BOUGHT if bought else PLANNED


def cells(share: Share, heads: Sequence[str]) -> list[str]:
    """A row's cells under these heads."""
    told = {
        "items": f"{share.items:,}",
        "done": f"{share.done:,}",
        "length": long(share.ms),
        "price": both(share.expected, share.credits),
        "at most": show(share.ceiling),
        "charged": show(share.charged),
    }
    return [told[head] for head in heads]
