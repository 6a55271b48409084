"""A fleet on one ledger, under any order of shifts, kills, sleeps, slow wires, stops and caps.

Three hosts take shifts of two manifests that want the same wares from one wallet. A host may die, sleep past
its lease and wake late, or fall asleep between the turn that made `sending` durable and the last chunk; what
it sent may arrive long after it was taken for lost. Whatever happens in whatever order: nothing is bought
twice, no cap is passed by reserving, each job that may cost something is covered by its own attempt, the sums
are exact, and what was sent is found again by its token.
"""

import shutil
import tempfile
from collections import Counter, deque
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from manifests.states import State
from runner.api.interface import JobStatus
from runner.ledger.checking import findings
from support.crew import Crew
from support.town import FAULTS, WARES, Street

NAMES = ("north", "south")
HOSTS = 3
BETWEEN = {State.RESERVED, State.UPLOADING, State.SENDING, State.SUBMITTED, State.FINISHED}
SHOWN = ("transcription", "denoise")
"""Services whose lists show the token of each job."""

caps = st.sampled_from([100, 40, 25, 12, 7, 0])
credit_caps = st.sampled_from([2000, 800, 700, 0])
faults = st.lists(st.sampled_from((*FAULTS, "slow", "slow")), max_size=6)
manifest = st.sampled_from(NAMES)
host = st.integers(0, HOSTS - 1)


class FleetMachine(RuleBasedStateMachine):
    """Three hosts, two manifests, one wallet."""

    @initialize(seed=st.integers(0, 2**16), cents=caps, credits_cap=credit_caps, faults=faults)
    def begin(self, seed, cents, credits_cap, faults):
        self.folder = Path(tempfile.mkdtemp())
        self.street = Street(faults=deque(faults))
        self.crew = Crew(self.folder, self.street, NAMES, HOSTS, seed)
        for name in NAMES:
            self.crew.set_caps(name, cents, credits_cap)
            self.crew.offer(name)

    def teardown(self):
        if hasattr(self, "crew"):
            try:
                self._see_the_end()
            finally:
                self.crew.close()
                shutil.rmtree(self.folder)

    # -- what happens

    @rule(number=host, takes=st.integers(1, 60))
    def a_host_works(self, number, takes):
        hand = self.crew.hands[number]
        if not hand.running and not hand.asleep:
            hand.begin()
        hand.step(takes)

    @rule(number=host, takes=st.integers(0, 12))
    def a_host_works_and_is_killed(self, number, takes):
        self.a_host_works(number, takes)
        self.crew.hands[number].kill()

    @rule(number=host, seconds=st.sampled_from([10.0, 29.0, 45.0, 200.0]))
    def a_host_sleeps_and_wakes(self, number, seconds):
        hand = self.crew.hands[number]
        hand.asleep = True
        self.crew.pass_time(seconds)
        hand.asleep = False

    @rule(number=host, asleep=st.booleans())
    def a_host_falls_asleep_or_wakes(self, number, asleep):
        self.crew.hands[number].asleep = asleep

    @rule(number=host, seconds=st.sampled_from([5.0, 26.0, 40.0]))
    def a_host_will_sleep_before_its_next_last_chunk(self, number, seconds):
        self.crew.hands[number].naps = seconds

    @rule(name=manifest)
    def somebody_runs(self, name):
        self.crew.offer(name)

    @rule(name=manifest)
    def whoever_offers_is_killed(self, name):
        self.crew.offers[name].dead = True

    @rule(name=manifest)
    def whoever_offers_is_stopped(self, name):
        self.crew.offers[name].stop()

    @rule(seconds=st.sampled_from([1.0, 10.0, 60.0, 600.0]))
    def time_passes(self, seconds):
        self.crew.pass_time(seconds)

    @rule(faults=faults)
    def things_go_wrong(self, faults):
        self.street.faults.extend(faults)

    @rule(names=st.booleans(), usage=st.sampled_from([45.0, 0.0]))
    def the_service_changes(self, names, usage):
        self.street.does.list_names, self.street.does.usage_delay = names, usage

    @rule(name=manifest, cents=caps, credits_cap=credit_caps)
    def the_caps_change(self, name, cents, credits_cap):
        self.crew.set_caps(name, cents, credits_cap)

    @precondition(lambda self: self.crew.late)
    @rule()
    def what_is_on_the_wire_arrives(self):
        self.crew.pass_time(max(at for at, _ in self.crew.late) - self.street.now)

    # -- what always holds

    def _attempts(self):
        rows = self.crew.ledger.db.execute(
            "SELECT token, state, ceiling, hold, charge, settled, currency, job_id FROM attempts"
        )
        return {row[0]: row[1:] for row in rows}

    @invariant()
    def each_job_is_covered_by_its_attempt(self):
        if not hasattr(self, "crew"):
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
    def nothing_is_bought_twice(self):
        if not hasattr(self, "crew"):
            return
        bought = Counter(job.token.key_part for job in self.street.jobs if job.fate is JobStatus.COMPLETED)
        for ware in WARES:
            assert bought[ware.key[:16]] <= 1, ware

    @invariant()
    def the_ledger_agrees_with_itself(self):
        if hasattr(self, "crew"):
            assert list(findings(self.crew.ledger.db)) == []

    @invariant()
    def only_runs_that_live_drive(self):
        if not hasattr(self, "crew"):
            return
        rows = self.crew.ledger.db.execute(
            "SELECT count(*) FROM attempts a JOIN runs r ON r.id = a.driver"
            " WHERE r.ended IS NOT NULL OR r.fenced IS NOT NULL"
        )
        assert rows.fetchone() == (0,)

    @invariant()
    def a_line_is_in_one_shift_that_is_not_over(self):
        if not hasattr(self, "crew"):
            return
        rows = self.crew.ledger.db.execute(
            "SELECT count(*) FROM claims c JOIN shifts s ON s.id = c.shift_id"
            " WHERE s.state NOT IN ('waiting', 'taken')"
        )
        assert rows.fetchone() == (0,)

    # -- the end

    def _see_the_end(self):
        """The service recovers, all hosts work: all is whole, or in doubt where nothing was made."""
        self.street.faults.clear()
        self.street.does.list_names, self.street.does.usage_delay = True, 0.0
        for hand in self.crew.hands:
            hand.asleep, hand.naps = False, 0.0
        self.crew.pass_time(200.0)
        for _ in range(3):
            for name in NAMES:
                self.crew.offer(name)
            self._work_off()
            self.crew.pass_time(200.0)
        self.each_job_is_covered_by_its_attempt()
        self.nothing_is_bought_twice()
        self.the_ledger_agrees_with_itself()
        attempts = self._attempts()
        assert not BETWEEN & {State(row[0]) for row in attempts.values()}
        for job in self.street.jobs:
            state, _, hold, charge, _, currency, job_id = attempts[job.token.text]
            assert job_id is not None or job.service not in SHOWN, (job, state)
            if job_id is not None and job.fate is JobStatus.COMPLETED:
                assert State(state) is State.SAVED
                assert hold == 0
                assert currency == "credits" or charge == job.cents

    def _work_off(self):
        """All hosts in turn, until nothing waits and nobody has a shift."""
        for _ in range(400):
            for hand in self.crew.hands:
                if not hand.running:
                    hand.begin()
                hand.step(40)
            waits = any(self.crew.ledger.waiting(name).shifts for name in NAMES)
            if not waits:
                return
        raise AssertionError("the shifts do not end")


FleetMachine.TestCase.settings = settings(
    max_examples=max(12, settings.default.max_examples // 8), stateful_step_count=30, deadline=None
)
test_a_fleet_on_one_ledger = FleetMachine.TestCase
