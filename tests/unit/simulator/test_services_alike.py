"""What holds for every service alike: lost answers, refusals, spoiled reads, names in lists, who pays."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from simulator import PUBLIC_SESSION_TOKEN, Fault
from simulator.services import all_services

AT_ONCE = {"job_seconds": 0, "job_seconds_per_minute": 0}
SESSION = {"Authorization": f"Bearer {PUBLIC_SESSION_TOKEN}"}
VOICE = "6c980ae2-d51d-57af-a385-04ff355879a0"


@dataclass(frozen=True)
class Way:
    """How a service is used: where to submit what, where its jobs are read, and where they are listed."""

    submit: str
    job: str
    jobs: str | None
    upload: str | None = "file"
    data: dict[str, Any] = field(default_factory=dict)
    json: dict[str, Any] | None = None
    names: tuple[str, ...] = ()
    """Fields of the list that show the file's name."""
    result: str | None = None
    """Where the address of a result is read, when that is not the job."""


WAYS = {
    "transcription": Way(
        "/api/v1/transcription/transcribe-upload",
        "/api/v1/transcription/jobs/{}",
        "/api/v1/transcription/jobs",
        upload="files",
        names=("display_name",),
    ),
    "stems": Way(
        "/api/v1/stem-extraction/api/extract",
        "/api/v1/stem-extraction/status/{}",
        "/api/v1/stem-extraction/jobs",
        names=("input_path", "display_name"),
    ),
    "tts": Way(
        f"/api/v1/voice/voices/{VOICE}/generate",
        "/api/v1/voice/tts-jobs/{}/status",
        None,
        upload=None,
        data={"input_text": "word " * 30},
    ),
    "clone": Way(
        "/api/v1/voice/voice-profiles",
        "/api/v1/voice/voices/{}/status",
        "/api/v1/voice/voice-profiles",
        data={"name": "me"},
    ),
    "conversion": Way(
        "/api/v1/voice/voice-convert",
        "/api/v1/voice/convert/{}/status",
        "/api/v1/voice/convert/jobs",
        data={"voice_uuid": VOICE},
        names=("original_filename",),
    ),
    "dubbing": Way(
        "/api/v1/translation/translate/speech",
        "/api/v1/translation/translations/{}",
        "/api/v1/translation/translations",
        data={"target_language": "es"},
        names=("original_filename", "display_name"),
    ),
    "music": Way(
        "/api/v1/music/text2music",
        "/api/v1/music/jobs/{}/status",
        "/api/v1/music/jobs",
        upload=None,
        json={"prompt": "rain", "audio_duration": 10},
    ),
    "speakers": Way(
        "/api/v1/speaker/extract",
        "/api/v1/speaker/jobs/{}",
        "/api/v1/speaker/jobs",
        names=("filename", "display_name"),
    ),
    "karaoke": Way(
        "/api/v2/video/karaoke/upload",
        "/api/v2/video/{}",
        "/api/v2/video/",
        result="/api/v2/video/{}/download",
    ),
    "convert": Way(
        "/api/v1/media-converter/convert",
        "/api/v1/media-converter/jobs/{}",
        "/api/v1/media-converter/jobs",
        data={"output_format": "mp3"},
    ),
    "denoise": Way(
        "/api/v1/denoiser/denoise",
        "/api/v1/denoiser/jobs/{}",
        "/api/v1/denoiser/jobs",
        data={"quality_mode": "balanced"},
        names=("original_filename", "display_name"),
    ),
}
every_service = pytest.mark.parametrize("name", WAYS)


class Customer:
    """Uses one service of a simulator."""

    def __init__(self, desk, name: str, wav) -> None:
        self.desk, self.way = desk, WAYS[name]
        self._wav = wav
        if name == "denoise":
            desk.http.headers.update(SESSION)

    def submit(self) -> httpx.Response:
        way = self.way
        files = {way.upload: ("talk.wav", self._wav(10))} if way.upload else None
        return self.desk.http.post(way.submit, files=files, data=way.data or None, json=way.json)

    def job(self) -> httpx.Response:
        return self.desk.http.get(self.way.job.format(1001))

    def link(self) -> str:
        """The first address of a result."""
        told = self.desk.http.get((self.way.result or self.way.job).format(1001))
        addresses = re.findall(r'"(http://[^"]*/media/[^"]+)"', told.text)
        return addresses[0] if addresses else f"{self.desk.sim.url}/media/{told.json()['output_path']}"


@pytest.fixture
def customer(desk, wav):
    def enter(name: str, *faults: Fault, **switches) -> Customer:
        with_credits = {"credits": 10**6} if name == "denoise" else {}
        opened = desk(faults=faults, **{**AT_ONCE, **with_credits, "convert_list": True, **switches})
        return Customer(opened, name, wav)

    return enter


@pytest.fixture(scope="module")
def strangers():
    """A client without a key."""
    with httpx.Client(trust_env=False, verify=False) as client:
        yield client


def test_every_service_is_tried_here():
    assert set(WAYS) == set(all_services())


@every_service
def test_an_answer_can_be_lost_although_the_job_was_made_and_paid(customer, name):
    one = customer(name, Fault(at=f"submit:{name}", do="drop"))
    with pytest.raises(httpx.RemoteProtocolError):
        one.submit()
    books = one.desk.sim.books
    assert [submit.answer for submit in books.submits] == ["drop"]
    [job] = books.jobs_of(name)
    assert (job.id, job.status) == (1001, "COMPLETED")
    assert one.job().status_code == 200


REFUSALS = {
    "unavailable": 503,
    "short_of_money": 402,
    "short_of_credits": 402,
    "premium_required": 402,
    "plan_too_low": 403,
    "too_large": 413,
}


@every_service
def test_a_submit_can_be_refused_and_makes_no_job(customer, name):
    faults = [Fault(at=f"submit:{name}", do=do, nth=number) for number, do in enumerate(REFUSALS, 1)]
    one = customer(name, *faults)
    assert [one.submit().status_code for _ in REFUSALS] == list(REFUSALS.values())
    assert one.desk.sim.books.jobs_of(name) == ()


@every_service
def test_a_job_can_fail_and_gives_its_money_back(customer, name):
    one = customer(name, Fault(at=f"submit:{name}", do="fail", text="too noisy"))
    assert one.submit().status_code == 200
    assert "too noisy" in one.job().text
    books = one.desk.sim.books
    assert (books.spent_cents, books.holds_cents, books.credits_spent, books.credits_held) == (0, 0, 0, 0)


@every_service
def test_reading_a_job_a_list_and_a_result_can_go_wrong(customer, strangers, name):
    places = [f"{place}:{name}" for place in ("status", "list", "download")]
    if WAYS[name].jobs is None:
        places.remove(f"list:{name}")
    if name in {"transcription", "clone"}:  # what they give comes from no media address
        places.remove(f"download:{name}")
    one = customer(name, *[Fault(at=place, do="unavailable", nth=1) for place in places])
    one.submit()
    assert [one.job().status_code for _ in range(2)] == [503, 200]
    if WAYS[name].jobs is not None:
        assert [one.desk.http.get(WAYS[name].jobs).status_code for _ in range(2)] == [503, 200]
    if f"download:{name}" in places:
        assert [strangers.get(one.link()).status_code for _ in range(2)] == [503, 200]


@every_service
def test_lists_show_of_the_files_name_what_the_real_ones_do(customer, name):
    one = customer(name)
    one.submit()
    if WAYS[name].jobs is None:
        return
    told = one.desk.http.get(WAYS[name].jobs)
    shown = [key for key in WAYS[name].names if re.search(rf'"{key}":"[^"]*talk.wav"', told.text)]
    if name == "denoise":  # it renames what is done (docs/api.md 6)
        shown.append("display_name")
    assert shown == list(WAYS[name].names)
    assert ("talk.wav" in told.text) == bool(WAYS[name].names)


@pytest.mark.parametrize("name", [name for name in WAYS if name not in {"denoise", "clone"}])
def test_credits_pay_where_the_wallet_is_short(customer, name):
    short = customer(name, wallet_cents=0, credits=10**6)
    assert short.submit().status_code == 402
    one = customer(name, wallet_cents=0, credits=10**6, credits_fallback=True)
    assert one.submit().status_code == 200
    books = one.desk.sim.books
    [job] = books.jobs_of(name)
    assert (job.paid_by, job.charged_cents, job.charged_credits) == ("credits", 0, job.order.credits)
    assert books.credits_spent == job.order.credits > 0
    assert books.usage == ()
