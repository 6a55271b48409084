"""The amounts of a cap as a bar and a line of figures; those of credits as a line of their own."""

from collections.abc import Callable, Iterator

from earmark.screens.money import worth
from manifests.budget import Amounts
from manifests.money import show

LONGEST = 44
"""Columns of the bar, brackets left out."""

SHORTEST = 10
"""A shorter one says nothing."""


def cap_lines(amounts: Amounts, width: int) -> Iterator[str]:
    """`Cap $50.00  [####~...]`, and below it spent, reserved, in doubt, left."""
    label = f"Cap {show(amounts.cap)}  "
    room = min(LONGEST, width - len(label) - 4)
    drawn = f"[{bar(amounts, room)}]" if room >= SHORTEST and amounts.cap else ""
    yield f"{label}{drawn}".rstrip()
    yield from _packed(_figures(amounts, show), len(label), width)


def credit_lines(amounts: Amounts, width: int) -> Iterator[str]:
    """`Credits 1,320 of 2,000 ($0.18 worth)` with spent, reserved, in doubt, left, beside it or below."""
    label = f"Credits {amounts.committed:,} of {amounts.cap:,} ({worth(amounts.committed)})"
    figures = _figures(amounts, "{:,}".format)
    whole = "   ".join([label, *figures])
    if len(whole) + 2 <= width:
        yield whole
        return
    yield label
    yield from _packed(figures, len("Credits "), width)


def _figures(amounts: Amounts, shown: Callable[[int], str]) -> list[str]:
    figures = [
        f"spent {shown(amounts.spent)}",
        f"reserved {shown(amounts.reserved)}",
        f"in doubt {shown(amounts.in_doubt)}",
        f"left {shown(amounts.left)}",
    ]
    return [*figures, f"OVER by {shown(amounts.over)}"] if amounts.over else figures


def bar(amounts: Amounts, width: int) -> str:
    """Spent `#`, reserved `+`, in doubt `~`, left `.`; what is not zero shows, however small."""
    shares = {"#": amounts.spent, "+": amounts.reserved, "~": amounts.in_doubt, ".": amounts.left}
    whole = sum(shares.values())
    cells = {sign: cents * width // whole for sign, cents in shares.items()} if whole else {}
    for sign, cents in shares.items():
        if cents and not cells[sign]:
            cells[sign] = 1
    largest = max(cells, key=lambda sign: shares[sign], default=".")
    cells[largest] = cells.get(largest, 0) + width - sum(cells.values())
    return "".join(sign * cells.get(sign, 0) for sign in shares)


def _packed(figures: list[str], indent: int, width: int) -> Iterator[str]:
    """The figures in as few lines as the width allows."""
    line = ""
    for figure in figures:
        longer = f"{line}   {figure}" if line else figure
        if line and indent + len(longer) + 2 > width:
            yield " " * indent + line
            longer = figure
        line = longer
    yield " " * indent + line
