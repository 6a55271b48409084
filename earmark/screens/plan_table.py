"""The table of `plan`: a row for each service and variant, then what costs nothing or was left out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from earmark.plan_values import PlanResult
from earmark.screens.words import long, size
from earmark.screens.wrapping import wrapped
from earmark.terminal import Terminal, printable
from manifests.money import ZERO, show
from planner.leftout import LeftOut, Reason
from planner.rows import Row
from planner.sales import Refused
from planner.summary import Summary

FEW = 3
"""Files left out that are listed without being asked for."""

COLUMNS = (14, 7, 13, 10, 10)
"""Columns of label, items, length, price and ceiling, where the screen has room."""

GAPS = ("", " ", "  ", "  ", "  ")
"""Between them."""

_OF_ANOTHER_KIND = (Reason.NOT_AUDIO, Reason.NOT_TAKEN)

MARGIN = "  "
BESIDE = "   "


@dataclass(frozen=True, slots=True)
class _Cells:
    """A row of the table, and what is said behind it."""

    cells: Sequence[str]
    ending: str = ""


def table(summary: Summary, terminal: Terminal) -> Iterator[str]:
    """The rows with amounts; an ending that does not fit stands below its row."""
    head = _Cells(("service", "items", "length", "price", "at most"))
    rows = list(_rows(summary))
    columns = _columns([head, *rows], terminal.width)
    yield terminal.style(_line(head, columns), "bold")
    for row in rows:
        line = _line(row, columns)
        if not row.ending or len(line) + len(BESIDE) + len(row.ending) <= terminal.width:
            yield f"{line}{BESIDE}{row.ending}".rstrip()
        else:
            yield line
            yield f"{MARGIN * 2}{row.ending}"


def _columns(rows: Sequence[_Cells], width: int) -> list[int]:
    """The usual columns where everything has room, else no more than the figures need."""
    needed = [max(map(len, column)) for column in zip(*(row.cells for row in rows), strict=True)]
    usual = [max(pair) for pair in zip(needed, COLUMNS, strict=True)]
    endings = max(len(row.ending) for row in rows)
    whole = len(MARGIN) + sum(usual) + len("".join(GAPS)) + (len(BESIDE) + endings if endings else 0)
    return usual if whole <= width else needed


def _line(row: _Cells, columns: Sequence[int]) -> str:
    """The label at the left, figures at the right of their columns."""
    label, *figures = row.cells
    texts = [
        f"{label:<{columns[0]}}",
        *(f"{each:>{n}}" for each, n in zip(figures, columns[1:], strict=True)),
    ]
    return MARGIN + "".join(f"{gap}{text}" for gap, text in zip(GAPS, texts, strict=True))


def _rows(summary: Summary) -> Iterator[_Cells]:
    for each in summary.products:
        yield _priced(each.product, each.row, _to_send(each.row))
    if len(summary.products) > 1:
        yield _priced("total", replace(summary.total, credits=0, credits_ceiling=0), _to_send(summary.total))
    for label, row in (
        ("paid before", summary.paid_before),
        (same_as(summary.same_audio), summary.same_audio),
    ):
        if row.items:
            yield _priced(label, Row(row.items, row.ms, ZERO, ZERO, 0), f"saves {_saved(row)}")
    if summary.over.items:
        yield _priced("did not fit", summary.over, "")


def _to_send(row: Row) -> str:
    """Bytes of recordings, characters of texts; prompts are neither."""
    sizes = [f"{size(row.size)} to upload"] if row.size else []
    return ", ".join([*sizes, *([f"{row.characters:,} characters"] if row.characters else [])])


def same_as(row: Row) -> str:
    """What lines have in common with those that pay for them."""
    return "same audio" if row.size or not row.items else "same text" if row.characters else "same prompt"


def _saved(row: Row) -> str:
    credits_ = f"{row.credits:,} credits" if row.credits else ""
    return " and ".join(filter(None, [show(row.cents) if row.cents or not credits_ else "", credits_]))


def _amounts(row: Row) -> tuple[str, str]:
    """Price and ceiling; in credits where nothing but those is paid."""
    if row.credits_ceiling and not row.ceiling:
        return f"{row.credits:,} cr", f"{row.credits_ceiling:,} cr"
    return show(row.cents), show(row.ceiling)


def _priced(label: str, row: Row, ending: str) -> _Cells:
    length = long(row.ms) if row.items else ""
    return _Cells((label, f"{row.items:,}", length, *_amounts(row)), ending if row.items else "")


def left_out(result: PlanResult, terminal: Terminal, *, all_left_out: bool) -> Iterator[str]:
    """What was left out, not priced or skipped, with the reasons; a few files are named, or all."""
    summary, width = result.summary, terminal.width
    if summary.left_out:
        yield from _counted(summary, "left out", [each.reason.value for each in summary.left_out], width)
        # Among the few that are shown, a broken recording tells more than a text file beside it.
        told = sorted(summary.left_out, key=lambda each: not all_left_out and each.reason in _OF_ANOTHER_KIND)
        yield from _few([_left_out_line(result, each) for each in told], width, all_left_out=all_left_out)
    if summary.refused:
        reasons = [f"{each.product}: {each.reason}" for each in summary.refused]
        yield from _counted(summary, "not priced", reasons, width)
        refused = [_refused_line(result, each) for each in summary.refused]
        yield from _few(refused, width, all_left_out=all_left_out)
    if summary.skipped:
        every = [reason.value for reason, count in summary.skipped for _ in range(count)]
        yield from _counted(summary, "skipped", every, width)


def _counted(summary: Summary, label: str, reasons: Sequence[str], width: int) -> Iterator[str]:
    first = max(COLUMNS[0], *(len(each.product) for each in summary.products))
    yield from wrapped(f"{MARGIN}{label:<{first}} {len(reasons):>{COLUMNS[1]},}   ", _counts(reasons), width)


def _few(lines: list[str], width: int, *, all_left_out: bool) -> Iterator[str]:
    shown = lines if all_left_out else lines[:FEW]
    for line in shown:
        yield from wrapped("    ", line, width)
    if len(shown) < len(lines):
        yield f"    and {len(lines) - len(shown):,} more; list: --show left-out"


def _counts(reasons: Iterable[str]) -> str:
    """Reasons with their counts, most frequent first; a single reason needs no count beside the total."""
    found = Counter(reasons).most_common()
    if len(found) == 1:
        return found[0][0]
    return ", ".join(f"{count:,} {reason}" for reason, count in found)


def _left_out_line(result: PlanResult, each: LeftOut) -> str:
    folder = "/" if each.folder and not each.path.endswith("/") else ""
    return f"{_named(result, each.path)}{folder}: {printable(each.detail or each.reason.value)}"


def _refused_line(result: PlanResult, each: Refused) -> str:
    return f"{_named(result, each.path)}: {each.product}: {printable(each.reason)}; {printable(each.detail)}"


def _named(result: PlanResult, path: str) -> str:
    """A path as the manifest would name it."""
    return printable(result.root.relative(path))
