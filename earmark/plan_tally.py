"""What a plan keeps of its lines while they pass by: there may be a million."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

from earmark.plan_limits import TooDear
from earmark.plan_values import Draft
from manifests.limits import NONE, Limits, Used
from manifests.pilot import Sampler
from planner.choices import Choice
from planner.fitting import Candidates
from planner.history import History
from planner.plan import Priced
from planner.pricing import Line
from planner.rebuying import Rebought
from planner.silence import Heard
from planner.summary import NOBODY, Summing
from planner.templates import Places
from planner.till import Batch


class Everything:
    """What is to know of all lines before some of them are kept.

    Args:
        choices: what may be bought.
        limits: that plans and runs obey.
        used: what counts against those already.
    """

    def __init__(
        self,
        choices: Sequence[Choice],
        limits: Limits = NONE,
        used: Used = Used(),  # noqa: B008 - frozen
    ) -> None:
        self.lines = Candidates(limits=limits, used=used)
        self.dear = TooDear(limits)
        named = any(choice.result is not None for choice in choices)
        self._places = Places() if named else None

    def add(self, lines: Sequence[Line]) -> None:
        """Remember these, too.

        Raises:
            UsageError: two templates name one place for results.
        """
        self.lines.add(lines)
        self.dear.add(lines)
        if self._places is None:
            return
        for line in lines:
            choice = line.sale.choice
            if choice.result is not None:
                self._places.add(choice.result, line.item, choice.product.service.result)


class Tally:
    """The lines that are kept: written to a draft and added up.

    Args:
        choices: what may be bought.
        history: what the ledger knows.
        draft: of the manifest.
        kept: what a gate asks for; filled by somebody else where all lines are kept.
        tells_all: remember every line that does not fit, not only the first few.
        samples: be ready to say what a pilot of the manifest would buy.
        heard: recordings with next to nothing to hear, by their numbers.
    """

    def __init__(
        self,
        choices: Sequence[Choice],
        history: History,
        draft: Draft,
        kept: Candidates | None = None,
        *,
        tells_all: bool = False,
        samples: bool = False,
        heard: Mapping[int, Heard] = NOBODY,
    ) -> None:
        self.sampler = Sampler() if samples else None
        self.kept = Candidates() if kept is None else kept
        self.sums = Summing([choice.product for choice in choices], tells_all=tells_all, heard=heard)
        self.rebought = Rebought(history.bought)
        self._draft = draft
        self._count = 0
        self.stays: bytearray | None = None  # which of all lines are kept; None where all are

    def add(self, batch: Batch, stays: Sequence[int] | None = None) -> None:
        """Take a batch; `stays` says which of its lines are kept, all where it is left out."""
        over: Sequence[Line] = ()
        if stays is not None:
            self.stays = bytearray() if self.stays is None else self.stays
            self.stays += bytes(stays)
            over = [line for line, stay in zip(batch.lines, stays, strict=True) if not stay]
            batch = Batch(list(compress(batch.lines, stays)), batch.refused, early=batch.early)
            self.kept.add(batch.lines)
        self.sums.add(batch, over)
        self.rebought.add(batch.lines)
        items = [line.item for line in batch.lines]
        if self.sampler is not None:
            self.sampler.add(items, self._count)
        self._count += len(items)
        self._draft.add(items)


@dataclass(frozen=True, slots=True)
class Kept:
    """The lines that are kept, priced anew each time they are gone through; `stays` as in `Tally`."""

    priced: Priced
    stays: bytearray | None
    count: int

    def __iter__(self) -> Iterator[Line]:
        lines = (line for batch in self.priced.batches() for line in batch.lines)
        return lines if self.stays is None else compress(lines, self.stays)

    def __len__(self) -> int:
        return self.count

    def __contains__(self, line: object) -> bool:
        return any(line == each for each in self)
