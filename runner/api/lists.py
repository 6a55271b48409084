"""Job lists, page by page, of services that page in different ways or not at all (docs/api.md 6)."""

from collections.abc import Iterator

from runner.api import answers, jobs
from runner.api.adapter import Adapter
from runner.api.errors import CallRefused, Gone, ServiceDown
from runner.api.interface import JobsPage
from runner.api.reads import Reads

PAGE = 100
"""Jobs asked for at once: the most that any list is known to give. Fewer may come."""

MOST_PAGES = 10_000
"""A list that goes on longer than a million jobs makes them up."""


def pages(reads: Reads, adapter: Adapter) -> Iterator[JobsPage]:
    """The pages of a service's list, each job once, until a page brings nothing new.

    A list that ignores the paging names gives its first page for ever (docs/api.md 1); one that
    caps the page size gives short pages that are not the last. So only a page without a new job
    ends it, or the list's own word (`hasMore`, `total`).

    Raises:
        ApiError: a page that did not come or was no list.
    """
    if not adapter.jobs_path:
        return
    seen: set[str] = set()
    start = 0
    for _ in range(MOST_PAGES):
        try:
            value = _page(reads, adapter, start)
        except Gone:
            if start:  # beyond its last job
                return
            raise
        try:
            found = answers.entries(value)
        except answers.UnreadableError as error:
            raise ServiceDown(f"{adapter.jobs_path}: {error}") from None
        shown = [job for entry in found if (job := jobs.listed(entry, adapter.lengths))]
        fresh = tuple({job.job_id: job for job in shown if job.job_id not in seen}.values())
        if not fresh:
            return
        yield JobsPage(fresh)
        seen.update(job.job_id for job in fresh)
        start += len(found)
        if _ended(value, start):
            return
    raise ServiceDown(f"{adapter.jobs_path}: the list does not end: {len(seen):,} jobs so far")


def _page(reads: Reads, adapter: Adapter, start: int) -> object:
    skip = dict.fromkeys(adapter.paging, start)
    try:
        return reads.json(adapter.jobs_path, {**adapter.listing, **skip, "limit": PAGE})
    except CallRefused:  # its largest page is smaller than ours: its own default then
        return reads.json(adapter.jobs_path, skip)


def _ended(value: object, start: int) -> bool:
    if not isinstance(value, dict):
        return False
    more = value.get("hasMore", value.get("has_more"))
    total = answers.whole(value.get("total"))
    return more is False or (total is not None and start >= total)
