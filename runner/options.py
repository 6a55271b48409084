"""What a run is asked for, and what of the outside it is given."""

import random
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from manifests.budget import Amounts
from manifests.errors import EarmarkError
from manifests.limits import NONE, Limits
from manifests.money import ZERO, Cents, Rate
from manifests.stored import Location
from runner.api.interface import JobApi, Wallet
from runner.choosing import ALL, Portion
from runner.engine.timing import MAX_UNSAVED, Patience, grace_of
from runner.engine.world import Terms
from runner.fleet.ends import FleetEnds
from runner.inputs import Probes
from runner.joining import Join
from runner.ledger.interface import Ledger
from runner.ledger.runs import RunBy
from runner.locks import Locks
from runner.piloting import Piloted
from runner.points import Reach, nowhere
from runner.reading import Reader, read
from runner.told import Told

UPLOADS = 8
"""Uploads at once at most: two cores served 610 small items a second with 8, no more with 16."""

MAX_TRIES = 3
"""Times that a failed purchase is tried over its life."""


NO_CREDITS = Amounts(ZERO)
"""Where the account's credits play no part."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the command line asked for."""

    manifest: Path
    output: Location
    caps: Sequence[Cents | None] = ()  # --max-spend, EARMARK_MAX_SPEND
    fit: bool = False
    skip_changed: bool = False
    accept_prices: bool = False
    max_tries: int = MAX_TRIES
    retry_failed: bool = False
    retry_charged: bool = False
    uploads: int = UPLOADS
    submit_rate: float | None = None  # a second; --submit-rate
    read_rate: float | None = None  # the same of reads; the client keeps to it
    max_unsaved: int = MAX_UNSAVED
    patience: Patience = field(default_factory=Patience)
    portion: Portion = ALL  # --only, --first, --pilot
    max_time: float | None = None  # seconds; --max-time
    max_credits: int | None = None  # --max-credits; without it none are spent, and what was allowed stays
    as_read: tuple[int, int] | None = None  # size and mtime_ns of the manifest's file before it was read
    limits: Limits = NONE  # of the environment and of earmark.toml
    by: RunBy = field(default_factory=RunBy)  # who asks; for the ledger
    one_look: bool = False  # bring what is finished now, and leave: `earmark fetch`

    @property
    def only_collects(self) -> bool:
        """Whether nothing is bought: the cap is 0 and no credits may be spent, or one look is wanted."""
        return self.one_look or (any(cap == 0 for cap in self.caps) and not self.max_credits)


@dataclass(frozen=True, slots=True)
class Offer:
    """What is about to be bought, for the question on a terminal; amounts in cents, or in credits."""

    items: int
    expected: Cents
    ceiling: Cents
    amounts: Amounts
    wallet: Wallet
    credits_expected: int = 0
    credits_ceiling: int = 0
    credits: Amounts = NO_CREDITS


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is; amounts in cents, `credits` in credits."""

    phase: str
    items: int
    done: int
    failed: int
    running: int
    amounts: Amounts
    credits: Amounts = NO_CREDITS


def terms_of(manifest_id: str, rates: Mapping[str, Rate], options: RunOptions, started: float) -> Terms:
    """What the engine of a run that started at this moment (seconds since 1970) agrees to."""
    limit = options.max_time
    return Terms(
        manifest_id,
        rates,
        options.patience,
        options.uploads,
        until=None if limit is None else started + limit,
        grace=0.0 if limit is None else grace_of(limit),
        max_unsaved=options.max_unsaved,
        submit_rate=options.submit_rate,
    )


def _no_question(_offer: Offer) -> bool:
    return True


def _no_word(_pilot: Piloted) -> bool:
    return False


def _silence(_progress: Progress) -> None:
    return None


def _nobody_watches(_told: Told) -> None:
    return None


def _no_alarm(_line: str) -> None:
    return None


def _no_joining(parts: Sequence[Path], target: Path) -> None:
    raise EarmarkError(f"nothing here puts {len(parts)} parts together to {target}")


def always() -> bool:
    """Nothing speaks against it."""
    return True


def no_signals(_deliver: Callable[[int], None]) -> None:
    """Nobody delivers any."""


@dataclass(frozen=True, slots=True)
class RunEnds:
    """The outside of a run; tests put fakes here."""

    api: Callable[[], JobApi]  # raises KeyRefused where there is no key
    ledger: Ledger
    locks: Locks
    probes: Probes
    logged_in: bool = False  # whether there is a session token: what credits pay needs one
    clock: Callable[[], float] = time.time  # seconds since 1970
    ask: Callable[[Offer], bool] = _no_question
    go_on: Callable[[Piloted], bool] = _no_word  # whether to buy the rest after a pilot
    listener: Callable[[Progress], None] = _silence
    watch: Callable[[Told], None] = _nobody_watches  # hears of each change of an item, once it is durable
    on_signals: Callable[[Callable[[int], None]], None] = no_signals
    alarm: Callable[[str], None] = _no_alarm  # lines that must not be lost
    say: Callable[[str], None] = _no_alarm  # sentences for people, while the run goes on
    join: Join = _no_joining
    fleet: FleetEnds | None = None  # where the ledger is a shared one
    server: str = ""  # host and port of the service: receipts of another one prove nothing
    reach: Reach = nowhere  # called at every durable step
    may_send: Callable[[], bool] = always  # whether a last chunk may go, asked right before it does
    reader: Reader = read  # answers the engine's reads of jobs, bills, wallet and prices
    random_hex: Callable[[int], str] = secrets.token_hex
    rng: random.Random = field(default_factory=random.Random)
