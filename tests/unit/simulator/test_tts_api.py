"""Speech over HTTP: what may be said, how long it takes, what is held for it and what is charged."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import httpx
import pytest

from simulator import Fault, speech
from simulator.refusals import Refusal

AT_ONCE = {"job_seconds": 0, "job_seconds_per_minute": 0}
HALF_A_MINUTE = "word " * 90
"""Said in 30 seconds, but for the space at its end."""


def say(desk, text="Good morning.", voice="aura", **fields):
    return desk.http.post(f"/api/v1/voice/voices/{voice}/generate", data={"input_text": text, **fields})


def told(desk, number=1001):
    return desk.http.get(f"/api/v1/voice/tts-jobs/{number}/status").json()


def seconds_of(content: bytes) -> float:
    with av.open(io.BytesIO(content)) as file:
        return sum(frame.samples / frame.sample_rate for frame in file.decode(audio=0))


def test_a_job_is_shown_as_documented(desk):
    open_desk = desk(job_seconds=10, job_seconds_per_minute=0)
    assert say(open_desk, HALF_A_MINUTE, language="en").json() == {
        "job_id": 1001,
        "status": "pending",
        "message": "Voice generation job created",
        "voice_id": 101,
        "estimated_duration": 29.933,
        "credits_reserved": 225,
    }
    waiting = told(open_desk)
    assert (waiting["id"], waiting["status"], waiting["output_url"]) == (1001, "pending", None)
    assert (waiting["total_duration"], waiting["estimated_duration"]) == (None, 29.933)
    open_desk.clock.advance(10)
    done = told(open_desk)
    assert (done["status"], done["progress"], done["total_duration"]) == ("completed", 100, 29.933)
    assert (done["input_text"], done["target_language"]) == (HALF_A_MINUTE, "en")
    assert (done["voice_info"], done["output_path"]) == ({"id": 101, "name": "aura"}, "generated/1001.mp3")
    assert "timestamps_url" not in done
    [row] = open_desk.usage()
    assert (row["service_type"], row["duration_seconds"], row["amount_cents"]) == ("text_to_speech", 30, 2)
    assert row["job_id"] == "1001"


def test_a_form_may_be_multipart(desk):
    parts = {"input_text": (None, "Good morning."), "speed": (None, "2.0")}
    answer = desk().http.post("/api/v1/voice/voices/aura/generate", files=parts)
    assert answer.json()["estimated_duration"] == pytest.approx(13 / 15 / 2, abs=0.001)


REFUSED: list[tuple[dict[str, str], int, object]] = [
    ({"input_text": ""}, 422, ["body", "input_text"]),
    ({"audio_format": "flac"}, 422, ["body", "audio_format"]),
    ({"speed": "0.2"}, 422, ["body", "speed"]),
    ({"speed": "4.1"}, 422, ["body", "speed"]),
    ({"speed": "nan"}, 422, ["body", "speed"]),
    ({"speed": "fast"}, 422, ["body", "speed"]),
    ({"generation_params": "{"}, 422, ["body", "generation_params"]),
    ({"generation_params": "[1]"}, 422, ["body", "generation_params"]),
    (
        {"generation_params": '{"delivery_mode": "wild"}'},
        422,
        ["body", "generation_params", "delivery_mode"],
    ),
    (
        {"generation_params": '{"text_normalization": 3}'},
        422,
        ["body", "generation_params", "text_normalization"],
    ),
    ({"input_text": "x" * 20_001}, 400, "text_too_long"),
    ({"input_text": '<break time="1s"/>' * 21}, 400, "invalid_break"),
]


def test_what_cannot_be_said_is_refused_and_costs_nothing(desk):
    open_desk = desk()
    for fields, status, where in REFUSED:
        answer = say(open_desk, **{"text": "Hello", "input_text": "Hello"} | fields)
        assert answer.status_code == status
        assert (answer.json()["detail"][0]["loc"] if status == 422 else answer.json()["error"]) == where
    assert open_desk.sim.books.jobs == ()


def test_the_text_must_come_as_a_form(desk):
    answer = desk().http.post("/api/v1/voice/voices/aura/generate", json={"input_text": "Hello"})
    assert answer.status_code == 422


def test_a_voice_has_a_number_a_uuid_and_a_public_name(desk):
    open_desk = desk()
    voices = open_desk.http.get("/api/v1/voice/voice-profiles").json()
    for name in (voices[0]["id"], voices[0]["uuid"], voices[0]["name"]):
        assert say(open_desk, voice=name).json()["voice_id"] == voices[0]["id"]
    for name in ("nobody", "104", "1001", "9" * 5000):
        answer = say(open_desk, voice=name)
        assert (answer.status_code, answer.json()["error"]) == (404, "voice_not_found")


@pytest.mark.parametrize(
    ("text", "speed", "seconds"),
    [
        ("x" * 150, "1", 10),
        ("x" * 150, "2.5", 4),
        ('x<break time="500ms"/>' * 15, "1", 8.5),
        ('x<break time="1.5s" />', "0.25", Fraction(1, 15) * 4 + 1.5),
        ("[whispering]" + "x" * 15 + " [laughs]", "1", 1),
        ("[sighs]", "1", 0.1),
    ],
)
def test_length_comes_from_what_is_said_and_from_breaks(text, speed, seconds):
    assert speech.seconds(text, Fraction(speed)) == pytest.approx(seconds)


def test_a_break_is_at_most_ten_seconds_long():
    speech.seconds('<break time="10s"/>', Fraction(1))
    with pytest.raises(Refusal, match="invalid_break"):
        speech.seconds('<break time="10001ms"/>', Fraction(1))


def test_the_price_of_the_expected_length_is_held_and_that_of_the_real_one_charged(desk):
    open_desk = desk(job_seconds=10, job_seconds_per_minute=0, speech_factor=2, estimate_factor=1.5)
    assert say(open_desk, HALF_A_MINUTE).json()["estimated_duration"] == 44.9
    assert open_desk.sim.books.holds_cents == 3
    open_desk.clock.advance(10)
    assert told(open_desk)["total_duration"] == 59.867
    books = open_desk.sim.books
    assert (books.holds_cents, books.spent_cents, books.jobs[0].order.seconds) == (0, 4, 60)


def test_a_wallet_that_is_short_is_402_or_leaves_it_to_half_a_credit_a_character(desk):
    answer = say(desk(wallet_cents=1), HALF_A_MINUTE)
    assert (answer.status_code, answer.json()["required_cents"], answer.json()["available_cents"]) == (
        402,
        2,
        1,
    )
    open_desk = desk(wallet_cents=1, credits=225, credits_fallback=True, **AT_ONCE)
    assert say(open_desk, HALF_A_MINUTE).status_code == 200
    assert (open_desk.sim.books.credits_spent, open_desk.sim.books.spent_cents) == (225, 0)


def test_results_play_in_each_format_for_as_long_as_was_charged(desk):
    open_desk = desk(**AT_ONCE)
    kinds = {"mp3": "audio/mpeg", "wav": "audio/wav", "ogg": "audio/ogg"}
    for number, (form, content_type) in enumerate(kinds.items(), 1001):
        say(open_desk, "x" * 30, audio_format=form)
        answer = httpx.get(told(open_desk, number)["output_url"])
        assert answer.headers["content-type"] == content_type
        assert 2 <= seconds_of(answer.content) <= 2.1
    assert len(open_desk.sim.books.downloads) == 3


def test_speech_may_be_wav_under_another_name(desk):
    open_desk = desk(speech_is_wav=True, **AT_ONCE)
    say(open_desk)
    answer = httpx.get(told(open_desk)["output_url"])
    assert (answer.headers["content-type"], answer.content[:4]) == ("audio/mpeg", b"RIFF")


@pytest.mark.parametrize(("kind", "count"), [("word", 2), ("character", 13)])
def test_timestamps_come_when_they_were_asked_for(desk, kind, count):
    open_desk = desk(**AT_ONCE)
    say(open_desk, generation_params=f'{{"timestamp_type": "{kind}"}}')
    found = httpx.get(told(open_desk)["timestamps_url"]).json()
    assert (found["timestamp_type"], len(found["timestamps"])) == (kind, count)
    assert found["timestamps"][-1]["end"] == found["total_duration"] == told(open_desk)["total_duration"]


def test_there_is_no_list_and_nothing_can_be_deleted(desk):
    http = desk(**AT_ONCE).http
    assert http.get("/api/v1/voice/tts-jobs").status_code == 404
    assert http.delete("/api/v1/voice/tts-jobs/1001/status").status_code == 405


def test_faults_find_a_job_by_its_text(desk):
    faults = (
        Fault(at="submit:tts", do="drop", name="*lost*"),
        Fault(at="submit:tts", do="fail", name="*bad*"),
        Fault(at="status:tts", do="unavailable", name="*odd*"),
    )
    open_desk = desk(faults=faults, **AT_ONCE)
    with pytest.raises(httpx.RemoteProtocolError):
        say(open_desk, "a lost text")
    say(open_desk, "a bad text")
    say(open_desk, "an odd text")
    assert (told(open_desk)["status"], told(open_desk)["input_text"]) == ("completed", "a lost text")
    assert (told(open_desk, 1002)["status"], told(open_desk, 1002)["output_url"]) == ("failed", None)
    assert open_desk.http.get("/api/v1/voice/tts-jobs/1003/status").status_code == 503
    assert [submit.answer for submit in open_desk.sim.books.submits] == ["drop", "200", "200"]


def test_the_same_text_twice_with_the_same_voice_is_paid_twice(desk):
    open_desk = desk(**AT_ONCE)
    say(open_desk, voice="aura")
    say(open_desk, voice="ember")
    assert open_desk.sim.books.paid_twice() == ()
    say(open_desk, voice="101")
    assert len(open_desk.sim.books.paid_twice()) == 1
