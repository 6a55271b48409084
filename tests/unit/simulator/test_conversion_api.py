"""Voice conversion over HTTP: its voice, its price, and a result that has only a path."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import httpx
import pytest

from simulator import Fault

PATH = "/api/v1/voice/voice-convert"
AT_ONCE = {"job_seconds": 0, "job_seconds_per_minute": 0}
VIDEO = Path(__file__).parents[3] / "examples/videos/walkthrough.mp4"


def voices(desk):
    return desk.http.get("/api/v1/voice/voice-profiles").json()


def convert(desk, wav, seconds=30.0, name="talk.wav", voice=None):
    uuid = voices(desk)[0]["uuid"] if voice is None else voice
    return desk.http.post(PATH, data={"voice_uuid": uuid}, files={"file": (name, wav(seconds))})


def told(desk, number=1001):
    return desk.http.get(f"/api/v1/voice/convert/{number}/status").json()


def listed(desk, **query):
    return desk.http.get("/api/v1/voice/convert/jobs", params=query).json()


def test_a_job_is_shown_as_documented(desk, wav):
    open_desk = desk(job_seconds=10, job_seconds_per_minute=0)
    aura = voices(open_desk)[0]
    made = convert(open_desk, wav).json()
    assert (made["id"], made["status"], made["progress"], made["output_path"]) == (1001, "PENDING", 0, None)
    assert (made["original_filename"], made["source_type"]) == ("talk.wav", "FILE")
    assert (made["target_voice_uuid"], made["target_voice_name"]) == (aura["uuid"], "aura")
    open_desk.clock.advance(10)
    done = told(open_desk)
    assert (done["status"], done["source_path"].rpartition("/")[2]) == ("COMPLETED", "talk.wav")
    assert done["conversion_metadata"] == {"voice_uuid": aura["uuid"], "voice_id": 101, "duration": 30.0}
    assert "output_url" not in done
    [row] = open_desk.usage()
    assert (row["service_type"], row["amount_cents"]) == ("voice_conversion", 7)


def test_the_result_is_on_the_media_host_under_its_path(desk, wav):
    open_desk = desk(conversion_url=True, retention_seconds=60, **AT_ONCE)
    convert(open_desk, wav, 2.5)
    done = told(open_desk)
    answer = httpx.get(f"{open_desk.sim.url}/media/{done['output_path']}")
    with wave.open(io.BytesIO(answer.content)) as file:
        assert file.getnframes() / file.getframerate() == 2.5
    assert httpx.get(done["output_url"]).content == answer.content
    assert len(open_desk.sim.books.downloads) == 2
    assert httpx.get(done["output_url"].partition("?")[0]).status_code == 403
    wrong = done["output_path"].replace("voice_converted", "other")
    assert httpx.get(f"{open_desk.sim.url}/media/{wrong}").status_code == 404
    assert httpx.get(f"{open_desk.sim.url}/media/outputs/converted/0/voice_converted.wav").status_code == 404
    open_desk.clock.advance(61)
    assert httpx.get(f"{open_desk.sim.url}/media/{done['output_path']}").status_code == 410
    assert open_desk.sim.books.violations == ()
    open_desk.http.get(f"/media/{done['output_path']}")
    assert len(open_desk.sim.books.violations) == 1


def test_a_voice_must_be_a_known_uuid(desk, wav):
    open_desk = desk()
    for voice, status in (
        ("", 422),
        ("aura", 422),
        ("101", 422),
        ("0" * 8 + "-0000" * 3 + "-" + "0" * 12, 404),
    ):
        assert convert(open_desk, wav, voice=voice).status_code == status
    assert open_desk.http.post(PATH, data={"voice_uuid": voices(open_desk)[0]["uuid"]}).status_code == 400
    video = {"file": ("a.mp4", VIDEO.read_bytes())}
    answer = open_desk.http.post(PATH, data={"voice_uuid": voices(open_desk)[0]["uuid"]}, files=video)
    assert (answer.status_code, answer.json()["error"]) == (400, "INVALID_AUDIO_FORMAT")
    assert open_desk.sim.books.jobs == ()


def test_a_cloned_voice_must_be_completed_and_may_be_deleted_later(desk, wav):
    open_desk = desk(faults=(Fault(at="submit:clone", do="never", nth=1),), **AT_ONCE)
    for name in ("unready", "ready"):
        files = {"file": ("sample.wav", wav(10))}
        open_desk.http.post("/api/v1/voice/voice-profiles", data={"name": name}, files=files)
    ready, unready = [voice["uuid"] for voice in voices(open_desk)[:2]]
    answer = convert(open_desk, wav, voice=unready)
    assert (answer.status_code, answer.json()["error"]) == (400, "voice_not_ready")
    assert convert(open_desk, wav, voice=ready.upper()).json()["target_voice_name"] == "ready"
    open_desk.http.delete(f"/api/v1/voice/voices/{ready}")
    assert told(open_desk)["target_voice_name"] == "ready"
    open_desk.sim.change(unready_voice="fail")
    convert(open_desk, wav, voice=unready)
    assert (told(open_desk, 1002)["status"], told(open_desk, 1002)["output_path"]) == ("FAILED", None)


def test_a_lost_answer_is_found_again_in_the_list_by_its_name(desk, wav):
    faults = (
        Fault(at="submit:conversion", do="drop", nth=1),
        Fault(at="download:conversion", do="cut_download", bytes=100, name="lost*"),
        Fault(at="list:conversion", do="unavailable", nth=1),
    )
    open_desk = desk(faults=faults, **AT_ONCE)
    with pytest.raises(httpx.RemoteProtocolError):
        convert(open_desk, wav, name="lost.wav")
    convert(open_desk, wav)
    assert open_desk.http.get("/api/v1/voice/convert/jobs").status_code == 503
    assert [job["original_filename"] for job in listed(open_desk)] == ["talk.wav", "lost.wav"]
    assert [job["id"] for job in listed(open_desk, skip=1)] == [1001]
    assert listed(open_desk, status="FAILED") == []
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{open_desk.sim.url}/media/{told(open_desk)['output_path']}")


def test_an_address_on_this_machine_is_accepted(desk, wav):
    open_desk = desk(**AT_ONCE)
    convert(open_desk, wav)
    data = {
        "voice_uuid": voices(open_desk)[1]["uuid"],
        "url": f"{open_desk.sim.url}/media/{told(open_desk)['output_path']}",
    }
    assert open_desk.http.post(PATH, data=data).json()["source_type"] == "URL"
    assert told(open_desk, 1002)["conversion_metadata"]["duration"] == 30.0


def test_a_wallet_that_is_short_is_402_or_leaves_it_to_credits(desk, wav):
    answer = convert(desk(wallet_cents=6), wav)
    assert (answer.status_code, answer.json()["required_cents"]) == (402, 7)
    open_desk = desk(wallet_cents=6, credits=500, credits_fallback=True, **AT_ONCE)
    convert(open_desk, wav)
    assert (open_desk.sim.books.credits_spent, open_desk.sim.books.spent_cents) == (488, 0)
