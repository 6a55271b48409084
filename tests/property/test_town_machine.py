"""Ledger and engines together, under any order of runs, kills, faults, caps and decisions.

Two manifests want the same wares from one wallet: recordings, speech, a voice that some of it needs, and
noise reduction that credits pay. Whatever happens in whatever order, no cap is passed by reserving, each
job that may cost something is covered by its own attempt, nothing is bought twice unless a person said so.
"""

import shutil
import tempfile
from collections import Counter, deque
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from manifests.states import State
from runner import reconcile
from runner.api.interface import Job, JobStatus
from runner.collect import recover
from runner.reconcile import Choice
from support.town import FAULTS, WARES, Neighbour, Street, jobs_by_token

NAMES = ("north", "south")
BETWEEN = {State.RESERVED, State.UPLOADING, State.SENDING, State.SUBMITTED, State.FINISHED}

caps = st.sampled_from([100, 40, 25, 12, 7, 0])
credit_caps = st.sampled_from([2000, 800, 700, 0])
faults = st.lists(st.sampled_from(FAULTS), max_size=6)
who = st.sampled_from(NAMES)


class Town(RuleBasedStateMachine):
    """Two manifests, one wallet."""

    @initialize(seed=st.integers(0, 2**16), cents=caps, credits_cap=credit_caps, faults=faults)
    def begin(self, seed, cents, credits_cap, faults):
        self.folder = Path(tempfile.mkdtemp())
        self.street = Street(faults=deque(faults))
        self.people = {name: Neighbour(self.folder, self.street, name, seed) for name in NAMES}
        self.ledger = self.people["north"].ledger
        self.sent_again = Counter()
        for person in self.people.values():
            person.set_caps(cents, credits_cap)

    def teardown(self):
        if hasattr(self, "people"):
            try:
                self._see_the_end()
            finally:
                for person in self.people.values():
                    person.kill()
                    person.ledger.close()
                shutil.rmtree(self.folder)

    # -- what happens

    @rule(name=who, takes=st.integers(5, 60))
    def some_of_a_run(self, name, takes):
        """A run begins, or goes on."""
        self.run(name, takes)

    def run(self, name, takes):
        if not self.people[name].running:
            self.people[name].begin()
        self.people[name].step(takes)

    @rule(name=who, takes=st.integers(0, 12))
    def run_and_be_killed(self, name, takes):
        """Within the first uploads, mostly."""
        self.run(name, takes)
        self.people[name].kill()

    @precondition(lambda self: any(person.running for person in self.people.values()))
    @rule(name=who)
    def finish(self, name):
        self._finish(self.people[name])

    def _finish(self, person):
        for _ in range(50):
            if not person.running:
                return
            person.step(100)
        raise AssertionError("the run does not end")

    @rule(seconds=st.sampled_from([1.0, 10.0, 60.0, 600.0]))
    def time_passes(self, seconds):
        self.street.now += seconds

    @rule(faults=faults)
    def things_go_wrong(self, faults):
        self.street.faults.extend(faults)

    @rule(names=st.booleans(), usage=st.sampled_from([45.0, 0.0]))
    def the_service_changes(self, names, usage):
        self.street.does.list_names, self.street.does.usage_delay = names, usage

    @rule(name=who, cents=caps, credits_cap=credit_caps)
    def the_caps_change(self, name, cents, credits_cap):
        self.people[name].set_caps(cents, credits_cap)

    @precondition(lambda self: "in doubt" in self._states())
    @rule(name=who, choice=st.sampled_from(Choice), nth=st.integers(0, 5))
    def a_person_decides(self, name, choice, nth):
        """About a lost answer, once no run is under way: what is adopted is the job that was made."""
        for person in self.people.values():
            person.kill()
            recover(self.ledger, person.name)
        doubts = [d for d in reconcile.doubts_of(self.ledger, name, []) if choice in d.choices]
        if not doubts:
            return
        doubt = doubts[nth % len(doubts)]
        if choice is Choice.ADOPT:
            self._adopt(doubt)
        elif choice is Choice.SEND_AGAIN:
            reconcile.send_again(self.ledger, doubt)
            self.sent_again[reconcile.Token(doubt.attempt.token).key_part] += 1
        else:
            reconcile.give_up(self.ledger, doubt)

    def _adopt(self, doubt):
        made = jobs_by_token(self.street).get(reconcile.Token(doubt.attempt.token))
        if made is not None:
            status = made.fate if made.ends <= self.street.now else JobStatus.RUNNING
            reconcile.adopt(self.ledger, doubt, Job(made.job_id, status, frozenset({made.token})))

    # -- what always holds

    def _states(self):
        return {row[0] for row in self.ledger.db.execute("SELECT DISTINCT state FROM attempts")}

    def _attempts(self):
        rows = self.ledger.db.execute(
            "SELECT token, state, ceiling, hold, charge, settled, currency, job_id FROM attempts"
        )
        return {row[0]: row[1:] for row in rows}

    @invariant()
    def each_job_is_covered_by_its_attempt(self):
        if not hasattr(self, "people"):
            return
        attempts = self._attempts()
        for job in self.street.jobs:
            state, ceiling, hold, charge, settled, currency, _ = attempts[job.token.text]
            assert currency == job.currency
            if settled == "unverified":  # what its rows do not tell counts as expected
                continue
            assert hold + (charge or 0) >= min(job.owed, ceiling), (job, state)
            if settled == "billed":
                assert charge == job.cents

    @invariant()
    def nothing_is_bought_twice_but_on_a_person_s_word(self):
        if not hasattr(self, "people"):
            return
        bought = Counter(job.token.key_part for job in self.street.jobs if job.fate is JobStatus.COMPLETED)
        for ware in WARES:
            part = ware.key[:16]
            assert bought[part] <= 1 + self.sent_again[part], ware

    @invariant()
    def sums_equal_their_rows_in_each_currency(self):
        if not hasattr(self, "people"):
            return
        for name, person in self.people.items():
            for currency, amounts in (
                ("cents", person.ledger.amounts(name)),
                ("credits", person.ledger.credits(name)),
            ):
                rows = person.ledger.db.execute(
                    "SELECT coalesce(sum(charge), 0),"
                    " coalesce(sum(hold) FILTER (WHERE purse = 'reserved'), 0),"
                    " coalesce(sum(hold) FILTER (WHERE purse = 'in doubt'), 0)"
                    " FROM attempts WHERE manifest_id = ? AND currency = ?",
                    (name, currency),
                )
                assert rows.fetchone() == (amounts.spent, amounts.reserved, amounts.in_doubt)

    @invariant()
    def nothing_speaks_before_its_voice_is_made(self):
        if not hasattr(self, "people"):
            return
        clones = {job.job_id for job in self.street.jobs if job.service == "clone"}
        for upload in self.street.submits:
            if upload.order.upload_name.startswith("speech"):
                assert upload.order.fields["voice"] in clones

    # -- the end

    def _see_the_end(self):
        """The service recovers, both manifests run to their ends: all is whole or in doubt."""
        self.street.faults.clear()
        self.street.does.list_names, self.street.does.usage_delay = True, 0.0
        for _ in range(3):
            for person in self.people.values():
                if not person.running:
                    person.begin()
                self._finish(person)
            self.street.now += 200.0
        self.each_job_is_covered_by_its_attempt()
        self.nothing_is_bought_twice_but_on_a_person_s_word()
        attempts = self._attempts()
        assert not BETWEEN & {State(row[0]) for row in attempts.values()}
        for job in self.street.jobs:
            state, _, hold, charge, _, currency, job_id = attempts[job.token.text]
            if job_id is not None and job.fate is JobStatus.COMPLETED:
                assert State(state) in (State.SAVED, State.FINISHED)
                assert hold == 0
                assert currency == "credits" or charge == job.cents


Town.TestCase.settings = settings(
    max_examples=max(15, settings.default.max_examples // 6), stateful_step_count=30, deadline=None
)
test_two_manifests_on_one_wallet = Town.TestCase
