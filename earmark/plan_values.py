"""What goes into a plan and what comes out of it, as frozen values."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeVar

from earmark.plan_limits import Limited
from earmark.policy.planning import NOTHING, FromPolicy
from earmark.wallet_lookup import Answer, Moved, NoWallet, WalletView
from manifests.budget import Amounts, Decision
from manifests.catalogue import Catalogue, Service
from manifests.exits import Exit
from manifests.manifest import Head, Item
from manifests.money import ZERO, Cents
from planner.addresses import Address, Addresses
from planner.choices import Choice
from planner.distant import Distant
from planner.fitting import Prefer
from planner.history import History
from planner.inputs import Passage, Prompt
from planner.leftout import LeftOut
from planner.pricing import Line
from planner.prompts import prompts
from planner.recording import Entry
from planner.roots import Root
from planner.rules import RulesTold
from planner.scanner import Scanner
from planner.summary import Summary
from planner.texts import passages
from planner.walk import Run

T = TypeVar("T")

NOTHING_YET = Amounts(ZERO)
"""Where no run was made under the plan's name; its cap means nothing."""


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """Everything the user said."""

    paths: tuple[str, ...]
    services: tuple[str, ...]
    settings: tuple[str, ...] = ()
    output: str = "manifest.yaml"
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    max_spend: Cents | None = None
    fit: bool = False
    prefer: Prefer = Prefer.LISTED
    name: str | None = None
    pay_again: bool = False
    force: bool = False
    strict: bool = False
    rules: str | None = None
    urls: tuple[str, ...] = ()  # `URL [LENGTH]`
    url_lists: tuple[str, ...] = ()  # files of such lines; `-` is stdin
    accept_ceiling: bool = False  # music may be as long as the service likes
    readers: int | None = None  # processes that read files; as many as there are cores
    check: tuple[str, ...] = ()  # what is looked for that takes its time: `silence`
    tells_all: bool = False  # every line that did not fit is told, not only the first few
    root: str | None = None  # absolute; what names are relative to, if not the deepest folder with all paths
    outer_cap: Cents | None = None  # EARMARK_MAX_SPEND: obeyed by `run` and `--fit`, told by `plan`
    policy: FromPolicy = NOTHING  # what of all this is of earmark.toml, and its limits

    @property
    def caps(self) -> tuple[Cents, ...]:
        """The caps that were given; the smallest counts."""
        return tuple(cap for cap in (self.max_spend, self.outer_cap) if cap is not None)


class Follow(Protocol):
    """Shows how far a step is, item by item."""

    def __call__(self, items: Iterable[T], label: str, total: int | None) -> Iterable[T]:
        """The same items."""
        ...


class Draft(Protocol):
    """A manifest whose lines are written before its head is known."""

    def add(self, items: Sequence[Item]) -> None:
        """Write some lines behind the others."""
        ...

    def write(self, head: Head) -> None:
        """Put the manifest where it belongs."""
        ...

    def close(self) -> None:
        """Forget the lines."""
        ...


def _no_addresses(_options: PlanOptions) -> Addresses:
    return Addresses(())


def _nobody_looks(_addresses: Sequence[Address]) -> Iterable[Distant | LeftOut]:
    return ()


@dataclass(frozen=True, slots=True)
class PlanEnds:
    """What the plan reads, writes and asks."""

    catalogue: Catalogue
    walk: Callable[[PlanOptions], Iterable[Entry | Run | LeftOut]]
    scanner: Callable[[PlanOptions, Root], Scanner]
    history: History
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    wallet: Callable[[], Answer] | None  # None where no key is set
    draft: Callable[[Path], Draft]
    follow: Follow
    passages: Callable[[str], Sequence[Passage]] = passages
    prompts: Callable[[str, Service], Sequence[Prompt]] = prompts
    addresses: Callable[[PlanOptions], Addresses] = _no_addresses
    look: Callable[[Sequence[Address]], Iterable[Distant | LeftOut]] = _nobody_looks


class Outcome(StrEnum):
    """How a plan ends."""

    WRITTEN = "written"
    OVER_CAP = "over the cap"  # nothing was written
    OVER_LIMIT = "over a limit"  # nothing was written
    NOTHING_FITS = "nothing fits"  # nothing was written
    NOTHING_PRICED = "nothing to price"  # nothing was written


@dataclass(frozen=True, slots=True)
class Offer:
    """A smaller plan that a cap or the wallet has room for: what it would hold."""

    room: Cents
    prefer: Prefer
    items: int
    ceiling: Cents


@dataclass(frozen=True, slots=True)
class More:
    """What --fit kept, and what more room would keep; rooms are caps, or what must be in the wallet."""

    by_wallet: bool
    room: Cents  # that all which was kept needs
    items: int
    all_room: Cents
    all_items: int
    next_room: Cents | None = None  # the smallest that takes more items; None where it was not found
    next_items: int = 0


@dataclass(frozen=True, slots=True)
class Gate:
    """What the wallet says to the plan."""

    view: WalletView
    held: Cents
    decision: Decision
    moved: tuple[Moved, ...]
    fits_now: Offer | None = None
    try_first: Offer | None = None


@dataclass(frozen=True, slots=True)
class PlanResult:
    """A plan, as the screen and the JSON document show it."""

    options: PlanOptions
    outcome: Outcome
    exit_code: Exit
    choices: tuple[Choice, ...]
    catalogue: str
    root: Root
    summary: Summary
    committed: Cents
    head: Head | None = None
    gate: Gate | NoWallet | None = None
    limited: Limited = Limited()  # noqa: RUF009 - frozen
    more: More | None = None  # where --fit left something out
    fits_limits: Offer | None = None  # what --fit would keep of a plan that a limit refuses
    fits_cap: Offer | None = None  # what would be within a cap that the plan is above
    notes: tuple[str, ...] = ()
    rules: RulesTold | None = None
    addresses: int = 0  # that were given, each counted once
    lines: Collection[Line] = ()  # that the manifest holds, or would; made each time they are gone through
    earlier: Amounts = NOTHING_YET  # of earlier runs under the same name
    earlier_credits: Amounts = NOTHING_YET

    @property
    def cap(self) -> Cents:
        """What `run` may be told to spend: the plan's own cap, else all that its lines can cost."""
        if self.options.max_spend is not None:
            return self.options.max_spend
        return Cents(self.summary.total.ceiling + self.committed)

    @property
    def credits(self) -> int:
        """What `run` may be told to take of the account's credits: for its lines, and for earlier runs."""
        ceiling = self.summary.total.credits_ceiling
        return ceiling + self.earlier_credits.committed if ceiling else 0
