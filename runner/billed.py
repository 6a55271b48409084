"""The wallet's usage rows since a moment, and the jobs behind them: what was billed late, what was lost.

Where a service has no list, a lost answer's job shows there.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from runner.api.errors import CallRefused, Gone
from runner.api.interface import Job, JobApi, UsageRow
from runner.api.service_types import is_of
from runner.ledger.interface import Ledger

PAGES = 20
"""Pages of usage rows read at most: 2,000 charges."""

LOOKS = 200
"""Jobs looked at at most in one search."""

LATE = 7 * 24 * 3600.0
"""Seconds in which a charge may still come for a failed job whose hold was given back."""

CLOCKS_DIFFER = 3600.0
"""Seconds by which the service's clock may be behind ours."""


def billed_jobs(api: JobApi, service: str, since: float, known: Collection[str]) -> Iterator[Job]:
    """The service's jobs that were billed since a moment and that nobody here knows, newest first.

    Args:
        api: is asked; one call a page of rows, one a job.
        service: in the catalogue.
        since: seconds since 1970.
        known: job numbers to leave out.

    Raises:
        ApiError: no answer.
    """
    looked: set[str] = set(known)
    for row in rows_since(api, since - CLOCKS_DIFFER):
        if row.job_id and row.job_id not in looked and is_of(service, row.service_type):
            looked.add(row.job_id)
            try:
                yield api.job(service, row.job_id)
            except (Gone, CallRefused):  # a job of another service under a name that two share
                continue
            if len(looked) >= len(known) + LOOKS:
                return


def billed_late(api: JobApi, ledger: Ledger, manifest_id: str, now: float) -> list[UsageRow]:
    """The rows among which a job for the manifest's items may be that failed and was given back too early.

    None where nothing was given back lately, or where the rows may not be read.

    Raises:
        ApiError: no answer.
    """
    jobs = ledger.released(manifest_id, now - LATE)
    if not jobs:
        return []
    try:
        return list(rows_since(api, min(job.created for job in jobs) - CLOCKS_DIFFER))
    except (Gone, CallRefused):
        return []


def rows_since(api: JobApi, since: float) -> Iterator[UsageRow]:
    """The rows of a moment and later, newest first; pages end the reading when all of one is older."""
    for number, page in enumerate(api.usage_pages()):
        fresh = [row for row in page if _is_since(row, since)]
        yield from fresh
        if number + 1 >= PAGES or not fresh:
            return


def _is_since(row: UsageRow, since: float) -> bool:
    """Whether a row may be of that time; one without a time may be of any."""
    return not row.created or datetime.fromisoformat(row.created).astimezone(UTC).timestamp() >= since
