"""What a run writes of its lines when it begins: what they were, and which of them are paid already."""

from collections.abc import Mapping

from runner import voices
from runner.collect import in_force
from runner.ledger.interface import Ledger
from runner.lines import Line
from runner.prepare import paid_items
from runner.stamps import Stamp, lines_sum, put_stamp


def stamp(ledger: Ledger, manifest_id: str, lines: Mapping[str, Line], as_read: tuple[int, int]) -> None:
    """Keep what the manifest was, so that its standing can be told without reading it again."""
    rows = ledger.items(manifest_id)
    plain = all(row.line in lines for row in rows) and not voices.outdated(rows, lines)
    put_stamp(ledger, manifest_id, Stamp(*as_read, lines_sum(lines.values()), plain))


def bind_paid(ledger: Ledger, manifest_id: str, lines: Mapping[str, Line]) -> None:
    """Bind new lines that are paid already by the digests in the plan: no source need be there."""
    rows = in_force(ledger.items(manifest_id), lines)
    known = {row.line for row in rows}
    fresh = [line for line in lines.values() if line.key not in known]
    ledger.put_items(manifest_id, paid_items(fresh, ledger.bought, voices.bound(rows, lines)))
