"""Voices over HTTP: cloning, the list, and what may be done with a voice when."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from simulator import Fault

PROFILES = "/api/v1/voice/voice-profiles"
TEN_SECONDS = {"job_seconds": 10, "job_seconds_per_minute": 0}
AT_ONCE = {"job_seconds": 0, "job_seconds_per_minute": 0}
VIDEO = Path(__file__).parents[3] / "examples/videos/walkthrough.mp4"
MANUAL = (Path(__file__).parents[3] / "docs/simulator.md").read_text(encoding="utf-8")


def clone(desk, wav, name="narrator", seconds=10, file="sample.wav", **fields):
    return desk.http.post(PROFILES, data={"name": name, **fields}, files={"file": (file, wav(seconds))})


def voice(desk, which):
    return desk.http.get(f"/api/v1/voice/voices/{which}/status")


def names(desk, **query):
    return [found["name"] for found in desk.http.get(PROFILES, params=query).json()]


def say(desk, which):
    return desk.http.post(f"/api/v1/voice/voices/{which}/generate", data={"input_text": "Good morning."})


def test_a_clone_is_usable_once_it_is_completed(desk, wav):
    open_desk = desk(**TEN_SECONDS)
    made = clone(open_desk, wav, description="calm", is_public="true").json()
    assert (made["id"], made["name"], made["status"], made["voice_type"]) == (
        1001,
        "narrator",
        "PENDING",
        "CUSTOM",
    )
    assert (made["description"], made["is_public"], made["file_path"]) == ("calm", True, None)
    early = say(open_desk, 1001)
    assert (early.status_code, early.json()["error"]) == (400, "voice_not_ready")
    open_desk.clock.advance(10)
    assert voice(open_desk, 1001).json()["status"] == "COMPLETED"
    assert voice(open_desk, made["uuid"]).json() == voice(open_desk, 1001).json()
    assert say(open_desk, made["uuid"]).json()["voice_id"] == 1001
    # Only public voices are known by name.
    assert say(open_desk, "narrator").status_code == 404


def test_speech_with_a_voice_that_is_not_ready_may_also_be_a_job_that_fails(desk, wav):
    open_desk = desk(unready_voice="fail", faults=(Fault(at="submit:clone", do="never"),), **AT_ONCE)
    clone(open_desk, wav)
    number = say(open_desk, 1001).json()["job_id"]
    told = open_desk.http.get(f"/api/v1/voice/tts-jobs/{number}/status").json()
    assert (told["status"], told["error_message"]) == ("failed", "Voice 1001 is not ready")
    assert open_desk.sim.books.spent_cents == open_desk.sim.books.holds_cents == 0


@pytest.mark.parametrize(("price", "cents"), [("free", 0), ("sample", 2)])
def test_a_clone_is_free_or_costs_its_sample(desk, wav, price, cents):
    open_desk = desk(clone_price=price, wallet_cents=cents, **AT_ONCE)
    assert clone(open_desk, wav, seconds=20).status_code == 200
    assert open_desk.sim.books.spent_cents == cents
    assert [row["amount_cents"] for row in open_desk.usage()] == [cents] * bool(cents)


@pytest.mark.parametrize(("seconds", "status"), [(4.9, 400), (5, 200), (30, 200), (30.1, 400)])
def test_a_sample_lasts_5_to_30_seconds(desk, wav, seconds, status):
    assert clone(desk(), wav, seconds=seconds).status_code == status


def test_a_clone_needs_a_name_and_one_sample(desk, wav):
    http, sample = desk().http, ("a.wav", wav(5))
    assert http.post(PROFILES, files={"file": sample}).status_code == 422
    assert http.post(PROFILES, data={"name": "x" * 101}, files={"file": sample}).status_code == 422
    assert (
        http.post(PROFILES, data={"name": "x", "is_public": "maybe"}, files={"file": sample}).status_code
        == 422
    )
    assert http.post(PROFILES, data={"name": "x"}).status_code == 422
    assert http.post(PROFILES, data={"name": "x"}, files=[("file", sample)] * 2).status_code == 400
    assert http.post(PROFILES, data={"name": "x"}, files={"file": ("a.wav", b"noise")}).status_code == 422
    video = {"file": ("a.mp4", VIDEO.read_bytes())}
    assert http.post(PROFILES, data={"name": "x"}, files=video).json()["error"] == "INVALID_AUDIO_FORMAT"


def test_the_list_has_clones_before_public_voices_and_can_be_narrowed(desk, wav):
    open_desk = desk()
    clone(open_desk, wav, "first")
    clone(open_desk, wav, "second")
    public = ["aura", "ember", "willow"]
    assert names(open_desk) == ["second", "first", *public]
    assert (
        names(open_desk, include_public="false")
        == names(open_desk, voice_type="CUSTOM")
        == ["second", "first"]
    )
    assert names(open_desk, voice_type="STANDARD") == public
    assert names(open_desk, skip=1, limit=2) == ["first", "aura"]
    assert open_desk.http.get(PROFILES, params={"voice_type": "LOUD"}).status_code == 422
    open_desk.sim.change(voice_list="envelope")
    page = open_desk.http.get(PROFILES, params={"limit": 4}).json()
    assert (len(page["voices"]), page["total"], page["hasMore"]) == (4, 5, True)


def test_the_public_voices_are_those_in_the_manual(desk):
    told = re.findall(r"^\| `(\w+)` \| (\d+) \| `([0-9a-f-]{36})` \|", MANUAL, re.MULTILINE)
    shown = desk().http.get(PROFILES).json()
    assert told == [(found["name"], str(found["id"]), found["uuid"]) for found in shown]


def test_a_clone_can_be_deleted_and_a_public_voice_not(desk, wav):
    open_desk = desk(clone_price="sample", **TEN_SECONDS)
    uuid = clone(open_desk, wav).json()["uuid"]
    assert open_desk.http.delete(f"/api/v1/voice/voices/{uuid}").status_code == 204
    assert open_desk.sim.books.holds_cents == 0
    for gone in (1001, uuid, "aura"):
        answer = open_desk.http.delete(f"/api/v1/voice/voices/{gone}")
        assert (answer.status_code, answer.json()["error"]) == (404, "voice_not_found")
    assert names(open_desk, voice_type="CUSTOM") == []


def test_what_a_deleted_voice_said_can_still_be_had(desk, wav):
    open_desk = desk(**AT_ONCE)
    clone(open_desk, wav)
    say(open_desk, 1001)
    open_desk.http.delete("/api/v1/voice/voices/1001")
    told = open_desk.http.get("/api/v1/voice/tts-jobs/1001/status").json()
    assert told["voice_info"] == {"id": 1001}
    assert httpx.get(told["output_url"]).status_code == 200


def test_a_lost_answer_leaves_a_voice_that_its_name_finds(desk, wav):
    token = "ek-0123456789abcdef-0123456789abcdef"
    faults = (
        Fault(at="submit:clone", do="drop", name="sample*", nth=1),
        Fault(at="submit:clone", do="fail", name="bad*", text="too noisy"),
        Fault(at="status:clone", do="server_error", name="*abcdef"),
    )
    open_desk = desk(faults=faults, **AT_ONCE)
    with pytest.raises(httpx.RemoteProtocolError):
        clone(open_desk, wav, f"narrator {token}")
    assert names(open_desk, voice_type="CUSTOM") == [f"narrator {token}"]
    assert (open_desk.sim.books.submits[0].answer, open_desk.sim.books.submits[0].token) == ("drop", token)
    uuid = open_desk.http.get(PROFILES).json()[0]["uuid"]
    assert voice(open_desk, uuid).status_code == voice(open_desk, 1001).status_code == 500
    failed = clone(open_desk, wav, file="bad.wav").json()
    assert voice(open_desk, failed["id"]).json()["error_message"] == "too noisy"
