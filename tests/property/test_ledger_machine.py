"""The ledger under any order of reserving, losing, adopting, billing, giving up: its sums equal a model's.

The model knows one rule for each act, in either currency; the ledger has triggers, indexes and a state
table. Cents and credits have caps and sums of their own.
"""

import shutil
import tempfile
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from manifests.money import Cents
from manifests.states import State, may_follow
from runner.api.interface import UsageRow
from runner.ledger import billing
from runner.ledger.interface import AlreadyLive, OverTheCap
from runner.ledger.recount import miscounted
from runner.ledger.rows import Adoption, Move, NewItem, Reservation
from support.ledgers import Shelf, emptied

SERVICE = "transcription"
CURRENCIES = ("cents", "credits")
SERVICES = {"cents": SERVICE, "credits": "denoise"}

MANIFESTS = ("m1", "m2", "m3")
PARTS = tuple(range(1, 7))
DEAD = {State.PLANNED, State.REJECTED, State.RELEASED, State.FAILED_CHARGED}
"""An attempt in one of these does not keep its part from being bought."""

ceilings = st.integers(1, 30)
caps = st.integers(0, 120)
currencies = st.sampled_from(["cents", "cents", "credits"])
charges = st.integers(0, 45)
rows_cents = st.integers(-20, 45)  # a refund is a row below zero


ANY = tuple(State)


def about(*states, fits=lambda _machine, _attempt: True, **strategies):
    """A rule about an attempt in one of these states that fits; it applies while there is one."""

    def decorate(act):
        def found(machine):
            return [each for each in machine.model if machine.state(each) in states and fits(machine, each)]

        def drawn(self, nth, **values):
            attempts = found(self)
            act(self, attempts[nth % len(attempts)], **values)

        drawn.__name__ = act.__name__
        return precondition(found)(rule(nth=st.integers(0, 20), **strategies)(drawn))

    return decorate


@dataclass
class Sums:
    """The money of one attempt, as the design tells it."""

    manifest: str
    ceiling: int
    expected: int
    reserved: int = 0
    in_doubt: int = 0
    spent: int = 0
    job: str = ""
    billed: int | None = None  # sum of its usage rows
    repaid: int = 0  # by rows that came before the charge that they pay back
    currency: str = "cents"

    def hold(self):
        return self.reserved + self.in_doubt


class LedgerMachine(RuleBasedStateMachine):
    """Drives a real ledger and a model of its money side by side."""

    MET_FIRST = (OverTheCap, AlreadyLive)
    """Why a reservation is refused where either would do: a trigger looks before the row is there."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.ledger = None
        self.model: dict[int, Sums] = {}
        self.caps: dict[str, dict[str, int]] = {}
        self.extra = dict.fromkeys(MANIFESTS, 0)
        self.numbers = count(1)
        self.seen_history = self.opened_at = 0

    def teardown(self):
        if self.ledger is not None:
            told = list(miscounted(self.ledger.db))
            self.ledger.close()
            assert told == []
        shutil.rmtree(self.folder)

    # -- helpers

    def open(self):
        self.ledger = self.shelf().open(lambda: float(next(self.numbers)))

    def shelf(self):
        return Shelf("sqlite", self.folder / "ledger.db")

    def state(self, attempt):
        return self.ledger.attempt(attempt).state

    def jobs_beside(self, attempt):
        """The jobs of an attempt's own service: numbers count for one service alone."""
        currency = self.model[attempt].currency
        return [sums.job for sums in self.model.values() if sums.job and sums.currency == currency]

    def has_job(self, attempt):
        return bool(self.model[attempt].job)

    def billable(self, attempt):
        """No row of the wallet bills what credits pay."""
        return self.has_job(attempt) and self.model[attempt].currency == "cents"

    def unbilled(self, attempt):
        return self.model[attempt].billed is None

    def set_aside(self, attempt):
        return self.ledger.attempt(attempt).superseded

    def live(self, part):
        rows = self.ledger.db.execute("SELECT id FROM attempts WHERE part_id = ? AND superseded = 0", (part,))
        return [each for (each,) in rows.fetchall() if self.state(each) not in DEAD]

    def part_of(self, attempt):
        return self.ledger.attempt(attempt).part_id

    def ours(self, manifest, currency):
        return [s for s in self.model.values() if (s.manifest, s.currency) == (manifest, currency)]

    def committed(self, manifest, currency):
        extra = self.extra[manifest] if currency == "cents" else 0
        return extra + sum(sums.hold() + sums.spent for sums in self.ours(manifest, currency))

    def amounts(self, manifest, currency):
        return self.ledger.amounts(manifest) if currency == "cents" else self.ledger.credits(manifest)

    def number(self):
        return str(next(self.numbers))

    def move(self, attempt, *states, job=None):
        with self.ledger.transaction():
            for state in states:
                self.ledger.move(Move(attempt, state, "why", job if state is State.SUBMITTED else None))

    # -- manifests and their items

    @initialize(caps=st.tuples(caps, caps, caps))
    def begin(self, caps):
        self.open()
        for manifest, cap in zip(MANIFESTS, caps, strict=True):
            self.set_caps(manifest, cap, 120 - cap)
            self.put_items(manifest, Cents(1))

    @rule(manifest=st.sampled_from(MANIFESTS), cap=caps, credits_cap=st.none() | caps)
    def set_caps(self, manifest, cap, credits_cap):
        """A run with other caps, higher or lower than what is committed; without one of credits it stays."""
        with self.ledger.transaction():
            self.ledger.put_manifest(manifest, self.folder / "m.yaml", Cents(cap), credits_cap)
        if credits_cap is None:
            credits_cap = self.caps[manifest]["credits"]
        self.caps[manifest] = {"cents": cap, "credits": credits_cap}

    @rule(manifest=st.sampled_from(MANIFESTS), price=st.integers(0, 3).map(Cents))
    def put_items(self, manifest, price):
        """A manifest with the same bytes as the others: bound to the same purchases, at prices of its own."""
        keys = [f"{part:064x}" for part in PARTS]
        items = [
            NewItem(key[-8:], f"{manifest}/{key[-1]}.mp3", 1, "p", "b", "{}", key, key, SERVICE, "{}", 0, 10)
            for key in keys
        ]
        items = [replace(item, expected=price, ceiling=price) for item in items]
        with self.ledger.transaction():
            self.ledger.put_items(manifest, items)
        assert [row.part_id for row in self.ledger.items(manifest)] == list(PARTS)

    @precondition(lambda self: self.seen_history >= self.opened_at + 8)
    @rule()
    def reopen(self):
        """Another process opens the ledger."""
        self.opened_at = self.seen_history
        self.ledger.close()
        self.open()

    # -- reserving

    @rule(
        part=st.sampled_from(PARTS),
        manifest=st.sampled_from(MANIFESTS),
        ceiling=ceilings,
        below=st.integers(0, 1),
        steps=st.sampled_from([2, 1, 0]),
        currency=currencies,
    )
    def reserve(self, part, manifest, ceiling, below, steps, currency):
        """And some way on from there."""
        fits = self.committed(manifest, currency) + ceiling <= self.caps[manifest][currency]
        money = Cents(ceiling - below), Cents(ceiling), currency
        wish = Reservation(part, manifest, SERVICES[currency], self.number(), *money)
        if not fits or self.live(part):
            in_the_way = {OverTheCap: not fits, AlreadyLive: bool(self.live(part))}
            refusal = next(each for each in self.MET_FIRST if in_the_way[each])
            with pytest.raises(refusal), self.ledger.transaction():
                self.ledger.reserve(wish)
            return
        with self.ledger.transaction():
            made = self.ledger.reserve(wish)
        self.model[made] = Sums(manifest, ceiling, ceiling - below, reserved=ceiling, currency=currency)
        assert self.amounts(manifest, currency).committed <= self.caps[manifest][currency]
        self.move(made, *(State.UPLOADING, State.SENDING)[:steps])

    @rule(
        part=st.sampled_from(PARTS),
        manifest=st.sampled_from(MANIFESTS),
        ceiling=ceilings,
        currency=currencies,
    )
    def adopt(self, part, manifest, ceiling, currency):
        """A job in the service's list that this ledger does not know: counts whatever the cap."""
        job, money = self.number(), (Cents(ceiling), Cents(ceiling))
        found = Adoption(part, manifest, SERVICES[currency], self.number(), *money, job, currency)
        if self.live(part):
            with pytest.raises(AlreadyLive), self.ledger.transaction():
                self.ledger.adopt(found)
            return
        with self.ledger.transaction():
            made = self.ledger.adopt(found)
        self.model[made] = Sums(manifest, ceiling, ceiling, reserved=ceiling, job=job, currency=currency)

    @about(*ANY, ceiling=ceilings)
    def turns_out_longer(self, attempt, ceiling):
        """What is held grows, whatever the cap; it never shrinks, and what is settled stays."""
        sums = self.model[attempt]
        with self.ledger.transaction():
            self.ledger.enlarge(attempt, Cents(ceiling))
        if sums.hold() and ceiling > sums.ceiling:
            sums.ceiling = ceiling
            sums.reserved, sums.in_doubt = (ceiling, 0) if sums.reserved else (0, ceiling)
        assert self.ledger.attempt(attempt).ceiling == sums.ceiling

    # -- sending

    @about(State.RESERVED, State.UPLOADING)
    def send(self, attempt):
        sums = self.model[attempt]
        before = replace(sums)
        self.move(attempt, State.UPLOADING, State.SENDING)
        assert sums == before

    @about(State.RESERVED, State.UPLOADING, State.SENDING)
    def surely_not_received(self, attempt):
        sums = self.model[attempt]
        self.move(attempt, State.PLANNED)
        sums.reserved = 0

    @about(State.SENDING)
    def refused(self, attempt):
        sums = self.model[attempt]
        self.move(attempt, State.REJECTED)
        sums.reserved = 0

    @about(State.SENDING)
    def accepted(self, attempt):
        sums = self.model[attempt]
        sums.job = self.number()
        self.move(attempt, State.SUBMITTED, job=sums.job)

    @about(State.SENDING, fits=jobs_beside, nth_job=st.integers(0, 20))
    def accepted_with_the_number_of_another_job(self, attempt, nth_job):
        numbers = self.jobs_beside(attempt)
        number = numbers[nth_job % len(numbers)]
        with pytest.raises(AlreadyLive):
            self.move(attempt, State.SUBMITTED, job=number)

    @about(State.SENDING)
    def answer_lost(self, attempt):
        sums = self.model[attempt]
        self.move(attempt, State.IN_DOUBT)
        sums.reserved, sums.in_doubt = 0, sums.reserved

    # -- doubts

    @about(State.IN_DOUBT, fits=lambda self, each: not self.set_aside(each))
    def send_again_by_hand(self, attempt):
        """The first hold stays."""
        with self.ledger.transaction():
            self.ledger.supersede(attempt, "it may cost twice")
        assert self.live(self.part_of(attempt)) == []

    @about(State.IN_DOUBT)
    def give_up(self, attempt):
        sums = self.model[attempt]
        self.move(attempt, State.GIVEN_UP)
        sums.in_doubt, sums.spent = 0, sums.in_doubt

    @about(State.IN_DOUBT, State.GIVEN_UP, State.PLANNED, row_came_first=st.none() | charges)
    def found_by_its_token(self, attempt, row_came_first):
        """A doubt, a given-up one, or an upload that was cut and arrived all the same."""
        sums = self.model[attempt]
        job = self.number()
        others = [each for each in self.live(self.part_of(attempt)) if each != attempt]
        if sums.currency == "credits":
            row_came_first = None
        if row_came_first is not None:
            assert self.add_rows(job, row_came_first) == []
        self.move(attempt, State.SUBMITTED, job=job)
        sums.job, sums.reserved, sums.in_doubt, sums.spent = job, sums.ceiling, 0, 0
        assert self.set_aside(attempt) is bool(others)
        if row_came_first is not None:
            with self.ledger.transaction():
                charge = billing.match_recorded(self.ledger, self.ledger.attempt(attempt))
            self.count_bill(attempt, row_came_first)
            assert charge.cents == row_came_first

    # -- ends of jobs

    @about(State.SUBMITTED)
    def finish(self, attempt):
        self.move(attempt, State.FINISHED)

    @about(State.FINISHED)
    def save(self, attempt):
        self.move(attempt, State.SAVED)

    @about(State.SUBMITTED, State.FINISHED, State.SAVED)
    def lose(self, attempt):
        """Paid, and no longer at the service; a result that turns up after all is saved."""
        self.move(attempt, State.LOST, State.SAVED, State.LOST)

    @about(State.SUBMITTED, fits=unbilled)
    def fail(self, attempt):
        self.move(attempt, State.FAILED)

    @about(State.FAILED, fits=unbilled)
    def release(self, attempt):
        sums = self.model[attempt]
        with self.ledger.transaction():
            billing.release(self.ledger, self.ledger.attempt(attempt))
        sums.reserved = 0

    # -- bills

    def add_rows(self, job, *cents):
        rows = [UsageRow(self.number(), SERVICE, Cents(each), 60, job) for each in cents]
        with self.ledger.transaction():
            return billing.add_rows(self.ledger, [*rows, *rows])  # pages overlap

    def count_bill(self, attempt, cents):
        sums = self.model[attempt]
        sums.billed = (sums.billed or 0) + cents
        sums.reserved, sums.in_doubt, sums.spent = 0, 0, max(0, sums.billed)

    @about(*ANY, fits=billable, cents=st.lists(rows_cents, min_size=1, max_size=3))
    def bill(self, attempt, cents):
        """Usage rows of a job: at once, late, after a release, several, paid back, above the ceiling."""
        sums = self.model[attempt]
        before = self.state(attempt)
        charged = self.add_rows(sums.job, *cents)
        if sums.billed is None and max(cents) < 0:  # a repayment alone: its charge is still to come
            sums.repaid += sum(cents)
            assert not charged
            assert self.state(attempt) is before
            return
        self.count_bill(attempt, sum(cents) + sums.repaid)
        sums.repaid = 0
        assert charged[-1].cents == sums.spent
        assert charged[-1].over == max(0, sums.spent - sums.ceiling)
        after = before
        if before in (State.FAILED, State.RELEASED, State.FAILED_CHARGED):
            after = State.FAILED_CHARGED if sums.spent else State.RELEASED
        assert self.state(attempt) is after

    @about(State.FINISHED, State.SAVED, fits=lambda self, each: self.model[each].hold())
    def settle_at_the_expected_price(self, attempt):
        """The wallet's rows name no jobs."""
        sums = self.model[attempt]
        with self.ledger.transaction():
            billing.settle_unverified(self.ledger, self.ledger.attempt(attempt))
        sums.reserved, sums.spent = 0, sums.expected

    @rule(manifest=st.sampled_from(MANIFESTS), cents=charges)
    def other_money(self, manifest, cents):
        """Credits fell for a manifest; a usage row that is nobody's counts for none."""
        with self.ledger.transaction():
            self.ledger.add_extra_charge(manifest, Cents(cents), "account credits fell")
        self.extra[manifest] += cents
        assert self.add_rows(self.number(), cents) == []

    # -- what must not happen

    @about(*ANY, nth_state=st.integers(0, 20))
    def nothing_moves_against_the_table(self, attempt, nth_state):
        forbidden = [state for state in State if not may_follow(self.state(attempt), state)]
        with pytest.raises(ValueError, match="cannot become"):
            self.move(attempt, forbidden[nth_state % len(forbidden)])

    @about(State.SENDING)
    def a_turn_that_breaks_off_changes_nothing(self, attempt):

        def broken():
            with self.ledger.transaction():
                self.ledger.move(Move(attempt, State.PLANNED))
                self.ledger.add_extra_charge(self.model[attempt].manifest, Cents(7), "x")
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            broken()

    # -- what always holds

    @invariant()
    def sums_equal_the_model(self):
        for manifest in self.caps:
            for currency in CURRENCIES:
                ours, amounts = self.ours(manifest, currency), self.amounts(manifest, currency)
                assert amounts.cap == self.caps[manifest][currency]
                assert amounts.committed == self.committed(manifest, currency)
                assert amounts.reserved == sum(sums.reserved for sums in ours)
                assert amounts.in_doubt == sum(sums.in_doubt for sums in ours)
        if self.ledger:
            held = [sum(s.hold() for s in self.model.values() if s.currency == each) for each in CURRENCIES]
            assert [self.ledger.held(), self.ledger.held_credits()] == held

    @invariant()
    def sums_equal_their_rows(self):
        """The triggers' running sums against the sums taken anew."""
        if not self.ledger:
            return
        differing = self.ledger.db.execute(
            "SELECT m.id FROM manifests m WHERE (m.spent, m.reserved, m.in_doubt) <> ("
            " SELECT coalesce(sum(a.charge), 0) + (SELECT coalesce(sum(cents), 0) FROM extra_charges"
            "   WHERE manifest_id = m.id),"
            " coalesce(sum(a.hold) FILTER (WHERE a.purse = 'reserved'), 0),"
            " coalesce(sum(a.hold) FILTER (WHERE a.purse = 'in doubt'), 0)"
            " FROM attempts a WHERE a.manifest_id = m.id AND a.currency = 'cents')"
            " OR (m.credits_spent, m.credits_reserved, m.credits_in_doubt) <> ("
            " SELECT coalesce(sum(a.charge), 0),"
            " coalesce(sum(a.hold) FILTER (WHERE a.purse = 'reserved'), 0),"
            " coalesce(sum(a.hold) FILTER (WHERE a.purse = 'in doubt'), 0)"
            " FROM attempts a WHERE a.manifest_id = m.id AND a.currency = 'credits')"
        )
        assert differing.fetchall() == []

    @invariant()
    def one_live_attempt_a_part_and_the_part_says_so(self):
        if not self.ledger:
            return
        for part in PARTS:
            live = self.live(part)
            state, newest = self.ledger.part(part)
            assert len(live) <= 1
            if live:
                assert (newest.attempt_id, state) == (live[0], self.state(live[0]))
            else:
                assert state in DEAD

    @invariant()
    def every_manifest_sees_the_same_purchases(self):
        if not self.ledger:
            return
        for manifest in self.caps:
            for row in self.ledger.items(manifest):
                assert (row.state, row.attempt) == self.ledger.part(row.part_id)

    @invariant()
    def charges_are_told_by_job(self):
        if not self.ledger:
            return
        paid = [sums for sums in self.model.values() if sums.job and sums.currency == "cents"]
        known = {(SERVICE, sums.job): sums.spent for sums in paid if not sums.hold()}
        billed = self.ledger.charges()
        assert billed.items() <= known.items()
        assert sum(billed.values()) == sum(known.values())

    @invariant()
    def history_only_grows(self):
        if self.ledger:
            now = self.ledger.db.execute("SELECT count(*) FROM history").fetchone()[0]
            assert now >= self.seen_history
            self.seen_history = now


LedgerMachine.TestCase.settings = settings(
    max_examples=max(30, settings.default.max_examples // 2), stateful_step_count=40, deadline=None
)
test_the_ledger_keeps_its_sums = LedgerMachine.TestCase


def test_a_database_keeps_its_sums(ledger_database):
    """The same random lives on a server; each begins with nothing in it."""

    class OnServer(LedgerMachine):
        MET_FIRST = (AlreadyLive, OverTheCap)  # the sums are looked at once the row is there

        def __init__(self):
            super().__init__()
            emptied(ledger_database)

        def shelf(self):
            return Shelf("postgres", ledger_database)

    few = settings(LedgerMachine.TestCase.settings, max_examples=8, derandomize=True, phases=[Phase.generate])
    run_state_machine_as_test(OnServer, settings=few)
