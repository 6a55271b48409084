"""Stems over HTTP: modes, packages, the catalog, and results that can be played."""

from __future__ import annotations

import io
import json
import wave
from pathlib import Path

import httpx
import pytest

from simulator import Event

PREFIX = "/api/v1/stem-extraction"
AT_ONCE = {"job_seconds": 0, "job_seconds_per_minute": 0}
VIDEO = Path(__file__).parents[3] / "examples/videos/walkthrough.mp4"


def test_a_job_is_shown_as_documented(desk):
    open_desk = desk(job_seconds=10, job_seconds_per_minute=0)
    submitted = open_desk.separate(mode="two").json()
    assert (submitted["id"], submitted["status"], submitted["source_type"]) == (1001, "PENDING", "FILE")
    assert submitted["input_path"] == "inputs/stem_extraction/job1001/song.wav"
    assert submitted["download_urls"] is None
    open_desk.clock.advance(10)
    done = open_desk.stem_job(1001)
    assert done["status"] == "COMPLETED"
    assert set(done["download_urls"]) == set(done["stem_paths"]) == {"vocals", "no_vocals"}
    assert all(0 <= score <= 1 for score in done["quality_scores"].values())
    [listed] = open_desk.http.get(f"{PREFIX}/jobs").json()
    assert listed.keys() == done.keys()


@pytest.mark.parametrize(
    ("mode", "count"),
    [("two", 2), ("four", 4), ("six", 6), ("producer", 8), ("studio", 12), ("mastering", 16)],
)
def test_every_mode_has_its_stems_at_the_base_rate(desk, mode, count):
    open_desk = desk(**AT_ONCE)
    open_desk.separate(90, mode=mode)
    assert len(open_desk.stem_job(1001)["download_urls"]) == count
    [job] = open_desk.sim.books.jobs
    assert (job.order.variant, job.charged_cents, job.order.options) == (mode, 15, {"mode": mode})


def test_the_default_mode_is_four(desk):
    open_desk = desk()
    open_desk.separate()
    assert open_desk.sim.books.jobs[0].order.variant == "four"


def test_single_needs_its_stem(desk):
    open_desk = desk(**AT_ONCE)
    assert open_desk.separate(mode="single").status_code == 422
    assert open_desk.separate(mode="single", stem="kazoo").status_code == 422
    assert open_desk.separate(mode="single", stem="drums").status_code == 200
    assert set(open_desk.stem_job(1001)["download_urls"]) == {"drums", "no_drums"}


@pytest.mark.parametrize("mode", ["2stem", "4stem", "6stem", "16stem", "2stem_vocals", "FOUR"])
def test_names_from_the_price_page_are_422(desk, mode):
    answer = desk().separate(mode=mode)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "mode"]


@pytest.mark.parametrize(
    ("fields", "variant", "cents", "stems"),
    [
        ({"package": "karaoke"}, "karaoke", 15, {"lead_vocal", "backing_vocal", "instrumental"}),
        ({"package": "vocal_gender"}, "vocal_gender", 15, {"male_vocal", "female_vocal", "instrumental"}),
        (
            {"package": "instrument_isolator", "target_instrument": "cello"},
            "instrument_isolator",
            20,
            {"cello", "no_cello"},
        ),
        ({"single_stem": "lead_vocal"}, "lead_vocal", 15, {"lead_vocal", "no_lead_vocal"}),
        ({"single_stem": "trumpet"}, "trumpet", 20, {"trumpet", "no_trumpet"}),
        ({"multi_stem_count": "2"}, "multi", 10, {"vocals", "kick"}),
        ({"custom_stems": '["bass", "flute"]'}, "custom", 10, {"bass", "flute"}),
        ({"target_stems": '["bass"]'}, "advanced", 10, {"bass"}),
        ({}, "advanced", 10, {"vocals", "drums", "bass", "other"}),
    ],
)
def test_packages_and_catalog_stems_have_their_multipliers(desk, fields, variant, cents, stems):
    open_desk = desk(**AT_ONCE)
    assert open_desk.advanced(60, method="hierarchical", **fields).status_code == 200
    [job] = open_desk.sim.books.jobs
    assert (job.order.variant, job.charged_cents) == (variant, cents)
    assert job.order.options == {"method": "hierarchical", **fields}
    assert set(open_desk.stem_job(1001)["download_urls"]) == stems


@pytest.mark.parametrize(
    "fields",
    [
        {"package": "orchestra"},
        {"package": "instrument_isolator"},
        {"package": "instrument_isolator", "target_instrument": "../../etc"},
        {"single_stem": "kazoo"},
        {"package": "karaoke", "single_stem": "piano"},
        {"multi_stem_count": "0"},
        {"multi_stem_count": "17"},
        {"multi_stem_count": "many"},
        {"custom_stems": "bass"},
        {"custom_stems": '{"bass": 1}'},
        {"custom_stems": '["kazoo"]'},
    ],
)
def test_choices_that_are_none_are_422(desk, fields):
    open_desk = desk()
    assert open_desk.advanced(**fields).status_code == 422
    assert open_desk.sim.books.jobs == ()


def test_exactly_one_input_is_needed(desk, wav):
    http = desk().http
    path = f"{PREFIX}/api/extract"
    assert http.post(path, data={"mode": "two"}).status_code == 400
    both = http.post(path, data={"url": "http://127.0.0.1/a"}, files={"file": ("a.wav", wav(1))})
    assert both.status_code == 400
    twice = http.post(path, files=[("file", ("a.wav", wav(1))), ("file", ("b.wav", wav(1)))])
    assert twice.status_code == 400


def test_a_form_sent_as_json_loses_its_fields(desk):
    assert desk().http.post(f"{PREFIX}/api/extract", json={"url": "http://127.0.0.1/"}).status_code == 422


def test_an_address_on_this_machine_is_accepted(desk):
    open_desk = desk(**AT_ONCE)
    open_desk.separate(20, mode="two")
    link = open_desk.stem_job(1001)["download_urls"]["vocals"]
    assert open_desk.http.post(f"{PREFIX}/api/extract", data={"url": link, "mode": "two"}).status_code == 200
    assert open_desk.stem_job(1002)["source_type"] == "URL"


def test_video_is_refused(desk):
    open_desk = desk()
    answer = open_desk.http.post(f"{PREFIX}/api/extract", files={"file": ("a.mp4", VIDEO.read_bytes())})
    assert (answer.status_code, answer.json()["error"]) == (400, "INVALID_AUDIO_FORMAT")
    upload = open_desk.http.post(
        "/api/v1/transcription/transcribe-upload", files={"files": ("a.mp4", VIDEO.read_bytes())}
    )
    assert upload.status_code == 200


def test_results_are_wav_files_as_long_as_the_recording(desk):
    open_desk = desk(**AT_ONCE)
    open_desk.separate(2.5, mode="two")
    links = open_desk.stem_job(1001)["download_urls"]
    sounds = {stem: open_desk.fetch(link) for stem, link in links.items()}
    assert {answer.headers["content-type"] for answer in sounds.values()} == {"audio/wav"}
    with wave.open(io.BytesIO(sounds["vocals"].content)) as file:
        assert file.getnframes() / file.getframerate() == 2.5
    assert sounds["vocals"].content != sounds["no_vocals"].content
    assert len(open_desk.sim.books.downloads) == 2


def test_long_results_are_cut_to_keep_them_small(desk):
    open_desk = desk(**AT_ONCE, longest_result_seconds=2)
    open_desk.separate(20, mode="two")
    link = open_desk.stem_job(1001)["download_urls"]["vocals"]
    with wave.open(io.BytesIO(open_desk.fetch(link).content)) as file:
        assert file.getnframes() / file.getframerate() == 2


def test_a_deleted_job_takes_its_results_along(desk):
    open_desk = desk(**AT_ONCE)
    open_desk.separate()
    link = open_desk.stem_job(1001)["download_urls"]["vocals"]
    assert open_desk.http.delete(f"{PREFIX}/jobs/1001").status_code == 204
    assert open_desk.fetch(link).status_code == 404


def test_modes_need_no_key_and_have_wire_names(desk):
    modes = httpx.get(f"{desk().sim.url}{PREFIX}/modes").json()["modes"]
    assert [mode["mode"] for mode in modes] == [
        "single",
        "two",
        "four",
        "six",
        "producer",
        "studio",
        "mastering",
    ]
    assert modes[-1]["stem_count"] == 16


def test_the_catalog_and_the_packages_say_whether_they_are_allowed(desk):
    rich, poor = desk().http, desk(plan="basic").http
    assert all(entry["allowed"] for entry in rich.get(f"{PREFIX}/catalog").json())
    assert not any(entry["allowed"] for entry in poor.get(f"{PREFIX}/catalog").json())
    packages = poor.get(f"{PREFIX}/packages/available").json()["packages"]
    assert [(entry["id"], entry["allowed"]) for entry in packages] == [
        ("karaoke", False),
        ("vocal_gender", False),
        ("instrument_isolator", False),
    ]


def test_what_is_allowed_follows_the_plan_while_the_simulator_runs(desk):
    open_desk = desk(plan="basic", events=(Event(do="plan", plan="creator", after_submits=1),))

    def allowed():
        catalog = open_desk.http.get(f"{PREFIX}/catalog").json()
        packages = open_desk.http.get(f"{PREFIX}/packages/available").json()["packages"]
        return {entry["allowed"] for entry in (*catalog, *packages)}

    assert (allowed(), open_desk.advanced(package="karaoke").status_code) == ({False}, 402)
    assert (allowed(), open_desk.advanced(package="karaoke").status_code) == ({True}, 200)


@pytest.mark.parametrize(
    ("plan", "mode", "status"),
    [
        ("basic", "six", 200),
        ("basic", "producer", 402),
        ("creator", "producer", 200),
        ("creator", "mastering", 402),
    ],
)
def test_a_plan_that_is_too_low_is_402_about_the_plan(desk, plan, mode, status):
    answer = desk(plan=plan).separate(mode=mode)
    assert answer.status_code == status
    if status == 402:
        assert answer.json()["error"] == "PREMIUM_TIER_REQUIRED"


@pytest.mark.parametrize("fields", [{"package": "karaoke"}, {"single_stem": "harp"}])
def test_packages_need_a_plan(desk, fields):
    assert desk(plan="basic").advanced(**fields).status_code == 402


def test_hollow_results_have_entries_that_are_no_address(desk):
    open_desk = desk(**AT_ONCE, hollow_results=True)
    open_desk.separate(mode="two")
    links = open_desk.stem_job(1001)["download_urls"]
    assert (links["residual"], links["mixture"]) == ("", None)
    assert json.dumps(links)


def test_lists_of_stems_page_by_skip(desk):
    open_desk = desk()
    open_desk.separate()
    open_desk.separate()
    assert [job["id"] for job in open_desk.http.get(f"{PREFIX}/jobs?skip=1").json()] == [1001]
    assert [job["id"] for job in open_desk.http.get(f"{PREFIX}/jobs?offset=1").json()] == [1002, 1001]
