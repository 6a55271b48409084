"""Which tasks can have the voice that they need, by what the ledger knows of the clones."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from manifests.states import State
from runner.engine.task import Task
from runner.engine.voices import CLONE, MADE, UNDER_WAY
from runner.ledger.rows import ItemRow
from runner.lines import Line, as_fields
from runner.prepare import needed_voice


def made(rows: Iterable[ItemRow]) -> dict[str, str]:
    """The voices that are there: their ids at the service by the content keys of the clones."""
    return {
        row.content_key: row.attempt.job_id
        for row in rows
        if row.product == CLONE and row.state in MADE and row.attempt is not None
    }


def sorted_out(
    tasks: Sequence[Task], rows: Iterable[ItemRow], note: Callable[[str], None]
) -> tuple[list[Task], list[Task]]:
    """The tasks that can have their voice or need none, and those that cannot, which are told of."""
    left = hopeless(tasks, rows)
    for task in left:
        note(f"{task.name} was not sent: the voice that it needs was not made")
    without = {task.part_id for task in left}
    return [task for task in tasks if task.part_id not in without], left


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


def bound(rows: Iterable[ItemRow], lines: Mapping[str, Line]) -> dict[str, str]:
    """The content keys of the clones that are bound as planned, by their files."""
    found = ((lines[row.line], row) for row in rows if row.line in lines)
    return {line.item.file: row.content_key for line, row in found if line.clones and not line.changed(row)}


def outdated(rows: Iterable[ItemRow], lines: Mapping[str, Line]) -> frozenset[str]:
    """The lines that buy something else by now than what the ledger bound them to.

    Their file was planned again after it changed, or the sample was of which their voice is made.
    """
    known = [row for row in rows if row.line in lines]
    voices = bound(known, lines)
    return frozenset(row.line for row in known if _is_outdated(row, lines[row.line], voices))


def _is_outdated(row: ItemRow, line: Line, voices: Mapping[str, str]) -> bool:
    if line.changed(row) or line.item.needs is None:
        return line.changed(row)
    return voices.get(line.item.needs) != needed_voice(line.product, as_fields(row.options))
