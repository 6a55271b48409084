"""The ends of `plan` in the real world: disk, clock, ledger, wallet."""

import os
import secrets
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import click

from earmark import terminal as term
from earmark.carried import PLACE, by_git, carried_home
from earmark.own_files import own_files
from earmark.plan_values import PlanEnds, PlanOptions, T
from earmark.remote import look
from earmark.url_lists import given
from earmark.wallet_ends import set_key
from earmark.wallet_lookup import Lookup, Pending
from manifests import catalogue
from manifests.budget import Amounts
from manifests.errors import EarmarkError
from manifests.money import ZERO, Cents
from manifests.stored import is_stored
from manifests.text import Draft
from planner.history import Bought, History
from planner.leftout import LeftOut
from planner.pool import cores
from planner.recording import Entry
from planner.roots import Root
from planner.scanner import Scan, Scanner
from planner.walk import Run, runs
from planner.wanted import SCAN_CACHE, Skip

if TYPE_CHECKING:
    from runner.ledger.interface import Ledger
    from runner.locks import Locks


def ends_of(
    history: History, lookup: Lookup | None, terminal: term.Terminal, *, quiet: bool, local: bool = False
) -> PlanEnds:
    """The ends for one plan; the wallet is asked at once, in the background.

    Args:
        history: what the ledger knows.
        lookup: asks the wallet; None where no key is set.
        terminal: for progress.
        quiet: show none.
        local: the service runs on this machine, and fetches from it, too.
    """
    pending = None if lookup is None else Pending(lookup)
    return PlanEnds(
        catalogue=catalogue.load(),
        walk=lambda options: _walk(options, own_files(options, history)),
        scanner=_scanner,
        history=history,
        now=lambda: datetime.now(UTC),
        new_id=lambda: secrets.token_hex(8),
        wallet=None if pending is None else pending.answer,
        draft=Draft,
        follow=_Follow(terminal, quiet=quiet),
        addresses=given,
        look=lambda addresses: look(addresses, loopback=local),
    )


def _walk(options: PlanOptions, own: Skip) -> Iterator[Entry | Run | LeftOut]:
    """What lies under the paths; places in stores need code that no other plan loads."""
    if not any(map(is_stored, options.paths)):
        return runs(options.paths, options.include, options.exclude, own)
    from planner.stored_walk import all_runs

    return all_runs(options.paths, options.include, options.exclude, own)


def _scanner(options: PlanOptions, root: Root) -> Scanner:
    """What reads the files; it remembers them beside the manifest, or where the environment says."""
    if not any(map(is_stored, options.paths)):
        return _file_scanner(options, root)
    from planner.stored_scan import AT_ONCE, StoredScan

    name = f"scan-{sha256(os.fsencode(root.beside(options.output))).hexdigest()[:12]}"
    home = os.path.join(os.path.dirname(options.output), SCAN_CACHE)  # noqa: PTH118, PTH120 - as in the scan
    files = Scan(1, root) if is_stored(root.folder) else _file_scanner(options, root)
    return StoredScan(files, root, home, name, max(AT_ONCE, options.readers or 0))


def _file_scanner(options: PlanOptions, root: Root) -> Scanner:
    """The same of files alone."""
    name = f"scan-{sha256(os.fsencode(root.beside(options.output))).hexdigest()[:12]}"
    place = os.environ.get(PLACE)
    if place:
        home = carried_home(place, root)
        return Scan(options.readers or cores(), root, home, name, identity=by_git(root))
    home = os.path.join(os.path.dirname(options.output), SCAN_CACHE)  # noqa: PTH118, PTH120 - as in the scan
    return Scan(options.readers or cores(), root, home, name)


class _Follow:
    """Progress on stderr."""

    def __init__(self, terminal: term.Terminal, *, quiet: bool) -> None:
        self._terminal, self._quiet = terminal, quiet

    def __call__(self, items: Iterable[T], label: str, total: int | None) -> Iterator[T]:
        """The same items, counted as they pass."""
        silent = self._quiet or total == 0
        shown = term.progress(self._terminal, sys.stderr, f"plan: {label}", total=total, quiet=silent)
        return term.followed(items, shown)


def history_of(environ: Mapping[str, str]) -> tuple[History, tuple[str, ...]]:
    """What the ledger knows, and notes for the screen; a plan never makes a ledger and never fails by one."""
    from earmark.run_ends import looked_into

    try:
        ledger = looked_into(environ)
    except (EarmarkError, OSError) as error:  # such as a state folder of somebody else
        return History(), (f"nothing counts as paid before: {error}",)
    if ledger is None:
        return History(), ()
    command = click.get_current_context(silent=True)
    if command is not None:
        command.call_on_close(ledger.close)
    return _from_ledger(ledger), tuple(_stranger(ledger, set_key(environ)))


def _stranger(ledger: "Ledger", key: str) -> Iterator[str]:
    """What to know where the key is new to the ledger: `run` will ask whose it is."""
    from runner.ledger.identity import Kinship, kinship

    if key and kinship(ledger, key) is Kinship.OTHER:
        yield "this key is new to the ledger: what counts as paid before was paid with another one"


def _from_ledger(ledger: "Ledger") -> History:
    def committed(manifest_id: str) -> Amounts:
        return ledger.amounts(manifest_id)

    def held() -> Cents:
        return Cents(ledger.held() + _allotted(ledger))

    def month(now: float) -> Cents:
        from runner.limiting import month_start

        return Cents(ledger.committed_since(month_start(now)) + _allotted(ledger))

    def bought(digests: Sequence[str]) -> Sequence[Bought]:
        from runner.lines import as_fields

        return [Bought(sha, product, as_fields(text)) for sha, product, text in ledger.bought_of(digests)]

    return History(
        paid=ledger.bought,
        bought=bought,
        known_audio_bytes=ledger.known_audio_bytes,
        ours=ledger.wrote,
        ours_below=ledger.wrote_below,
        speech=ledger.speech,
        unfinished=ledger.unfinished,
        committed=committed,
        credits=ledger.credits,
        month=month,
        held=held,
    )


def _allotted(ledger: "Ledger") -> Cents:
    """What runs under way may still reserve; what a killed one was allotted waits for its next run only."""
    allotted = ledger.allotted()
    if not allotted:
        return ZERO
    locks = ledger.locks()
    return Cents(sum(cents for manifest_id, cents in allotted.items() if _taken(locks, manifest_id)))


def _taken(locks: "Locks", manifest_id: str) -> bool:
    try:
        return locks.taken(manifest_id)
    except EarmarkError:  # it cannot be seen: then the money is better left
        return True
