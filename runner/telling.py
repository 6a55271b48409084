"""What a run tells while it goes on, and what it cries out when its ledger fails."""

from collections.abc import Iterable, Iterator

from manifests.states import State
from runner.engine.engine import Engine
from runner.engine.task import Task
from runner.engine.writes import Write
from runner.ledger.interface import Ledger
from runner.ledger.rows import Move
from runner.options import Progress

_SAVED = State.SAVED
_ENDED_BADLY = frozenset({State.FAILED, State.RELEASED, State.FAILED_CHARGED, State.REJECTED, State.LOST})


def progress(engine: Engine, ledger: Ledger, manifest_id: str, phase: str, items: int, here: int) -> Progress:
    """How far a run is; `here` are the items whose results were on disk before it."""
    done, failed = here + engine.world.gone.saved, engine.world.gone.failed
    for task in engine.world.tasks.values():  # there may be thousands, ten times a second
        state = task.state
        if state is _SAVED:
            done += len(task.targets)
        elif state in _ENDED_BADLY:
            failed += len(task.targets)
    return Progress(
        phase="finishing" if engine.world.stops else phase,
        items=items,
        done=done,
        failed=failed,
        running=engine.watches.running,
        amounts=ledger.amounts(manifest_id),
        credits=ledger.credits(manifest_id),
    )


def alarms(engine: Engine, unsaved: Iterable[Write]) -> Iterator[str]:
    """The job numbers that a ledger which can no longer be written would have held."""
    tasks = {task.attempt_id: task for task in engine.world.tasks.values()}
    for write in unsaved:
        if isinstance(write, Move) and write.job_id:
            task = tasks[write.attempt_id]
            yield f"{task.service} {write.job_id} {task.token}"


def saved_items(tasks: Iterable[Task]) -> int:
    """How many items have all their results on disk."""
    return sum(len(task.targets) for task in tasks if task.state is State.SAVED)
