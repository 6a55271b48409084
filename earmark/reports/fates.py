"""What became of items and runs: which ends need somebody, what they mean, the first of each."""

from collections.abc import Collection, Iterable, Mapping

from earmark.reports.document import Item, Report

FAILED = ("failed", "rejected", "lost")
"""Ends without a result."""

UNSURE = ("in doubt", "not saved", "stale")
"""Ends that somebody, or another run, has to look at."""

OPEN = ("waiting", "skipped", "running", "sending")
"""No ends yet."""

MEANINGS: Mapping[str, str] = {
    "saved": "on disk",
    "running": "the service works on them",
    "sending": "on their way up",
    "not saved": "paid, a result is missing on disk",
    "in doubt": "the answer was lost: perhaps paid, set aside",
    "failed": "failed at the service",
    "rejected": "refused by the service, not charged",
    "lost": "paid, and the service no longer has the result",
    "stale": "the file changed since planning",
    "skipped": "changed, and left out as asked",
    "waiting": "not sent",
}


def first_of(report: Report, fates: Collection[str], most: int) -> Mapping[str, list[Item]]:
    """The first `most` items of each of these ends; no more items are gone through than that takes."""
    missing = {each.fate: min(most, each.items) for each in report.fates if each.fate in fates}
    found: dict[str, list[Item]] = {fate: [] for fate in fates if fate in missing}
    for item in _until_found(report.items, missing):
        found[item.fate].append(item)
    return found


def last_run(report: Report) -> str:
    """How the last run ended, if not well; empty else: what the ledger holds of items does not tell."""
    if report.running or not report.runs:
        return ""
    last = report.runs[-1]
    if last.ended is None:
        return f"began {last.started}, and was killed"
    return f"ended {last.ended}, exit {last.exit}: {last.outcome}" if last.exit else ""


def _until_found(items: Iterable[Item], missing: dict[str, int]) -> Iterable[Item]:
    left = sum(missing.values())
    if not left:
        return
    for item in items:
        if missing.get(item.fate):
            missing[item.fate] -= 1
            left -= 1
            yield item
            if not left:
                return
