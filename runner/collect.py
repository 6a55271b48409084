"""What earlier runs left: recovered, and made into tasks that the engine can go on with."""

from collections.abc import Callable, Collection, Container, Iterable, Mapping

from manifests import catalogue
from manifests.states import State
from manifests.stored import Location, is_stored
from runner import voices
from runner.engine.task import Target, Task
from runner.ledger.interface import Ledger
from runner.ledger.rows import AttemptRow, ItemRow, Move, ResultRow
from runner.lines import Line, as_fields
from runner.results import place
from runner.spoken import shows_words
from runner.stored_results import is_there

NOT_OUT = frozenset({State.RESERVED, State.UPLOADING})
LOADED = frozenset({State.SUBMITTED, State.IN_DOUBT, State.FINISHED, State.SAVED, State.FAILED, State.LOST})

DRIVEN = NOT_OUT | {State.SENDING, State.SUBMITTED, State.IN_DOUBT, State.FINISHED}
"""States in which one run at a time sees an attempt through."""

WATCHED = frozenset({State.SUBMITTED, State.IN_DOUBT})


def recover(ledger: Ledger, manifest_id: str) -> None:
    """Clear what a killed run left between two states; call with the manifest's lock held.

    What had not sent its last chunk surely made no job; what may have, is in doubt. Nothing is allotted
    to it any more.
    """
    with ledger.transaction():
        ledger.allot(manifest_id, 0)
        ledger.fence_dead()
        clear(ledger, (each for each in ledger.live_attempts(manifest_id) if each.driver is None))


def clear(ledger: Ledger, attempts: Iterable[AttemptRow]) -> None:
    """The same for attempts whose run ended; in a transaction."""
    for attempt in attempts:
        if attempt.state in NOT_OUT:
            ledger.move(Move(attempt.attempt_id, State.PLANNED, "the run ended during the upload"))
        elif attempt.state is State.SENDING:
            ledger.move(Move(attempt.attempt_id, State.IN_DOUBT, "the run ended before the answer came"))


def in_force(rows: Iterable[ItemRow], lines: Mapping[str, Line]) -> list[ItemRow]:
    """The rows whose results belong where they point, by the manifest as it is now.

    Not those of a file, or of a voice's sample, that was planned again after it changed: they are of the
    file as it was. And not those of a line that is gone when another line has its name now.
    """
    known = list(rows)
    names = {(line.product.service.name, line.base) for line in lines.values()}
    changed = voices.outdated(known, lines)
    here = [row for row in known if row.line not in changed]
    return [row for row in here if row.line in lines or not _is_named(row, names)]


def _is_named(row: ItemRow, names: Collection[tuple[str, str]]) -> bool:
    """Whether some line has the row's name now."""
    return (catalogue.load().product(row.product).service.name, row.base) in names


class Collector:
    """Makes tasks of ledger rows."""

    def __init__(
        self,
        ledger: Ledger,
        manifest_id: str,
        output: Location,
        is_ours: Callable[[AttemptRow], bool],
    ) -> None:
        """`is_ours(attempt)` says whether no other living run drives it."""
        self._ledger, self._manifest_id, self._output = ledger, manifest_id, output
        self._is_ours = is_ours

    def tasks(self, rows: Iterable[ItemRow]) -> list[Task]:
        """Tasks for the items that have something under way, missing or unbilled; one a part."""
        parts: dict[int, Task] = {}
        for row in rows:
            if row.state in LOADED or self._is_foreign(row):
                task = parts.setdefault(row.part_id, self.task(row))
                task.targets.append(self.target(row))
        return [task for task in parts.values() if self._has_work(task)]

    def orphans(self, rows: Iterable[ItemRow]) -> list[Task]:
        """Jobs of this manifest that none of these rows wants, since a file has changed: seen to their end.

        Their money is this manifest's all the same.
        """
        return self.orphans_but({row.part_id for row in rows})

    def orphans_but(self, wanted: Container[int]) -> list[Task]:
        """The same, where the parts that some row wants are known."""
        return [
            _task_of_attempt(attempt)
            for attempt in self._ledger.live_attempts(self._manifest_id)
            if attempt.state in WATCHED and attempt.part_id not in wanted and not attempt.superseded
        ]

    def unsettled(self, known: Iterable[Task]) -> list[Task]:
        """Ended jobs of other manifests whose bills are still open: settled on the way."""
        return self.unsettled_but({task.part_id for task in known})

    def unsettled_but(self, mine: Container[int]) -> list[Task]:
        """The same, where the parts that are driven already are known."""
        return [
            _task_of_attempt(attempt) for attempt in self._ledger.unsettled() if attempt.part_id not in mine
        ]

    def task(self, row: ItemRow) -> Task:
        """A task for an item's part, without targets and without a source."""
        task = Task(
            part_id=row.part_id,
            manifest_id=self._manifest_id,
            product=row.product,
            service=catalogue.load().product(row.product).service.name,
            key=row.content_key,
            fields=as_fields(row.options),
            foreign=self._is_foreign(row),
            state=row.state,
            tries=row.tries,
            reason=row.reason,
            words=row.sha256 if shows_words(catalogue.load().product(row.product).service.name) else "",
        )
        if row.attempt is not None:
            task.bind(row.attempt)
        return task

    def target(self, row: ItemRow) -> Target:
        """Where an item wants its results, and what of them is on disk."""
        service = catalogue.load().product(row.product).service
        have: set[str] = set()
        for result in self._ledger.results(row.item_id):
            if self._is_kept(result, place(self._output, service.name, row.base, result.name)):
                have.add(result.name)
        return Target(row.item_id, row.file, row.base, as_fields(row.wanted), frozenset(have))

    def _is_kept(self, result: ResultRow, path: Location) -> bool:
        """Whether a result is here, in a store, or on the disk of another host, where nobody looks."""
        if is_there(path):  # whatever is in it: a transcript that somebody corrected stays
            return True
        here = self._ledger.host
        if not (here and result.host):
            return False
        elsewhere = result.host != here and not is_stored(result.path)  # all hosts see the same store
        return elsewhere or is_there(result.path)

    def complete(self, product: str, target: Target, names: Iterable[str]) -> bool:
        """Whether an item's results are all on disk; `names` are those ever recorded for it."""
        recorded = set(names)
        if not recorded or not recorded <= target.have:
            return False
        if catalogue.load().product(product).service.result == "folder":
            return True
        wanted = target.wanted.get("formats", ())
        assert isinstance(wanted, (list, tuple))
        return set(wanted) <= target.have

    def _has_work(self, task: Task) -> bool:
        if task.state is State.SAVED:
            task.targets = [t for t in task.targets if not self._is_complete(task, t)]
            return bool(task.targets) or not task.settled
        return True  # also what is lost: a service that had lost it may have found it

    def _is_complete(self, task: Task, target: Target) -> bool:
        names = [result.name for result in self._ledger.results(target.item_id)]
        return self.complete(task.product, target, names)

    def _is_foreign(self, row: ItemRow) -> bool:
        """Whether another living run drives the part; a dead run's part becomes ours."""
        attempt = row.attempt
        return attempt is not None and row.state in DRIVEN and not self._is_ours(attempt)


def _task_of_attempt(attempt: AttemptRow) -> Task:
    task = Task(
        part_id=attempt.part_id,
        manifest_id=attempt.manifest_id,
        product=attempt.service,
        service=attempt.service,
        key="",
        fields={},
        state=attempt.state,
    )
    task.bind(attempt)
    return task
