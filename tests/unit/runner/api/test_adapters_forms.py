"""What goes out for each service: paths, fields and kinds of docs/api.md 8 to 16."""

from pathlib import Path

import pytest

from manifests.errors import UsageError
from runner.api.adapter import Form
from runner.api.interface import Order, Rejected
from runner.api.services import adapter

TOKEN = "ek-0011223344556677-8899aabbccddeeff"
ADDRESS = "https://example.com/talk.mp3?a=1&b=2"


def order(
    service: str, address: str = "", path: Path | None = None, name: str = f"talk.{TOKEN}.mp3", **fields
) -> Order:
    return Order(service, fields, path, 1, name, (), "", address)


def form(service: str, address: str = "", **fields) -> Form:
    return adapter(service).form(order(service, address, None if address else Path("talk.mp3"), **fields))


def test_a_text_goes_to_its_voice_and_says_how_to_read_it():
    sent = form("tts", voice="Aura B/C", input_text="Hello.", speed="1.5", audio_format="wav", language="en")

    assert sent.path == "/api/v1/voice/voices/Aura%20B%2FC/generate"
    assert (sent.kind, sent.file_field) == ("urlencoded", "")
    assert sent.fields == {"input_text": "Hello.", "speed": "1.5", "audio_format": "wav", "language": "en"}
    assert "'Aura B/C'" in sent.missing


def test_a_manner_of_reading_travels_as_json_in_one_field():
    sent = form("tts", voice="12", input_text="Hello.", delivery_mode="stable")

    assert sent.fields == {"input_text": "Hello.", "generation_params": '{"delivery_mode":"stable"}'}


def test_a_clone_is_named_by_its_token():
    sent = form("clone", denoise=True)

    assert (sent.path, sent.kind, sent.file_field) == ("/api/v1/voice/voice-profiles", "multipart", "file")
    assert sent.fields == {"denoise": "true", "name": f"talk.{TOKEN}"}


@pytest.mark.parametrize("name", [f"anna.{TOKEN}", f"{'a' * 80}.{TOKEN}.wav"])
def test_a_clones_name_keeps_its_token_whatever_the_file_is_called(name):
    fields = adapter("clone").form(order("clone", path=Path("x"), name=name)).fields

    assert str(fields["name"]).endswith(TOKEN)
    assert len(str(fields["name"])) <= 100


def test_a_conversion_names_its_voice():
    sent = form("conversion", voice_uuid="550e8400-e29b-41d4-a716-446655440000")

    assert (sent.path, sent.file_field) == ("/api/v1/voice/voice-convert", "file")
    assert sent.fields == {"voice_uuid": "550e8400-e29b-41d4-a716-446655440000"}


def test_dubbing_may_not_be_there():
    sent = form("dubbing", target_language="de")

    assert (sent.path, sent.fields) == (
        "/api/v1/translation/translate/speech",
        {"target_language": "de"},
    )
    assert "not available" in sent.missing
    assert "nothing charged" in sent.missing


def test_music_is_json_at_its_task_with_a_label_of_ours():
    sent = form("music", prompt="calm", task="lyric2vocals", audio_duration=30, dit_variant="xl", bpm=None)

    assert (sent.path, sent.kind, sent.file_field) == ("/api/v1/music/lyric2vocals", "json", "")
    assert sent.fields == {
        "prompt": "calm",
        "audio_duration": 30,
        "dit_variant": "xl",
        "display_name": f"talk.{TOKEN}.mp3",
    }
    assert form("music", prompt="calm").path == "/api/v1/music/text2music"


def test_the_number_of_speakers_stands_in_the_query_and_in_the_form():
    sent = form("speakers", num_speakers=3)

    assert (sent.path, sent.fields, sent.query) == (
        "/api/v1/speaker/extract",
        {"num_speakers": "3"},
        {"num_speakers": "3"},
    )
    assert form("speakers").query == {}


def test_times_alone_are_had_elsewhere():
    sent = form("speakers", job_type="diarization")

    assert (sent.path, sent.fields) == ("/api/v1/speaker/diarize", {})


def test_a_karaoke_video_is_made_of_a_file_or_of_an_address():
    assert form("karaoke", aspect_ratio="9:16", key_shift=-2) == Form(
        "/api/v2/video/karaoke/upload", "file", {"aspect_ratio": "9:16", "key_shift": "-2"}
    )
    assert form("karaoke", ADDRESS, aspect_ratio="9:16", key_shift=-2) == Form(
        "/api/v2/video/karaoke",
        "",
        {"aspect_ratio": "9:16", "key_shift": -2, "audio_url": ADDRESS},
        "json",
    )


def test_the_mode_of_noise_reduction_is_always_sent():
    assert form("denoise").fields == {"quality_mode": "balanced"}
    assert form("denoise", quality_mode="ultra").fields == {"quality_mode": "ultra"}


@pytest.mark.parametrize(
    ("service", "fields", "path"),
    [
        ("stems", {"mode": "two"}, "/api/v1/stem-extraction/api/extract"),
        ("stems", {"package": "karaoke"}, "/api/v1/stem-extraction/extract/advanced"),
        ("dubbing", {"target_language": "de"}, "/api/v1/translation/translate/speech"),
        ("speakers", {"num_speakers": "2"}, "/api/v1/speaker/extract"),
        ("convert", {"output_format": "mp3"}, "/api/v1/media-converter/convert"),
        ("denoise", {"quality_mode": "studio"}, "/api/v1/denoiser/denoise"),
    ],
)
def test_an_address_goes_out_exactly_as_given(service, fields, path):
    sent = form(service, ADDRESS, **fields)

    assert (sent.path, sent.kind, sent.file_field) == (path, "urlencoded", "")
    assert sent.fields == {**fields, "url": ADDRESS}


def test_an_address_to_transcribe_is_json_and_alone_in_its_list():
    sent = form("transcription", ADDRESS, enable_word_timestamps=True, language=None)

    assert (sent.path, sent.kind) == ("/api/v1/transcription/transcribe", "json")
    assert sent.fields == {"enable_word_timestamps": True, "source_urls": [ADDRESS]}


@pytest.mark.parametrize(("service", "fields"), [("clone", {}), ("conversion", {"voice_uuid": "x"})])
def test_what_takes_files_only_says_what_to_do(service, fields):
    with pytest.raises(UsageError, match=r"save https://example\.com"):
        form(service, ADDRESS, **fields)


# -- what the service tells beforehand


class Told:
    """Answers by path, and what was asked."""

    def __init__(self, answers: dict[str, object]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def __call__(self, path: str) -> object:
        self.asked.append(path)
        return self.answers.get(path.rpartition("/stem-extraction")[2] or path)

    once = __call__


def before(told: dict[str, object], **fields) -> str:
    """Why it is not sent; empty where it is."""
    found = adapter("stems").before(order("stems", path=Path("x"), **fields), Told(told))
    return found.reason if isinstance(found, Rejected) else ""


PACKAGES = {
    "packages": [{"id": "karaoke", "allowed": False, "public_tier": "creator"}, {"id": "vocal_gender"}]
}
CATALOG = [{"id": "banjo", "allowed": True}, {"id": "harp", "allowed": False}, {"label": "x"}]


def test_a_package_that_the_plan_does_not_have_is_not_sent():
    reason = before({"/packages/available": PACKAGES}, package="karaoke")

    assert (
        reason == "the package 'karaoke' is not allowed by your plan (it asks for creator); nothing was sent"
    )


@pytest.mark.parametrize("offers", [None, {}, [], "no", 3, {"packages": None}, PACKAGES])
def test_in_doubt_a_package_is_sent(offers):
    assert before({"/packages/available": offers}, package="vocal_gender") == ""


def test_a_catalog_stem_that_the_plan_does_not_have_is_not_sent():
    assert "'harp' is not allowed by your plan" in before({"/catalog": CATALOG}, single_stem="harp")
    assert before({"/catalog": CATALOG}, single_stem="banjo") == ""
    assert before({"/catalog": None}, single_stem="banjo") == ""


def test_a_stem_that_is_in_no_catalog_is_told_with_its_nearest_name():
    assert "no stem 'banjoo'; did you mean 'banjo'?" in before({"/catalog": CATALOG}, single_stem="banjoo")


def test_a_mode_needs_no_question():
    told = Told({})
    adapter("stems").before(order("stems", path=Path("x"), mode="two"), told)

    assert told.asked == []


VOICE = "/api/v1/voice/voices/12/status"
UUID = "550e8400-e29b-41d4-a716-446655440000"


def voiced(answer: object, voice: str = "12") -> Order | Rejected:
    return adapter("conversion").before(
        order("conversion", path=Path("x"), voice_uuid=voice), Told({VOICE: answer})
    )


def test_a_voices_number_becomes_its_uuid():
    found = voiced({"id": 12, "uuid": UUID, "status": "COMPLETED"})

    assert isinstance(found, Order)
    assert found.fields == {"voice_uuid": UUID}


@pytest.mark.parametrize("voice", [UUID, "Aura", "१२"])
def test_any_other_name_of_a_voice_goes_out_as_it_is(voice):
    found = voiced(None, voice)

    assert isinstance(found, Order)
    assert found.fields == {"voice_uuid": voice}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"uuid": UUID, "status": "PROCESSING"}, "voice 12 is not ready (PROCESSING)"),
        ({"uuid": UUID, "status": "failed"}, "voice 12 is not ready"),
        ({"status": "COMPLETED"}, "no uuid of voice 12"),
    ],
)
def test_a_voice_that_cannot_be_used_is_not_sent_to(answer, why):
    found = voiced(answer)

    assert isinstance(found, Rejected)
    assert why in found.reason
