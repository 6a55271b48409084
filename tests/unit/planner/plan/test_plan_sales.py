"""What each service takes, what it makes of it, and what it refuses at plan time."""

import pytest

from manifests.errors import UsageError
from manifests.length import Basis, Grade
from planner.inputs import Passage, Prompt
from planner.pricing import line
from planner.roots import Root
from planner.sales import NO_AUDIO, Refused, Sale, Terms, Unlike, concerns, sale

ROOT = Root("/media")
WRONG = "with an option that cannot be"
WAITING = ("voice=anna",)


@pytest.fixture
def passage():
    def make(name="book.txt", characters=1480, **facts):
        plain = {"wide": 0, "digits": 0, "breaks_ms": 0, "script": "", "start": "Once"}
        return Passage(f"/media/{name}", 9000, 0, "0" * 12, "ab" * 32, characters, **{**plain, **facts})

    return make


@pytest.fixture
def prompt():
    def make(words="calm piano", number=1, **given):
        return Prompt(
            "/media/songs.yaml",
            30,
            0,
            "0" * 12,
            number,
            number + 1,
            f"songs/00{number}",
            {"prompt": words, **given},
        )

    return make


@pytest.mark.parametrize(
    ("service", "settings", "kinds"),
    [
        ("transcription", (), {"audio", "video"}),
        ("stems:six", (), {"audio", "video"}),  # films are offered, and refused with the way out
        ("tts", WAITING, {"text"}),
        ("music", (), {"prompt"}),
        ("denoise", (), {"audio", "video"}),
    ],
)
def test_each_input_is_offered_to_what_is_meant_for_it(
    recording, passage, prompt, chosen, service, settings, kinds
):
    (choice,) = chosen(service, settings=settings)
    inputs = [recording(), recording(video=True), passage(), prompt()]
    assert {one.kind for one in inputs if concerns(choice, one)} == kinds


def test_a_text_is_billed_by_what_is_spoken(passage, chosen):
    (choice,) = chosen("tts", settings=("voice=anna", "language=en", "speed=2"))
    item = line(sale(passage(part="2/3", span=(10, 1490)), choice), ROOT).item
    assert (item.basis, item.grade, item.seconds) == (Basis.OUTPUT, Grade.ESTIMATED, 50.0)
    assert (item.sha256, item.part, item.span, item.size) == ("ab" * 32, "2/3", (10, 1490), 9000)
    assert item.options == {"voice": "anna", "speed": "2", "language": "en"}
    assert (item.cents, item.ceiling) == (4, 5)


def test_a_prompt_is_billed_by_what_its_options_ask_for(prompt, chosen):
    (choice,) = chosen("music:xl", settings=("audio_duration=60", "format=mp3"))
    item = line(sale(prompt(audio_duration="90", batch_size="2"), choice), ROOT).item
    assert (item.basis, item.grade, item.seconds) == (Basis.OUTPUT, Grade.HEADER, 180.0)
    assert (item.sha256, item.result, item.size) == (NO_AUDIO, "songs/001.xl", 30)
    assert item.options == {"prompt": "calm piano", "audio_duration": 90, "format": "mp3", "batch_size": 2}
    assert (item.cents, item.ceiling) == (24, 25)


@pytest.mark.parametrize(
    ("given", "settings", "reason", "detail"),
    [
        ({}, (), WRONG, "line 2: music needs --set music.audio_duration=…"),
        ({"audio_duration": "9"}, (), WRONG, "line 2: music.audio_duration is 10 to 600, not 9"),
        ({"audio_duration": "601"}, (), WRONG, "line 2: music.audio_duration is 10 to 600"),
        ({"audio_duration": "1.5"}, (), WRONG, "line 2: music.audio_duration is a whole number"),
        ({"audio_duration": "60", "format": "aac"}, (), WRONG, "line 2: music.format cannot be"),
        (
            {"audio_duration": "-1"},
            (),
            "without a length of its own",
            "line 2: audio_duration -1 lets the service",
        ),
        (
            {},
            ("audio_duration=-1",),
            "without a length of its own",
            "line 2: audio_duration -1 lets the service",
        ),
    ],
)
def test_a_prompt_that_cannot_be_priced_is_refused_with_its_line(
    prompt, chosen, given, settings, reason, detail
):
    (choice,) = chosen("music", settings=settings)
    no = sale(prompt(**given), choice)
    assert isinstance(no, Refused)
    assert (no.path, no.reason) == ("/media/songs.yaml", reason)
    assert no.detail.startswith(detail)


def test_music_of_any_length_is_priced_at_the_most_where_that_is_accepted(prompt, chosen):
    (choice,) = chosen("music")
    item = line(sale(prompt(audio_duration="-1"), choice, Terms(accept_ceiling=True)), ROOT).item
    assert (item.seconds, item.cents, item.options["audio_duration"]) == (600.0, 40, -1)


def test_prompts_that_buy_the_same_are_refused_but_for_the_first(prompt, chosen):
    (choice,) = chosen("music", settings=("audio_duration=60",))
    two = [sale(prompt(), choice), sale(prompt(number=2, audio_duration="60"), choice)]
    first, second = Unlike()(two)
    assert isinstance(first, Sale)
    assert isinstance(second, Refused)
    assert "line 3: the same prompt and options as on line 2" in second.detail


@pytest.mark.parametrize(
    ("ms", "reason", "detail"),
    [
        (9_999, "a sample that is too short", "9 s, not 10 to 30 s: record at least 10 s"),
        (30_001, "a sample that is too long", "31 s, not 10 to 30 s: cut one out"),
    ],
)
def test_a_voice_needs_a_sample_of_the_right_length(recording, chosen, ms, reason, detail):
    no = sale(recording(ms=ms), chosen("clone")[0])
    assert isinstance(no, Refused)
    assert no.reason == reason
    assert no.detail.startswith(detail)
    assert isinstance(sale(recording(ms=10_000), chosen("clone")[0]), Sale)
    assert isinstance(sale(recording(ms=30_000), chosen("clone")[0]), Sale)


def test_what_credits_pay_costs_no_cent(recording, chosen):
    made = line(sale(recording(ms=60_000), chosen("denoise:studio")[0]), ROOT)
    assert (made.item.cents, made.item.ceiling, made.full) == (0, 0, 0)
    assert (made.item.credits, made.item.credits_ceiling) == (1320, 1343)


@pytest.mark.parametrize(
    ("service", "settings", "message"),
    [
        ("tts", (), "tts needs --set tts.voice=…"),
        ("conversion", (), "conversion needs --set conversion.voice_uuid=…"),
        ("dubbing", (), "dubbing needs --set dubbing.target_language=… (one of en, es"),
        ("convert", (), "convert needs --set convert.output_format=… (one of mp3"),
        (
            "tts",
            ("voice=anna", "language=eng"),
            "tts.language: 'eng' is no language's code; did you mean 'en'",
        ),
        ("transcription", ("language=jp",), "'jp' is no language's code; did you mean 'ja'"),
        (
            "dubbing",
            ("target_language=de", "source_language=xx"),
            "dubbing.source_language: 'xx' is no language's",
        ),
        ("dubbing", ("target_language=de,zh",), "cannot be 'zh'; did you mean 'zh-cn'?"),
        ("dubbing", ("target_language=jp",), "'jp' is no language's code; did you mean 'ja'"),
        ("dubbing", ("target_language=xx",), "dubbing.target_language cannot be 'xx'; known: en, es"),
        ("tts", ("voice=clone:",), "tts.voice=clone: names no file"),
        ("music", ("prompt=calm",), "music.prompt comes from the file itself"),
        ("music", ("audio_duration=700",), "music.audio_duration is 10 to 600, not 700"),
    ],
)
def test_what_is_missing_or_wrong_is_told_before_any_file_is_read(chosen, service, settings, message):
    with pytest.raises(UsageError) as caught:
        chosen(service, settings=settings)
    assert message in str(caught.value)


def test_several_languages_to_translate_into_are_an_item_each(chosen):
    found = chosen("dubbing", settings=("target_language=de, fr,de",))
    assert [choice.given for choice in found] == [{"target_language": "de"}, {"target_language": "fr"}]
    assert len({str(choice.submitted) for choice in found}) == 2


def test_a_clone_takes_the_place_of_a_voice(chosen):
    (choice,) = chosen("tts", settings=("voice=clone:voices/anna.wav",))
    assert (choice.needs, choice.given) == ("voices/anna.wav", {})
    assert "voice" not in choice.submitted
