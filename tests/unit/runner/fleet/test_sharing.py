"""One watcher for a fleet: which look answers which question, and who is held up by whom."""

from dataclasses import dataclass, field
from functools import partial

import pytest

from manifests.keys import Token
from manifests.money import Cents
from runner.api.errors import CallRefused, KeyRefused, ServiceDown, TooManyCalls
from runner.api.interface import CreditRow, Job, JobStatus, UsageRow
from runner.engine.messages import (
    Listed,
    ReadBilled,
    ReadCredits,
    ReadJob,
    ReadList,
    ReadRates,
    ReadUsage,
    ReadWallet,
)
from runner.fleet import sharing
from runner.fleet.bodies import Jobs, written
from runner.fleet.sharing import CLAIM, LIST_REST, Shared
from runner.reading import read
from support.fake_api import FakeApi
from support.shared_looks import MemoryLooks
from support.together import Together

SERVICE = "transcription"
TOKEN = Token("ek-0000000000000001-0000000000000001")
NAME = f"list {SERVICE}"


@dataclass
class Fleet:
    """Hosts on one ledger and one service; time goes on while one of them sleeps."""

    now: float = 1000.0
    meanwhile: list = field(default_factory=list)  # what happens in the next sleeps, one in each
    slept: list[float] = field(default_factory=list)
    api: FakeApi = field(default_factory=FakeApi)

    def __post_init__(self):
        self.ahead = 0.0  # by which the ledger's clock is ahead of the hosts'
        self.looks = MemoryLooks(lambda: self.now + self.ahead)

    def host(self):
        return Shared(self.looks, sleep=self.sleep, clock=lambda: self.now)

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds
        if self.meanwhile:
            self.meanwhile.pop(0)()
        assert len(self.slept) < 10_000, "waits for ever"

    def job(self, number, status=JobStatus.COMPLETED):
        self.api.lists.setdefault(SERVICE, []).insert(0, Job(str(number), status))
        self.looks.live.setdefault(SERVICE, set()).add(str(number))

    def calls(self, kind="pages"):
        return self.api.calls.count(kind)


@pytest.fixture
def fleet():
    return Fleet()


def ask(*jobs, tokens=()):
    return ReadList(SERVICE, frozenset(jobs), frozenset(tokens))


def shown(event):
    return {job.job_id: job.status for job in event.jobs}


# -- which look answers


def test_a_look_that_began_before_a_job_was_submitted_never_says_that_it_is_gone(fleet):
    """The other host's look is under way when the job is made; it ends without it, and is not taken."""
    number = fleet.looks.begin(NAME, CLAIM)
    fleet.job(7)
    fleet.meanwhile = [lambda: fleet.looks.end(NAME, number, written(Jobs(())), LIST_REST)]
    assert shown(fleet.host()(fleet.api, ask("7"))) == {"7": JobStatus.COMPLETED}
    assert fleet.calls() == 1, "it looked anew"


def test_a_look_that_ended_before_the_question_is_not_taken(fleet):
    host = fleet.host()
    fleet.job(1, JobStatus.RUNNING)
    assert shown(host(fleet.api, ask("1"))) == {"1": JobStatus.RUNNING}
    fleet.api.lists[SERVICE] = [Job("1", JobStatus.COMPLETED)]
    assert shown(host(fleet.api, ask("1"))) == {"1": JobStatus.COMPLETED}
    assert fleet.calls() == 2


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
def test_a_clock_that_is_set_makes_no_old_look_a_new_one(fleet, jump):
    number = fleet.looks.begin(NAME, CLAIM)
    fleet.job(7)

    def ends_late():
        fleet.ahead += jump
        fleet.looks.end(NAME, number, written(Jobs(())), 0.0)

    fleet.meanwhile = [ends_late]
    assert shown(fleet.host()(fleet.api, ask("7"))) == {"7": JobStatus.COMPLETED}
    assert fleet.now - 1000.0 < 2 * CLAIM


def test_a_look_that_began_after_the_question_answers_all_that_wait(fleet):
    """Two hosts ask while a third one looks; one of them looks next, and both have its answer."""
    for number in (1, 2):
        fleet.job(number)
    first, second, answers = fleet.host(), fleet.host(), []
    third = fleet.looks.begin(NAME, CLAIM)

    def both_wait():
        fleet.looks.end(NAME, third, written(Jobs(())), 0.0)
        answers.append(second(fleet.api, ask("2")))

    fleet.meanwhile = [both_wait]
    answers.append(first(fleet.api, ask("1")))
    assert [shown(each) for each in answers] == [{"2": JobStatus.COMPLETED}, {"1": JobStatus.COMPLETED}]
    assert fleet.calls() == 1


def test_a_host_sees_only_its_own_jobs_and_misses_those_that_no_list_shows(fleet):
    fleet.job(1)
    fleet.looks.live[SERVICE] = {"1", "2", "9"}
    event = fleet.host()(fleet.api, ask("1", "9"))
    assert event == Listed(SERVICE, (Job("1", JobStatus.COMPLETED),), frozenset({"1", "9"}))


def test_a_look_goes_as_deep_as_any_host_needs(fleet):
    fleet.api.page_size = 1
    for number in range(6):
        fleet.job(number)
    fleet.looks.live[SERVICE] = {"2"}
    host, other = fleet.host(), []
    fleet.looks.entries[NAME].claimed = fleet.now + 0.1
    fleet.meanwhile = [lambda: other.append(fleet.host()(fleet.api, ask("5")))]
    assert shown(host(fleet.api, ask("2"))) == {"2": JobStatus.COMPLETED}
    assert shown(other[0]) == {"5": JobStatus.COMPLETED}
    assert fleet.calls() == 4, "one look down to job 2"


# -- what is never shared


@pytest.mark.parametrize(
    "action",
    [
        ask("1", tokens=[TOKEN]),
        ask(tokens=[TOKEN]),
        ReadBilled(SERVICE, 0.0),
        ReadJob(3, SERVICE, "1"),
    ],
    ids=["running and lost", "lost", "lost, by bills", "single"],
)
def test_a_doubt_and_a_missing_job_are_looked_for_at_the_service_itself(fleet, action):
    fleet.job(1)
    fleet.looks.begin(NAME, CLAIM)  # somebody looks; nobody waits for that
    assert fleet.host()(fleet.api, action) == read(fleet.api, action)
    assert not fleet.slept
    assert set(fleet.looks.entries) == {NAME}


def test_a_lost_answer_is_found_although_a_fresh_look_does_not_show_it(fleet):
    host = fleet.host()
    host(fleet.api, ask("1"))
    fleet.api.add_job(SERVICE, f"a.{TOKEN.text}.mp3")
    (job,) = host(fleet.api, ask("1", tokens=[TOKEN])).jobs
    assert TOKEN in job.tokens


# -- who is held up


def test_a_reader_that_was_killed_holds_nobody_up_longer_than_its_claim(fleet):
    fleet.job(1)
    fleet.looks.begin(NAME, CLAIM)
    asked = fleet.now
    assert shown(fleet.host()(fleet.api, ask("1"))) == {"1": JobStatus.COMPLETED}
    assert fleet.now - asked <= CLAIM + sharing.POLL


def test_a_reader_that_pages_on_keeps_its_claim(fleet):
    fleet.api.page_size = 1
    for number in range(5):
        fleet.job(number)
    beaten = []

    def slow(_name):
        fleet.now += CLAIM * 0.8
        beaten.append(fleet.looks.begin(NAME, CLAIM))

    fleet.api.on_call = slow
    fleet.host()(fleet.api, ask("0"))
    assert beaten == [None] * 5


def test_one_taken_for_dead_that_ends_late_replaces_no_later_look(fleet):
    old = fleet.looks.begin(NAME, CLAIM)
    fleet.now += CLAIM + 1
    fleet.job(1)
    host = fleet.host()
    host(fleet.api, ask("1"))
    newest = fleet.looks.board(NAME).latest
    fleet.looks.end(NAME, old, written(Jobs(())), LIST_REST)
    assert fleet.looks.board(NAME).latest == newest


def test_whoever_gets_no_answer_from_others_asks_the_service(fleet):
    fleet.job(1)
    fleet.looks.entries[NAME].claimed = fleet.now + 1.2 * sharing.HELD_UP
    assert shown(fleet.host()(fleet.api, ask("1"))) == {"1": JobStatus.COMPLETED}
    assert fleet.now - 1000.0 <= sharing.HELD_UP + sharing.POLL


def test_a_ledger_out_of_reach_holds_nobody_up(fleet):
    fleet.job(1)
    fleet.looks.down = True
    assert shown(fleet.host()(fleet.api, ask("1"))) == {"1": JobStatus.COMPLETED}
    assert not fleet.slept


def test_a_look_that_only_a_newer_earmark_can_read_is_no_answer(fleet):
    fleet.job(1)
    number = fleet.looks.begin(NAME, CLAIM)
    later = lambda: fleet.looks.end(NAME, number + 1, '{"type":"newer"}', 0.0)  # noqa: E731
    fleet.meanwhile = [later]
    assert shown(fleet.host()(fleet.api, ask("1"))) == {"1": JobStatus.COMPLETED}


def test_whoever_is_told_to_stop_waiting_asks_the_service(fleet):
    fleet.job(1)
    fleet.looks.begin(NAME, CLAIM)
    host = Shared(fleet.looks, sleep=lambda _seconds: True, clock=lambda: fleet.now)
    assert shown(host(fleet.api, ask("1"))) == {"1": JobStatus.COMPLETED}


# -- failures


@pytest.mark.parametrize("error", [ServiceDown("503", 7.0), TooManyCalls("429", 7.0), ServiceDown("cut")])
def test_that_the_service_does_not_answer_is_told_to_all_who_asked(fleet, error):
    fleet.api.fail("pages", error)
    fleet.looks.entries[NAME].claimed = fleet.now + 0.1
    second = []

    def asks():
        with pytest.raises(type(error), match=str(error)) as told:
            fleet.host()(fleet.api, ask("2"))
        second.append(told.value.retry_after)

    fleet.meanwhile = [asks]
    with pytest.raises(type(error)) as first:
        fleet.host()(fleet.api, ask("1"))
    assert second == [first.value.retry_after] == [error.retry_after]
    assert fleet.calls() == 1


def test_after_429_nobody_looks_before_the_service_wants_to_be_asked(fleet):
    fleet.job(1)
    fleet.api.fail("pages", TooManyCalls("429", 20.0))
    host = fleet.host()
    with pytest.raises(TooManyCalls):
        host(fleet.api, ask("1"))
    asked = fleet.now
    host(fleet.api, ask("1"))
    assert fleet.now - asked >= 20.0


@pytest.mark.parametrize("error", [KeyRefused("401"), CallRefused("404", 404)])
def test_a_key_that_one_host_alone_has_is_refused_to_that_host_alone(fleet, error):
    fleet.job(1)
    fleet.api.fail("pages", error)
    with pytest.raises(type(error)):
        fleet.host()(fleet.api, ask("1"))
    assert not fleet.slept
    assert shown(fleet.host()(fleet.api, ask("1"))) == {"1": JobStatus.COMPLETED}


def test_a_bug_in_one_host_lets_the_others_look(fleet):
    fleet.api.fail("pages", ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        fleet.host()(fleet.api, ask("1"))
    assert not fleet.looks.board(NAME).claimed


# -- how often


def calls_a_minute(hosts, each_sleeps):
    """The pages that a fleet reads in a minute, each host asking about a job of its own."""
    time, minutes = Together(), 5
    fleet = Fleet(now=time.clock())
    fleet.looks.clock = time.clock
    fleet.api.on_call = lambda _name: time.sleep(0.05)
    for number in range(hosts):
        fleet.job(number)

    def host(number):
        shared = Shared(fleet.looks, sleep=time.sleep, clock=time.clock)
        while time.clock() < fleet.now + 60 * minutes:
            asked, event = time.clock(), shared(fleet.api, ask(str(number)))
            assert shown(event) == {str(number): JobStatus.COMPLETED}
            assert time.clock() - asked <= 2 * (LIST_REST + sharing.POLL)
            time.sleep(each_sleeps)

    time.run([partial(host, number) for number in range(hosts)])
    return fleet.calls() / minutes


@pytest.mark.parametrize("hosts", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("each_sleeps", [0.0, 2.0])
def test_the_calls_a_minute_do_not_grow_with_the_hosts(hosts, each_sleeps):
    assert calls_a_minute(hosts, each_sleeps) <= 60 / LIST_REST + 1


def test_a_long_list_rests_longer(fleet):
    fleet.api.page_size = 1
    for number in range(40):
        fleet.job(number)
    host = fleet.host()
    host(fleet.api, ask("0"))
    asked = fleet.now
    host(fleet.api, ask("0"))
    assert fleet.now - asked == pytest.approx(40 * sharing.PAGE_REST, abs=1)


def test_jobs_that_take_long_are_looked_at_less_often(fleet):
    fleet.job(1, JobStatus.RUNNING)
    fleet.looks.age = 100.0
    host = fleet.host()
    host(fleet.api, ask("1"))
    asked = fleet.now
    host(fleet.api, ask("1"))
    assert fleet.now - asked == pytest.approx(100 * sharing.AGE_REST)


# -- wallet, prices, credits


@pytest.mark.parametrize(
    ("action", "call"),
    [(ReadWallet(), "balance"), (ReadRates(), "rates"), (ReadCredits(), "credit_rows")],
    ids=["wallet", "rates", "credits"],
)
def test_wallet_prices_and_credits_are_read_once_for_all_that_ask(fleet, action, call):
    fleet.api.credits_left, fleet.api.credit_usage = 12, [CreditRow("c1", "denoiser", 660)]
    truth = read(fleet.api, action)
    before = fleet.calls(call)
    name = sharing.name_of(action)
    fleet.looks.entries[name].claimed = fleet.now + 0.1
    other = []
    fleet.meanwhile = [lambda: other.append(fleet.host()(fleet.api, action))]
    assert fleet.host()(fleet.api, action) == truth
    assert other == [truth]
    assert fleet.calls(call) == before + 1


# -- bills


def rows(*numbers):
    return tuple(
        UsageRow(
            f"r{n}",
            SERVICE,
            Cents(1),
            job_id=str(n),
            created=f"2026-01-01T00:{n // 60:02}:{n % 60:02}.000000Z",
        )
        for n in numbers
    )


def bill(fleet, count):
    """The wallet has so many rows, newest first."""
    fleet.api.page_size = 100
    fleet.api.rows = list(rows(*reversed(range(count))))


def usage(*jobs, known=()):
    return ReadUsage(frozenset((SERVICE, str(job)) for job in jobs), frozenset(known))


def numbers(event):
    return [int(row.row_id[1:]) for row in event.rows]


def test_a_bill_is_seen_by_every_host_that_asks(fleet):
    bill(fleet, 3)
    assert numbers(fleet.host()(fleet.api, usage(1))) == [2, 1, 0]
    assert numbers(fleet.host()(fleet.api, usage(0))) == [2, 1, 0]


def test_what_came_since_the_look_before_is_one_page(fleet):
    bill(fleet, 450)
    host = fleet.host()
    host(fleet.api, usage(449))
    before = fleet.calls("usage_pages")
    bill(fleet, 460)
    assert numbers(host(fleet.api, usage(455)))[:11] == list(range(459, 448, -1))
    assert fleet.calls("usage_pages") == before + 1


def test_rows_are_shown_without_a_gap_and_each_once(fleet):
    bill(fleet, 700)
    host = fleet.host()
    host(fleet.api, usage(699))
    for count in (703, 790, 1500, 1501):
        bill(fleet, count)
        found = numbers(host(fleet.api, usage(count - 1)))
        assert found == list(range(count - 1, count - 1 - len(found), -1))
        assert len(found) >= 200


def test_a_missing_bill_is_looked_for_below_the_look_by_its_own_host(fleet):
    """A failed job is given back only after a reading that reaches what this process has read before."""
    bill(fleet, 900)
    found = fleet.host()(fleet.api, usage(5))
    assert numbers(found) == list(range(899, -1, -1))


def test_a_missing_bill_is_not_looked_for_below_what_the_process_has_read(fleet):
    bill(fleet, 900)
    host = fleet.host()
    host(fleet.api, usage("none"))
    before = fleet.calls("usage_pages")
    bill(fleet, 905)
    host(fleet.api, usage("none"))
    assert fleet.calls("usage_pages") == before + 1
    host.forget()
    host(fleet.api, usage("none"))
    assert fleet.calls("usage_pages") > before + 9


def test_a_wallet_without_rows_is_read_to_its_end(fleet):
    found = fleet.host()(fleet.api, usage(1))
    assert found.rows == ()
    assert found.joined


def test_a_reading_that_meets_nothing_within_many_pages_starts_over(fleet):
    bill(fleet, 100)
    host = fleet.host()
    host(fleet.api, usage(99))
    bill(fleet, 100 + 100 * 30)
    found = numbers(host(fleet.api, usage(3099)))
    assert found == list(range(3099, 3099 - len(found), -1))
