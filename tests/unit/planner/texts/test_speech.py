from fractions import Fraction

import pytest

from manifests.length import Grade
from planner.history import no_speech
from planner.inputs import Passage
from planner.speech import READ_ALOUD, pace_of, speech_length


def passage(characters=1480, **facts):
    plain = {"wide": 0, "digits": 0, "breaks_ms": 0, "script": "", "start": "words"}
    return Passage("/a.txt", 1, 0, "0" * 12, "0" * 64, characters, **{**plain, **facts})


def told(one, history=no_speech, **options):
    length, said = speech_length(one, {"language": "en", **options}, history)
    return length.ms, length.high_ms, str(said)


def test_a_text_is_as_long_as_its_characters_at_the_languages_rate():
    ms, longest, said = told(passage())
    assert ms == 100_000
    assert longest == -(-1480 * 1000 // 11) + 1000
    assert said == "11 to 18 characters a second, en"


def test_a_length_that_is_estimated_says_so():
    length, _ = speech_length(passage(), {}, no_speech)
    assert (length.grade, length.low_ms) == (Grade.ESTIMATED, length.ms)
    assert length.reason == "8 to 18 characters a second, any language"


def test_speed_shortens_words_and_breaks_alike():
    still = passage(breaks_ms=10_000)
    assert told(still)[0] == 110_000
    assert told(still, speed="2")[0] == 55_000
    assert told(still, speed="0.5")[0] == 220_000


def test_the_upper_end_does_not_trust_speed_to_shorten_breaks():
    plain, paused = told(passage(), speed="2")[1], told(passage(breaks_ms=10_000), speed="2")[1]
    assert paused - plain == 10_000


def test_nothing_is_shorter_than_a_second():
    assert told(passage(1))[0] == 1000
    assert told(passage(1), speed="4")[0] == 1000


def test_digits_are_read_out_as_words():
    assert told(passage(1480, digits=100))[0] == told(passage(1780))[0]


@pytest.mark.parametrize(
    ("language", "script", "rate"),
    [
        ("zh", "zh", "3 to 5 characters a second, zh"),
        ("zh-cn", "zh", "3 to 5 characters a second, zh"),
        ("ja", "ja", "4 to 7 characters a second, ja"),
        ("ko", "ko", "4 to 8 characters a second, ko"),
        ("", "ja", "4 to 7 characters a second, ja"),
        ("", "zh", "3 to 5 characters a second, zh"),
        ("en", "zh", "3 to 5 characters a second, zh"),
    ],
)
def test_scripts_of_syllables_have_far_fewer_characters_a_second(language, script, rate):
    one = passage(120, wide=120, script=script)
    ms, _, said = told(one, language=language)
    assert said == rate
    assert ms > 15_000


def test_a_region_does_not_change_the_rate():
    assert told(passage(), language="en-GB") == told(passage())


def test_every_rate_has_a_low_and_a_high_end_around_what_is_usual():
    for language in (*READ_ALOUD, "ko", "yue", "xx", ""):
        pace = pace_of(language)
        assert 0 < pace.low < pace.usual < pace.high


def spoke(*jobs):
    asked = []

    def history(voice, language):
        asked.append((voice, language))
        return [(characters, seconds, Fraction(speed)) for characters, seconds, speed in jobs]

    return history, asked


def test_what_a_voice_spoke_before_narrows_the_estimate():
    history, asked = spoke((1000, 80, 1), (1000, 70, 1), (500, 50, "1.5"))
    length, said = speech_length(passage(1000), {"voice": "anna", "language": "en"}, history)
    assert asked == [("anna", "en")]
    assert said.jobs == 3
    assert length.ms == 90_000  # (80 + 70 + 75) s of 2,500 characters
    assert length.high_ms == told(passage(1000))[1]  # the slowest of them is slower than what is stated


def test_the_slowest_that_was_seen_bounds_it_with_a_margin():
    history, _ = spoke((1000, 70, 1), (1000, 60, 1), (1000, 65, 1))
    length, _ = speech_length(passage(1000), {"voice": "anna", "language": "en"}, history)
    assert (length.ms, length.high_ms) == (65_000, 78_000)  # 70 s, a tenth more, and a second of silence


@pytest.mark.parametrize(
    "jobs",
    [[], [(1000, 70, 1), (1000, 60, 1)], [(500, 30, 1), (500, 30, 1), (999, 60, 1)], [(0, 9, 1)] * 5],
    ids=["none", "two jobs", "too few characters", "no characters"],
)
def test_too_little_history_narrows_nothing(jobs):
    history, _ = spoke(*jobs)
    assert told(passage(), history, voice="anna") == told(passage())


def test_a_voice_that_does_not_exist_yet_has_no_history():
    history, asked = spoke((1000, 70, 1), (1000, 60, 1), (1000, 65, 1))
    assert told(passage(), history) == told(passage())
    assert asked == []


def test_what_was_measured_of_words_is_not_taken_for_the_pace_of_digits():
    history, _ = spoke((1000, 70, 1), (1000, 60, 1), (1000, 65, 1))
    plain, counting = passage(4000), passage(1000, digits=1000)
    assert told(counting, history, voice="anna") == told(plain, history, voice="anna")


@pytest.mark.parametrize("language", ["", "en"])
def test_what_was_measured_of_letters_is_not_taken_for_the_pace_of_syllables(language):
    history, _ = spoke((1000, 70, 1), (1000, 60, 1), (1000, 65, 1))
    one = passage(1000, wide=900, script="zh")
    assert told(one, history, voice="anna", language=language) == told(one, language=language)
    assert told(one, history, voice="anna", language="zh") != told(one, language="zh")


def test_a_measured_mean_is_never_above_what_is_stated():
    history, _ = spoke((1000, 700, 1), (1000, 600, 1), (1000, 650, 1))
    length, _ = speech_length(passage(1100), {"voice": "anna", "language": "en"}, history)
    assert (length.ms, length.high_ms) == (100_000, 101_000)
