"""A line that --fit left out, for screens: the line itself is forgotten."""

from msgspec import Struct

from manifests.money import Cents
from planner.pricing import Line, Standing


class Unfit(Struct, frozen=True, gc=False):
    """A file, what was to be bought of it, and what it would have cost; nothing where another pays."""

    file: str
    file_bytes: str | None  # hex of the path, where it is no UTF-8
    part: str | None
    product: str
    ms: int
    cents: Cents
    ceiling: Cents
    credits: int = 0  # of the account, where those pay


def unfit(line: Line) -> Unfit:
    """What is kept of a line."""
    item = line.item
    pays = line.standing is Standing.TO_PAY
    cents, ceiling, credits_, _ = line.cost.amounts if pays else (0, 0, 0, 0)
    return Unfit(
        file=item.file,
        file_bytes=item.file_bytes,
        part=item.part,
        product=item.service,
        ms=line.length.ms,
        cents=Cents(cents),
        ceiling=Cents(ceiling),
        credits=credits_,
    )
