import pytest

from planner.subtitles import NoCues, words


def test_cues_are_joined_without_numbers_times_and_styles():
    text = (
        "1\n00:00:01,000 --> 00:00:02,500\n<i>Hello</i>\n- there.\n\n"
        "2\n00:00:03.000 --> 00:00:04.000 X1:10\n{\\an8}<font color=red>How are you?</font>\n"
    )
    assert words(text) == "Hello there.\nHow are you?"


def test_numbers_that_are_said_stay():
    text = "1\n00:00:01,000 --> 00:00:02,000\n1984\n\n2\n00:00:03,000 --> 00:00:04,000\n42\n"
    assert words(text) == "1984\n42"


def test_cues_without_numbers_or_words_are_read():
    text = (
        "00:00:01,000 --> 00:00:02,000\na\n00:00:03,000 --> 00:00:04,000\n\n00:00:05,000 --> 00:00:06,000\nb"
    )
    assert words(text) == "a\nb"


def test_a_blank_line_within_a_cue_ends_nothing():
    assert words("1\n00:00:01,000 --> 00:00:02,000\na\n\nb\n") == "a b"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("1\nHello\n", 2, "a cue's number or its times"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\na", 1, "a cue's number or its times"),
        ("1\n\n2\n", 1, "there is no cue"),
    ],
)
def test_what_is_no_subtitle_file_is_refused_with_its_line(text, line, message):
    with pytest.raises(NoCues) as caught:
        words(text)
    assert caught.value.line == line
    assert message in caught.value.message
