"""Which tasks can have the voice that they need, by what the ledger knows of the clones."""

from collections.abc import Iterable

from manifests.states import State
from runner.engine.task import Task
from runner.engine.voices import CLONE, MADE, UNDER_WAY
from runner.ledger.rows import ItemRow


def made(rows: Iterable[ItemRow]) -> dict[str, str]:
    """The voices that are there: their ids at the service by the content keys of the clones."""
    return {
        row.content_key: row.attempt.job_id
        for row in rows
        if row.product == CLONE and row.state in MADE and row.attempt is not None
    }


def hopeless(tasks: Iterable[Task], rows: Iterable[ItemRow]) -> list[Task]:
    """The tasks that need a voice which this run neither has, nor makes, nor waits for."""
    wanted = list(tasks)
    may_come = {task.key for task in wanted if task.service == CLONE}
    may_come |= {
        row.content_key
        for row in rows
        if row.product == CLONE and row.state in MADE | UNDER_WAY | {State.IN_DOUBT}
    }
    return [task for task in wanted if task.needs and task.needs not in may_come]
