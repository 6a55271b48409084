"""Media conversion over HTTP: formats, results in them, and a service that keeps no names and has no list."""

from __future__ import annotations

import pytest

from simulator import Fault
from simulator.measure import measure

PREFIX = "/api/v1/media-converter"
AT_ONCE = {"job_seconds": 0, "job_seconds_per_minute": 0}


def convert(desk, content, name="talk.wav", **fields):
    return desk.http.post(f"{PREFIX}/convert", files={"file": (name, content)}, data=fields)


def job(desk, number=1001):
    return desk.http.get(f"{PREFIX}/jobs/{number}").json()


def test_a_job_is_shown_as_published_and_names_nothing(desk, wav):
    open_desk = desk(job_seconds=10, job_seconds_per_minute=0)
    submitted = convert(open_desk, wav(61), output_format="mp3", quality="high").json()
    assert submitted == {"job_id": 1001, "status": "PENDING"}
    assert job(open_desk)["output_url"] is None
    open_desk.clock.advance(10)
    done = job(open_desk)
    assert (done["job_id"], done["status"]) == (1001, "COMPLETED")
    assert "talk" not in str(done)
    [made] = open_desk.sim.books.jobs
    assert (made.order.service_type, made.charged_cents, made.order.name) == (
        "media_converter",
        2,
        "talk.wav",
    )
    assert made.order.options == {"output_format": "mp3", "quality": "high"}
    [row] = open_desk.usage()
    assert (row["service_type"], row["job_id"], row["amount_cents"]) == ("media_converter", "1001", 2)


@pytest.mark.parametrize("form", ["mp3", "wav", "flac", "ogg", "m4a", "aac"])
def test_the_result_is_a_file_of_that_format(desk, wav, tmp_path, form):
    open_desk = desk(**AT_ONCE)
    convert(open_desk, wav(3), output_format=form)
    path = tmp_path / f"result.{form}"
    path.write_bytes(open_desk.fetch(job(open_desk)["output_url"]).content)
    assert 3 <= measure(path).seconds < 3.3
    assert len(open_desk.sim.books.downloads) == 1


@pytest.mark.parametrize(
    "fields",
    [{}, {"output_format": "wma"}, {"output_format": "MP3"}, {"output_format": "mp3", "quality": "4"}],
)
def test_a_format_is_needed_and_both_lists_are_closed(desk, wav, fields):
    open_desk = desk()
    assert convert(open_desk, wav(1), **fields).status_code == 422
    assert open_desk.sim.books.jobs == ()


def test_an_address_does_and_both_inputs_or_none_do_not(desk, wav):
    open_desk = desk(**AT_ONCE)
    convert(open_desk, wav(3), output_format="wav")
    link = job(open_desk)["output_url"]
    path, fields = f"{PREFIX}/convert", {"output_format": "mp3"}
    assert open_desk.http.post(path, data={"url": link, **fields}).json()["job_id"] == 1002
    assert open_desk.http.post(path, data=fields).status_code == 400
    assert convert(open_desk, wav(1), url=link, **fields).status_code == 400


def test_there_is_no_list_unless_a_switch_says_so(desk, wav):
    open_desk = desk()
    convert(open_desk, wav(1), output_format="mp3")
    assert open_desk.http.get(f"{PREFIX}/jobs").status_code == 404
    open_desk.sim.change(convert_list=True)
    [listed] = open_desk.http.get(f"{PREFIX}/jobs").json()
    assert listed["job_id"] == 1001
    assert "talk" not in str(listed)


def test_a_job_can_be_deleted_and_one_that_failed_says_why(desk, wav):
    open_desk = desk(faults=(Fault(at="submit:convert", do="fail", text="odd codec"),), **AT_ONCE)
    convert(open_desk, wav(1), output_format="mp3")
    assert (job(open_desk)["status"], job(open_desk)["error_message"]) == ("FAILED", "odd codec")
    assert open_desk.http.delete(f"{PREFIX}/jobs/1001").status_code == 204
    assert open_desk.http.get(f"{PREFIX}/jobs/1001").status_code == 404
