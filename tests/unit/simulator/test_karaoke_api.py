"""Karaoke videos over HTTP: two ways in, ids as text, lower case, and nothing that names the file."""

from __future__ import annotations

import pytest

from simulator import Fault
from simulator.measure import measure

PREFIX = "/api/v2/video"
AT_ONCE = {"job_seconds": 0, "job_seconds_per_minute": 0}


def submit(desk, content, name="song.wav", **fields):
    return desk.http.post(f"{PREFIX}/karaoke/upload", files={"file": (name, content)}, data=fields)


def job(desk, number="1001"):
    return desk.http.get(f"{PREFIX}/{number}").json()


def test_a_job_has_a_text_for_its_id_and_words_in_lower_case(desk, wav):
    open_desk = desk(job_seconds=10, job_seconds_per_minute=0)
    submitted = submit(open_desk, wav(245), aspect_ratio="9:16", key_shift="-2").json()
    assert (submitted["id"], submitted["status"], submitted["error"]) == ("1001", "pending", None)
    assert open_desk.http.get(f"{PREFIX}/1001/download").status_code == 404
    open_desk.clock.advance(10)
    assert job(open_desk)["status"] == "completed"
    assert "song" not in str(job(open_desk))
    [made] = open_desk.sim.books.jobs
    assert (made.order.service_type, made.charged_cents) == ("karaoke_generation", 103)
    assert made.order.options == {"aspect_ratio": "9:16", "key_shift": -2}
    assert open_desk.usage()[0]["job_id"] == "1001"


def test_the_video_is_had_by_the_download_address_only(desk, wav, tmp_path):
    open_desk = desk(**AT_ONCE)
    submit(open_desk, wav(3))
    assert "video_url" not in job(open_desk)
    answer = open_desk.fetch(open_desk.http.get(f"{PREFIX}/1001/download").json()["video_url"])
    assert answer.headers["content-type"] == "video/mp4"
    path = tmp_path / "video.mp4"
    path.write_bytes(answer.content)
    assert measure(path).has_video


def test_an_address_comes_as_json(desk, wav):
    open_desk = desk(**AT_ONCE)
    open_desk.separate(3, mode="two")
    link = open_desk.stem_job(1001)["download_urls"]["vocals"]
    fields = {"audio_url": link, "key_shift": 3, "style": {"font": "large"}, "scene_generation": "static"}
    assert open_desk.http.post(f"{PREFIX}/karaoke", json=fields).json()["id"] == "1001"
    assert open_desk.http.post(f"{PREFIX}/karaoke", data=fields).status_code == 422
    [_, made] = open_desk.sim.books.jobs
    assert made.order.options == {name: value for name, value in fields.items() if name != "audio_url"}


@pytest.mark.parametrize(
    "fields",
    [{"aspect_ratio": "4:3"}, {"scene_generation": "sora"}, {"key_shift": "13"}, {"key_shift": "high"}],
)
def test_fields_that_do_not_fit_are_422(desk, wav, fields):
    open_desk = desk()
    assert submit(open_desk, wav(1), **fields).status_code == 422
    assert (
        open_desk.http.post(f"{PREFIX}/karaoke", json={"audio_url": "http://x", **fields}).status_code == 422
    )
    assert open_desk.sim.books.jobs == ()


def test_an_input_is_needed(desk, wav):
    http = desk().http
    assert http.post(f"{PREFIX}/karaoke", json={"style": {}}).status_code == 422
    assert http.post(f"{PREFIX}/karaoke/upload", data={"key_shift": "1"}).status_code == 422
    twice = [("file", ("a.wav", wav(1))), ("file", ("b.wav", wav(1)))]
    assert http.post(f"{PREFIX}/karaoke/upload", files=twice).status_code == 400


def test_the_list_has_no_names_and_pages_by_offset(desk, wav):
    open_desk = desk()
    for _ in range(21):
        submit(open_desk, wav(1))
    listed = open_desk.http.get(f"{PREFIX}/").json()["jobs"]
    assert (len(listed), listed[0]["id"]) == (20, "1021")
    assert "song" not in str(listed)
    rest = open_desk.http.get(f"{PREFIX}/", params={"offset": 20, "type": "karaoke"}).json()["jobs"]
    assert [job["id"] for job in rest] == ["1001"]
    assert open_desk.http.get(f"{PREFIX}/", params={"type": "lyric_video"}).json()["jobs"] == []


def test_failures_tell_why_in_error_and_hollow_results_have_no_address(desk, wav):
    faults = (
        Fault(at="submit:karaoke", do="fail", text="no lyrics", nth=1),
        Fault(at="submit:karaoke", do="no_result", nth=2),
    )
    open_desk = desk(faults=faults, **AT_ONCE)
    submit(open_desk, wav(1))
    submit(open_desk, wav(1))
    assert (job(open_desk)["status"], job(open_desk)["error"]) == ("failed", "no lyrics")
    assert open_desk.http.get(f"{PREFIX}/1002/download").json() == {}
    assert open_desk.http.delete(f"{PREFIX}/1001").status_code == 204
    assert open_desk.http.get(f"{PREFIX}/1001").status_code == 404
