"""The service's job list as a second ledger: what it made and this ledger does not know is adopted.

A lost ledger, a second laptop, a ledger restored from an older copy: the token in an upload's name
says which content key it was bought for (docs/api.md 6).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from manifests.keys import KEY_PART, Token
from manifests.states import State
from runner.api.errors import CallRefused, Gone
from runner.api.interface import Job, JobApi, JobsPage, JobStatus
from runner.engine.task import Task
from runner.ledger.interface import AlreadyLive, Ledger
from runner.ledger.rows import Adoption, Move

PAGES = 200
"""Pages read at most: 20,000 jobs."""

_DEAD = frozenset({JobStatus.FAILED, JobStatus.CANCELLED})
_BEING_SENT = frozenset({State.RESERVED, State.UPLOADING, State.SENDING})
_SOUGHT = _BEING_SENT | {State.IN_DOUBT, State.GIVEN_UP}
"""Whose part is not bought again before it is clear what became of this."""

_MARK = "read back {}"
"""Under it the ledger keeps the last job of a list's first page as read; empty where that is no end."""


@dataclass(slots=True)
class _Found:
    """What one reading of a list showed."""

    strange: list[Job] = field(default_factory=list)  # with a token, and not known to the ledger; as listed
    mark: str = ""


class Lists:
    """The job lists of some services, each read once."""

    def __init__(self, api: JobApi, ledger: Ledger) -> None:
        self._api, self._ledger = api, ledger
        self._found: dict[str, _Found] = {}

    def of(self, service: str) -> _Found:
        """What a service's list shows and the ledger did not know when it was read.

        Raises:
            ApiError: it did not answer.
        """
        if service not in self._found:
            self._found[service] = _find(self._api, self._ledger, service)
        return self._found[service]


def adopt_bought(
    lists: Lists,
    ledger: Ledger,
    manifest_id: str,
    tasks: Iterable[Task],
    note: Callable[[str], None] = lambda _: None,
) -> list[Task]:
    """Adopt, for each task to be bought, a job that the service made for the same content already.

    Returns the tasks that turned out to be bought. A service that has no list, or not for this key, has
    nothing to adopt from: that is told to `note`.

    Raises:
        ApiError: a list that is there did not answer.
    """
    by_service: dict[str, dict[str, Task]] = {}
    for task in tasks:
        by_service.setdefault(task.service, {})[task.key[:KEY_PART]] = task
    adopted: list[Task] = []
    for service, wanted in by_service.items():
        try:
            found = lists.of(service)
        except (Gone, CallRefused) as error:
            note(f"{service} shows no list of jobs, so that a lost answer could not be found again: {error}")
            continue
        matches = [
            (wanted[token.key_part], token, job)
            for job in found.strange
            for token in job.tokens
            if token.key_part in wanted
        ]
        adopted += ledger.retried(partial(_put, ledger, manifest_id, service, found, matches, note))
    return adopted


def _put(
    ledger: Ledger,
    manifest_id: str,
    service: str,
    found: _Found,
    matches: Sequence[tuple[Task, Token, Job]],
    note: Callable[[str], None],
) -> list[Task]:
    """Write down what a list told; the tasks that it adopted."""
    adopted = _adopt_all(ledger, manifest_id, matches, note)
    others = any(not _is_ours(ledger, service, job) for job in found.strange)
    ledger.set_meta(_MARK.format(service), "" if others else found.mark)
    return adopted


def _find(api: JobApi, ledger: Ledger, service: str) -> _Found:
    """Read a list as far as the last reading did not, or to its end.

    What was seen then need not be seen again, unless some of it was another ledger's: nobody wanted
    that at the time, and somebody may want it now.
    """
    mark = ledger.meta(_MARK.format(service))
    found, met = _Found(), False
    for number, page in enumerate(api.pages(service)):
        if not number and page.jobs:
            found.mark = page.jobs[-1].job_id
        known = {job.job_id for job in page.jobs if _is_known(ledger, service, job)}
        for job in page.jobs:
            met = met or job.job_id == mark
            if job.job_id not in known and job.status not in _DEAD and job.tokens:
                found.strange.append(job)
        if number + 1 >= PAGES or (met and _all_known(page, known)):
            break
    return found


def _is_known(ledger: Ledger, service: str, job: Job) -> bool:
    """Whether the ledger has a job, or a run beside this one is about to hear of it."""
    if ledger.attempt_of_job(service, job.job_id) is not None:
        return True
    sent = (ledger.attempt_of_token(token.text) for token in job.tokens)
    return any(attempt is not None and attempt.state in _BEING_SENT for attempt in sent)


def _is_ours(ledger: Ledger, service: str, job: Job) -> bool:
    """Whether it need not be found again: the ledger has it, or searches for it by its token."""
    if ledger.attempt_of_job(service, job.job_id) is not None:
        return True
    sent = (ledger.attempt_of_token(token.text) for token in job.tokens)
    return any(attempt is not None and attempt.state in _SOUGHT for attempt in sent)


def _all_known(page: JobsPage, known: set[str]) -> bool:
    """Whether what follows is known, too: not where the newest jobs come last."""
    newest_first = not page.jobs or page.jobs[0].created >= page.jobs[-1].created
    return newest_first and all(job.job_id in known for job in page.jobs)


def _adopt_all(
    ledger: Ledger,
    manifest_id: str,
    found: Sequence[tuple[Task, Token, Job]],
    note: Callable[[str], None],
) -> list[Task]:
    """Adopt the oldest job of each task, and tell of the others: more was paid than had to be."""
    adopted: dict[int, tuple[Task, Job]] = {}
    for task, token, job in _oldest_first(found):
        first = adopted.get(task.part_id)
        taken = adopt(ledger, manifest_id, task, token.text, job.job_id)
        if first is None and taken:
            adopted[task.part_id] = (task, job)
        elif first is not None and first[1].job_id != job.job_id:
            note(
                f"{task.name} was bought more than once: {task.service} job {first[1].job_id}, the oldest, is"
                f" taken for it, and job {job.job_id} was made of the same; see `earmark wallet usage`"
            )
    return [task for task, _ in adopted.values()]


def _oldest_first(found: Sequence[tuple[Task, Token, Job]]) -> list[tuple[Task, Token, Job]]:
    """By the time of making, where all show it; else lists are taken for newest first."""
    backwards = list(reversed(found))
    if all(job.created for _, _, job in found):
        backwards.sort(key=lambda match: match[2].created)
    return backwards


def adopt(
    ledger: Ledger,
    manifest_id: str,
    task: Task,
    token: str,
    job_id: str,
    how: str = "found by its token in the job list",
) -> bool:
    """Take a job for a task's; inside a transaction. False where the ledger knows better."""
    attempt = ledger.attempt_of_token(token)
    try:
        if attempt is None:
            ledger.adopt(
                Adoption(
                    task.part_id,
                    manifest_id,
                    task.service,
                    token,
                    task.expected,
                    task.ceiling,
                    job_id,
                    task.currency,
                )
            )
        elif attempt.state in (State.PLANNED, State.IN_DOUBT, State.GIVEN_UP):
            ledger.move(Move(attempt.attempt_id, State.SUBMITTED, how, job_id))
        else:
            return False
    except AlreadyLive:
        return False
    return True
