"""Noise reduction over HTTP: session tokens open it, and account credits alone pay for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator import PUBLIC_SESSION_TOKEN, Event, Fault

PREFIX = "/api/v1/denoiser"
AT_ONCE = {"job_seconds": 0, "job_seconds_per_minute": 0}
VIDEO = Path(__file__).parents[3] / "examples/videos/walkthrough.mp4"


@pytest.fixture
def session(desk):
    """Open a simulator, and speak to it as somebody who logged in."""

    def enter(token=PUBLIC_SESSION_TOKEN, **switches):
        open_desk = desk(**{"credits": 10_000, **switches})
        del open_desk.http.headers["X-API-Key"]
        open_desk.http.headers["Authorization"] = f"Bearer {token}"
        return open_desk

    return enter


def submit(desk, content, name="noisy.wav", **fields):
    return desk.http.post(f"{PREFIX}/denoise", files={"file": (name, content)}, data=fields)


def job(desk, number=1001):
    return desk.http.get(f"{PREFIX}/jobs/{number}").json()


def test_a_job_is_shown_as_documented(session, wav):
    open_desk = session(job_seconds=10, job_seconds_per_minute=0)
    submitted = submit(open_desk, wav(30), quality_mode="balanced").json()
    assert (submitted["id"], submitted["progress"], submitted["stats"]) == (1001, 0, None)
    assert (submitted["original_filename"], submitted["display_name"]) == ("noisy.wav", "noisy.wav")
    open_desk.clock.advance(10)
    done = job(open_desk)
    assert (done["status"], done["is_video"], done["video_output_url"]) == ("COMPLETED", False, None)
    assert (done["original_filename"], done["display_name"]) == ("noisy.wav", "noisy (clean)")
    assert done["stats"]["audio_duration"] == 30
    assert open_desk.fetch(done["output_url"]).content[:4] == b"RIFF"
    assert [item["original_filename"] for item in open_desk.http.get(f"{PREFIX}/jobs").json()] == [
        "noisy.wav"
    ]


@pytest.mark.parametrize(
    ("fields", "credits_"),
    [
        ({"quality_mode": "balanced"}, 1331),
        ({"quality_mode": "studio"}, 2662),
        ({"quality_mode": "ultra"}, 5324),
        ({"mode": "balanced"}, 2662),
    ],
)
def test_credits_are_held_at_the_submit_and_taken_at_the_end(session, wav, fields, credits_):
    open_desk = session(job_seconds=10, job_seconds_per_minute=0)
    submit(open_desk, wav(121), **fields)
    held = open_desk.sim.books
    assert (held.credits, held.credits_held, held.credits_spent) == (10_000, credits_, 0)
    open_desk.clock.advance(10)
    books = open_desk.sim.books
    assert (books.credits, books.credits_held, books.credits_spent) == (10_000 - credits_, 0, credits_)
    assert (books.balance_cents, books.spent_cents, books.holds_cents, books.usage) == (5000, 0, 0, ())
    assert (books.jobs[0].charged_cents, books.jobs[0].paid_by) == (0, "credits")
    assert open_desk.http.get("/api/v1/credits").json()["total_available_credits"] == 10_000 - credits_
    [row] = open_desk.http.get("/api/v1/credits/usage").json()
    assert (row["credits_used"], row["audio_duration"]) == (credits_, 121)
    prices = open_desk.http.get("/api/v1/credits/multipliers").json()
    assert row["service_type"] in prices


def test_too_few_credits_are_402_in_words_however_full_the_wallet_is(session, wav):
    open_desk = session(credits=659)
    answer = submit(open_desk, wav(60), quality_mode="balanced")
    assert answer.status_code == 402
    assert answer.json() == {"detail": "Insufficient credits. Required: 660, Available: 659"}
    assert open_desk.sim.books.jobs == ()


def test_a_failed_and_a_cancelled_job_give_their_credits_back(session, wav):
    faults = (Fault(at="submit:denoise", do="fail", nth=1), Fault(at="submit:denoise", do="never", nth=2))
    open_desk = session(faults=faults, **AT_ONCE)
    submit(open_desk, wav(60), quality_mode="studio")
    submit(open_desk, wav(60), quality_mode="studio")
    assert open_desk.sim.books.credits_held == 1320
    assert open_desk.http.post(f"{PREFIX}/jobs/1002/cancel").json()["status"] == "CANCELLED"
    assert open_desk.http.post(f"{PREFIX}/jobs/1002/cancel").status_code == 400
    assert (open_desk.sim.books.credits_held, open_desk.sim.books.credits) == (0, 10_000)
    assert open_desk.http.delete(f"{PREFIX}/jobs/1002").status_code == 204
    assert open_desk.http.get(f"{PREFIX}/jobs/1002").status_code == 404


def test_a_video_gives_a_video_and_an_address_will_do(session):
    open_desk = session(**AT_ONCE)
    submit(open_desk, VIDEO.read_bytes(), name="a.mp4", quality_mode="balanced")
    done = job(open_desk)
    assert done["is_video"]
    assert open_desk.fetch(done["video_output_url"]).headers["content-type"] == "video/mp4"
    again = open_desk.http.post(f"{PREFIX}/denoise", data={"url": done["output_url"]})
    assert again.json()["id"] == 1002


def test_a_mode_that_is_none_is_422(session, wav):
    open_desk = session()
    assert submit(open_desk, wav(1), quality_mode="spectral").status_code == 422
    assert open_desk.http.post(f"{PREFIX}/denoise", data={"quality_mode": "ultra"}).status_code == 400


# Who is let in.


@pytest.mark.parametrize(("switch", "status"), [(401, 401), (402, 402), (403, 403), ("allowed", 200)])
def test_what_a_key_is_answered_is_a_switch(desk, wav, switch, status):
    open_desk = desk(denoise_by_key=switch, credits=10_000)
    assert submit(open_desk, wav(1), quality_mode="balanced").status_code == status
    assert len(open_desk.sim.books.jobs) == (status == 200)
    assert open_desk.http.get(f"{PREFIX}/jobs").status_code == status


def test_a_key_is_403_by_default_and_a_wrong_one_401(desk, wav):
    open_desk = desk()
    assert submit(open_desk, wav(1)).status_code == 403
    open_desk.http.headers["X-API-Key"] = "ap_wrong"
    assert submit(open_desk, wav(1)).status_code == 401


def test_sessions_are_named_by_the_scenario_and_end(session, wav):
    open_desk = session(
        token="mine",
        session_tokens=("mine",),
        events=(Event(do="revoke_key", key="mine", after_submits=1),),
    )
    assert submit(open_desk, wav(1)).status_code == 200
    ended = open_desk.http.get(f"{PREFIX}/jobs/1001")
    assert (ended.status_code, ended.json()["error"]) == (401, "token_expired")
    open_desk.http.headers["Authorization"] = f"Bearer {PUBLIC_SESSION_TOKEN}"
    assert open_desk.http.get(f"{PREFIX}/jobs/1001").status_code == 401


def test_a_session_opens_noise_reduction_and_credits_and_nothing_else(session, wav):
    open_desk = session()
    assert open_desk.http.get("/api/v1/credits").status_code == 200
    assert open_desk.http.get("/api/v1/api-wallet/balance").status_code == 401
    assert open_desk.transcribe().status_code == 401
    both = {"X-API-Key": open_desk.sim.key}
    assert open_desk.http.get("/api/v1/credits", headers=both).status_code == 200
    assert open_desk.http.get("/api/v1/credits", headers={"X-API-Key": "ap_no"}).status_code == 401
    assert open_desk.http.get(f"{PREFIX}/jobs", headers=both).status_code == 200
