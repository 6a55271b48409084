"""The recordings among lines to pay, column by column: what lies there twice is found by their names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os.path import splitext

from planner.choices import Choice
from planner.recording import Recording
from planner.rows import Columns

_ODD = ("/.", "..", "\n.")
"""In paths between line ends: a name that begins with a dot, which begins no ending."""


@dataclass(frozen=True, slots=True)
class Sounds:
    """Recordings that one product is bought of."""

    choice: Choice  # of one of them: all cost the same
    numbers: Sequence[int]  # of the inputs
    ms: Sequence[int]
    stems: Sequence[str]  # paths without their endings
    endings: Sequence[str]


def sounds(lines: Mapping[str, Columns]) -> Mapping[str, Sounds]:
    """Those among lines, by their product; nothing of a product that is bought of no recording."""
    found: dict[str, Sounds] = {}
    for product, some in lines.items():
        sales = some.sales
        if not some.recorded:
            sales = [sale for sale in sales if isinstance(sale.input, Recording)]
        if sales:
            stems, endings = split([sale.input.path for sale in sales])
            numbers, ms = [sale.number for sale in sales], [sale.length.ms for sale in sales]
            found[product] = Sounds(sales[0].choice, numbers, ms, stems, endings)
    return found


def split(paths: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """The paths without their endings, and the endings, as `splitext` has them."""
    parts = [path.rpartition(".") for path in paths]
    stems, endings = [stem for stem, _, _ in parts], [ending for _, _, ending in parts]
    joined = "\n" + "\n".join(paths)
    kinds = {ending: f".{ending}" for ending in set(endings)}
    if "" in stems or any("/" in kind for kind in kinds) or any(odd in joined for odd in _ODD):
        plain = [splitext(path) for path in paths]  # noqa: PTH122 - names are strings here
        return [stem for stem, _ in plain], [ending for _, ending in plain]
    return stems, [kinds[ending] for ending in endings]
