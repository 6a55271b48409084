"""What a run came to: plain values for the screens, the exit code, and JSON."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGTERM

from manifests.budget import Amounts, Decision
from manifests.exits import Exit, strongest
from manifests.limits import Over
from manifests.money import Cents
from manifests.stored import Location
from runner.api.interface import Balance
from runner.engine.world import EXITS, Stop
from runner.fates import FATES, Fate, ItemReport
from runner.options import NO_CREDITS
from runner.piloting import Piloted
from runner.tally import Tallied, Tally

__all__ = ["FATES", "Before", "Fate", "HostShare", "ItemReport", "RunReport", "Shortage"]


@dataclass(frozen=True, slots=True)
class Shortage:
    """What a 402 said, in cents."""

    required: Cents | None
    available: Cents | None


@dataclass(frozen=True, slots=True)
class Before:
    """Wallet and spent cents as they were when the gate was passed or shut."""

    balance: Balance
    spent: Cents
    at: float = 0.0  # when the wallet was read, seconds since 1970


@dataclass(frozen=True, slots=True)
class HostShare:
    """What one host of a fleet brought."""

    host: str
    items: int  # saved by it


@dataclass(frozen=True, slots=True)
class RunReport:
    """A whole run; amounts in cents, those of credits in credits."""

    manifest: Path
    output: Location
    items: Collection[ItemReport]  # may be read from the ledger each time they are gone through
    amounts: Amounts
    stops: Sequence[tuple[Stop, str]] = ()  # why nothing more was submitted, in the order met
    signal: int = 0
    refused: Decision | None = None
    balance: Balance | None = None
    balance_at: float = 0.0  # when it was read, seconds since 1970
    before: Before | None = None
    shortage: Shortage | None = None
    left_by_fit: int = 0
    limited: Sequence[Over] = ()  # the limits by which --fit left something out
    declined: bool = False
    submitted: int = 0
    sent: int = 0  # bytes of what was submitted
    seconds: float = 0.0
    stopped_at: float | None = None  # seconds since 1970
    drift: Sequence[tuple[str, Cents, Cents]] = ()  # service, expected, charged
    notes: Sequence[str] = ()
    here: int = 0  # items whose results were on disk before
    credits: Amounts = NO_CREDITS
    credits_refused: Decision | None = None
    credits_left: int | None = None  # of the account, as last read
    pilot: Piloted | None = None  # once a sample was bought
    hosts: Sequence[HostShare] = ()  # that worked, where the ledger is a shared one
    is_shared: bool = False  # the ledger: another host may have what this one lacks
    repriced: Cents | None = None  # the most that what waits can cost at the prices that rose

    _tally: list[Tally] = field(init=False, repr=False, compare=False, default_factory=list)

    @property
    def tally(self) -> Tally:
        """The items summed up; a million are gone through once."""
        if not self._tally:
            self._tally.append(self.items.tally if isinstance(self.items, Tallied) else Tally.of(self.items))
        return self._tally[0]

    def each(self) -> Iterator[ItemReport]:
        """All items; they are summed up on the way, so that `tally` need not go through them again."""
        tally = Tally()
        for item in self.items:
            tally.of_fate(item.fate).add(item)
            yield item
        if not self._tally:
            self._tally.append(tally)

    def count(self, *fates: Fate) -> int:
        """How many items came to one of these ends."""
        return sum(self.tally.end(fate).items for fate in fates)

    def of(self, fate: Fate) -> list[ItemReport]:
        """The items that came to one end; all are gone through, unless none did."""
        return [item for item in self.items if item.fate is fate] if self.count(fate) else []

    @property
    def uses_credits(self) -> bool:
        """Whether the account's credits play a part."""
        mine = self.credits.cap or self.credits.committed
        return bool(mine) or any(end.credits.items for end in self.tally.ends)

    @property
    def codes(self) -> list[Exit]:
        """Every exit code that applies."""
        return list(_codes(self))

    @property
    def exit(self) -> Exit:
        """The exit code of the run."""
        return strongest(self.codes)


def _codes(report: RunReport) -> Iterable[Exit]:
    if report.signal:
        yield Exit.TERMINATED if report.signal == SIGTERM else Exit.INTERRUPTED
    yield from (EXITS[stop] for stop, _ in report.stops if stop in EXITS)
    if report.refused is not None or report.credits_refused is not None:
        yield Exit.REFUSED
    if report.count(Fate.STALE):
        yield Exit.STALE
    if report.count(Fate.IN_DOUBT):
        yield Exit.IN_DOUBT
    unsaved = report.tally.end(Fate.NOT_SAVED)
    refused = unsaved.with_reason  # by the service: waiting does not help
    if refused or report.count(Fate.FAILED, Fate.REJECTED, Fate.LOST):
        yield Exit.SOME_FAILED
    if unsaved.items > refused or report.count(Fate.RUNNING):
        out_of_time = Stop.TIME_UP in dict(report.stops)  # as asked for: nobody is to blame
        yield Exit.STOPPED_AS_TOLD if out_of_time else Exit.SERVICE_DOWN
    if report.count(Fate.WAITING, Fate.SKIPPED):
        yield Exit.STOPPED_AS_TOLD
