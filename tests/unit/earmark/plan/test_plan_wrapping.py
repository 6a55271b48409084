"""Rows keep to the screen's width; what must be pasted whole stays whole."""

import pytest

from earmark.screens.wrapping import unbroken, wrapped

TEXT = "one two three four five six seven eight nine ten eleven twelve thirteen"


def test_a_text_that_fits_is_one_line_as_it_is_written():
    assert list(wrapped("  head  ", "a   b", 13)) == ["  head  a   b"]
    assert list(wrapped("  head  ", "", 80)) == ["  head"]


def test_a_longer_text_goes_on_below_its_own_beginning():
    assert list(wrapped("  head  ", TEXT, 60)) == [
        "  head  one two three four five six seven eight nine ten",
        "        eleven twelve thirteen",
    ]


def test_beside_a_wide_head_it_goes_below_the_row():
    assert list(wrapped(f"  {'head':<30}", TEXT, 60)) == [
        "  head",
        "    one two three four five six seven eight nine ten eleven",
        "    twelve thirteen",
    ]


@pytest.mark.parametrize("width", [0, 1, 10])
def test_a_screen_of_no_width_still_shows_every_word(width):
    shown = list(wrapped("    ", TEXT, width))
    assert " ".join(" ".join(shown).split()) == TEXT


def test_no_line_ends_within_unbroken_words_or_within_a_word():
    path = "a/very/long/path/that/no/narrow/screen/can/show/whole.mp3"
    option = "--exclude '*.mp3 (copy)'"
    lines = list(wrapped("  ", f"{path} seems to be there twice   {unbroken(option)}", 40))
    assert sum(path in line for line in lines) == 1
    assert sum(option in line for line in lines) == 1
