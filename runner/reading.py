"""The engine's reads: what each asks of the service, and how far it pages."""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from runner.api.errors import Gone
from runner.api.interface import Job, JobApi, JobsPage, UsageRow, Wallet
from runner.api.service_types import listed, owners
from runner.billed import billed_jobs
from runner.engine.messages import (
    CreditsRead,
    Event,
    Listed,
    Looked,
    RatesRead,
    Read,
    ReadBilled,
    ReadCredits,
    ReadJob,
    ReadList,
    ReadRates,
    ReadUsage,
    UsageRead,
    WalletRead,
)

LIST_PAGES = 200
USAGE_PAGES = 200
"""Pages read at most in one go: 20,000 rows of 100 a page."""

Reader: TypeAlias = Callable[[JobApi, Read], Event]
"""Answers one read of the engine; raises `runner.api.errors.ApiError`. Called from several threads."""


def read(api: JobApi, action: Read) -> Event:  # noqa: PLR0911 - one line an action
    """Ask the service itself."""
    match action:
        case ReadList():
            return read_list(api, action)
        case ReadBilled(service, since, known):
            return Listed(service, tuple(billed_jobs(api, service, since, known)), frozenset())
        case ReadJob(part_id, service, job_id):
            return read_job(api, part_id, service, job_id)
        case ReadUsage():
            return read_usage(api, action)
        case ReadCredits():
            rows = api.credit_rows()
            return CreditsRead(None if rows is None else tuple(rows))
        case ReadRates():
            return RatesRead(api.rates(), listed(api))
        case _:
            return WalletRead(Wallet(api.balance(), api.credits()))


def read_list(api: JobApi, action: ReadList) -> Listed:
    """Page through a service's jobs until all that was asked for was seen."""
    return list_from(api.pages(action.service), action)


def list_from(pages: Iterable[JobsPage], action: ReadList) -> Listed:
    """The same over pages, newest first, of which no more are taken than needed."""
    jobs: list[Job] = []
    missing, searched = set(action.job_ids), set(action.tokens)
    for number, page in enumerate(pages):
        for job in page.jobs:
            # One without a status is taken for missing, so that it is looked at by itself.
            if (job.shown and job.job_id in action.job_ids) or not searched.isdisjoint(job.tokens):
                jobs.append(job)
            missing.discard(job.job_id)
            searched -= job.tokens
        if not (missing or searched) or number + 1 >= LIST_PAGES:
            break
    return Listed(action.service, tuple(jobs), action.job_ids)


def read_job(api: JobApi, part_id: int, service: str, job_id: str) -> Looked:
    """One job; None when the service no longer knows it."""
    try:
        return Looked(part_id, api.job(service, job_id))
    except Gone:
        return Looked(part_id, None)


def read_usage(api: JobApi, action: ReadUsage) -> UsageRead:
    """Usage rows, newest first, until all jobs asked for were seen or an earlier reading is met.

    A job may be billed by several rows, which a page's end may part: while a page ends with a row
    that was asked for, the next one is read, too.
    """
    return usage_from(api.usage_pages(), action)


def usage_from(pages: Iterable[tuple[UsageRow, ...]], action: ReadUsage) -> UsageRead:
    """The same over pages, newest first, of which no more are taken than needed."""
    rows: list[UsageRow] = []
    missing, joined = set(action.jobs), False
    for number, page in enumerate(pages):
        rows += page
        shown = [{(name, row.job_id) for name in owners(row.service_type)} for row in page]
        met = [row.row_id in action.known for row in page]
        joined = joined or any(met)
        missing.difference_update(*shown)
        if not missing and (joined or shown[-1].isdisjoint(action.jobs)):
            return UsageRead(tuple(rows), joined=joined)
        if (all(met) and newest_first(page)) or number + 1 >= USAGE_PAGES:
            break
    return UsageRead(tuple(rows))


def newest_first(page: tuple[UsageRow, ...]) -> bool:
    """Whether a page is in the usual order: in the other one, what is new comes last."""
    return not page or page[0].created >= page[-1].created
