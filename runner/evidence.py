"""What the service shows that may be the job whose answer was lost: evidence, not proof."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from manifests.catalogue import Service
from manifests.keys import Token
from manifests.money import MS_PER_SECOND, Cents
from runner.api.interface import Job, JobApi, JobStatus, UsageRow
from runner.api.service_types import owners
from runner.billed import billed_jobs
from runner.reconcile import Doubt, is_anothers
from runner.spoken import shows_words

PAGES = 50
"""Pages read at most of a list, and of the usage rows: 5,000 jobs."""

EARLY = 600.0
"""Seconds that a job may seem to be older than its reservation: clocks differ."""

LATE = 3600.0
"""Seconds from the loss of an answer to the latest time at which its job may have been made."""

BILLED_LATE = 24 * 3600.0
"""Seconds from the loss of an answer to the latest time of its usage row, written when a job ends."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One job that this ledger does not know, from its list entry, its usage rows, or both."""

    service: str
    job_id: str
    job: Job | None = None
    seconds: int | None = None  # whole seconds, as billed or as measured
    cents: Cents | None = None  # charged; None where no usage row was seen
    billed: str = ""  # RFC 3339, of the usage row

    @property
    def status(self) -> JobStatus | None:
        """The job's status; None where only a usage row tells of it."""
        return self.job.status if self.job else None

    @property
    def created(self) -> str:
        """When it was made, or billed where that is all that is known."""
        return (self.job.created if self.job else "") or self.billed


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look at the service brought."""

    jobs: Mapping[str, tuple[Job, ...]]  # by service, newest first
    sightings: tuple[Sighting, ...]  # of jobs that the ledger does not know


def look(
    api: JobApi, doubts: Iterable[Doubt], services: Mapping[str, Service], known: Mapping[str, set[str]]
) -> Seen:
    """Read the job lists and the usage rows, back to the time of the oldest doubt.

    Args:
        api: is asked.
        doubts: to be cleared.
        services: they are about, by name.
        known: job numbers that the ledger has, by service.

    Raises:
        ApiError: no answer.
    """
    since = min((doubt.attempt.created for doubt in doubts), default=0.0) - EARLY
    jobs = {name: tuple(_jobs(api, name, since, known.get(name, set()))) for name in services}
    rows = list(_rows(api, since))
    return Seen(jobs, tuple(_sightings(jobs, rows, services, known)))


def evidence(doubt: Doubt, sightings: Iterable[Sighting]) -> list[Sighting]:
    """The sightings that may be a doubt's job: same audio first, then the nearest in time."""
    found = [each for each in sightings if _may_be(doubt, each)]
    return sorted(found, key=lambda each: (not same_audio(doubt, each), _distance(doubt, each)))


def same_audio(doubt: Doubt, sighting: Sighting) -> bool:
    """Whether a job's name says that it was made of the same audio with the same options."""
    wanted = Token(doubt.attempt.token).key_part
    return sighting.job is not None and any(token.key_part == wanted for token in sighting.job.tokens)


def _may_be(doubt: Doubt, sighting: Sighting) -> bool:
    if sighting.service != doubt.attempt.service or not doubt.fits(sighting.seconds):
        return False
    if sighting.job is not None and is_anothers(doubt, sighting.job):
        return False
    made = sighting.job.created if sighting.job else ""
    late = LATE if made else BILLED_LATE
    at = _seconds(sighting.created)
    return at is None or doubt.attempt.created - EARLY <= at <= doubt.attempt.changed + late


def _distance(doubt: Doubt, sighting: Sighting) -> float:
    at = _seconds(sighting.created)
    return float("inf") if at is None else abs(at - doubt.attempt.created)


def _seconds(moment: str) -> float | None:
    return datetime.fromisoformat(moment).astimezone(UTC).timestamp() if moment else None


def _jobs(api: JobApi, service: str, since: float, known: set[str]) -> Iterator[Job]:
    if shows_words(service):  # it has no list
        yield from billed_jobs(api, service, since, known)
        return
    for number, page in enumerate(api.pages(service)):
        yield from page.jobs
        if number + 1 >= PAGES or _all_older((job.created for job in page.jobs), since):
            return


def _rows(api: JobApi, since: float) -> Iterator[UsageRow]:
    for number, page in enumerate(api.usage_pages()):
        yield from (row for row in page if row.priced)
        if number + 1 >= PAGES or _all_older((row.created for row in page), since):
            return


def _all_older(moments: Iterable[str], since: float) -> bool:
    """Whether a page lies before a time as a whole; one without times does not tell."""
    times = [_seconds(moment) for moment in moments]
    return bool(times) and all(at is not None and at < since for at in times)


def _sightings(
    jobs: Mapping[str, Iterable[Job]],
    rows: Iterable[UsageRow],
    services: Mapping[str, Service],
    known: Mapping[str, set[str]],
) -> Iterator[Sighting]:
    found: dict[tuple[str, str], Sighting] = {}
    for service, listed in jobs.items():
        for job in listed:
            length = None if job.ms is None else -(-job.ms // MS_PER_SECOND)
            found[service, job.job_id] = Sighting(service, job.job_id, job, length)
    for row in rows:
        for key in _jobs_of(row, services, found, known):
            found[key] = _billed(found.get(key, Sighting(*key)), row)
    return (each for key, each in found.items() if each.job_id not in known.get(key[0], ()))


def _jobs_of(
    row: UsageRow,
    services: Collection[str],
    found: Collection[tuple[str, str]],
    known: Mapping[str, set[str]],
) -> list[tuple[str, str]]:
    """The jobs that a row may bill: one of the ledger or of a list, else one of each service of its name."""
    names = [name for name in owners(row.service_type) if name in services and row.job_id]
    keys = [(name, row.job_id) for name in names]
    told = [key for key in keys if row.job_id in known.get(key[0], ()) or key in found]
    return told[:1] or keys


def _billed(sighting: Sighting, row: UsageRow) -> Sighting:
    """A sighting with one more of its usage rows: several of one job add up."""
    cents = Cents((sighting.cents or 0) + row.cents)
    seconds = sighting.seconds if row.seconds is None else row.seconds
    return replace(sighting, cents=cents, seconds=seconds, billed=sighting.billed or row.created)
