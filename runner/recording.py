"""A run's row in the ledger: opened with its first write, closed with its exit code."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from manifests.budget import smallest_cap
from manifests.errors import EarmarkError
from manifests.manifest import Head
from manifests.money import Cents
from runner.api.interface import Balance
from runner.ledger.interface import LeaseLost, Ledger, LedgerUnwritable
from runner.ledger.runs import Reading
from runner.options import RunOptions
from runner.report import RunReport


def begin(ledger: Ledger, head: Head, options: RunOptions, ceiling: Cents) -> None:
    """Record the manifest with the cap of this run, and that it begins; one look buys nothing, and is no run.

    Args:
        ledger: of the wallet.
        head: the manifest's.
        options: what was asked for.
        ceiling: the sum of the lines', which is the cap where nothing else says one.
    """
    caps = () if options.only_collects else (*options.caps, head.cap)
    cap = smallest_cap(caps, ledger.stored_cap(head.id), ceiling)
    with ledger.transaction():
        ledger.put_manifest(head.id, options.manifest, cap, options.max_credits or None)
        ledger.allot(head.id, 0)
        if not options.one_look:
            ledger.begin_run(head.id, options.by)


def recorded(ledger: Ledger, go: Callable[[], RunReport]) -> RunReport:
    """Have a run go, and write down how it ended; a run that never began has no row.

    A row that cannot be written changes nothing of what was bought: it stays open, as after a kill.
    """
    try:
        report = go()
    except EarmarkError as error:
        _end(ledger, int(error.exit_code))
        raise
    _end(ledger, int(report.exit), report)
    return report


def _end(ledger: Ledger, exit_code: int, report: RunReport | None = None) -> None:
    if ledger.run_id is None:
        return
    before = after = None
    if report is not None and report.before is not None:
        before = _reading(report.before.at, report.before.balance)
        after = None if report.balance is None else _reading(report.balance_at, report.balance)
    with suppress(LedgerUnwritable, LeaseLost):
        ledger.retried(partial(ledger.end_run, exit_code, before, after))
    ledger.run_id = None


def _reading(at: float, balance: Balance) -> Reading:
    return Reading(at, balance.balance, balance.total_spent)
