"""What a job list shows of a finished job spares the reading of the job, where it surely shows all."""

from dataclasses import replace

import pytest

from manifests.states import State
from runner.api.address import Base
from runner.api.errors import Gone, LinkExpired
from runner.api.interface import JobStatus, ResultFile
from runner.api.jobs import listed
from runner.api.services import adapter
from runner.engine.messages import Fetch, FetchFailed, FetchProblem
from runner.engine.task import Target
from runner.engine.timing import ENTRY_LASTS
from runner.results import fetch
from support.fake_api import FakeApi
from support.virtual import START, Behaviour, House, VirtualService

BASE = Base.parse("https://api.example")
STEMS = {
    "id": 7,
    "status": "COMPLETED",
    "stem_paths": {"vocals": "stems/7/vocals.wav", "no_vocals": "stems/7/no_vocals.wav"},
    "download_urls": {"vocals": "https://m.example/v.wav", "no_vocals": "https://m.example/n.wav"},
}


def shown(service, entry):
    return [file.name for file in adapter(service).listed("7", entry, {"formats": ["json", "txt"]}, BASE)]


def test_a_list_that_has_an_address_for_each_stem_is_enough():
    assert shown("stems", STEMS) == ["no_vocals.wav", "vocals.wav"]


@pytest.mark.parametrize(
    "lacks",
    [
        {"download_urls": {"vocals": "https://m.example/v.wav"}},
        {"download_urls": {**STEMS["download_urls"], "no_vocals": ""}},
        {"download_urls": None},
        {"stem_paths": None},
        {"stem_paths": {}},
    ],
    ids=str,
)
def test_where_a_stem_may_be_missing_the_job_is_read(lacks):
    assert shown("stems", {**STEMS, **lacks}) == []


def test_transcripts_follow_from_the_number_alone():
    assert shown("transcription", {"id": 7, "status": "COMPLETED"}) == ["json", "txt"]


@pytest.mark.parametrize("service", ["speakers", "music", "denoise", "conversion", "dubbing"])
def test_of_other_lists_nobody_knows_whether_they_show_all(service):
    assert shown(service, {"id": 7, "status": "COMPLETED", "output_url": "https://m.example/a.wav"}) == []


def test_only_a_job_that_is_done_keeps_what_the_list_showed():
    assert listed(STEMS).entry == STEMS
    assert listed({**STEMS, "status": "PROCESSING"}).entry is None
    assert listed({"status": "COMPLETED"}) is None


# -- on the way to our disk


class Listing(FakeApi):
    """Knows results from the list."""

    known: tuple[ResultFile, ...] = ()

    def listed_files(self, service, job_id, _entry, _wanted):
        self._meet("listed_files")
        return [ResultFile(name, f"memory:{service}/{job_id}/{name}") for name in self.known]


WISH = Fetch(1, "transcription", "7", (Target(1, "a.mp3", "a", {"formats": ["json", "txt"]}),), {"id": 7})


def test_with_the_lists_word_the_job_is_not_read(tmp_path):
    api = Listing()
    api.known = ("json", "txt")
    assert [row.name for row in fetch(api, WISH, tmp_path)] == ["json", "txt"]
    assert "result_files" not in api.calls


def test_where_the_list_does_not_tell_the_job_is_read(tmp_path):
    api = Listing()
    assert [row.name for row in fetch(api, WISH, tmp_path)] == ["json", "txt"]
    assert "result_files" in api.calls


def test_what_is_gone_at_an_address_of_the_list_is_lost_only_once_the_job_was_read(tmp_path):
    api = Listing()
    api.known = ("json",)
    api.fail("download", Gone("410"), Gone("410"), Gone("410"))
    with pytest.raises(LinkExpired):
        fetch(api, WISH, tmp_path)
    with pytest.raises(Gone):
        fetch(api, replace(WISH, entry=None), tmp_path)


def house_that_lists(tmp_path, **does):
    """A service whose list shows what a finished job has; the fetches that were asked for."""
    house = House(tmp_path, VirtualService(Behaviour(**does)))
    view = house.service._view

    def with_entry(job):
        seen = view(job)
        return replace(seen, entry={"id": job.job_id}) if seen.status is JobStatus.COMPLETED else seen

    house.service._view = with_entry
    return house


def fetches(house):
    return [action for action in house.service.actions if isinstance(action, Fetch)]


def test_the_lists_word_is_used_once_and_the_job_is_read_when_it_was_too_old(tmp_path):
    def expired(action, nth):
        return FetchFailed(action.part_id, FetchProblem.LATER, str(LinkExpired("403"))) if nth == 1 else None

    house = house_that_lists(tmp_path, fetch=expired)
    house.buy(house.add(1))
    assert [action.entry for action in fetches(house)] == [{"id": "1"}, None]
    assert set(house.states().values()) == {State.SAVED}


def test_what_waited_long_to_be_fetched_is_read_anew(tmp_path):
    house = house_that_lists(tmp_path, call_seconds=ENTRY_LASTS + 1, job_seconds=400.0)
    house.buy(house.add(12))
    first, *_, last = fetches(house)
    assert first.entry is not None
    assert last.entry is None
    assert house.service.now > START
