"""The plan in figures: what the screen and the JSON document are made from. Each amount adds up."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import nlargest
from posixpath import basename
from types import MappingProxyType

from manifests.catalogue import Product
from manifests.manifest import Total
from manifests.money import whole_seconds
from manifests.paths import POLICY
from planner.doubles import Doubles, Doubling
from planner.filing import Files, Filing
from planner.inputs import Input
from planner.leftout import LeftOut, Reason
from planner.limits import Limits, Warn
from planner.pairs import Pairing, Pairs
from planner.pricing import Line, Standing
from planner.quiet import Quiet, Quieting
from planner.rebuying import Rebuying
from planner.rounding import Rounding, RoundingUp
from planner.rows import NOTHING, Columns, ProductRow, Row, SpokenRow, by_product, row_of, spoken
from planner.sales import Refused
from planner.silence import Heard
from planner.sounds import sounds
from planner.till import Batch
from planner.unfit import Unfit, unfit
from planner.wanted import SCAN_CACHE

_TO_PAY, _PAID_BEFORE, _SAME_AUDIO = Standing.TO_PAY, Standing.PAID_BEFORE, Standing.SAME_AUDIO

AS_ASKED = frozenset(
    {
        Reason.HIDDEN,
        Reason.OWN,
        Reason.EXCLUDED,
        Reason.NOT_INCLUDED,
        Reason.NO_RULE,
        Reason.SKIPPED,
        Reason.TWICE,
    }
)
"""Left out by the user's own word or by a rule of the walk: counted, but no fault of any file."""

_QUIET = frozenset({(SCAN_CACHE, True), (POLICY, False)})
"""Names of Earmark's own that nobody has to be told of, and whether they are folders."""

DEAREST = 2

NOBODY: Mapping[int, Heard] = MappingProxyType({})
"""Where nobody listened."""

FEW_UNFIT = 3
"""Lines that did not fit which are told without being asked for."""


@dataclass(frozen=True, slots=True)
class Summary:
    """All figures of a plan."""

    files: Files
    products: tuple[ProductRow, ...]
    total: Row
    paid_before: Row
    same_audio: Row
    over: Row
    left_out: tuple[LeftOut, ...]
    refused: tuple[Refused, ...]
    skipped: tuple[tuple[Reason, int], ...]
    dearest: tuple[Line, ...]
    pairs: tuple[Pairs, ...]
    rounding: Rounding | None
    warnings: tuple[Warn, ...]
    rebuyings: tuple[Rebuying, ...] = ()
    spoken: tuple[SpokenRow, ...] = ()
    doubles: Doubles | None = None
    quiet: Quiet | None = None
    unfit: tuple[Unfit, ...] = ()  # of what is in `over`: the first few, or all

    @property
    def complete(self) -> bool:
        """Whether every file was priced for every product."""
        return not (self.left_out or self.refused)


class Summing:
    """Adds up lines that pass by; keeps no line but the dearest.

    Args:
        products: that may be bought, for their limits and rates.
        tells_all: remember every line that did not fit, not only the first few.
        heard: recordings with next to nothing to hear, by their numbers.
    """

    def __init__(
        self, products: Sequence[Product], *, tells_all: bool = False, heard: Mapping[int, Heard] = NOBODY
    ) -> None:
        self._limits = Limits(products)
        self._rows: dict[str, Row] = {}
        self._paid_before = self._same_audio = self._over = NOTHING
        self._files = Filing()
        self._refused: list[Refused] = []
        self._dearest: list[Line] = []
        self._pairing = Pairing()
        self._doubling = Doubling()
        self._quieting = Quieting(heard)
        self._rounding = RoundingUp(products)
        self._spoken: list[SpokenRow] = []
        self._unfit: list[Unfit] = []
        self._most_unfit = None if tells_all else FEW_UNFIT

    def add(self, batch: Batch, over: Sequence[Line] = ()) -> None:
        """Count a batch: its lines, and those of the same files that did not fit under the cap."""
        to_pay = [line for line in batch.lines if line.standing is _TO_PAY]
        if len(to_pay) < len(batch.lines):
            self._paid_before += row_of([line for line in batch.lines if line.standing is _PAID_BEFORE])
            self._same_audio += row_of([line for line in batch.lines if line.standing is _SAME_AUDIO])
        split = by_product(to_pay)
        recorded = True
        every = {name: Columns(lines) for name, lines in split.items()}
        for name, columns in every.items():
            row = columns.row()
            self._rows[name] = self._rows.get(name, NOTHING) + row
            self._rounding.add(name, columns, row.cents)
            self._limits.add(name, columns)
            recorded = recorded and columns.recorded
        if not recorded:
            self._spoken.extend(spoken(to_pay))
        if over:
            row = row_of([line for line in over if line.standing is _TO_PAY])
            self._over += replace(row, items=len(over))  # those that another pays for cost nothing
            self._remember(over)
        self._files.add(batch, to_pay, over)
        self._refused.extend(batch.refused)
        self._dearest = _dearest(self._dearest, to_pay)
        recordings = sounds(every)
        self._pairing.add(recordings, early=batch.early)
        self._doubling.add(recordings)
        self._quieting.add(to_pay)

    def _remember(self, over: Sequence[Line]) -> None:
        """Some of what did not fit, or all of it."""
        room = len(over) if self._most_unfit is None else self._most_unfit - len(self._unfit)
        self._unfit.extend(map(unfit, over[:room]))

    @property
    def total(self) -> Total:
        """What a manifest's head says of the lines that are kept."""
        to_pay = sum(self._rows.values(), NOTHING)
        every = to_pay + self._paid_before + self._same_audio
        return Total(
            items=every.items,
            seconds=whole_seconds(every.ms),
            cents=to_pay.cents,
            ceiling=to_pay.ceiling,
            credits=to_pay.credits,
            credits_ceiling=to_pay.credits_ceiling,
        )

    def summary(
        self,
        inputs: Sequence[Input],
        left_out: Iterable[LeftOut],
        products: Sequence[Product],
        rebuyings: tuple[Rebuying, ...] = (),
    ) -> Summary:
        """The figures of a plan.

        Args:
            inputs: of the plan.
            left_out: files that were left out, for whatever reason.
            products: that are told, in the order of the command line.
            rebuyings: kept lines whose audio was bought before with other options.
        """
        products = list({product.name: product for product in products}.values())
        everything = list(left_out)
        faulty = tuple(each for each in everything if each.reason not in AS_ASKED)
        skipped = Counter(each.reason for each in everything if each.reason in AS_ASKED and _told(each))
        return Summary(
            files=self._files.files(len(faulty)),
            products=tuple(
                ProductRow(product.name, self._rows.get(product.name, NOTHING)) for product in products
            ),
            total=sum(self._rows.values(), NOTHING),
            paid_before=self._paid_before,
            same_audio=self._same_audio,
            over=self._over,
            left_out=faulty,
            refused=tuple(self._refused),
            skipped=tuple(sorted(skipped.items())),
            dearest=tuple(self._dearest),
            pairs=self._pairing.pairs(inputs),
            doubles=self._doubling.doubles(inputs),
            quiet=self._quieting.told(),
            rounding=self._rounding.told(),
            warnings=self._limits.warnings(products),
            rebuyings=rebuyings,
            spoken=tuple(self._spoken),
            unfit=tuple(self._unfit),
        )


def _told(one: LeftOut) -> bool:
    """Whether anybody wants to hear of it: of a scan cache nobody, of an `earmark.toml` other rows tell."""
    return one.reason is not Reason.OWN or (basename(one.path), one.folder) not in _QUIET


def _dearest(before: list[Line], lines: Sequence[Line]) -> list[Line]:
    """The dearest of both, those that came first in front."""
    least = before[-1].full if len(before) == DEAREST else -1
    more = [line for line in lines if line.cost.amounts[0] > least]
    return nlargest(DEAREST, [*before, *more], key=lambda one: one.full) if more else before
