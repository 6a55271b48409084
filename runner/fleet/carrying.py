"""What a dispatching run itself carries on of what earlier runs left: all that no shift has."""

from collections.abc import Callable, Collection, Container, Iterable, Sequence

from runner.collect import DRIVEN, LOADED, Collector
from runner.engine.messages import Event, Load
from runner.engine.task import Task
from runner.engine.writes import Write
from runner.fleet.drivers import Drivers
from runner.ledger.rows import AttemptRow, ItemRow
from runner.teller import Teller


class FreeDrivers(Drivers):
    """What a dispatching run knows of who drives what: it takes nothing of a line that a shift has."""

    def take_over(self) -> None:
        """Take what nobody drives of the manifest's own attempts, and of what its lines want."""
        manifests = {self._id} | self._ledger.others_at_work(self._id)
        free = [
            each
            for manifest_id in sorted(manifests)
            for each in self._ledger.live_attempts(manifest_id)
            if each.state in DRIVEN
            and not (each.superseded or self.is_ours(each))
            and self._may_be_free(each)
        ]
        if free:
            self._ledger.durably(lambda: self._take(self._unclaimed(free)))

    def _is_free(self, attempt: AttemptRow) -> bool:
        if attempt.state not in DRIVEN or attempt.superseded or self.is_ours(attempt):
            return False
        return self._may_be_free(attempt)

    def _unclaimed(self, attempts: Collection[AttemptRow]) -> list[AttemptRow]:
        """Those of this manifest, or that its lines want, but of no line that a shift has."""
        rows = self._ledger.items_of_parts(self._id, {each.part_id for each in attempts})
        claimed = self._ledger.elsewhere(self._id, [row.line for row in rows])
        wanted = {row.part_id for row in rows}
        left = {row.part_id for row in rows if row.line in claimed}
        return [
            each
            for each in attempts
            if each.part_id not in left and (each.manifest_id == self._id or each.part_id in wanted)
        ]


class Carrying(Collector):
    """Makes tasks of ledger rows, but not of lines that a shift has: their jobs are seen through there."""

    def tasks(self, rows: Iterable[ItemRow]) -> list[Task]:
        """As any collector, less what shifts have."""
        known = list(rows)
        if not self._ledger.waiting(self._manifest_id).shifts:
            return super().tasks(known)
        astir = [row.line for row in known if row.state in LOADED or self._is_foreign(row)]
        taken = self._ledger.elsewhere(self._manifest_id, astir)
        return super().tasks(row for row in known if row.line not in taken)

    def unsettled_but(self, mine: Container[int]) -> list[Task]:
        """As any collector, less the bills that living runs wait for."""
        attempts = {each.attempt_id: each for each in self._ledger.unsettled()}
        tasks = super().unsettled_but(mine)
        return [task for task in tasks if self._waits_for_nobody(attempts.get(task.attempt_id))]

    def _waits_for_nobody(self, attempt: AttemptRow | None) -> bool:
        if attempt is None or attempt.driver is None or self._is_ours(attempt):
            return True
        return not self._ledger.lives(attempt.driver)


class CarryingTeller(Teller):
    """Tells what the run itself decides; what becomes of items is told from the ledger, whoever did it."""

    follow: Callable[[Iterable[int]], None] = staticmethod(lambda _attempts: None)

    def turned(self, events: Sequence[Event], writes: Sequence[Write], answers: Sequence[Event]) -> None:  # noqa: ARG002 - the ledger tells those
        """A turn is durable."""
        for event in events:
            if isinstance(event, Load):
                self._loaded(event)
                self.follow(task.attempt_id for task in event.tasks if task.attempt_id and not task.settled)
        self._tasks.clear()
        self._tell_world()
