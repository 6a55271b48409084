"""A lost ledger made again, for one manifest: lines bound to purchases, and what was bought of them found.

Nothing is bought, and nothing submitted. What is found counts at its ceiling until a run or a fetch has
read its bill.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from manifests.budget import smallest_cap
from manifests.manifest import Manifest
from manifests.states import BOUGHT, State
from manifests.stored import Location
from runner.adopting import Learnt, adopt_known
from runner.api.interface import JobApi
from runner.basket import Basket
from runner.collect import Collector, in_force, recover
from runner.engine.task import Task
from runner.inputs import Probes
from runner.ledger.interface import Ledger
from runner.ledger.rows import ItemRow
from runner.lines import Line
from runner.locks import Locks
from runner.prepare import Tries, paid_items
from runner.receipts import Receipts

_KNOWN = BOUGHT | {State.GIVEN_UP, State.FAILED, State.FAILED_CHARGED}


@dataclass(frozen=True, slots=True)
class Untold:
    """A line of which nothing can be told, and why."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What is known of a manifest's lines now; files, each in one of the lists."""

    known: Sequence[str] = ()  # the ledger had it
    listed: Sequence[str] = ()  # by a token in a job list
    receipted: Sequence[str] = ()  # by a receipt
    lost: Sequence[str] = ()  # by a receipt, and neither the service nor the disk has results
    doubtful: Sequence[str] = ()  # its answer was lost: perhaps paid
    unbought: Sequence[tuple[str, str]] = ()  # file and service of which no job was found
    untold: Sequence[Untold] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Ends:
    """What of the outside a rebuilding needs."""

    api: Callable[[], JobApi]  # raises KeyRefused where there is no key
    ledger: Ledger
    locks: Locks
    probes: Probes
    server: str = ""


def rebuild(manifest: Manifest, path: Path, output: Location, ends: Ends) -> Rebuilt:
    """Find out what the wallet bought of a manifest's lines, and write it down.

    Raises:
        Busy: a run of it is under way.
        ApiError: the service did not answer.
    """
    head, ledger = manifest.head, ends.ledger
    ends.locks.take(head.id)
    recover(ledger, head.id)
    cap = smallest_cap((head.cap,), ledger.stored_cap(head.id), manifest.ceiling)
    with ledger.transaction():
        ledger.put_manifest(head.id, path.absolute(), cap)
    basket = Basket(manifest, path.absolute().parent, ledger, ends.probes, Tries())
    untold = _bind(basket, ledger, head.id)
    notes: list[str] = []
    learnt = Learnt()
    tasks = _unbought(ledger, head.id, output, basket)
    if tasks:
        receipts = Receipts(path.absolute(), output, ends.server, notes.append)
        learnt = adopt_known(ends.api(), ledger, head.id, tasks, receipts, notes.append)
    found = _sorted(learnt, _rows(ledger, head.id, basket), basket.lines)
    return replace(found, untold=untold, notes=tuple(notes))


def _bind(basket: Basket, ledger: Ledger, manifest_id: str) -> tuple[Untold, ...]:
    """Bind lines to what they buy, by their files, or by the digests in the plan; what cannot be told."""
    fresh = basket.check(iter)
    stale = [each.line for each in basket.stale.values()]
    planned = paid_items(stale, set)
    with ledger.transaction():
        ledger.put_items(manifest_id, [*fresh, *planned])
    bound = {item.line for item in planned}
    return tuple(
        Untold(each.line.label, each.reason) for key, each in basket.stale.items() if key not in bound
    )


def _rows(ledger: Ledger, manifest_id: str, basket: Basket) -> list[ItemRow]:
    return [row for row in in_force(ledger.items(manifest_id), basket.lines) if row.line in basket.lines]


def _unbought(ledger: Ledger, manifest_id: str, output: Location, basket: Basket) -> list[Task]:
    """A task for each part of which the ledger knows no purchase."""
    collector = Collector(ledger, manifest_id, output, lambda _other: True)
    tasks: dict[int, Task] = {}
    for row in _rows(ledger, manifest_id, basket):
        if Tries().may_buy(row):
            task = tasks.setdefault(row.part_id, _task(collector, row, basket.lines[row.line]))
            task.targets.append(collector.target(row))
    return list(tasks.values())


def _task(collector: Collector, row: ItemRow, line: Line) -> Task:
    task = collector.task(row)
    task.expected, task.ceiling = line.expected, line.ceiling
    return task


def _sorted(learnt: Learnt, rows: Iterable[ItemRow], lines: Mapping[str, Line]) -> Rebuilt:
    parts = {
        kind: {task.part_id for task in getattr(learnt, kind)} for kind in ("listed", "receipted", "lost")
    }
    found: dict[str, list[str]] = {kind: [] for kind in (*parts, "known", "doubtful")}
    unbought: list[tuple[str, str]] = []
    for row in rows:
        label = lines[row.line].label
        kind = next((kind for kind, ids in parts.items() if row.part_id in ids), _known_as(row.state))
        if kind:
            found[kind].append(label)
        else:
            unbought.append((label, lines[row.line].product.service.name))
    return Rebuilt(
        known=found["known"],
        listed=found["listed"],
        receipted=found["receipted"],
        lost=found["lost"],
        doubtful=found["doubtful"],
        unbought=unbought,
    )


def _known_as(state: State) -> str:
    if state is State.IN_DOUBT:
        return "doubtful"
    return "known" if state in _KNOWN else ""
