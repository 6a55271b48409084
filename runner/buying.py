"""What a run may buy: the candidates, less what is bought already, and what nothing can be bought of yet."""

from abc import abstractmethod
from collections.abc import Sequence

from runner import voices
from runner.adopting import adopt_known
from runner.basket import Basket
from runner.billed import billed_late
from runner.collect import Collector
from runner.engine.journal import Journal
from runner.engine.messages import UsageRead
from runner.engine.task import Task
from runner.engine.world import Stop
from runner.ledger.interface import Ledger
from runner.portioned import Portioned
from runner.receipting import ReceiptedJournal
from runner.receipts import Receipts
from runner.sessions import sorted_out


class Buying(Portioned):
    """A run that finds out what it may buy."""

    _ledger: Ledger
    _basket: Basket
    _collector: Collector
    _journal: Journal
    _left_by_fit: int

    @abstractmethod
    def _load(self, lines: set[str]) -> None:
        """Drive what is bought already."""

    def _to_buy(self) -> Sequence[Task]:
        """The candidates, less what the service turns out to have made already."""
        tasks = self._with_session(self._candidates())
        if not tasks:
            return []
        adopted = {task.part_id for task in self._made_already(tasks)}
        if adopted:
            for part_id in adopted:
                self._engine.world.tasks.pop(part_id, None)
            self._load({row.line for row in self._ledger.items(self._id) if row.part_id in adopted})
        return self._with_voices([task for task in tasks if task.part_id not in adopted])

    def _made_already(self, tasks: Sequence[Task]) -> Sequence[Task]:
        """Those that the service has made, as its lists or the receipts say: adopted."""
        note = self._engine.world.note
        return adopt_known(self._ends.api(), self._ledger, self._id, tasks, self._receipts, note).tasks

    @property
    def _receipts(self) -> Receipts:
        """Those beside the manifest."""
        assert isinstance(self._journal, ReceiptedJournal)
        return self._journal.receipts

    def _candidates(self) -> list[Task]:
        """What may be bought, once what was billed late for failed jobs counts."""
        found = self._basket.candidates(self._collector)
        late = billed_late(self._ends.api(), self._ledger, self._id, self._ends.clock()) if found else []
        if late:
            self._loop.run([UsageRead(tuple(late))], until=lambda: True)
        return self._basket.candidates(self._collector) if late else found

    def _with_session(self, tasks: list[Task]) -> list[Task]:
        """The tasks, less those that nothing can be bought of without a login; or none, and a stop."""
        spends = not self._options.fit or self._gate.credits().left > 0
        found = sorted_out(tasks, logged_in=self._ends.logged_in, spends=spends)
        self._left_by_fit += len(found.left_out)
        self._basket.tried(found.left_out)
        if found.why:
            self._engine.world.stop(Stop.SESSION, found.why)
        return found.tasks

    def _with_voices(self, tasks: list[Task]) -> list[Task]:
        """The tasks, less those that need a voice which nobody makes: they cost nothing, and stay planned."""
        if not any(task.needs for task in tasks):
            return tasks
        rows = self._ledger.items(self._id)
        self._engine.voices.know(voices.made(rows))
        able, left = voices.sorted_out(tasks, rows, self._engine.world.note)
        self._basket.tried(left)
        return able
