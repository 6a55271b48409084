"""Every switch of docs/api.md 19 that is about money, lists, names, times and bodies."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import httpx
import pytest

from simulator import Event, Fault, ScenarioError

AT_ONCE = {"job_seconds": 0, "job_seconds_per_minute": 0}
LONG = {"job_seconds": 100, "job_seconds_per_minute": 0}
BALANCE = "/api/v1/api-wallet/balance"


# Money.


def test_the_balance_hides_holds_by_default_and_shows_them_on_request(desk):
    for shows, cents in ((False, 100), (True, 90)):
        open_desk = desk(wallet_cents=100, balance_shows_holds=shows, **LONG)
        open_desk.separate(60)
        assert open_desk.balance()["balance_cents"] == cents
        assert open_desk.sim.books.balance_cents == 100


def test_charging_at_the_submit_shows_at_once(desk):
    open_desk = desk(wallet_cents=100, charge_at_submit=True, **LONG)
    open_desk.separate(60)
    assert (open_desk.balance()["balance_cents"], open_desk.balance()["total_spent_cents"]) == (90, 10)
    assert open_desk.sim.books.holds_cents == 0


def test_credits_take_over_when_the_wallet_is_short(desk):
    open_desk = desk(wallet_cents=1, credits=300, credits_fallback=True, **AT_ONCE)
    assert [open_desk.transcribe(60).status_code for _ in range(3)] == [200, 200, 402]
    books = open_desk.sim.books
    assert (books.spent_cents, books.credits_spent, books.credits) == (1, 220, 80)


def test_credits_stay_untouched_by_default(desk):
    open_desk = desk(wallet_cents=0, credits=300)
    assert open_desk.transcribe(60).status_code == 402
    assert open_desk.sim.books.credits == 300


def test_binary_fractions_make_31_cents_of_three_minutes(desk):
    open_desk = desk(binary_fractions=True, **AT_ONCE)
    open_desk.separate(180)
    assert open_desk.sim.books.spent_cents == 31


@pytest.mark.parametrize(("extra", "cents"), [(0, 1), (1, 2), (-60, 1), (-1000, 1)])
def test_the_service_may_count_more_or_fewer_seconds(desk, extra, cents):
    open_desk = desk(extra_seconds=extra, **AT_ONCE)
    open_desk.transcribe(60)
    assert open_desk.sim.books.spent_cents == cents


def test_prices_can_differ_from_the_published_ones(desk):
    open_desk = desk(prices={"transcription": 2.5}, **AT_ONCE)
    open_desk.transcribe(120)
    assert open_desk.sim.books.spent_cents == 5
    prices = open_desk.http.get("/api/v1/api-wallet/pricing").json()["services"]
    assert (prices["transcription"]["cents_per_minute"], prices["stem_extraction"]["cents_per_minute"]) == (
        2.5,
        10,
    )


def test_a_price_can_change_during_the_run(desk):
    open_desk = desk(
        events=(Event(do="price", service_type="transcription", cents=3, after_submits=1),), **AT_ONCE
    )
    for _ in range(2):
        open_desk.transcribe(60)
    assert [charge.cents for charge in open_desk.sim.books.charges] == [1, 3]


def test_others_can_drain_the_wallet_during_the_run(desk):
    open_desk = desk(wallet_cents=100, events=(Event(do="drain", cents=90, after_seconds=5),), **AT_ONCE)
    assert open_desk.separate(60).status_code == 200
    open_desk.clock.advance(5)
    assert open_desk.separate(60).status_code == 402
    assert (open_desk.balance()["balance_cents"], open_desk.balance()["total_spent_cents"]) == (0, 100)
    [theirs, ours] = open_desk.usage()
    assert (theirs["amount_cents"], theirs["service_type"]) == (90, "music_generation")
    assert theirs["api_key_id"] != ours["api_key_id"]


def test_credits_can_fall_and_top_ups_arrive_during_the_run(desk):
    events = (
        Event(do="credits", credits=-40, after_seconds=1),
        Event(do="top_up", cents=500, after_seconds=2),
    )
    open_desk = desk(wallet_cents=0, credits=100, events=events)
    open_desk.clock.advance(1)
    assert open_desk.http.get("/api/v1/credits").json()["payg_balance"] == 60
    open_desk.clock.advance(1)
    assert open_desk.balance()["balance_cents"] == 500


def test_an_event_without_a_moment_happens_at_once_and_once(desk):
    open_desk = desk(wallet_cents=0)
    open_desk.sim.add(Event(do="top_up", cents=5), Event(do="plan", plan="basic"))
    assert [open_desk.balance()["balance_cents"] for _ in range(2)] == [5, 5]
    assert open_desk.separate(mode="mastering").status_code == 402


# Usage rows.


def test_usage_rows_can_be_late_for_all_jobs(desk):
    open_desk = desk(usage_delay=60, **AT_ONCE)
    open_desk.transcribe()
    assert open_desk.usage() == []
    open_desk.clock.advance(60)
    assert len(open_desk.usage()) == 1


def test_usage_rows_can_be_without_job_ids(desk):
    open_desk = desk(usage_job_ids=False, **AT_ONCE)
    open_desk.transcribe()
    assert "job_id" not in open_desk.usage()[0]


# Jobs.


def test_jobs_may_never_end(desk):
    open_desk = desk(jobs_end=False)
    open_desk.transcribe()
    open_desk.clock.advance(10**6)
    assert open_desk.job(1001)["status"] == "PROCESSING"
    assert open_desk.sim.books.holds_cents == 1


def test_short_recordings_are_refused_on_request(desk):
    strict, kind = desk(minimum_seconds=10), desk()
    assert strict.transcribe(9.99).status_code == strict.separate(9.99).status_code == 400
    assert strict.transcribe(10).status_code == kind.transcribe(1).status_code == 200


def test_large_uploads_are_413_with_a_page(desk):
    open_desk = desk(max_upload_bytes=50_000)
    assert open_desk.transcribe(5).status_code == 200
    answer = open_desk.transcribe(20)
    assert (answer.status_code, answer.headers["content-type"]) == (413, "text/html")
    assert [submit.answer for submit in open_desk.sim.books.submits] == ["200", "413"]


# Names and lists.


@pytest.mark.parametrize(
    ("names", "shown"), [("keep", "song.wav"), ("strip", None), ("change", "upload_1001.wav")]
)
def test_file_names_can_be_lost(desk, names, shown):
    open_desk = desk(names=names)
    open_desk.separate()
    open_desk.transcribe(name="song.wav")
    stems = open_desk.stem_job(1001)
    assert stems["display_name"] == open_desk.job(1001)["display_name"] == shown
    path = stems["input_path"]
    assert path is None if shown is None else path.endswith(shown)


def test_lists_can_hide_names_that_the_status_shows(desk):
    open_desk = desk(list_names=False)
    open_desk.transcribe()
    assert open_desk.jobs()[0]["display_name"] is None
    assert open_desk.job(1001)["display_name"] == "talk.wav"


def test_new_jobs_can_be_late_in_their_list(desk):
    open_desk = desk(list_delay=30)
    open_desk.transcribe()
    assert open_desk.jobs() == []
    assert open_desk.job(1001)["id"] == 1001
    open_desk.clock.advance(30)
    assert [job["id"] for job in open_desk.jobs()] == [1001]


def test_status_words_can_come_in_the_other_case(desk):
    open_desk = desk(other_case=True, **AT_ONCE)
    assert open_desk.transcribe().json()["status"] == "pending"
    assert open_desk.job(1001)["status"] == "completed"
    assert len(open_desk.jobs(status="COMPLETED")) == 1


# Result links.


def stem_link(open_desk) -> str:
    return open_desk.stem_job(1001)["download_urls"]["vocals"]


def test_a_link_expires_and_a_fresh_status_has_a_new_one(desk):
    open_desk = desk(link_seconds=60, **AT_ONCE)
    open_desk.separate(1)
    old = stem_link(open_desk)
    open_desk.clock.advance(60.5)
    assert (open_desk.fetch(old).status_code, open_desk.fetch(old).json()["error"]) == (403, "link_expired")
    assert open_desk.fetch(stem_link(open_desk)).status_code == 200


@pytest.mark.parametrize(
    "change", [("vocals", "drums"), ("signature=", "signature=0"), ("expires=", "expires=9")]
)
def test_a_link_cannot_be_bent(desk, change):
    open_desk = desk(**AT_ONCE)
    open_desk.separate(1)
    assert open_desk.fetch(stem_link(open_desk).replace(*change)).status_code == 403


def test_a_link_to_what_is_not_there_is_404(desk):
    open_desk = desk(**AT_ONCE)
    open_desk.separate(1, mode="two")
    link = stem_link(open_desk)
    open_desk.sim.add(Fault(at="submit:stems", do="no_result"))
    open_desk.separate(1, mode="two")
    assert open_desk.fetch(link.partition("?")[0]).status_code == 403
    assert open_desk.stem_job(1002)["download_urls"] is None


@pytest.mark.parametrize("path", ["stems/1001/kazoo.wav", "transcription/1001/talk.wav"])
def test_a_signed_link_to_a_file_that_never_was_is_404(desk, path):
    open_desk = desk(**AT_ONCE)
    open_desk.separate(1)
    open_desk.transcribe(1)
    link = open_desk.sim._world.links.sign(open_desk.sim.url, path, open_desk.clock.now() + 5)
    assert (open_desk.fetch(link).status_code, open_desk.fetch(link).json()["message"]) == (
        404,
        "No such file",
    )


def test_results_past_their_retention_are_gone(desk):
    open_desk = desk(retention_seconds=100, **AT_ONCE)
    open_desk.separate(1)
    open_desk.transcribe(1)
    open_desk.clock.advance(101)
    assert open_desk.fetch(stem_link(open_desk)).status_code == 410
    assert open_desk.http.get("/api/v1/transcription/jobs/1001/transcript").status_code == 410


def test_a_key_sent_along_with_a_link_is_written_down(desk):
    open_desk = desk(**AT_ONCE)
    open_desk.separate(1)
    assert open_desk.http.get(stem_link(open_desk)).status_code == 200
    assert open_desk.sim.books.violations == (
        "a key was sent to the result address /media/stems/1001/vocals.wav",
    )


# Bodies and limits.


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        ("flat", {"error": "unauthorized", "message": "Invalid API key"}),
        ("nested", {"detail": {"error": "unauthorized", "message": "Invalid API key"}}),
        ("text", {"detail": "Invalid API key"}),
    ],
)
def test_error_bodies_have_the_shape_that_is_asked_for(desk, shape, body):
    assert httpx.get(f"{desk(error_body=shape).sim.url}{BALANCE}").json() == body


def test_errors_can_be_pages(desk):
    open_desk = desk(error_body="html")
    for answer in (open_desk.http.get("/nowhere"), open_desk.transcribe(min_speakers="x")):
        assert answer.headers["content-type"] == "text/html"
        assert str(answer.status_code) in answer.text


def test_the_rate_limit_is_counted_by_key_and_path_in_a_moving_minute(desk):
    open_desk = desk(rate_per_minute=2, keys=("ap_one", "ap_two"))
    assert [open_desk.http.get(BALANCE).status_code for _ in range(3)] == [200, 200, 429]
    assert open_desk.http.get("/api/v1/credits").status_code == 200
    assert open_desk.http.get(BALANCE, headers={"X-API-Key": "ap_two"}).status_code == 200
    open_desk.clock.advance(45)
    limited = open_desk.http.get(BALANCE)
    assert (limited.headers["retry-after"], limited.json()["error"]) == ("15", "rate_limit_exceeded")
    open_desk.clock.advance(15)
    assert open_desk.http.get(BALANCE).status_code == 200
    assert [open_desk.http.get("/_sim/books").status_code for _ in range(4)] == [200] * 4


def test_there_is_no_rate_limit_by_default(desk):
    http = desk().http
    assert {http.get(BALANCE).status_code for _ in range(120)} == {200}


@pytest.mark.parametrize("form", ["date", "none"])
def test_the_retry_header_has_other_forms(desk, form):
    open_desk = desk(rate_per_minute=1, rate_retry_form=form)
    open_desk.http.get(BALANCE)
    header = open_desk.http.get(BALANCE).headers.get("retry-after")
    if form == "none":
        assert header is None
    else:
        assert parsedate_to_datetime(header).timestamp() == pytest.approx(open_desk.clock.now() + 60)


def test_idempotency_keys_are_ignored(desk, wav):
    open_desk = desk()
    for _ in range(2):
        open_desk.http.post(
            "/api/v1/transcription/transcribe-upload",
            files={"files": ("a.wav", wav(1))},
            headers={"Idempotency-Key": "same"},
        )
    assert len(open_desk.sim.books.jobs) == 2
    assert len(open_desk.sim.books.paid_twice()) == 1


def test_switches_can_be_changed_during_the_run(desk):
    open_desk = desk(**AT_ONCE)
    open_desk.sim.change(extra_seconds=60, charge_at_submit=True)
    open_desk.transcribe(60)
    assert open_desk.sim.books.spent_cents == 2
    with pytest.raises(ScenarioError, match="nonsense"):
        open_desk.sim.change(nonsense=1)
