"""Evidence: jobs that the ledger does not know, of the right length, at the right time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from manifests import catalogue
from manifests.keys import Token, new_token
from manifests.money import Cents
from manifests.states import State
from runner.api.errors import ServiceDown
from runner.api.interface import Job, JobsPage, JobStatus, UsageRow
from runner.evidence import PAGES, Sighting, evidence, look, same_audio
from runner.ledger.rows import AttemptRow
from runner.reconcile import Doubt
from support.fake_api import FakeApi

LOST = datetime(2026, 11, 23, 1, 52, tzinfo=UTC)
TOKEN = Token("ek-0123456789abcdef-0011223344556677")
OTHERS = Token("ek-ffffffffffffffff-0011223344556677")
SERVICES = {"transcription": catalogue.load().service("transcription")}


def doubt(**changes):
    attempt = AttemptRow(
        attempt_id=1,
        part_id=1,
        manifest_id="m1",
        service="transcription",
        token=TOKEN.text,
        state=State.IN_DOUBT,
        expected=Cents(46),
        ceiling=Cents(46),
        hold=Cents(46),
        charge=None,
        settled="",
        job_id="",
        created=(LOST - timedelta(minutes=1)).timestamp(),
        changed=LOST.timestamp(),
    )
    return replace(Doubt(attempt, "s03/ep12.mp3", "transcription", 2700, 2702), **changes)


def moment(**shift):
    return (LOST + timedelta(**shift)).isoformat()


def job(number="1044", seconds=2701, tokens=(), created=None, status=JobStatus.COMPLETED):
    return Job(number, status, frozenset(tokens), ms=seconds and seconds * 1000, created=created or moment())


def row(number="1044", cents=46, seconds=2701, created=None, row_id="r1"):
    return UsageRow(row_id, "transcription", Cents(cents), seconds, number, created or moment(minutes=3))


def seen(jobs=(), rows=(), known=(), doubts=None):
    api = FakeApi(lists={"transcription": list(jobs)}, rows=list(rows))
    found = look(api, doubts or [doubt()], SERVICES, {"transcription": set(known)})
    return list(found.sightings)


def numbers(sightings):
    return [each.job_id for each in evidence(doubt(), sightings)]


# What one look brings


def test_a_job_and_its_usage_rows_are_one_sighting_and_rows_add_up():
    rows = [row(cents=40), row(cents=6, row_id="r2")]
    (found,) = seen([job()], rows)
    assert found == Sighting("transcription", "1044", job(), 2701, Cents(46), moment(minutes=3))
    assert (found.status, found.created) == (JobStatus.COMPLETED, moment())


def test_what_only_a_list_or_only_a_bill_shows_counts_too():
    listed, billed = seen([job("1")], [row("2")])
    assert (listed.job_id, listed.cents) == ("1", None)
    assert (billed.job_id, billed.status, billed.created) == ("2", None, moment(minutes=3))


def test_a_length_is_counted_in_whole_seconds_upwards():
    (found,) = seen([replace(job(), ms=2_700_001)])
    assert found.seconds == 2701
    assert seen([job(seconds=None)])[0].seconds is None


def test_what_the_ledger_knows_and_what_names_no_job_is_no_evidence():
    rows = [row("7"), row("", row_id="r2"), replace(row("8", row_id="r3"), service_type="music_generation")]
    assert seen([job("7")], rows, known={"7"}) == []


def test_a_row_under_a_name_that_two_services_share_is_a_sighting_of_the_job_that_is_listed():
    services = {name: catalogue.load().service(name) for name in ("tts", "clone")}
    billed = UsageRow("r1", "voice_cloning", Cents(4), 60, "7")
    api = FakeApi(rows=[billed])
    found = look(api, [doubt()], services, {}).sightings
    assert {each.service for each in found} == {"tts", "clone"}, "no list shows it: it may be of either"
    assert look(api, [doubt()], services, {"clone": {"7"}}).sightings == (), "the ledger knows whose it is"
    api.lists["tts"] = [Job("7", JobStatus.COMPLETED)]
    (sighting,) = look(api, [doubt()], services, {}).sightings
    assert (sighting.service, sighting.cents) == ("tts", 4)


def test_reading_ends_where_the_pages_are_older_than_every_doubt():
    old = moment(days=-1)
    api = FakeApi(
        lists={"transcription": [job(str(n), created=old) for n in range(6)]},
        rows=[row(str(n), created=old, row_id=str(n)) for n in range(6)],
        page_size=2,
    )
    look(api, [doubt()], SERVICES, {})
    assert (api.calls.count("pages"), api.calls.count("usage_pages")) == (1, 1)


def test_pages_without_times_are_read_to_their_end_but_not_for_ever():
    class Endless(FakeApi):
        def pages(self, service):
            while True:
                self._meet("pages")
                yield JobsPage((replace(job(), created=""),))

    api = Endless()
    look(api, [doubt()], SERVICES, {})
    assert api.calls.count("pages") == PAGES


def test_a_service_that_does_not_answer_is_no_evidence_of_anything():
    api = FakeApi()
    api.fail("pages", ServiceDown("502"))
    with pytest.raises(ServiceDown):
        look(api, [doubt()], SERVICES, {})


# What may be the job


@pytest.mark.parametrize(
    ("seconds", "counts"), [(2699, False), (2700, True), (2702, True), (2703, False), (None, True)]
)
def test_the_length_has_to_fit_where_it_is_known(seconds, counts):
    assert bool(numbers(seen([job(seconds=seconds)]))) is counts


@pytest.mark.parametrize(
    ("shift", "counts"),
    [({"minutes": -12}, False), ({"minutes": -10}, True), ({"minutes": 59}, True), ({"minutes": 61}, False)],
)
def test_a_job_has_to_be_made_about_when_the_answer_was_lost(shift, counts):
    assert bool(numbers(seen([job(created=moment(**shift))]))) is counts


@pytest.mark.parametrize(("shift", "counts"), [({"hours": 23}, True), ({"hours": 25}, False)])
def test_a_bill_may_come_a_day_later(shift, counts):
    assert bool(numbers(seen(rows=[row(created=moment(**shift))]))) is counts


def test_a_job_without_any_time_may_be_it():
    assert numbers([Sighting("transcription", "1", replace(job("1"), created=""), 2701)]) == ["1"]


def test_another_services_job_is_not_it():
    assert numbers([replace(seen([job()])[0], service="stems")]) == []


def test_a_job_whose_name_says_other_audio_is_not_it():
    assert numbers(seen([job(tokens=[OTHERS])])) == []


def test_the_same_audio_comes_first_then_the_nearest_in_time():
    again = new_token(TOKEN.key_part, lambda n: "f" * 2 * n)
    jobs = [
        job("far", created=moment(minutes=50)),
        job("near", created=moment(minutes=1)),
        job("same", created=moment(minutes=55), tokens=[again]),
        replace(job("whenever"), created=""),
    ]
    found = seen(jobs)
    assert numbers(found) == ["same", "near", "far", "whenever"]
    assert [same_audio(doubt(), each) for each in evidence(doubt(), found)] == [True, False, False, False]
    assert not same_audio(doubt(), Sighting("transcription", "1"))
