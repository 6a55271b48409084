"""What a pilot came to: its items with their bills and results, and what the rest may cost."""

from collections.abc import Iterator

from earmark.screens.money import both
from earmark.screens.words import some
from earmark.screens.wrapping import wrapped
from earmark.terminal import printable, shortened
from manifests.money import show
from manifests.stored import Location, location
from runner.fates import Fate, ItemReport
from runner.piloting import Piloted, Rest

NAME = 40
"""Columns of a file's name."""

BESIDE = "  "


def rows(pilot: Piloted, output: Location, results: str, width: int) -> Iterator[str]:
    """The pilot, line by line.

    Args:
        pilot: what it came to.
        output: the results folder.
        results: the same, as people would name it.
        width: columns of the screen.
    """
    yield from wrapped(f"  {'pilot':<11}", _sums(pilot), width)
    for item in pilot.first:
        yield from wrapped("    ", _item(item, output, results), width)
    if len(pilot.first) < pilot.items:
        yield f"    and {pilot.items - len(pilot.first):,} more"
    if pilot.rest.items:
        yield from wrapped(f"  {'rest':<11}", rest(pilot.rest), width)


def question(pilot: Piloted) -> str:
    """What a person is asked then."""
    warning = "The pilot did not go well. " if not pilot.went_well else ""
    return f"{warning}Buy the other {some(pilot.rest.items, 'item')}, for at most {_most(pilot.rest)}?"


def rest(told: Rest) -> str:
    """What the rest may cost, by the bills of the sample: `385 items, $175.86 expected, at most $175.95`."""
    expected = both(told.likely, told.credits)
    changed = f" (planned {show(told.expected)})" if told.likely != told.expected else ""
    items = some(told.items, "item")
    return f"{items}, {expected} expected by the pilot's bills{changed}, at most {_most(told)}"


def _most(told: Rest) -> str:
    return both(told.ceiling, told.credits_ceiling)


def _sums(pilot: Piloted) -> str:
    """`3 of 3 saved, $1.36 charged as planned`."""
    if pilot.charged == pilot.expected:
        bills = f"{show(pilot.charged)} charged, as planned"
    else:
        bills = f"{show(pilot.charged)} charged, planned {show(pilot.expected)}"
    parts = [f"{pilot.saved:,} of {some(pilot.items, 'item')} saved", bills]
    if pilot.unbilled:
        parts.append(f"{pilot.unbilled:,} not billed yet")
    if pilot.above:
        parts.append(f"{pilot.above:,} ABOVE the most that was planned")
    if pilot.failed:
        parts.append(f"{pilot.failed:,} WITHOUT a result")
    return ", ".join(parts)


def _item(item: ItemReport, output: Location, results: str) -> str:
    """`s01/ep1.mp3  saved  $0.31 of $0.31  results/s01/ep1.json and 1 more`."""
    parts = [shortened(printable(item.file), NAME), item.fate.value, _bill(item)]
    if item.fate is Fate.SAVED and item.results:
        first, *others = [_place(path, output, results) for path in item.results]
        parts.append(f"{first} and {len(others)} more" if others else first)
    elif item.reason:
        parts.append(printable(" ".join(item.reason.split())))
    return BESIDE.join(part for part in parts if part)


def _bill(item: ItemReport) -> str:
    if item.shared:
        return "paid before"
    in_credits = item.currency == "credits"
    planned = both(0, item.expected) if in_credits else show(item.expected)
    if item.charged is None:
        return f"planned {planned}" if item.fate is Fate.SAVED else ""
    charged = both(0, item.charged) if in_credits else show(item.charged)
    return charged if charged == planned else f"{charged}, planned {planned}"


def _place(path: str, output: Location, results: str) -> str:
    """Where a result is, named as the results folder was."""
    inside = location(path)
    return printable(f"{results}{inside.relative_to(output)}" if inside.is_relative_to(output) else path)
