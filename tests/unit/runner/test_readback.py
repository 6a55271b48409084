"""Reading back: what the service made and the ledger does not know is adopted instead of bought again."""

from dataclasses import replace

import pytest

from manifests.money import Cents
from manifests.states import State
from runner.api.errors import CallRefused, Gone, ServiceDown
from runner.api.interface import JobStatus
from runner.collect import Collector
from runner.ledger.rows import Move, Reservation
from runner.prepare import Tries, candidates, check, new_items
from runner.readback import PAGES, Lists, adopt_bought
from support.small_run import PROBES, manifest_of


@pytest.fixture
def shop(desk):
    return Shop(desk)


class Shop:
    """Three files to be transcribed and one to be split, none of them bought as far as the ledger knows."""

    def __init__(self, desk):
        self.desk, self.ledger, self.api = desk, desk.ledger, desk.api
        items = [desk.item(f"{n}.mp3") for n in "abc"] + [desk.item("song.wav", "stems:two")]
        found = list(check(desk.lines(manifest_of(items)).values(), PROBES))
        with self.ledger.transaction():
            self.ledger.put_manifest("m1", desk.folder / "m.yaml", Cents(100))
            self.ledger.put_items("m1", list(new_items(found, {}, PROBES)))
        self.lines = {each.line.key: each for each in found}

    def tasks(self):
        collector = Collector(self.ledger, "m1", self.desk.output, lambda _other: True)
        return candidates(self.ledger, "m1", self.lines, Tries(), collector.target)

    def task(self, name):
        return next(task for task in self.tasks() if task.name == name)

    def token(self, name, random="0"):
        return f"ek-{self.task(name).key[:16]}-{random * 16}"

    def made(self, name, status=JobStatus.COMPLETED, random="0", service="transcription"):
        """A job that the service made for a file."""
        return self.api.add_job(service, f"x.{self.token(name, random)}.mp3", status)

    def adopt(self, tasks=None):
        found = adopt_bought(
            Lists(self.api, self.ledger), self.ledger, "m1", self.tasks() if tasks is None else tasks
        )
        return [task.name for task in found]

    def attempt(self, name, *states, random="0"):
        task = self.task(name)
        with self.ledger.transaction():
            made = self.ledger.reserve(
                Reservation(
                    task.part_id, "m1", task.service, self.token(name, random), task.expected, task.ceiling
                )
            )
            for state in (State.UPLOADING, State.SENDING, *states):
                self.ledger.move(Move(made, state, "", "99" if state is State.SUBMITTED else None))
        return made


def test_what_was_bought_for_the_same_content_is_adopted_at_its_ceiling(shop):
    job = shop.made("b.mp3")
    assert shop.adopt() == ["b.mp3"]
    row = shop.ledger.items("m1")[1]
    assert (row.state, row.attempt.job_id, row.attempt.hold) == (State.SUBMITTED, job.job_id, 2)
    assert shop.ledger.amounts("m1").reserved == 2
    assert [task.name for task in shop.tasks()] == ["a.mp3", "c.mp3", "song.wav"]


def test_each_service_s_own_list_is_asked(shop):
    shop.made("song.wav", service="stems")
    shop.made("a.mp3", service="stems")  # a token in the wrong list proves nothing
    assert shop.adopt() == ["song.wav"]


@pytest.mark.parametrize("status", JobStatus)
def test_a_job_that_runs_counts_one_that_failed_does_not(shop, status):
    shop.made("a.mp3", status)
    assert bool(shop.adopt()) is (status in (JobStatus.RUNNING, JobStatus.COMPLETED))


def test_the_oldest_of_several_jobs_is_taken_and_the_others_are_told(shop):
    oldest, second, third = (shop.made("a.mp3", random=digit) for digit in "123")
    told = []
    found = adopt_bought(Lists(shop.api, shop.ledger), shop.ledger, "m1", shop.tasks(), told.append)
    assert [task.name for task in found] == ["a.mp3"]
    assert shop.ledger.job_ids("transcription") == {oldest.job_id}
    assert len(told) == 2
    assert f"and job {second.job_id} was made of the same" in told[0]
    assert f"and job {third.job_id} was made of the same" in told[1]
    assert "a.mp3 was bought more than once" in told[0]


def test_the_oldest_is_told_by_its_time_where_the_newest_come_last(shop):
    for digit in "12":
        shop.made("a.mp3", random=digit)
    first, second = shop.api.lists["transcription"]
    shop.api.lists["transcription"] = [
        replace(first, created="2026-11-23T00:00:01.000000Z"),
        replace(second, created="2026-11-23T00:00:02.000000Z"),
    ]
    assert shop.adopt() == ["a.mp3"]
    assert shop.ledger.job_ids("transcription") == {first.job_id}


def test_one_job_that_carries_two_tokens_of_a_purchase_is_one_job(shop):
    told = []
    shop.api.add_job("transcription", f"{shop.token('a.mp3', '1')} {shop.token('a.mp3', '2')}")
    adopt_bought(Lists(shop.api, shop.ledger), shop.ledger, "m1", shop.tasks(), told.append)
    assert told == []
    assert len(shop.ledger.job_ids("transcription")) == 1


def test_an_attempt_of_ours_beside_an_older_job_counts_with_its_money(shop):
    tasks = shop.tasks()
    older = shop.made("a.mp3", random="9")
    mine = shop.attempt("a.mp3", State.PLANNED)
    shop.api.add_job("transcription", shop.ledger.attempt(mine).token)
    assert shop.adopt(tasks) == ["a.mp3"]
    assert shop.ledger.part(tasks[0].part_id)[1].job_id == older.job_id
    assert shop.ledger.amounts("m1").reserved == 4


@pytest.mark.parametrize("state", [State.PLANNED, State.IN_DOUBT])
def test_an_attempt_of_ours_is_found_by_its_token(shop, state):
    tasks = shop.tasks()
    made = shop.attempt("a.mp3", state)
    token = shop.ledger.attempt(made).token
    job = shop.api.add_job("transcription", token)
    assert shop.adopt(tasks) == ["a.mp3"]
    found = shop.ledger.attempt(made)
    assert (found.state, found.job_id, found.hold) == (State.SUBMITTED, job.job_id, 2)
    assert shop.ledger.part(found.part_id)[0] is State.SUBMITTED


def test_a_given_up_attempt_whose_job_appears_is_bought_after_all(shop):
    tasks = shop.tasks()
    made = shop.attempt("a.mp3", State.IN_DOUBT, State.GIVEN_UP)
    shop.api.add_job("transcription", shop.ledger.attempt(made).token)
    assert shop.adopt(tasks) == ["a.mp3"]
    assert (shop.ledger.amounts("m1").spent, shop.ledger.amounts("m1").reserved) == (0, 2)


def test_an_attempt_that_failed_is_not_bought_by_its_old_token(shop):
    tasks = shop.tasks()
    made = shop.attempt("a.mp3", State.SUBMITTED, State.FAILED, State.RELEASED)
    shop.api.add_job("transcription", shop.ledger.attempt(made).token)
    assert shop.adopt(tasks) == []


def test_what_another_run_bought_meanwhile_is_not_adopted_twice(shop):
    shop.made("a.mp3", random="1")
    tasks = shop.tasks()
    shop.attempt("a.mp3", State.SUBMITTED, random="2")
    assert shop.adopt(tasks) == []
    assert shop.ledger.amounts("m1").reserved == 2


def test_jobs_of_other_content_and_without_tokens_are_left_alone(shop):
    shop.api.add_job("transcription", "somebody else's.mp3")
    shop.api.add_job("transcription", f"ek-{'e' * 16}-{'0' * 16}")
    assert shop.adopt() == []


# -- how far is read


def pages(shop):
    return shop.api.calls.count("pages")


def others(shop, count):
    for number in range(count):
        shop.api.add_job("transcription", f"other {number}.mp3")


def test_a_new_ledger_reads_a_list_to_its_end(shop):
    shop.api.page_size = 1
    shop.made("a.mp3")
    others(shop, 5)
    assert shop.adopt(shop.tasks()[:1]) == ["a.mp3"]
    assert pages(shop) == 6


def test_later_it_is_read_as_far_as_the_ledger_knows_it(shop):
    shop.api.page_size = 1
    shop.made("a.mp3")
    others(shop, 5)
    shop.made("b.mp3")
    shop.adopt(shop.tasks()[:2])
    assert pages(shop) == 7
    shop.api.add_job("transcription", "made by hand.mp3")
    shop.adopt(shop.tasks()[:1])
    assert pages(shop) == 9  # what is new, and the first page that is known


def known(shop, name, random="7"):
    """A job that this ledger has bought itself."""
    made = shop.attempt(name, random=random)
    job = shop.api.add_job("transcription", shop.ledger.attempt(made).token)
    with shop.ledger.transaction():
        shop.ledger.move(Move(made, State.SUBMITTED, "", job.job_id))


def test_a_doubt_of_ours_is_no_reason_to_read_all_of_it_again(shop):
    """It is searched for by its token; on a shared ledger some host has one at any time."""
    shop.api.page_size = 1
    b = shop.task("b.mp3")
    others(shop, 5)
    known(shop, "a.mp3")
    lost = shop.attempt("c.mp3", State.IN_DOUBT)
    shop.api.add_job("transcription", shop.ledger.attempt(lost).token)
    assert shop.adopt([b]) == []
    assert pages(shop) == 7
    assert shop.adopt([b]) == []
    assert pages(shop) == 7 + 2


def test_what_another_ledger_bought_is_found_below_what_this_one_has_bought_since(shop):
    shop.api.page_size = 1
    a, b, c = shop.tasks()[:3]
    shop.adopt([a])
    shop.made("c.mp3")  # by another machine, while this one was at work
    known(shop, "a.mp3")
    assert shop.adopt([c]) == ["c.mp3"]
    shop.made("b.mp3")
    shop.adopt([c])  # it was seen, and nobody here wanted it
    shop.api.lists["transcription"].append(shop.api.lists["transcription"].pop(0))
    assert shop.adopt([b]) == ["b.mp3"]


def test_where_the_newest_come_last_what_is_known_is_no_end(shop):
    shop.api.page_size = 2
    shop.made("a.mp3")
    shop.adopt(shop.tasks()[:1])
    known = [
        replace(job, created=f"2026-11-23T00:00:0{number}.000000Z")
        for number, job in enumerate([*shop.api.lists["transcription"] * 2])
    ]
    shop.made("b.mp3")
    shop.api.lists["transcription"] = [*known, shop.api.lists["transcription"][0]]
    assert shop.adopt(shop.tasks()) == ["b.mp3"]


@pytest.mark.parametrize("refusal", [Gone("404"), CallRefused("405"), CallRefused("403")])
def test_a_service_without_a_list_has_nothing_to_adopt_and_that_is_told(shop, refusal):
    told = []
    shop.api.fail("pages", refusal)
    found = adopt_bought(Lists(shop.api, shop.ledger), shop.ledger, "m1", shop.tasks()[:1], told.append)
    assert found == []
    assert len(told) == 1
    assert "transcription shows no list" in told[0]
    assert shop.ledger.meta("read back transcription") is None


def test_a_list_without_end_is_given_up(shop):
    shop.api.page_size = 1
    others(shop, PAGES + 5)
    shop.adopt(shop.tasks()[:1])
    assert pages(shop) == PAGES


def test_a_list_that_breaks_off_is_read_again_next_time(shop):
    shop.api.page_size = 1
    others(shop, 3)
    shop.made("a.mp3")
    shop.api.on_call = lambda _name: pages(shop) == 2 and shop.api.fail("pages", ServiceDown("503"))
    with pytest.raises(ServiceDown):
        shop.adopt(shop.tasks()[:1])
    assert shop.ledger.meta("read back transcription") is None
    assert shop.ledger.amounts("m1").committed == 0
    shop.api.on_call = lambda _name: None
    assert shop.adopt(shop.tasks()[:1]) == ["a.mp3"]


def test_nothing_to_buy_asks_nothing(shop):
    assert shop.adopt([]) == []
    assert shop.api.calls == []
