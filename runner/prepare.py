"""From lines to purchases: stale files found, digests taken, content keys looked up."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from manifests.catalogue import Product
from manifests.errors import EarmarkError, MachineError
from manifests.keys import CLONE, content_key, voiced
from manifests.states import State
from runner.engine.task import Target, Task
from runner.inputs import Probed, Probes, characters, digest, look, source
from runner.ledger.interface import Ledger
from runner.ledger.rows import ItemRow, NewItem
from runner.lines import Line, as_fields, as_text
from runner.spoken import shows_words
from stores.interface import NoKeys


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
            probed = look(line, probes)
        except (MachineError, NoKeys):  # a store that does not answer says nothing about a line
            raise
        except EarmarkError as error:
            yield Stale(line, str(error))
            continue
        if (probed.size, probed.print) != (line.item.size, line.item.print):
            yield Stale(line, f"changed since planning ({line.item.size:,} -> {probed.size:,} bytes)")
        else:
            yield Checked(line, probed)


def new_items(
    checked: Iterable[Checked],
    known: Mapping[str, tuple[int, str, str]],
    probes: Probes,
    voices: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[NewItem | Stale]:
    """Bind lines to content keys; a digest is taken once for each state of a file.

    Args:
        checked: lines with their files as planned; the clones among them are bound first.
        known: line key -> (size, print, digest) of earlier runs.
        probes: looks at files.
        voices: the content keys of clones that are bound already, by their files.
    """
    clones = dict(voices)
    for each in sorted(checked, key=lambda one: one.line.item.needs is not None):
        line = each.line
        if line.item.needs is not None and line.item.needs not in clones:
            yield Stale(line, f"it needs the voice of {line.item.needs}, which cannot be made as planned")
            continue
        size, print_, sha256 = known.get(line.key, (0, "", ""))
        if (size, print_) != (line.item.size, line.item.print):
            try:
                sha256 = digest(line, each.probed, probes)
            except (MachineError, NoKeys):
                raise
            except EarmarkError as error:
                yield Stale(line, str(error))
                continue
        made = replace(_new_item(line, each.probed, sha256, clones), characters=characters(line, probes))
        if line.clones:
            clones[line.item.file] = made.content_key
        yield made


def paid_items(
    lines: Iterable[Line],
    bought: Callable[[Sequence[str]], set[str]],
    voices: Mapping[str, str] = MappingProxyType({}),
) -> list[NewItem]:
    """Lines that are paid already, told by the digests that the plan took; no file is read.

    Args:
        lines: that no earlier run bound.
        bought: which of some content keys the ledger has bought.
        voices: the content keys of clones that are bound already, by their files.
    """
    clones = dict(voices)
    items: list[NewItem] = []
    for line in sorted(lines, key=lambda one: one.item.needs is not None):
        if line.item.sha256 and (line.item.needs is None or line.item.needs in clones):
            items.append(_item(line, line.item.sha256, 0, clones))
            if line.clones:
                clones[line.item.file] = items[-1].content_key
    paid = bought([item.content_key for item in items])
    return [item for item in items if item.content_key in paid]


def _new_item(line: Line, probed: Probed, sha256: str, clones: Mapping[str, str]) -> NewItem:
    return _item(line, sha256, sum(end - start for start, end in probed.spans), clones)


def _submit(line: Line, clones: Mapping[str, str]) -> Mapping[str, object]:
    """What is bought; with a voice that is to be made, the clone stands in its place."""
    voice = line.product.service.voice
    if line.item.needs is None or voice is None:
        return line.submit
    return voiced(line.submit, voice.name, clones[line.item.needs])


def _item(line: Line, sha256: str, audio_bytes: int, clones: Mapping[str, str]) -> NewItem:
    submit = _submit(line, clones)
    return NewItem(
        line=line.key,
        file=line.item.path,
        size=line.item.size,
        print=line.item.print,
        base=line.base,
        wanted=line.wanted_text,
        content_key=content_key(sha256, line.product.name, submit, line.item.generation),
        sha256=sha256,
        product=line.product.name,
        options=as_text(submit),
        generation=line.item.generation,
        audio_bytes=audio_bytes,
        expected=line.expected,
        ceiling=line.ceiling,
        currency=line.product.currency,
    )


def needed_voice(product: Product, fields: Mapping[str, object]) -> str:
    """The content key of the clone whose voice these submit options ask for; empty where there is none."""
    voice = product.service.voice
    named = str(fields.get(voice.name, "")) if voice else ""
    return named.removeprefix(CLONE) if named.startswith(CLONE) else ""


def candidates(
    ledger: Ledger,
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
            task = tasks[row.part_id] = task_of(row, each.line, manifest_id, target(row))
            task.source = source(each.line, each.probed, row.sha256)
    return list(tasks.values())


def task_of(row: ItemRow, line: Line, manifest_id: str, target: Target) -> Task:
    """A task that buys what a line wants, without its source."""
    fields = as_fields(row.options)
    return Task(
        part_id=row.part_id,
        manifest_id=manifest_id,
        product=row.product,
        service=line.product.service.name,
        key=row.content_key,
        fields=fields,
        words=row.sha256 if shows_words(line.product.service.name) else "",
        needs=needed_voice(line.product, fields),
        state=row.state,
        expected=line.expected,
        ceiling=line.ceiling,
        targets=[target],
        tries=row.tries,
    )
