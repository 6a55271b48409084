"""From lines to purchases: stale files found, digests taken, content keys looked up."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from manifests.errors import EarmarkError
from manifests.keys import content_key
from manifests.states import State
from runner.api.interface import Spans
from runner.engine.task import Source, Target, Task
from runner.ledger.rows import ItemRow, NewItem
from runner.ledger.sqlite import SqliteLedger
from runner.lines import Line, as_text


class Probed(Protocol):
    """What a probe of a file tells: sizes in bytes."""

    @property
    def size(self) -> int:
        """Bytes in the file."""
        ...

    @property
    def print(self) -> str:
        """The short text that changes when the file does."""
        ...

    @property
    def spans(self) -> Spans:
        """Which bytes are sound."""
        ...


@dataclass(frozen=True, slots=True)
class Probes:
    """The two looks at a file that the front door hands over."""

    probe: Callable[[str], Probed]
    sha256: Callable[[str, Spans], str]


@dataclass(frozen=True, slots=True)
class Stale:
    """A line whose file is no longer what was planned."""

    line: Line
    reason: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A line whose file is as planned."""

    line: Line
    probed: Probed


@dataclass(frozen=True, slots=True)
class Tries:
    """Which failures may be tried again."""

    max_tries: int = 3
    rejected: bool = False  # --retry-failed
    charged: bool = False  # --retry-charged

    def may_buy(self, row: ItemRow) -> bool:
        """Whether a known part may be bought (again)."""
        if row.tries >= self.max_tries and row.state is not State.PLANNED:
            return False
        match row.state:
            case State.PLANNED | State.RELEASED:
                return True
            case State.REJECTED:
                return self.rejected
            case State.FAILED_CHARGED:
                return self.charged
            case _:
                return False


def check(lines: Iterable[Line], probes: Probes) -> Iterator[Checked | Stale]:
    """Compare each file with its line."""
    for line in lines:
        try:
            probed = probes.probe(str(line.path))
        except EarmarkError as error:
            yield Stale(line, str(error))
            continue
        if (probed.size, probed.print) != (line.item.size, line.item.print):
            yield Stale(line, f"changed since planning ({line.item.size:,} -> {probed.size:,} bytes)")
        else:
            yield Checked(line, probed)


def new_items(
    checked: Iterable[Checked], known: Mapping[str, tuple[int, str, str]], probes: Probes
) -> Iterator[NewItem | Stale]:
    """Bind lines to content keys; a digest is taken once for each state of a file.

    Args:
        checked: lines with their files as planned.
        known: line key -> (size, print, digest) of earlier runs.
        probes: looks at files.
    """
    for each in checked:
        line = each.line
        size, print_, sha256 = known.get(line.key, (0, "", ""))
        if (size, print_) != (line.item.size, line.item.print):
            try:
                sha256 = probes.sha256(str(line.path), each.probed.spans)
            except EarmarkError as error:
                yield Stale(line, str(error))
                continue
        yield _new_item(line, each.probed, sha256)


def paid_items(lines: Iterable[Line], bought: Callable[[Sequence[str]], set[str]]) -> list[NewItem]:
    """Lines that are paid already, told by the digests that the plan took; no file is read.

    Args:
        lines: that no earlier run bound.
        bought: which of some content keys the ledger has bought.
    """
    items = [_item(line, line.item.sha256, 0) for line in lines if line.item.sha256]
    paid = bought([item.content_key for item in items])
    return [item for item in items if item.content_key in paid]


def _new_item(line: Line, probed: Probed, sha256: str) -> NewItem:
    return _item(line, sha256, sum(end - start for start, end in probed.spans))


def _item(line: Line, sha256: str, audio_bytes: int) -> NewItem:
    return NewItem(
        line=line.key,
        file=line.item.path,
        size=line.item.size,
        print=line.item.print,
        base=line.base,
        wanted=line.wanted_text,
        content_key=content_key(sha256, line.product.name, line.submit, line.item.generation),
        sha256=sha256,
        product=line.product.name,
        options=as_text(line.submit),
        generation=line.item.generation,
        audio_bytes=audio_bytes,
    )


def candidates(
    ledger: SqliteLedger,
    manifest_id: str,
    checked: Mapping[str, Checked],
    tries: Tries,
    target: Callable[[ItemRow], Target],
) -> list[Task]:
    """What this run would buy, in the manifest's order: one task a part, with its source."""
    rows = {row.line: row for row in ledger.items(manifest_id)}
    tasks: dict[int, Task] = {}
    for key, each in checked.items():
        row = rows[key]
        if row.part_id in tasks:
            tasks[row.part_id].targets.append(target(row))
        elif tries.may_buy(row):
            tasks[row.part_id] = _task(row, each, manifest_id, target(row))
    return list(tasks.values())


def _task(row: ItemRow, each: Checked, manifest_id: str, target: Target) -> Task:
    line = each.line
    return Task(
        part_id=row.part_id,
        manifest_id=manifest_id,
        product=row.product,
        service=line.product.service.name,
        key=row.content_key,
        fields=line.submit,
        state=row.state,
        expected=line.expected,
        ceiling=line.ceiling,
        targets=[target],
        source=Source(Path(line.path), each.probed.size, each.probed.spans, row.sha256),
        tries=row.tries,
    )
