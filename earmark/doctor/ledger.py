"""The ledger as it is: read in one moment, also while a run writes it; nothing is changed."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from earmark.doctor.values import Finding, bad, look, ok
from earmark.run_ends import first_place, ledger_file, may_ask
from earmark.screens.words import some
from earmark.terminal import printable
from earmark.wallet_ends import set_key
from manifests.errors import EarmarkError
from manifests.exits import Exit
from manifests.money import show
from runner.ledger.identity import Kinship, kinship
from runner.ledger.interface import Ledger, NoLedgerYet
from runner.ledger.places import Server, look_into
from runner.ledger.sqlite import opening
from runner.ledger.sqlite.ledger import SqliteLedger
from runner.ledger.versions import VERSION
from runner.limiting import month_start
from runner.locks import Locks

NAMES = ("ledger", "runs")
"""Of the checks here."""

_REBUILD = "restore a backup, or move it away and `earmark ledger rebuild MANIFEST`"


def late(name: str, seconds: float) -> Finding:
    """A large ledger takes longer to check; a run does not wait for that."""
    return look(name, f"not checked within {seconds:g} s", "earmark ledger check")


def checks(environ: Mapping[str, str], clock: Callable[[], float] = time.time) -> Iterator[Finding]:
    """Where it lies, whether it can be used, and who uses it right now."""
    try:
        place = first_place(environ)
    except EarmarkError as error:
        yield bad("ledger", str(error), "set EARMARK_LEDGER to a file on a local disk", error.exit_code)
        yield ok("runs", "none")
        return
    if isinstance(place, Server):
        yield from _on_server(place, environ, clock)
        return
    kind = opening.file_system(place)
    if kind in opening.NETWORK_FILE_SYSTEMS:
        words = f"{printable(str(place))} lies on a network disk ({kind}), where locks do not hold"
        yield bad("ledger", words, "set EARMARK_LEDGER to a file on a local disk", Exit.MACHINE)
        yield ok("runs", "none can be under way here")
        return
    if not place.exists():
        where = f"none yet; the first run makes it at {printable(str(place))}"
        yield ok("ledger", where, path=printable(str(place)), file_system=kind)
        yield ok("runs", "none yet")
        return
    try:
        yield from _there(place, kind, environ, clock)
    except NoLedgerYet:
        yield look(
            "ledger", f"{printable(str(place))} is empty: a run is making it, or was stopped while it did"
        )
        yield ok("runs", "none yet")
    except (EarmarkError, sqlite3.DatabaseError, OSError) as error:
        yield bad(
            "ledger", f"{printable(str(place))}: {error}", _REBUILD, Exit.MACHINE, path=printable(str(place))
        )
        yield look("runs", "not known: the ledger cannot be read")


def _there(
    first: Path, kind: str, environ: Mapping[str, str], clock: Callable[[], float]
) -> Iterator[Finding]:
    db = opening.connect_as_it_is(first)
    try:
        version = int(db.execute("PRAGMA user_version").fetchone()[0])
    finally:
        db.close()
    if version != VERSION:
        words = f"{printable(str(first))}, of version {version}: the next run brings it to"
        yield look("ledger", f"{words} {VERSION}", path=printable(str(first)), version=version)
        yield look("runs", "not known before that")
        return
    # of several wallets' ledgers side by side, that of this key
    place = ledger_file(environ) if _usable_key(environ) else first
    assert place is not None
    ledger = SqliteLedger(place, clock, opening.connect_as_it_is(place))
    try:
        damage = [row[0] for row in ledger.db.execute("PRAGMA quick_check(3)")]
        if damage == ["ok"]:
            yield _state(ledger, _on(kind), environ, clock, file_system=kind)
        else:
            words = f"{printable(str(place))} is damaged: {'; '.join(map(str, damage))}"
            yield bad("ledger", words, _REBUILD, Exit.MACHINE, path=printable(str(place)))
        yield _runs(ledger, ledger.locks())
    finally:
        ledger.close()


def _on_server(place: Server, environ: Mapping[str, str], clock: Callable[[], float]) -> Iterator[Finding]:
    begun = time.perf_counter()
    try:
        ledger = look_into(place, clock)
    except EarmarkError as error:
        yield bad("ledger", str(error), "", error.exit_code, path=printable(str(place)))
        yield look("runs", "not known: the ledger cannot be read")
        return
    try:
        taken = round(1000 * (time.perf_counter() - begun))
        yield _state(ledger, f", on a server ({taken} ms to open)", environ, clock, open_ms=taken)
        yield _runs(ledger, ledger.locks())
    finally:
        ledger.close()


def _state(
    ledger: Ledger, where: str, environ: Mapping[str, str], clock: Callable[[], float], **more: object
) -> Finding:
    place = printable(ledger.place)
    month = ledger.committed_since(month_start(clock()))
    facts: dict[str, Any] = {
        "path": place, "version": VERSION, **more,
        "held_cents": ledger.held(), "month_cents": month,
    }  # fmt: skip
    held = f", {show(ledger.held())} held for jobs" if ledger.held() else ""
    words = f"{place}, version {VERSION}{where}"
    sums = f"{show(month)} committed this month (UTC){held}"
    key = _usable_key(environ)
    if key and kinship(ledger, key) is Kinship.OTHER:
        remedy = "`run --same-wallet` or `run --new-wallet`, once"
        if ledger.shared:
            remedy = "`run --same-wallet`, once; for another wallet a database of its own"
        told = f"{words}: it counts another key's money; is this key of the same wallet?"
        if may_ask():
            return look("ledger", told, f"{remedy}, or answer its question", **facts)
        return bad("ledger", told, remedy, Exit.KEY, **facts)
    return ok("ledger", f"{words}; {sums}", **facts)


def _usable_key(environ: Mapping[str, str]) -> str:
    try:
        return set_key(environ)
    except EarmarkError:  # told where keys are looked at
        return ""


def _on(kind: str) -> str:
    return f", on a local disk ({kind})" if kind else ""


def _runs(ledger: Ledger, locks: Locks) -> Finding:
    known = ledger.manifests()
    under_way = [path for manifest_id, path in known if locks.taken(manifest_id)]
    if not under_way:
        return ok("runs", f"none under way; {some(len(known), 'manifest')} known")
    names = ", ".join(printable(str(path)) for path in under_way[:3])
    more = f" and {len(under_way) - 3} more" if len(under_way) > 3 else ""  # noqa: PLR2004
    remedy = "earmark status shows how far; the same manifest cannot be run twice at once"
    return look("runs", f"under way: {names}{more}", remedy, under_way=len(under_way))
