"""The service's job list as a second ledger: what it made and this ledger does not know is adopted.

A lost ledger, a second laptop, a ledger restored from an older copy: the token in an upload's name
says which content key it was bought for (docs/api.md 6).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from manifests.keys import KEY_PART, Token
from manifests.states import State
from runner.api.errors import CallRefused, Gone
from runner.api.interface import Job, JobApi, JobsPage, JobStatus
from runner.engine.task import Task
from runner.ledger.rows import Adoption, Move
from runner.ledger.sqlite import AlreadyLive, SqliteLedger

PAGES = 200
"""Pages read at most: 20,000 jobs."""

_DEAD = frozenset({JobStatus.FAILED, JobStatus.CANCELLED})


def adopt_bought(
    api: JobApi,
    ledger: SqliteLedger,
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
            found = list(_find(api, ledger, service, wanted))
        except (Gone, CallRefused) as error:
            note(f"{service} shows no list of jobs, so that a lost answer could not be found again: {error}")
            continue
        with ledger.transaction():
            adopted += _adopt_all(ledger, manifest_id, found, note)
            ledger.set_meta(f"read back {service}", "yes")
    return adopted


def _find(
    api: JobApi, ledger: SqliteLedger, service: str, wanted: Mapping[str, Task]
) -> Iterable[tuple[Task, Token, Job]]:
    """Matches of (task, token, job) as listed, reading no further than what is known."""
    known = ledger.job_ids(service)
    read_before = ledger.meta(f"read back {service}") is not None
    for number, page in enumerate(api.pages(service)):
        for job in page.jobs:
            for token in job.tokens:
                task = wanted.get(token.key_part)
                if task is not None and job.status not in _DEAD and job.job_id not in known:
                    yield task, token, job
        if number + 1 >= PAGES or (read_before and _all_known(page, known)):
            return


def _all_known(page: JobsPage, known: set[str]) -> bool:
    """Whether what follows is known, too: not where the newest jobs come last."""
    newest_first = not page.jobs or page.jobs[0].created >= page.jobs[-1].created
    return newest_first and all(job.job_id in known for job in page.jobs)


def _adopt_all(
    ledger: SqliteLedger,
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
    ledger: SqliteLedger,
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
