"""Every service bought from the simulator by the client: submitted, watched, listed, fetched, billed."""

import hashlib
import struct
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path

import pytest

import simulator
from manifests import catalogue
from manifests.keys import Token, new_token, upload_name
from runner.api.client import AudioPod
from runner.api.interface import Accepted, Job, JobStatus, NotAllowed, Order, Rejected, SubmitOutcome
from simulator import ManualClock, Scenario
from simulator.scenario import PUBLIC_SESSION_TOKEN
from simulator.server import Simulator

TEXT = "Good morning, and welcome.\n\nThis is the second paragraph."
NUMBERS = count(1)
SECONDS = 20


def wav(path: Path, seconds: int) -> Path:
    samples = b"\x80" * (8000 * seconds)
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", 36 + len(samples), b"WAVE", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8, b"data", len(samples)),
    )
    path.write_bytes(head + samples)
    return path


def token() -> Token:
    number = next(NUMBERS)
    return new_token(f"{number:064x}"[::-1], lambda n: f"{number:0{2 * n}x}")


class House:
    """A simulator, a client with key and session token, and a recording."""

    def __init__(self, sim: Simulator, clock: ManualClock, folder: Path) -> None:
        self.sim, self.clock, self.folder = sim, clock, folder
        self.api = AudioPod(sim.url, sim.key, session=PUBLIC_SESSION_TOKEN, patience=1)
        self.talk = wav(folder / "talk.wav", SECONDS)

    def order(self, service: str, fields: Mapping[str, object], address: str = "") -> Order:
        accepts = catalogue.load().service(service).accepts
        path = None if address or "text" in accepts or "prompt" in accepts else self.talk
        data = self.talk.read_bytes() if path else str(fields.get("input_text", "")).encode()
        return Order(
            service=service,
            fields=fields,
            path=path,
            size=len(data),
            upload_name=upload_name("talk", token(), ".wav"),
            spans=((0, len(data)),),
            sha256=hashlib.sha256(data).hexdigest(),
            address=address,
        )

    def submit(self, service: str, fields: Mapping[str, object], address: str = "") -> SubmitOutcome:
        return self.api.submit(self.order(service, fields, address), lambda: True)

    def done(self, service: str, outcome: SubmitOutcome) -> Job:
        assert isinstance(outcome, Accepted), outcome
        self.clock.advance(60)
        job = self.api.job(service, outcome.job_id)
        assert job.status is JobStatus.COMPLETED
        return job

    def results(self, service: str, job: Job) -> dict[str, bytes]:
        found = {}
        for file in self.api.result_files(service, job.job_id, {}):
            into = self.folder / f"{service}-{job.job_id}-{file.name}"
            self.api.download(file, into)
            found[file.name] = into.read_bytes()
        return found


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Iterator[House]:
    clock = ManualClock()
    with simulator.serve(Scenario(credits=10_000), wallet_cents=5000, clock=clock) as sim:
        made = House(sim, clock, tmp_path_factory.mktemp("house"))
        yield made
        made.api.close()


BOUGHT = [
    ("transcription", {"language": "en", "enable_word_timestamps": True}, {"json"}),
    ("stems", {"package": "karaoke"}, {"backing_vocal.wav", "instrumental.wav", "lead_vocal.wav"}),
    ("stems", {"single_stem": "violin"}, {"no_violin.wav", "violin.wav"}),
    ("tts", {"voice": "aura", "input_text": TEXT, "speed": "1.5", "delivery_mode": "stable"}, {"mp3"}),
    ("clone", {"description": "calm", "denoise": True}, {"json"}),
    ("conversion", {"voice_uuid": "101"}, {"wav"}),
    (
        "dubbing",
        {"target_language": "de"},
        {"audio.wav", "transcript.json", "transcript.srt", "transcript.txt"},
    ),
    ("music", {"prompt": "calm", "audio_duration": 12, "batch_size": 2, "format": "wav"}, {"wav", "2.wav"}),
    ("music", {"prompt": "calm", "audio_duration": 10, "dit_variant": "xl", "format": "ogg"}, {"ogg"}),
    ("speakers", {"num_speakers": 3}, {"SPEAKER_0.wav", "SPEAKER_1.wav", "SPEAKER_2.wav", "speakers.rttm"}),
    ("speakers", {"job_type": "diarization", "num_speakers": 3}, {"speakers.rttm"}),
    ("karaoke", {"aspect_ratio": "1:1", "key_shift": -2}, {"mp4"}),
    ("convert", {"output_format": "flac", "quality": "high"}, {"flac"}),
    ("denoise", {"quality_mode": "studio"}, {"audio.wav"}),
]


NAMES = [f"{row[0]}-{number}" for number, row in enumerate(BOUGHT)]
LISTED = [row for row in BOUGHT if catalogue.load().service(row[0]).watch == "list"]


@pytest.mark.parametrize(("service", "fields", "names"), BOUGHT, ids=NAMES)
def test_it_is_bought_watched_and_fetched(house, service, fields, names):
    before = len(house.sim.books.jobs)

    outcome = house.submit(service, fields)

    job = house.done(service, outcome)
    assert len(house.sim.books.jobs) == before + 1
    results = house.results(service, job)
    assert set(results) == names
    assert all(results.values())
    assert house.sim.books.violations == ()


@pytest.mark.parametrize(
    ("service", "fields"),
    [row[:2] for row in LISTED],
    ids=[f"{row[0]}-{number}" for number, row in enumerate(LISTED)],
)
def test_its_token_stands_in_the_list(house, service, fields):
    order = house.order(service, fields)
    outcome = house.api.submit(order, lambda: True)

    newest = next(iter(next(house.api.pages(service)).jobs))
    assert isinstance(outcome, Accepted)
    assert newest.job_id == outcome.job_id
    assert [each.text in order.upload_name for each in newest.tokens] == [True]


def test_a_clones_token_stands_in_the_list_of_voices(house):
    order = house.order("clone", {})
    outcome = house.api.submit(order, lambda: True)

    jobs = [job for page in house.api.pages("clone") for job in page.jobs if job.tokens]
    assert isinstance(outcome, Accepted)
    assert jobs[0].job_id == outcome.job_id
    assert [each.text in order.upload_name for each in jobs[0].tokens] == [True]


@pytest.mark.parametrize("service", ["tts", "karaoke", "convert"])
def test_what_has_no_list_has_no_pages(house, service):
    assert list(house.api.pages(service)) == []


def test_speech_tells_its_length_and_its_text(house):
    outcome = house.submit("tts", {"voice": "101", "input_text": TEXT})
    job = house.done("tts", outcome)

    assert isinstance(outcome, Accepted)
    assert outcome.estimated_ms
    assert job.ms
    assert job.text_sha256 == hashlib.sha256(TEXT.encode()).hexdigest()


def test_a_clone_speaks(house):
    voice = house.done("clone", house.submit("clone", {}))

    house.done("tts", house.submit("tts", {"voice": voice.job_id, "input_text": TEXT}))
    house.done("conversion", house.submit("conversion", {"voice_uuid": voice.job_id}))


@pytest.mark.parametrize(
    ("service", "fields"),
    [
        ("transcription", {"language": "en"}),
        ("stems", {"mode": "two"}),
        ("dubbing", {"target_language": "fr"}),
        ("speakers", {}),
        ("karaoke", {"key_shift": 2}),
        ("convert", {"output_format": "wav"}),
        ("denoise", {"quality_mode": "balanced"}),
    ],
)
def test_an_address_is_fetched_by_the_service_itself(house, service, fields):
    """What it fetches lies on the simulator itself: a result of an earlier job."""
    stems = house.done("stems", house.submit("stems", {"mode": "two"}))
    (vocals,) = [
        file for file in house.api.result_files("stems", stems.job_id, {}) if file.name == "vocals.wav"
    ]

    job = house.done(service, house.submit(service, fields, vocals.address))

    orders = [each.order for each in house.sim.books.jobs if str(each.id) == job.job_id]
    assert vocals.address in [each.address for each in orders]


@pytest.mark.parametrize(
    ("service", "fields", "why"),
    [
        ("tts", {"voice": "nobody", "input_text": TEXT}, "there is no voice 'nobody'"),
        ("conversion", {"voice_uuid": "999"}, "there is no voice '999'"),
        ("stems", {"single_stem": "violine"}, "did you mean 'violin'?"),
        ("music", {"prompt": "x", "task": "text2noise", "audio_duration": 10}, "does not know this task"),
    ],
)
def test_what_cannot_be_bought_makes_no_job_and_says_why(house, service, fields, why):
    before = len(house.sim.books.jobs)

    outcome = house.submit(service, fields)

    assert isinstance(outcome, Rejected)
    assert why in outcome.reason
    assert len(house.sim.books.jobs) == before


def test_a_text_whose_last_byte_is_held_back_makes_no_job(house):
    before = len(house.sim.books.jobs)

    for service, fields in (
        ("tts", {"voice": "101", "input_text": TEXT}),
        ("music", {"prompt": "calm", "audio_duration": 10}),
    ):
        house.api.submit(house.order(service, fields), lambda: False)

    assert len(house.sim.books.jobs) == before


def test_noise_reduction_is_not_for_a_key(house):
    with AudioPod(house.sim.url, house.sim.key) as api:
        outcome = api.submit(house.order("denoise", {}), lambda: True)
    with AudioPod(house.sim.url, house.sim.key, session="over") as api:
        refused = api.submit(house.order("denoise", {}), lambda: True)

    for each in (outcome, refused):
        assert isinstance(each, NotAllowed)
        assert "AUDIOPOD_SESSION_TOKEN" in each.reason
