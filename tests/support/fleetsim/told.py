"""What a simulated fleet came to, once the service's own books and ours were compared job by job."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.ledger.sqlite.ledger import SqliteLedger
from support.fleetsim.dispatcher import MANIFEST
from support.fleetsim.hands import Counted
from support.fleetsim.sequencer import START

if TYPE_CHECKING:
    from support.fleetsim.fleet import Fleet

DOUBTS = ("in doubt", "given up")


@dataclass(frozen=True, slots=True)
class Told:
    """Amounts in cents."""

    items: int
    states: dict[str, int]  # items by state, of those that the ledger knows
    charged: int  # by the service's books
    spent: int  # by ours
    in_doubt: int
    cap: int
    doubted_jobs: int  # jobs of the service that are in doubt here
    rounds: int
    blows: int
    fenced: int
    jobs: int
    requests: Counted
    virtual_seconds: float
    switches: int
    story: str  # a digest of all that was written to the ledger, in its order


def told_of(fleet: "Fleet") -> Told:
    """Compare the books of a fleet that is over.

    Raises:
        AssertionError: they differ.
    """
    seed, books, db = f"seed {fleet.scale.seed}", fleet.books, fleet.db
    amounts = SqliteLedger(fleet.path, lambda: fleet.sequencer.now, db).amounts(MANIFEST)
    books.settle()
    assert books.paid_twice() == [], f"{seed}: {books.paid_twice()[:3]}"
    assert amounts.reserved == 0, f"{seed}: {amounts}"
    doubted = _compare(fleet, seed)
    paid = sum(books.jobs[number - 1].cents for number in doubted if books.jobs[number - 1].charged)
    assert amounts.spent == books.taken - paid, f"{seed}: {amounts}, {books.taken} charged, {paid} in doubt"
    states = db.execute(
        "SELECT t.state, count(*) FROM items i JOIN parts t ON t.purchase_id = i.purchase_id GROUP BY 1"
    )
    fleet.counted.lists += fleet.watcher.lists
    fleet.counted.searches += fleet.watcher.searches
    fleet.counted.usage += fleet.watcher.usage
    return Told(
        items=fleet.scale.items,
        states=dict(states.fetchall()),
        charged=books.taken,
        spent=amounts.spent,
        in_doubt=amounts.in_doubt,
        cap=amounts.cap,
        doubted_jobs=len(doubted),
        rounds=fleet.dispatcher.rounds,
        blows=fleet.blows,
        fenced=fleet.fenced,
        jobs=len(books.jobs),
        requests=fleet.counted,
        virtual_seconds=round(fleet.sequencer.now - START, 3),
        switches=fleet.sequencer.switches,
        story=_story(fleet),
    )


def _compare(fleet: "Fleet", seed: str) -> list[int]:
    """Each attempt against the job of its token; the jobs that are in doubt here."""
    jobs = fleet.books.jobs
    unknown = {job.number for job in jobs}
    doubted = []
    for state, token, job_id, hold, charge in fleet.db.execute(
        "SELECT state, token, job_id, hold, charge FROM attempts"
    ):
        number = fleet.books.number(token)
        unknown.discard(number)
        if state in DOUBTS:
            if number:
                doubted.append(number)
                assert jobs[number - 1].cents <= hold, f"{seed}: {token} holds {hold}"
        elif number == 0:
            assert (job_id, hold, charge) == (None, 0, None), f"{seed}: {token} {state} has no job"
        else:
            owed = jobs[number - 1].cents if jobs[number - 1].charged else None
            ours = (job_id, hold, charge)
            assert ours == (str(number), 0, owed), f"{seed}: {token} {state}: {ours}, not {number}, {owed}"
    assert not unknown, f"{seed}: {len(unknown)} jobs that nobody here knows: {sorted(unknown)[:3]}"
    return doubted


def _story(fleet: "Fleet") -> str:
    """Every change of state, in its order."""
    told = hashlib.sha256()
    for row in fleet.db.execute("SELECT at, part_id, attempt_id, state, reason FROM history ORDER BY id"):
        told.update(repr(row).encode())
    return told.hexdigest()[:16]
