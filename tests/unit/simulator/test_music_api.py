"""Music over HTTP: tasks and fields, a price for what is made, and a list that finds a label."""

from __future__ import annotations

import io

import av
import httpx
import pytest

from simulator import Fault

PREFIX = "/api/v1/music"
AT_ONCE = {"job_seconds": 0, "job_seconds_per_minute": 0}
TOKEN = "ek-0123456789abcdef-0123456789abcdef"


def make(desk, task="text2music", prompt="slow jazz", **fields):
    return desk.http.post(f"{PREFIX}/{task}", json={"prompt": prompt, **fields})


def told(desk, number=1001):
    return desk.http.get(f"{PREFIX}/jobs/{number}/status").json()


def listed(desk, **query):
    return [job["id"] for job in desk.http.get(f"{PREFIX}/jobs", params=query).json()]


def seconds_of(content: bytes) -> float:
    with av.open(io.BytesIO(content)) as file:
        return sum(frame.samples / frame.sample_rate for frame in file.decode(audio=0))


def test_a_job_is_shown_as_documented(desk):
    open_desk = desk(job_seconds=10, job_seconds_per_minute=0)
    made = make(
        open_desk, audio_duration=90, display_name="My song", seed=7, lyrics="One\nTwo", generate_lrc=True
    )
    assert (made.json()["message"], made.json().keys()) == ("Generation started", {"job", "message"})
    job = made.json()["job"]
    assert (job["id"], job["task"], job["status"], job["display_name"]) == (
        1001,
        "text2music",
        "PENDING",
        "My song",
    )
    assert (job["audio_duration"], job["output_url"], job["output_urls"]) == (90.0, None, None)
    open_desk.clock.advance(10)
    done = told(open_desk)
    assert (done["status"], done["audio_duration"], done["actual_seeds"]) == ("COMPLETED", 90.0, [7])
    assert done["output_urls"].keys() == {"flac", "mp3"}
    assert "/music/1001/1001.flac?" in done["output_url"]
    assert done["lrc_content"] == "[00:00.00]One\n[00:45.00]Two"
    [row] = open_desk.usage()
    assert (row["service_type"], row["duration_seconds"], row["amount_cents"]) == ("music_generation", 90, 6)


@pytest.mark.parametrize(
    ("fields", "variant", "seconds", "cents"),
    [
        ({"audio_duration": 90}, "", 90, 6),
        ({"audio_duration": 90, "dit_variant": "xl"}, "xl", 90, 12),
        ({"audio_duration": 90, "quality": "premium"}, "xl", 90, 12),
        ({"audio_duration": 90, "quality": "standard"}, "", 90, 6),
        ({"audio_duration": 10.5, "batch_size": 3}, "", 32, 3),
        ({"audio_duration": -1}, "", 120, 8),
        ({"duration": 30, "duration_seconds": 30}, "", 120, 8),
    ],
)
def test_all_pieces_are_paid_by_the_minute_and_twice_when_premium(desk, fields, variant, seconds, cents):
    open_desk = desk()
    make(open_desk, **fields)
    [job] = open_desk.sim.books.jobs
    assert (job.order.variant, job.order.seconds, job.hold_cents) == (variant, seconds, cents)


def test_premium_music_needs_a_plan(desk):
    open_desk = desk(plan="basic")
    answer = make(open_desk, dit_variant="xl")
    assert (answer.status_code, answer.json()["error"]) == (402, "PREMIUM_TIER_REQUIRED")
    assert make(open_desk).status_code == 200


REFUSED: list[tuple[dict[str, object], int, str]] = [
    ({"prompt": None}, 422, "prompt"),
    ({"seed": None}, 422, "seed"),
    ({"prompt": " "}, 400, "invalid_caption"),
    ({"caption": "x" * 2049}, 422, "caption"),
    ({"prompt": 5}, 422, "prompt"),
    ({"audio_duration": 9}, 422, "audio_duration"),
    ({"audio_duration": 601}, 422, "audio_duration"),
    ({"audio_duration": 0}, 422, "audio_duration"),
    ({"audio_duration": "30"}, 422, "audio_duration"),
    ({"format": "m4a"}, 422, "format"),
    ({"batch_size": 9}, 422, "batch_size"),
    ({"batch_size": 1.5}, 422, "batch_size"),
    ({"quality": "best"}, 422, "quality"),
    ({"display_name": 3}, 422, "display_name"),
    ({"instrumental": "yes"}, 422, "instrumental"),
    ({"bpm": 20}, 422, "bpm"),
]


def test_what_fits_no_field_is_refused_and_costs_nothing(desk):
    open_desk = desk()
    for fields, status, where in REFUSED:
        answer = make(open_desk, **fields)
        assert answer.status_code == status
        assert (answer.json()["detail"][0]["loc"][-1] if status == 422 else answer.json()["error"]) == where
    assert make(open_desk, "text2samples", audio_duration=121).status_code == 422
    assert make(open_desk, "cover").status_code == 404
    assert open_desk.http.post(f"{PREFIX}/text2music", data={"prompt": "jazz"}).status_code == 422
    assert open_desk.sim.books.jobs == ()
    assert open_desk.http.post(f"{PREFIX}/jobs", json={"prompt": "jazz"}).status_code == 405
    assert open_desk.http.post(f"{PREFIX}/text2rap", json={"lyrics": "One"}).status_code == 422
    # A whole number may be written as 2.0.
    assert make(open_desk, batch_size=2.0, bpm=None, audio_duration=10).status_code == 200


def test_every_task_is_there_and_one_takes_a_sentence(desk):
    open_desk = desk()
    for task in ("text2music", "prompt2instrumental", "text2rap", "lyric2vocals", "text2samples"):
        assert make(open_desk, task).json()["job"]["task"] == task
    simple = open_desk.http.post(
        f"{PREFIX}/simple", json={"query": "a song about rain", "audio_duration": 30}
    )
    assert simple.json()["job"]["task"] == "text2music"
    assert open_desk.http.post(f"{PREFIX}/simple", json={"prompt": "a song about rain"}).status_code == 422
    assert open_desk.sim.books.jobs[-1].hold_cents == 2


def test_pieces_play_in_their_format_and_as_mp3(desk):
    open_desk = desk(**AT_ONCE)
    make(open_desk, audio_duration=10, batch_size=2, format="ogg")
    urls = told(open_desk)["output_urls"]
    assert urls.keys() == {"ogg", "mp3", "ogg_2", "mp3_2"}
    found = {name: httpx.get(url) for name, url in urls.items()}
    assert [answer.headers["content-type"] for answer in found.values()] == ["audio/ogg", "audio/mpeg"] * 2
    assert all(10 <= seconds_of(answer.content) <= 10.1 for answer in found.values())
    assert found["ogg"].content != found["ogg_2"].content
    assert httpx.get(urls["ogg"].replace("1001.ogg", "1001.wav")).status_code == 403


def test_a_wallet_that_is_short_is_402_or_leaves_it_to_credits(desk):
    answer = make(desk(wallet_cents=5), audio_duration=90)
    assert (answer.status_code, answer.json()["required_cents"]) == (402, 6)
    open_desk = desk(wallet_cents=5, credits=450, credits_fallback=True, **AT_ONCE)
    make(open_desk, audio_duration=90)
    assert (open_desk.sim.books.credits_spent, open_desk.sim.books.spent_cents) == (450, 0)


def test_a_lost_answer_is_found_again_by_its_label(desk):
    faults = (
        Fault(at="submit:music", do="drop", name=f"*{TOKEN}"),
        Fault(at="submit:music", do="fail", name="bad"),
        Fault(at="status:music", do="server_error", name="bad", nth=1),
        Fault(at="download:music", do="gone", name=f"*{TOKEN}"),
    )
    open_desk = desk(faults=faults, **AT_ONCE)
    with pytest.raises(httpx.RemoteProtocolError):
        make(open_desk, audio_duration=10, display_name=f"lost {TOKEN}")
    make(open_desk, audio_duration=10, display_name="bad")
    assert listed(open_desk, search=TOKEN) == [1001]
    [lost, _] = open_desk.sim.books.submits
    assert (lost.answer, lost.token, lost.job_id) == ("drop", TOKEN, 1001)
    assert httpx.get(told(open_desk)["output_url"]).status_code == 410
    assert open_desk.http.get(f"{PREFIX}/jobs/1002/status").status_code == 500
    assert told(open_desk, 1002)["status"] == "FAILED"


def test_two_attempts_at_one_piece_are_paid_twice_whatever_their_labels(desk):
    open_desk = desk(**AT_ONCE)
    for label in ("one", "two"):
        make(open_desk, audio_duration=10, display_name=label)
    assert len(open_desk.sim.books.paid_twice()) == 1


def test_the_list_is_searched_sorted_and_counted(desk):
    open_desk = desk()
    make(open_desk, "text2rap", "fast", audio_duration=30, display_name="b")
    make(open_desk, prompt="slow", audio_duration=10, display_name="c")
    make(open_desk, prompt="slow", audio_duration=20, display_name="a")
    assert listed(open_desk) == [1003, 1002, 1001]
    assert listed(open_desk, task="text2rap") == listed(open_desk, search="FAST") == [1001]
    assert listed(open_desk, sort_by="audio_duration", sort_order="asc") == [1002, 1003, 1001]
    assert listed(open_desk, sort_by="display_name") == [1002, 1001, 1003]
    page = open_desk.http.get(f"{PREFIX}/jobs", params={"skip": 1, "limit": 1})
    assert ([job["id"] for job in page.json()], page.headers["x-total-count"]) == ([1002], "3")
    assert open_desk.http.get(f"{PREFIX}/jobs", params={"sort_by": "price"}).status_code == 422
    open_desk.sim.change(list_names=False, list_delay=5)
    assert listed(open_desk) == []
    open_desk.clock.advance(5)
    assert {job["display_name"] for job in open_desk.http.get(f"{PREFIX}/jobs").json()} == {None}


@pytest.mark.parametrize(("do", "cents"), [("fail", 0), ("fail_charged", 1)])
def test_a_failed_job_runs_again_under_its_number_without_a_new_charge(desk, do, cents):
    open_desk = desk(faults=(Fault(at="submit:music", do=do),), **AT_ONCE)
    make(open_desk, audio_duration=10)
    assert told(open_desk)["status"] == "FAILED"
    again = open_desk.http.post(f"{PREFIX}/jobs/1001/retry")
    assert (again.json()["job"]["id"], again.json()["job"]["output_url"]) == (1001, None)
    assert told(open_desk)["status"] == "COMPLETED"
    assert open_desk.sim.books.spent_cents == sum(row["amount_cents"] for row in open_desk.usage()) == cents
    assert open_desk.http.post(f"{PREFIX}/jobs/1001/retry").json()["error"] == "job_not_failed"
    assert open_desk.http.post(f"{PREFIX}/jobs/1002/retry").status_code == 404


def test_a_job_is_deleted_with_a_message_and_read_by_its_status_only(desk):
    open_desk = desk(**AT_ONCE)
    make(open_desk, audio_duration=10)
    assert open_desk.http.get(f"{PREFIX}/jobs/1001").status_code == 405
    gone = open_desk.http.delete(f"{PREFIX}/jobs/1001")
    assert (gone.status_code, gone.json().keys()) == (200, {"message"})
    assert open_desk.http.get(f"{PREFIX}/jobs/1001/status").status_code == 404
