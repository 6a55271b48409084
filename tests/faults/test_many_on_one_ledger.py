"""Many hosts at one ledger on a server, whose connections are cut at random: exact books, no cap passed."""

import random
import threading
import time
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from manifests.keys import content_key
from manifests.money import Cents
from manifests.states import State
from runner.api.interface import UsageRow
from runner.ledger import billing
from runner.ledger.checking import findings
from runner.ledger.interface import AlreadyLive, LeaseLost
from runner.ledger.postgres.db import Patience
from runner.ledger.postgres.ledger import PostgresLedger
from runner.ledger.rows import Move, Reservation
from runner.ledger.runs import RunBy
from support.fleet import new_item

CAPS = {"m1": 150, "m2": 60}
PARTS, HOSTS, TURNS = 60, 12, 40
ON = {
    State.RESERVED: (State.UPLOADING, State.PLANNED),
    State.UPLOADING: (State.SENDING, State.PLANNED),
    State.SENDING: (State.SUBMITTED, State.IN_DOUBT),
    State.IN_DOUBT: (State.SUBMITTED,),
    State.SUBMITTED: (State.FINISHED, State.FAILED),
    State.FINISHED: (State.SAVED,),
}


class Host:
    """One that reserves, moves and bills what it drives, at random, and may be lost at any moment."""

    def __init__(self, dsn, number, lease):
        self.name, self._rng, self._lease = f"host{number}", random.Random(number), lease
        self._manifest = sorted(CAPS)[number % 2]
        self._ledger = PostgresLedger(dsn, time.time, patience=Patience(60.0, 0.01, 0.1))
        self._made = 0
        self.answered = set()  # tokens of which the ledger said that they are reserved
        self.error = None

    def go(self):
        try:
            with closing(self._ledger):
                for _ in range(TURNS):
                    with suppress(LeaseLost):
                        self._turn()
        except BaseException as error:  # noqa: BLE001 - the test's own thread tells
            self.error = error

    def _turn(self):
        if self._ledger.lease is None or self._rng.random() < 0.1:
            self._ledger.lease = None  # a host that is gone: nobody ends this run
            self._ledger.durably(self._begin)
        wishes = [self._wish() for _ in range(self._rng.randint(1, 10))]
        for wish, made in zip(
            wishes, self._ledger.durably(lambda: self._ledger.reserve_many(wishes)), strict=True
        ):
            if isinstance(made, int):
                self.answered.add(wish.token)
        seed = self._rng.random()
        self._ledger.durably(lambda: self._go_on(random.Random(seed)))

    def _begin(self):
        self._ledger.begin_run(self._manifest, RunBy("anna", self.name, 1), self._lease)

    def _wish(self):
        self._made += 1
        part, token = self._rng.randint(1, PARTS), f"{self.name} {self._made}"
        ceiling = Cents(self._rng.randint(2, 9))
        return Reservation(part, self._manifest, "transcription", token, Cents(ceiling - 1), ceiling)

    def _go_on(self, rng):
        rows = self._ledger.db.execute(
            "SELECT id FROM attempts WHERE driver = ? OR state IN ('finished', 'saved', 'in doubt')"
            " ORDER BY id",
            (self._ledger.lease,),
        ).fetchall()
        for (number,) in rng.sample(rows, min(4, len(rows))):
            attempt = self._ledger.to_change(number)
            if attempt.state in ON:
                to = rng.choice(ON[attempt.state])
                job = f"job {number}" if to is State.SUBMITTED else None
                with suppress(AlreadyLive):
                    self._ledger.move(Move(number, to, "", job))
            if attempt.job_id:
                charge = Cents(rng.randint(1, attempt.ceiling))  # a dearer one may pass the cap, rightly
                row = UsageRow(f"row {number}", "transcription", charge, job_id=attempt.job_id)
                billing.add_rows(self._ledger, [row])


def wanted(number):
    """A line of both manifests."""
    made = replace(new_item(number), generation=number)
    return replace(made, content_key=content_key(made.sha256, made.product, {}, number))


@pytest.fixture
def dsn(ledger_database):
    with closing(PostgresLedger(ledger_database, time.time)) as ledger, ledger.transaction():
        for name, cap in CAPS.items():
            ledger.put_manifest(name, Path(f"/{name}.yaml"), Cents(cap))
            ledger.put_items(name, [wanted(number) for number in range(PARTS)])
    return ledger_database


def cut_some(dsn, over):
    """Cut connections at random, until told; how many."""
    rng, count = random.Random(1), 0
    with psycopg.connect(dsn, autocommit=True) as connection:
        while not over.wait(0.1):
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name LIKE 'earmark run%'"
            ).fetchall()
            if rows:
                connection.execute("SELECT pg_terminate_backend(%s)", rng.choice(rows))
                count += 1
    return count


def fence_some(dsn, over):
    """Take for lost whoever gave no sign of life, until all are: nobody here ends a run; how many."""
    left, count = 1, 0
    with closing(PostgresLedger(dsn, time.time, purpose="fence")) as ledger:
        while left or not over.is_set():
            count += len(ledger.durably(ledger.fence_dead))
            (left,) = ledger.db.execute("SELECT count(*) FROM runs WHERE fenced IS NULL").fetchone()
            over.wait(0.05)
    return count


def test_the_books_are_exact_and_no_cap_is_passed_whoever_is_cut_off_or_lost(dsn):
    hosts = [Host(dsn, number, lease=2.0) for number in range(HOSTS)]
    over, counts = threading.Event(), {}
    beside = [
        threading.Thread(target=lambda each=each: counts.update({each.__name__: each(dsn, over)}))
        for each in (cut_some, fence_some)
    ]
    threads = [threading.Thread(target=host.go) for host in hosts]
    for thread in (*beside, *threads):
        thread.start()
    for thread in threads:
        thread.join(300)
    over.set()
    for thread in beside:
        thread.join(60)
    assert [host.error for host in hosts if host.error] == []
    assert min(counts["cut_some"], counts["fence_some"]) > 0
    with closing(PostgresLedger.reading(dsn, time.time)) as ledger:
        assert list(findings(ledger.db)) == []
        tokens = [token for (token,) in ledger.db.execute("SELECT token FROM attempts").fetchall()]
        assert tokens
        assert sorted(set().union(*(host.answered for host in hosts))) == sorted(tokens)
        for name, cap in CAPS.items():
            assert ledger.amounts(name).committed <= cap
