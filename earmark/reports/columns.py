"""The table of services and of folders, for every view that has one: before anything is bought, and after."""

from collections.abc import Sequence

from earmark.reports.document import Report, Share
from earmark.screens.money import both
from earmark.screens.words import long

PLANNED = ("items", "length", "price", "at most")
BOUGHT = ("items", "done", "length", "price", "charged")


def bought(report: Report) -> bool:
    """Whether anything was paid, or may have been; else the report is about what it would cost."""
    return any(
        each.done or each.charged or each.held or each.credits_charged or each.credits_held
        for each in report.services
    )


def columns(report: Report) -> Sequence[str]:
    """The heads of the columns behind the name."""
    return BOUGHT if bought(report) else PLANNED


def cells(share: Share, heads: Sequence[str]) -> list[str]:
    """A row's cells under these heads."""
    told = {
        "items": f"{share.items:,}",
        "done": f"{share.done:,}",
        "length": long(share.ms),
        "price": both(share.expected, share.credits),
        "at most": both(share.ceiling, share.credits_ceiling),
        "charged": both(share.charged, share.credits_charged),
    }
    return [told[head] for head in heads]
