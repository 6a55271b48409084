"""Looks at the wallet's usage rows: each takes up where the one before it ended, as rows only come on top."""

from collections.abc import Iterable, Iterator
from threading import Lock

from runner.api.interface import JobApi, UsageRow
from runner.fleet.bodies import Usage
from runner.reading import newest_first

KEPT_ROWS = 500
"""Rows of a look at most: what a host that asks every half minute has not seen, at 16 charges a second."""

CHUNK = 100
"""Rows that count as one page when a look is gone through."""

FIRST_PAGES, JOIN_PAGES = 2, 20
"""Pages of the first look, and pages after which one that does not meet the one before is left as it is."""

OVERLAP = 20
"""Rows that two looks must have in common to be joined, unless all of a page are: rows of one moment may
come in another order."""

REMEMBERED = 5000
"""Row numbers that a process keeps."""


def extended(pages: Iterable[tuple[UsageRow, ...]], before: Usage | None) -> Usage:
    """The newest rows, without a gap, joined to a look before where that is near.

    Args:
        pages: as the service shows them, newest first; no more are taken than needed.
        before: the look before; None where there is none.
    """
    rows: dict[str, UsageRow] = {}
    old = {} if before is None else {row.row_id: row for row in before.rows}
    most = JOIN_PAGES if old else FIRST_PAGES
    for number, page in enumerate(pages):
        rows.update((row.row_id, row) for row in page)
        if before is not None and _meets(page, old):
            return _kept({**rows, **{key: row for key, row in old.items() if key not in rows}}, before.whole)
        if number + 1 >= most:
            return _kept(rows, whole=False)
    return _kept(rows, whole=True)


def _meets(page: tuple[UsageRow, ...], old: dict[str, UsageRow]) -> bool:
    """Whether what follows a page is what followed it before."""
    if not page or not newest_first(page) or page[-1].row_id not in old:
        return False
    return sum(row.row_id in old for row in page) >= min(OVERLAP, len(page))


def _kept(rows: dict[str, UsageRow], whole: bool) -> Usage:  # noqa: FBT001 - as the field
    return Usage(tuple(rows.values())[:KEPT_ROWS], whole and len(rows) <= KEPT_ROWS)


def chunks(look: Usage, api: JobApi) -> Iterator[tuple[UsageRow, ...]]:
    """The rows of a look page by page; then, from the service, those that are older."""
    for start in range(0, len(look.rows), CHUNK):
        yield look.rows[start : start + CHUNK]
    if look.whole:
        return
    shown = {row.row_id for row in look.rows}
    for page in api.usage_pages():
        older = tuple(row for row in page if row.row_id not in shown)
        if older:
            yield older


class KnownRows:
    """The numbers of the rows that a process has read without a gap; from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ids: dict[str, None] = {}

    @property
    def ids(self) -> frozenset[str]:
        """All of them."""
        with self._lock:
            return frozenset(self._ids)

    def add(self, rows: Iterable[UsageRow]) -> None:
        """Rows that were read, newest first; the oldest ones are forgotten when they are too many."""
        with self._lock:
            fresh = dict.fromkeys(row.row_id for row in rows)
            kept = {**fresh, **{key: None for key in self._ids if key not in fresh}}
            self._ids = dict.fromkeys(list(kept)[:REMEMBERED])

    def forget(self) -> None:
        """Read anew as far as it takes."""
        with self._lock:
            self._ids = {}
