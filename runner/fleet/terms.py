"""What a dispatch agrees with every host that works on its shifts: options of its run that go with them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from manifests.errors import MachineError
from manifests.money import Rate
from manifests.paths import as_written
from manifests.stored import Location, Stored, location
from runner.engine.timing import MAX_UNSAVED, Patience
from runner.fleet.packing import rates_of, rates_text
from runner.ledger.runs import RunBy
from runner.options import MAX_TRIES, RunOptions


class ShiftTerms(Struct, frozen=True, omit_defaults=True):
    """The same on every host; where results go, and how many uploads run at once, each host says itself."""

    manifest: str  # as the dispatching host knows it; for people
    rates: dict[str, str]  # in force: product -> cents a minute (credits, where those pay), exact
    patience: Patience = Patience()
    max_tries: int = MAX_TRIES
    rejected: bool = False  # --retry-failed
    charged: bool = False  # --retry-charged
    skip_changed: bool = False
    accept_prices: bool = False
    max_unsaved: int = MAX_UNSAVED
    submit_rate: float | None = None  # a second; the ledger shares it among all
    max_credits: int | None = None
    until: float | None = None  # --max-time is over: seconds since 1970, by the ledger's clock
    by: RunBy = RunBy()  # who asked
    output: str = ""  # the results folder as the dispatching host has it; empty where it is no UTF-8

    @property
    def priced(self) -> Mapping[str, Rate]:
        """The rates in force, cents a minute (credits, where those pay)."""
        return rates_of(self.rates)

    def encoded(self) -> str:
        """As the ledger keeps it."""
        return msgspec.json.encode(self).decode()


def shift_terms(options: RunOptions, rates: Mapping[str, Rate], until: float | None) -> ShiftTerms:
    """The terms of a run; `until` is when its time is over, in seconds since 1970 by the ledger's clock."""
    output, raw = as_written(str(options.output))
    return ShiftTerms(
        manifest=as_written(str(options.manifest))[0],
        rates=rates_text(rates),
        patience=options.patience,
        max_tries=options.max_tries,
        rejected=options.retry_failed,
        charged=options.retry_charged,
        skip_changed=options.skip_changed,
        accept_prices=options.accept_prices,
        max_unsaved=options.max_unsaved,
        submit_rate=options.submit_rate,
        max_credits=options.max_credits,
        until=until,
        by=options.by,
        output="" if raw is not None else output,
    )


def decoded(text: str) -> ShiftTerms:
    """The terms of such a text.

    Raises:
        MachineError: they are none, or of a newer Earmark.
    """
    try:
        return msgspec.json.decode(text, type=ShiftTerms)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MachineError(
            f"the ledger holds terms of a dispatch that this Earmark cannot read: {error}"
        ) from error


def results_of(terms: ShiftTerms) -> Location:
    """The results folder of whoever runs the manifest, for a host that has it, too.

    Raises:
        MachineError: it does not.
    """
    found = location(terms.output)
    if terms.output and (isinstance(found, Stored) or found.parent.is_dir()):
        return found
    raise MachineError(
        f"the results folder {terms.output or 'of its run'} is not on this host:"
        " start its worker with --output FOLDER"
    )


def options_under(terms: ShiftTerms, manifest: Path, output: Location, now: float, **here: Any) -> RunOptions:
    """The options of a shift's run on this host.

    Args:
        terms: of its dispatch.
        manifest: the manifest as this host names it; it need not be there.
        output: where this host keeps results.
        now: seconds since 1970, by the ledger's clock.
        here: what this host says itself, such as `uploads`.
    """
    options = RunOptions(
        manifest=manifest,
        output=output,
        max_tries=terms.max_tries,
        retry_failed=terms.rejected,
        retry_charged=terms.charged,
        skip_changed=terms.skip_changed,
        accept_prices=terms.accept_prices,
        max_unsaved=terms.max_unsaved,
        submit_rate=terms.submit_rate,
        max_credits=terms.max_credits,
        patience=terms.patience,
        max_time=None if terms.until is None else max(0.0, terms.until - now),
        by=terms.by,
    )
    return replace(options, **here)
