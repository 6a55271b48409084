"""What the wallet bought already and this ledger does not know: from the service's lists, then from receipts.

A receipt is a hint, the service has the word: each job is looked at before it is taken. One that the
service no longer shows was paid all the same: it counts as lost, and is never bought again by itself.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from manifests.keys import KEY_PART
from manifests.states import State
from runner.api.answers import identifier
from runner.api.errors import BadDownload, CallRefused, Gone
from runner.api.interface import Job, JobApi, JobStatus
from runner.engine.task import Target, Task
from runner.ledger.interface import Ledger
from runner.ledger.rows import Move, ResultRow
from runner.readback import Lists, adopt, adopt_bought
from runner.receipts import Receipt, Receipts
from runner.results import place
from runner.stored_results import digest_at
from stores.interface import NotThere

_DEAD = frozenset({JobStatus.FAILED, JobStatus.CANCELLED})
HOW = "found by its receipt"
FEW = 5
"""Files that a note names."""


@dataclass(slots=True)
class Learnt:
    """What was learnt about the tasks of a run."""

    listed: list[Task] = field(default_factory=list)  # by their tokens in the service's lists
    receipted: list[Task] = field(default_factory=list)  # by receipts
    lost: list[Task] = field(default_factory=list)  # likewise, but neither the service nor we have results

    @property
    def tasks(self) -> list[Task]:
        """All that turned out to be bought."""
        return [*self.listed, *self.receipted, *self.lost]

    def sort_in(self, task: Task, state: State | None) -> None:
        """What a receipt led to; None where the ledger knew better."""
        if state is not None:
            (self.lost if state is State.LOST else self.receipted).append(task)


def adopt_known(
    api: JobApi,
    ledger: Ledger,
    manifest_id: str,
    tasks: Sequence[Task],
    receipts: Receipts,
    note: Callable[[str], None] = lambda _: None,
    lists: Lists | None = None,
) -> Learnt:
    """Adopt, for each task to be bought, what was made for the same content already.

    Results that the receipts name and that are still on disk are not fetched again, edited or not.

    Raises:
        ApiError: the service did not answer.
    """
    found = Learnt(adopt_bought(lists or Lists(api, ledger), ledger, manifest_id, tasks, note))
    listed = {task.part_id for task in found.listed}
    wanted = {task.key: task for task in tasks}
    by_task: dict[str, list[Receipt]] = {}
    for receipt in receipts.of(wanted.keys()) if wanted else ():
        by_task.setdefault(receipt.key, []).append(receipt)
    for key, candidates in by_task.items():
        task = wanted[key]
        if task.part_id in listed:
            _keep(ledger, task, candidates, receipts)
        else:
            _adopt_one(api, ledger, manifest_id, task, candidates, receipts, found)
    _tell_lost(found.lost, receipts.path, note)
    return found


def _adopt_one(
    api: JobApi,
    ledger: Ledger,
    manifest_id: str,
    task: Task,
    candidates: Iterable[Receipt],
    receipts: Receipts,
    found: Learnt,
) -> None:
    """Take the first job of a task that the service shows; where it shows none of them, the first."""
    gone: Receipt | None = None
    for receipt in candidates:
        if not _may_be(receipt, task, ledger):
            continue
        try:
            job = api.job(task.service, receipt.job)
        except (Gone, CallRefused):
            gone = gone or receipt
            continue
        if _is_of(job, task):
            found.sort_in(task, _take(ledger, manifest_id, task, receipt, receipts, State.SUBMITTED))
            return
    if gone is not None:
        found.sort_in(task, _take(ledger, manifest_id, task, gone, receipts, State.LOST))


def _may_be(receipt: Receipt, task: Task, ledger: Ledger) -> bool:
    """Whether a receipt tells something that the ledger does not know."""
    if receipt.service != task.service or receipt.job != identifier(receipt.job) or not receipt.job:
        return False
    return ledger.attempt_of_job(task.service, receipt.job) is None


def _is_of(job: Job, task: Task) -> bool:
    """Whether a job can be the task's: it did not fail, and shows no mark or words of another."""
    if job.status in _DEAD or (job.text_sha256 and task.words and job.text_sha256 != task.words):
        return False
    return not job.tokens or any(token.key_part == task.key[:KEY_PART] for token in job.tokens)


def _take(
    ledger: Ledger, manifest_id: str, task: Task, receipt: Receipt, receipts: Receipts, state: State
) -> State | None:
    """Write down that a job is a task's, and what of its results is on disk; None where that was known.

    With all results on disk it is saved, whatever became of the job.
    """
    kept = [row for target in task.targets for row in _on_disk(receipt, task.service, target, receipts)]
    whole = bool(receipt.results) and len(kept) == len(task.targets) * len(_names(receipt))

    def put() -> State | None:
        if not adopt(ledger, manifest_id, task, receipt.token, receipt.job, HOW):
            return None
        attempt = ledger.attempt_of_token(receipt.token)
        assert attempt is not None
        ledger.put_results(kept)
        if whole:
            ledger.move(Move(attempt.attempt_id, State.FINISHED, HOW))
        found = State.SAVED if whole else state
        if found is not State.SUBMITTED:
            ledger.move(Move(attempt.attempt_id, found, HOW))
        return found

    return ledger.retried(put)


def _keep(ledger: Ledger, task: Task, candidates: Iterable[Receipt], receipts: Receipts) -> None:
    """Write down what is on disk of a purchase that a list told of."""
    for receipt in candidates:
        attempt = ledger.attempt_of_job(task.service, receipt.job)
        if attempt is not None and attempt.part_id == task.part_id:
            kept = [
                row for target in task.targets for row in _on_disk(receipt, task.service, target, receipts)
            ]
            ledger.retried(partial(ledger.put_results, kept))


def _names(receipt: Receipt) -> dict[str, tuple[int, str]]:
    """Each file of the result once, whatever items have it: its size and digest by its name."""
    return {each.name: (each.size, each.sha256) for each in receipt.results}


def _on_disk(receipt: Receipt, service: str, target: Target, receipts: Receipts) -> Iterable[ResultRow]:
    """The files of a receipt that are where a target wants them.

    Other bytes than were saved are what somebody made of it, unless they are those of another purchase:
    that is fetched again, an edited transcript stays.
    """
    for name, (size, sha256) in _names(receipt).items():
        try:
            path = place(receipts.output, service, target.base, name)
            digest = digest_at(path)
        except (OSError, ValueError, BadDownload, NotThere):
            continue
        if digest == sha256 or digest not in receipts.digests:
            yield ResultRow(target.item_id, name, str(path), size, sha256)


def _tell_lost(lost: Sequence[Task], path: Path, note: Callable[[str], None]) -> None:
    if not lost:
        return
    names = ", ".join(task.name for task in lost[:FEW]) + (" and more" if len(lost) > FEW else "")
    note(
        f"{len(lost):,} purchases of {path.name} are at the service no more, and their results are not here:"
        f" {names}. They were paid, so they are not bought again; `plan --pay-again` does it on purpose"
    )
