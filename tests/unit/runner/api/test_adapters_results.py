"""The files of finished jobs, wherever and however each service shows them (docs/api.md 9 to 16)."""

import pytest

from runner.api.address import Base
from runner.api.interface import ResultFile
from runner.api.services import adapter

BASE = Base.parse("https://api.example")
MEDIA = "https://m.example"


def results(service: str, job: dict[str, object], base: Base = BASE) -> list[ResultFile]:
    return adapter(service).results("7", job, {}, base)


def found(service: str, job: dict[str, object], base: Base = BASE) -> dict[str, str]:
    return {each.name: each.address for each in results(service, job, base)}


@pytest.mark.parametrize("service", ["tts", "music", "conversion", "convert"])
@pytest.mark.parametrize("place", ["output_url", "output_urls", "audio_url"])
def test_one_file_wherever_it_is_shown(service, place):
    address = f"{MEDIA}/a.ogg?s=1"
    if (service, place) == ("conversion", "audio_url"):
        return
    job = {place: {"ogg": address} if place == "output_urls" else address}

    assert found(service, job) == {"ogg": address}


@pytest.mark.parametrize(("service", "ending"), [("tts", "mp3"), ("music", "flac"), ("convert", "wav")])
def test_an_address_without_an_ending_gets_the_usual_one(service, ending):
    assert found(service, {"output_url": f"{MEDIA}/get/7"}) == {ending: f"{MEDIA}/get/7"}


@pytest.mark.parametrize("place", ["download_url", "url"])
def test_a_converted_file_may_stand_where_sister_services_have_theirs(place):
    assert found("convert", {place: f"{MEDIA}/a.aac"}) == {"aac": f"{MEDIA}/a.aac"}
    assert found("convert", {"output_urls": [f"{MEDIA}/a.aac"]}) == {"aac": f"{MEDIA}/a.aac"}


def test_all_takes_are_kept_in_the_format_that_was_bought():
    job = {
        "output_url": f"{MEDIA}/7.flac?s=1",
        "output_urls": {
            "flac": f"{MEDIA}/7.flac?s=2",
            "mp3": f"{MEDIA}/7.mp3",
            "flac_2": f"{MEDIA}/7_2.flac",
            "mp3_2": f"{MEDIA}/7_2.mp3",
        },
    }

    assert found("music", job) == {"flac": f"{MEDIA}/7.flac?s=1", "2.flac": f"{MEDIA}/7_2.flac"}


@pytest.mark.parametrize(
    ("base", "host"),
    [
        ("https://api.audiopod.ai", "https://media.audiopod.ai"),
        ("http://127.0.0.1:8900", "http://127.0.0.1:8900/media"),
    ],
)
def test_what_is_known_by_its_place_lies_on_the_media_host_and_gets_no_key(base, host):
    (file,) = results("conversion", {"output_path": "outputs/a b/voice.wav"}, Base.parse(base))

    assert file == ResultFile("wav", f"{host}/outputs/a%20b/voice.wav")


def test_an_address_is_better_than_a_place():
    job = {"output_url": f"{MEDIA}/a.wav", "output_path": "b.wav"}

    assert found("conversion", job) == {"wav": f"{MEDIA}/a.wav"}
    assert found("conversion", {"output_path": f"{MEDIA}/a.wav"}) == {"wav": f"{MEDIA}/a.wav"}


def test_a_clone_is_what_the_service_says_of_it():
    assert results("clone", {}) == [
        ResultFile("json", "https://api.example/api/v1/voice/voices/7/status", own=True)
    ]


def test_dubbing_has_sound_picture_and_transcripts():
    job = {
        "translated_audio_url": f"{MEDIA}/a.mp3",
        "video_output_url": f"{MEDIA}/get",
        "transcript_urls": {
            "srt": f"{MEDIA}/t.srt",
            "json": f"{MEDIA}/t?x",
            "de": f"{MEDIA}/d.txt",
            "x": None,
        },
    }

    assert found("dubbing", job) == {
        "audio.mp3": f"{MEDIA}/a.mp3",
        "video.mp4": f"{MEDIA}/get",
        "transcript-de.txt": f"{MEDIA}/d.txt",
        "transcript.json": f"{MEDIA}/t?x",
        "transcript.srt": f"{MEDIA}/t.srt",
    }
    assert found("dubbing", {"audio_output_path": "a.wav"}) == {
        "audio.wav": "https://api.example/media/a.wav"
    }


def test_tracks_are_named_by_their_speakers():
    job = {
        "result": {
            "speakers": [
                {"id": 0, "label": "SPEAKER_0", "audio_path": "p/0.wav", "download_url": f"{MEDIA}/0.wav"},
                {"id": 1, "label": "SPEAKER_1", "audio_path": "p/1.wav"},
                {"id": 2, "label": "SPEAKER_2"},
            ],
            "files": [
                {"type": "audio", "speaker": "SPEAKER_0", "download_url": f"{MEDIA}/other.wav"},
                {"type": "audio", "speaker": "SPEAKER_2", "download_url": f"{MEDIA}/2.wav"},
                {"type": "rttm", "path": "p/x.rttm", "download_url": f"{MEDIA}/s"},
            ],
            "rttm_path": "p/x.rttm",
        }
    }

    assert found("speakers", job) == {
        "SPEAKER_0.wav": f"{MEDIA}/0.wav",
        "SPEAKER_1.wav": "https://api.example/media/p/1.wav",
        "SPEAKER_2.wav": f"{MEDIA}/2.wav",
        "speakers.rttm": f"{MEDIA}/s",
    }


def test_times_alone_may_be_known_by_their_place():
    job = {"result": {"speakers": [{"label": "SPEAKER_0"}], "rttm_path": "p/x.rttm"}}

    assert found("speakers", job) == {"speakers.rttm": "https://api.example/media/p/x.rttm"}


def test_a_karaoke_video_is_asked_for_and_else_taken_from_the_job():
    download = "https://api.example/api/v2/video/7/download"

    assert results("karaoke", {}) == [ResultFile("mp4", download, own=True, points=True)]
    assert results("karaoke", {"video_url": "/media/v.mp4"}) == [
        ResultFile("mp4", download, own=True, also="https://api.example/media/v.mp4", points=True)
    ]


@pytest.mark.parametrize("place", ["output_url", "denoised_audio_url"])
def test_clean_sound_and_picture(place):
    job = {place: f"{MEDIA}/a.wav", "video_output_url": f"{MEDIA}/v.mp4"}

    assert found("denoise", job) == {"audio.wav": f"{MEDIA}/a.wav", "video.mp4": f"{MEDIA}/v.mp4"}


def test_a_clean_video_that_stands_in_both_places_is_one_file():
    job = {"output_url": f"{MEDIA}/v.mp4?s=1", "video_output_url": f"{MEDIA}/v.mp4?s=2"}

    assert found("denoise", job) == {"video.mp4": f"{MEDIA}/v.mp4?s=2"}


def test_only_calls_of_noise_reduction_are_opened_by_the_token():
    inner, outer = "https://api.example/api/v1/denoiser/7.wav", f"{MEDIA}/v.mp4"

    assert results("denoise", {"output_url": inner, "video_output_url": outer}) == [
        ResultFile("audio.wav", inner, own=True, session=True),
        ResultFile("video.mp4", outer),
    ]


@pytest.mark.parametrize(
    "service", ["tts", "music", "conversion", "convert", "dubbing", "speakers", "denoise"]
)
def test_a_broken_address_breaks_nothing(service):
    job = {"output_url": "http://[", "translated_audio_url": "http://[", "result": {"rttm_path": "http://["}}

    assert all(each.address for each in results(service, job))
