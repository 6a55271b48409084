"""Whether a ledger can be relied on: the store's own check, its sums, its states, its bills, its keys.

Reads only, in one moment, also while a run writes. Each finding is a sentence.
"""

import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec

from manifests.keys import content_key
from manifests.states import TABLE, State
from runner.api.service_types import billed_as
from runner.ledger.db import Db
from runner.ledger.places import Place, look_into
from runner.ledger.recount import miscounted
from runner.ledger.sqlite import opening
from runner.ledger.versions import VERSION

FEW = 3
"""Examples that a finding names."""

COUNTED = ("manifests", "runs", "purchases", "attempts", "usage_rows", "results")
"""Tables whose rows are counted."""

_OVER = ("planned", "rejected", "released", "failed charged")
"""States in which an attempt lives no more, as `one_live_attempt_a_part` has them."""

_HEADINGS = ("spent", "reserved", "in doubt")
_NEWEST = "SELECT max(id) FROM attempts WHERE part_id = t.id AND superseded = 0"


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at, and what is wrong with it."""

    version: int
    findings: tuple[str, ...]
    counts: dict[str, int]


def check(place: Place) -> Checked:
    """Check a ledger.

    Raises:
        MachineError: it is no ledger, is of a later version, or cannot be read at all; on a server, also
            one of an earlier version.
    """
    if isinstance(place, Path):
        return _check_file(place)
    with closing(look_into(place, time.time)) as ledger:  # the server checks its pages by itself
        return Checked(VERSION, tuple(findings(ledger.db)), _counts(ledger.db))


def _check_file(path: Path) -> Checked:
    db = opening.connect_as_it_is(path)
    try:
        version = int(db.execute("PRAGMA user_version").fetchone()[0])
        damage = tuple(_damage(db))
        if damage or version != VERSION:  # an older file has other tables
            return Checked(version, damage, {})
        return Checked(version, tuple(findings(db)), _counts(db))
    except sqlite3.DatabaseError as error:
        return Checked(0, (f"the file is damaged: {error}",), {})
    finally:
        db.close()


def findings(db: Db) -> Iterator[str]:
    """Everything that contradicts itself in a ledger that can be read."""
    yield from _sums(db)
    yield from miscounted(db)
    yield from _lives(db)
    yield from _states(db)
    yield from _money(db)
    yield from _bills(db)
    yield from _runs(db)
    yield from _keys(db)


def _damage(db: sqlite3.Connection) -> Iterator[str]:
    rows = [row[0] for row in db.execute("PRAGMA integrity_check(20)")]
    if rows != ["ok"]:
        yield f"the file is damaged: {_some(rows)}"
        return
    strays = db.execute("PRAGMA foreign_key_check").fetchall()
    if strays:
        yield f"{len(strays):,} rows point at rows that are not there, the first in `{strays[0][0]}`"


def _counts(db: Db) -> dict[str, int]:
    return {
        name: int(db.execute(f"SELECT count(*) FROM {name}").fetchone()[0])  # noqa: S608 - constant names
        for name in COUNTED
    }


def _sums(db: Db) -> Iterator[str]:
    """The sums that the triggers keep are those of the attempts."""
    real: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for name, currency, *sums in db.execute(
        "SELECT manifest_id, currency, coalesce(sum(charge), 0),"
        " sum(CASE WHEN purse = 'reserved' THEN hold ELSE 0 END),"
        " sum(CASE WHEN purse = 'in doubt' THEN hold ELSE 0 END) FROM attempts GROUP BY manifest_id, currency"
    ):
        real[name, currency] = sums
    for name, cents in db.execute("SELECT manifest_id, sum(cents) FROM extra_charges GROUP BY manifest_id"):
        real[name, "cents"][0] += cents
    for name, *kept in db.execute(
        "SELECT id, spent, reserved, in_doubt, credits_spent, credits_reserved, credits_in_doubt"
        " FROM manifests"
    ):
        for currency, sums in (("cents", kept[:3]), ("credits", kept[3:])):
            for word, told, counted in zip(_HEADINGS, sums, real[name, currency], strict=True):
                if told != counted:
                    yield f"manifest {name}: {told:,} {currency} {word}, its attempts say {counted:,}"


def _lives(db: Db) -> Iterator[str]:
    """A part has one live attempt at most."""
    marks = ", ".join("?" * len(_OVER))
    rows = db.execute(
        "SELECT part_id FROM attempts WHERE superseded = 0"  # noqa: S608 - constant marks
        f" AND state NOT IN ({marks}) GROUP BY part_id HAVING count(*) > 1",
        _OVER,
    ).fetchall()
    if rows:
        yield f"{len(rows):,} parts have more than one live attempt: {_some(row[0] for row in rows)}"


def _states(db: Db) -> Iterator[str]:
    """A part is where its newest attempt is, and each state is one that we know."""
    wrong = db.execute(
        f"SELECT t.id, t.state FROM parts t LEFT JOIN attempts a ON a.id = ({_NEWEST})"  # noqa: S608
        " WHERE t.state <> coalesce(a.state, 'planned')"
        # To be sent again by a person's word: what was tried before that stands, and counts no more.
        " AND NOT (t.state = 'planned' AND EXISTS"
        "   (SELECT 1 FROM attempts b WHERE b.part_id = t.id AND b.superseded = 1 AND b.id > a.id))"
    ).fetchall()
    if wrong:
        told = _some(f"part {part} is {state}" for part, state in wrong)
        yield f"{len(wrong):,} parts are not where their newest attempts are: {told}"
    known = {state.value for state in State}
    for state, purse, count in db.execute(
        "SELECT state, purse, count(*) FROM attempts GROUP BY state, purse"
    ):
        if state not in known:
            yield f"{count:,} attempts are {state!r}, which is no state"
        elif purse != TABLE[State(state)].purse.value:
            yield f"{count:,} attempts are {state}, and their money counts as {purse}"


def _money(db: Db) -> Iterator[str]:
    """Money is held or charged, never both; and what is at the service is one of them."""
    for told, where in (
        ("hold money that is charged already", "hold > 0 AND charge IS NOT NULL"),
        ("are settled without a charge", "settled <> '' AND charge IS NULL"),
        ("have a charge from nowhere", "settled = '' AND charge IS NOT NULL"),
        ("count nothing", "purse <> 'none' AND hold = 0 AND charge IS NULL AND ceiling > 0"),
        ("are at the service without a job number", "state IN ('submitted', 'finished') AND job_id IS NULL"),
    ):
        rows = db.execute(f"SELECT token FROM attempts WHERE {where}").fetchall()  # noqa: S608
        if rows:
            yield f"{len(rows):,} attempts {told}: {_some(row[0] for row in rows)}"


def _bills(db: Db) -> Iterator[str]:
    """What is billed is what the wallet's rows add up to."""
    rows: dict[int, dict[str, int]] = defaultdict(dict)
    for attempt, name, cents in db.execute(
        "SELECT attempt_id, service_type, sum(cents) FROM usage_rows WHERE attempt_id IS NOT NULL"
        " GROUP BY attempt_id, service_type"
    ):
        rows[attempt][name] = cents
    wrong: list[str] = []
    for attempt, service, token, charge in db.execute(
        "SELECT id, service, token, charge FROM attempts WHERE settled = 'billed' AND currency = 'cents'"
    ):
        mine = rows.get(attempt, {})
        name = billed_as(service, mine) or next(iter(mine), None)
        if name is None or charge != max(0, mine[name]):
            wrong.append(token)
    if wrong:
        yield f"{len(wrong):,} attempts are charged otherwise than the wallet billed them: {_some(wrong)}"
    strange = db.execute(
        "SELECT u.row_id FROM usage_rows u JOIN attempts a ON a.id = u.attempt_id"
        " WHERE a.job_id IS NULL OR u.job_id <> a.job_id OR a.currency <> 'cents'"
    ).fetchall()
    if strange:
        told = _some(row[0] for row in strange)
        yield f"{len(strange):,} of the wallet's rows stand with a job that they do not bill: {told}"


def _runs(db: Db) -> Iterator[str]:
    """A run has ended with an exit code, or not at all; and what it reserved is its own manifest's."""
    for told, where in (
        ("have an end without an exit code, or the reverse", "(ended IS NULL) <> (exit IS NULL)"),
        ("were asked the wallet's balance at no time", "(balance_before IS NULL) <> (read_before IS NULL)"),
    ):
        rows = db.execute(f"SELECT id FROM runs WHERE {where}").fetchall()  # noqa: S608 - constant
        if rows:
            yield f"{len(rows):,} runs {told}: {_some(row[0] for row in rows)}"
    strange = db.execute(
        "SELECT a.token FROM attempts a JOIN runs r ON r.id = a.run_id WHERE r.manifest_id <> a.manifest_id"
    ).fetchall()
    if strange:
        told = _some(row[0] for row in strange)
        yield f"{len(strange):,} attempts are of a run of another manifest: {told}"


def _keys(db: Db) -> Iterator[str]:
    """A purchase is what its key says."""
    wrong = [
        key
        for key, sha256, product, options, generation in db.execute(
            "SELECT content_key, sha256, product, options, generation FROM purchases"
        )
        if not _is_key(key, sha256, product, options, generation)
    ]
    if wrong:
        yield f"{len(wrong):,} purchases are not what their keys say: {_some(each[:16] for each in wrong)}"


def _is_key(key: str, sha256: str, product: str, options: str, generation: int) -> bool:
    try:
        fields = msgspec.json.decode(options, type=dict[str, object])
    except msgspec.MsgspecError:
        return False
    return key == content_key(sha256, product, fields, generation)


def _some(values: Iterable[object]) -> str:
    """The first few of them."""
    found = [str(value) for value in values]
    more = f" and {len(found) - FEW:,} more" if len(found) > FEW else ""
    return ", ".join(found[:FEW]) + more
