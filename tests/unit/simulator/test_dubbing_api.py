"""Speech translation over HTTP: target languages, videos, transcripts, and a route that may be missing."""

from __future__ import annotations

from pathlib import Path

from simulator.services.dubbing import TARGETS

PREFIX = "/api/v1/translation"
AT_ONCE = {"job_seconds": 0, "job_seconds_per_minute": 0}
VIDEO = Path(__file__).parents[3] / "examples/videos/walkthrough.mp4"


def submit(desk, content, name="talk.wav", **fields):
    return desk.http.post(f"{PREFIX}/translate/speech", files={"file": (name, content)}, data=fields)


def job(desk, number=1001):
    return desk.http.get(f"{PREFIX}/translations/{number}").json()


def test_a_job_is_shown_as_documented(desk, wav):
    open_desk = desk(job_seconds=10, job_seconds_per_minute=0)
    submitted = submit(open_desk, wav(90), target_language="es", source_language="en").json()
    assert (submitted["id"], submitted["status"], submitted["target_language"]) == (1001, "PENDING", "es")
    assert (submitted["original_filename"], submitted["parameters"]["duration"]) == ("talk.wav", 90.0)
    assert submitted["translated_audio_url"] is None
    open_desk.clock.advance(10)
    done = job(open_desk)
    assert (done["status"], done["display_name"], done["video_output_url"]) == ("COMPLETED", "talk.wav", None)
    [listed] = open_desk.http.get(f"{PREFIX}/translations").json()
    assert (listed["original_filename"], listed["target_language"]) == ("talk.wav", "es")
    [made] = open_desk.sim.books.jobs
    assert (made.order.service_type, made.charged_cents) == ("speech_translation", 60)
    assert made.order.options == {"target_language": "es", "source_language": "en"}


def test_sound_and_transcripts_can_be_had_in_the_target_language(desk, wav):
    open_desk = desk(**AT_ONCE)
    submit(open_desk, wav(3), target_language="es")
    submit(open_desk, wav(3), target_language="fr")
    done = job(open_desk)
    assert open_desk.fetch(done["translated_audio_url"]).content[:4] == b"RIFF"
    assert open_desk.fetch(done["transcript_urls"]["json"]).json()["detected_language"] == "es"
    assert "-->" in open_desk.fetch(done["transcript_urls"]["srt"]).text
    other = open_desk.fetch(job(open_desk, 1002)["translated_audio_url"]).content
    assert other != open_desk.fetch(done["translated_audio_url"]).content


def test_a_video_gives_a_video(desk):
    open_desk = desk(**AT_ONCE)
    submit(open_desk, VIDEO.read_bytes(), name="a.mp4", target_language="de")
    done = job(open_desk)
    assert done["parameters"]["is_video"]
    assert open_desk.fetch(done["video_output_url"]).headers["content-type"] == "video/mp4"


def test_there_are_twenty_one_target_languages_and_others_are_422(desk, wav):
    open_desk = desk()
    assert len(TARGETS) == 21
    for fields in ({}, {"target_language": "sv"}, {"target_language": "zh"}, {"target_language": "ES"}):
        assert submit(open_desk, wav(1), **fields).status_code == 422
    assert submit(open_desk, wav(1), target_language="zh-cn").status_code == 200


def test_a_route_that_is_not_mounted_is_404_without_a_job(desk, wav):
    open_desk = desk(dubbing_mounted=False)
    assert submit(open_desk, wav(1), target_language="es").status_code == 404
    assert open_desk.sim.books.jobs == ()
    [submitted] = open_desk.sim.books.submits
    assert (submitted.answer, submitted.name) == ("404", "talk.wav")


def test_one_input_and_deletion_with_a_message(desk, wav):
    open_desk, fields = desk(**AT_ONCE), {"target_language": "es"}
    assert open_desk.http.post(f"{PREFIX}/translate/speech", data=fields).status_code == 400
    submit(open_desk, wav(1), **fields)
    fields = {**fields, "url": job(open_desk)["translated_audio_url"]}
    assert open_desk.http.post(f"{PREFIX}/translate/speech", data=fields).json()["input_source"] == "URL"
    answer = open_desk.http.delete(f"{PREFIX}/translations/1001")
    assert (answer.status_code, list(answer.json())) == (200, ["message"])
    assert open_desk.http.get(f"{PREFIX}/translations/1001").status_code == 404
