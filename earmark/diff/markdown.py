"""The comparison as a comment under a pull request: what it costs first, lines folded, never too long.

GitHub takes 65,536 characters. Bytes are counted, of which there are never fewer; a table that has no room
ends after a whole row and says how many are missing.
"""

from collections.abc import Iterator, Sequence

from earmark.diff.document import Diff, Line, Share, Unread
from earmark.diff.inert import code, escaped
from earmark.diff.words import COUNTED, costs, counts, named, price, reasons, signed
from earmark.screens.words import long, size, some
from manifests.money import show

LONGEST = 65_000
"""Bytes of a comment: some hundred below what GitHub takes, for what a forge may add."""

RESERVED = 400
"""Bytes that stay free for the ends of the folded parts and the last line."""

LONGEST_NAME = 300
"""Characters of a name; paths may have thousands."""

_TITLES = {"added": "Added", "removed": "Removed", "changed": "Changed", "renamed": "Renamed"}


def tag(name: str) -> str:
    """The hidden line by which a comment is found again; `name` was checked."""
    return f"<!-- earmark:diff:{name} -->"


def render(document: Diff, longest: int = LONGEST) -> str:
    """The comment, at most so many bytes long in UTF-8."""
    room = _Room(longest - RESERVED)
    said = costs(document)
    room.add(tag(document.name), f"### {said[0].upper()}{said[1:]}", "")
    room.add(*(f"**{_mark(passed=each.passed)}** {escaped(each.words)}  " for each in document.thresholds))
    if _is_refused_for_unknown(document):
        room.add("**Not decided**: a recording of unknown length may cost anything; `git lfs pull` first.  ")
    room.add(f"{escaped(counts(document))}. Between {_side(document)}.", "", *_table(document), "")
    for note in document.notes:
        room.add(f"> {escaped(note)}", "")
    for kind in COUNTED:
        _folded(room, kind, [each for each in document.lines if each.kind == kind])
    _unread(room, document.unread)
    return room.text()


def _is_refused_for_unknown(document: Diff) -> bool:
    return bool(document.exit) and all(each.passed for each in document.thresholds)


def _mark(*, passed: bool) -> str:
    return "OK:" if passed else "Too much:"


def _side(document: Diff) -> str:
    return f"{code(named(document.base))} and {code(named(document.head))}"


def _table(document: Diff) -> Iterator[str]:
    yield "| | items | length | price | at most |"
    yield "|:--|--:|--:|--:|--:|"
    for label, each, sign in (
        ("before", document.old, False),
        ("now", document.new, False),
        ("difference", document.difference, True),
        ("**to pay**", document.to_pay, False),
    ):
        plus = "+" if sign else ""
        length = f"-{long(-each.ms)}" if each.ms < 0 else f"{plus if each.ms else ''}{long(each.ms)}"
        items = f"{each.items:+,}" if sign and each.items else f"{each.items:,}"
        most = signed(each.ceiling) if sign else show(each.ceiling)
        yield f"| {label} | {items} | {length} | {price(each, sign=sign)} | {most} |"
    if len(document.services) > 1:
        yield from map(_share, document.services)


def _share(share: Share) -> str:
    items = share.added + share.changed + share.renamed
    pay = share.to_pay
    cells = f"to pay: {code(share.service)}", f"{items:,}", long(pay.ms), price(pay), show(pay.ceiling)
    return f"| {' | '.join(cells)} |"


class _Room:
    """Lines of a comment, as many as have room."""

    def __init__(self, longest: int) -> None:
        self._left = longest
        self._lines: list[str] = []

    def fits(self, *lines: str) -> bool:
        """Whether some more have room."""
        return sum(_bytes(each) for each in lines) <= self._left

    def add(self, *lines: str) -> bool:
        """Add some, all or none."""
        if not self.fits(*lines):
            return False
        self._left -= sum(_bytes(each) for each in lines)
        self._lines += lines
        return True

    def end(self, *lines: str) -> None:
        """Add what has its room reserved."""
        self._lines += lines

    def text(self) -> str:
        """All of it."""
        return "\n".join(self._lines).rstrip("\n") + "\n"


def _bytes(line: str) -> int:
    return len(line.encode()) + 1


def _folded(room: _Room, kind: str, lines: Sequence[Line]) -> None:
    rows = [_row(each) for each in lines]
    head = "| file | service | length | price | why |"
    title = f"{_TITLES[kind]}: {some(len(lines), 'line')}"
    _fold(room, title, (head, "|:--|:--|--:|--:|:--|"), rows)


def _unread(room: _Room, unread: Sequence[Unread]) -> None:
    rows = [f"| {_file(each.file)} | {each.kind} | {size(each.bytes)} |" for each in unread]
    title = f"Length unknown, git lfs pull: {some(len(unread), 'recording')}"
    _fold(room, title, ("| file | | size |", "|:--|:--|--:|"), rows)


def _fold(room: _Room, title: str, head: Sequence[str], rows: Sequence[str]) -> None:
    if not rows:
        return
    opening = ("<details>", f"<summary>{title}</summary>", "", *head)
    if not room.add(*opening):
        room.end(f"{title}: no room here for any.", "")
        return
    shown = 0
    while shown < len(rows) and room.add(rows[shown]):
        shown += 1
    if shown < len(rows):
        room.end("", f"and {len(rows) - shown:,} more.")
    room.end("", "</details>", "")


def _row(line: Line) -> str:
    one = line.after or line.before
    assert one is not None
    money = price(one)
    if line.before and line.after and price(line.before) != money:
        money = f"{price(line.before)} → {money}"
    part = f" ({line.part})" if line.part else ""
    cells = f"{_file(line.file)}{part}", code(line.service), long(one.ms), money, escaped(_cut(reasons(line)))
    return f"| {' | '.join(cells)} |"


def _file(name: str) -> str:
    return code(_cut(name))


def _cut(text: str, longest: int = LONGEST_NAME) -> str:
    """A text of bearable length; a path keeps its end, which tells files apart."""
    return text if len(text) <= longest else f"…{text[len(text) - longest + 1 :]}"
