"""The one watcher of a simulated fleet: a look that began after a question answers all who asked before it.

It stands for `runner.fleet.sharing`, whose rule it follows, and counts the pages that are asked for.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from manifests.keys import Token
from runner.api.interface import Job, UsageRow
from runner.fleet.sharing import BILLS_REST, LIST_REST, LONGEST_REST, PAGE_REST
from support.fleetsim.books import Books
from support.fleetsim.sequencer import Sequencer

Told = Callable[[], None]


@dataclass
class _Name:
    """The looks of one name."""

    rests_until: float = 0.0
    due: bool = False
    asked: list[tuple[frozenset[str], Told]] = field(default_factory=list)


@dataclass
class Watcher:
    """Looks at the list and at the bills for all hosts."""

    clock: Sequencer
    books: Books
    trip: float = 0.2  # seconds that a page takes
    lists: int = 0  # pages of looks that were shared
    searches: int = 0  # pages that were read for lost answers
    usage: int = 0
    _jobs: _Name = field(default_factory=_Name)
    _bills: _Name = field(default_factory=_Name)
    _read_to: int = 0  # rows that were read without a gap

    def ask_jobs(self, numbers: frozenset[str], told: Callable[[tuple[Job, ...]], None]) -> None:
        """What a list shows of these jobs, once a look that begins from now on has ended."""

        def answer() -> None:
            told(tuple(self.books.find(numbers, ())[0]))

        self._ask(self._jobs, numbers, answer, self._look_at_jobs)

    def search(self, numbers: frozenset[str], tokens: frozenset[Token]) -> tuple[Job, ...]:
        """What a list read for lost answers shows: nobody else's look will do."""
        jobs, pages = self.books.find(numbers, tokens)
        self.searches += max(1, pages)
        return tuple(jobs)

    def ask_bills(self, numbers: frozenset[str], told: Callable[[tuple[UsageRow, ...]], None]) -> None:
        """The charges of these jobs, likewise."""
        self._ask(self._bills, numbers, lambda: told(self.books.bills(numbers)), self._look_at_bills)

    def _ask(self, name: _Name, numbers: frozenset[str], told: Told, look: Callable[[_Name], float]) -> None:
        name.asked.append((numbers, told))
        if not name.due:
            name.due = True
            self.clock.at(max(self.clock.now, name.rests_until), lambda: self._begin(name, look))

    def _begin(self, name: _Name, look: Callable[[_Name], float]) -> None:
        answered, rest = name.asked, look(name)
        name.asked, name.due = [], False
        name.rests_until = self.clock.now + rest
        for _, told in answered:
            told()

    def _look_at_jobs(self, name: _Name) -> float:
        wanted = frozenset[str]().union(*(numbers for numbers, _ in name.asked))
        pages = max(1, self.books.find(wanted, ())[1])
        self.lists += pages
        return min(max(LIST_REST, pages * PAGE_REST), LONGEST_REST)

    def _look_at_bills(self, _name: _Name) -> float:
        rows = self.books.row_count()
        self.usage += max(1, -(-(rows - self._read_to) // 100))
        self._read_to = rows
        return BILLS_REST
