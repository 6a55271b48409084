import hashlib

import pytest

from planner.leftout import Reason, Unreadable
from planner.splitting import LONGEST
from planner.texts import first_words, passages, spoken


@pytest.fixture
def text(tmp_path):
    def write(content, name="a.txt"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


def refusal(path):
    with pytest.raises(Unreadable) as caught:
        passages(path)
    return caught.value.reason, caught.value.detail


def test_a_text_is_spoken_as_it_stands(text):
    assert spoken(text("# Hello *there*.\nTwo.")) == "# Hello *there*.\nTwo."


def test_markdown_and_subtitles_are_told_by_their_endings(text):
    assert spoken(text("# Hello *there*", "a.MD")) == "Hello there"
    assert spoken(text("1\n00:00:01,000 --> 00:00:02,000\nHi.\n", "a.srt")) == "Hi."


def test_byte_order_marks_line_ends_and_outer_blanks_make_no_difference(text):
    plain = passages(text("One.\nTwo.", "a.txt"))[0].sha256
    assert passages(text("\ufeff\r\nOne.\r\nTwo.\r\n\r\n", "b.txt"))[0].sha256 == plain
    assert plain == hashlib.sha256(b"One.\nTwo.").hexdigest()


def test_a_passage_knows_its_file_and_what_is_spoken(text):
    path = text("Hello <break time=\"1.5s\"/> 42 [softly]. <BREAK time='250ms' />")
    (one,) = passages(path)
    assert (one.path, one.size, one.part, one.span) == (path, 62, None, None)
    assert (one.characters, one.digits, one.wide, one.breaks_ms) == (20, 2, 0, 1750)
    assert (one.start, one.script, len(one.print)) == ("Hello 42 [softly].", "", 12)


def test_a_long_text_is_several_parts_of_one_file(text):
    sentence = "This is a sentence of the book. "
    path = text("\n\n".join(sentence * 100 for _ in range(14)))
    whole = spoken(path)
    found = passages(path)
    assert [one.part for one in found] == ["1/3", "2/3", "3/3"]
    assert {(one.path, one.size, one.print) for one in found} == {(path, found[0].size, found[0].print)}
    for one in found:
        words = whole[slice(*one.span)]
        assert one.sha256 == hashlib.sha256(words.encode()).hexdigest()
        assert one.characters == len(words) <= LONGEST


@pytest.mark.parametrize(
    ("words", "script", "wide"),
    [
        ("plain", "", 0),
        ("\u4f60\u597d", "zh", 2),
        ("\u6f22\u5b57\u304b\u306a", "ja", 4),
        ("\ud55c\uad6d", "ko", 2),
    ],
)
def test_the_script_tells_the_language_where_it_can(text, words, script, wide):
    (one,) = passages(text(words))
    assert (one.script, one.wide) == (script, wide)


@pytest.mark.parametrize(
    ("content", "name", "reason", "detail"),
    [
        (b"", "a.txt", Reason.EMPTY, "empty"),
        (b" \r\n\t\n", "a.txt", Reason.EMPTY, "empty: nothing but blank lines"),
        (b"\xef\xbb\xbf", "a.txt", Reason.EMPTY, "empty: nothing but blank lines"),
        (b"one\ntwo caf\xe9\n", "a.txt", Reason.NOT_UTF8, "line 2: byte 12 is 0xe9, not UTF-8"),
        ("hello".encode("utf-16"), "a.txt", Reason.NOT_UTF8, "line 1: UTF-16, not UTF-8"),
        (b"a\nb\0c", "a.txt", Reason.NOT_UTF8, "line 2: the control character U+0000; no text"),
        (b"...\n- - -\n", "a.txt", Reason.NOT_SPOKEN, "nothing in it is spoken"),
        (b'[laughs] <break time="1s"/>', "a.txt", Reason.NOT_SPOKEN, "nothing in it is spoken"),
        (b"```\ncode\n```\n![x](y)", "a.md", Reason.NOT_SPOKEN, "nothing in it is spoken"),
        (b"1\nno times\n", "a.srt", Reason.NOT_SPOKEN, "line 2: a cue's number or its times"),
        (b'a\n\nb <break time="12s"/>', "a.txt", Reason.NOT_SPOKEN, 'line 3: <break time="12s"/> is a break'),
        (b"a\n<break/>", "a.md", Reason.NOT_SPOKEN, "line 2: <break/> is a break without a time"),
        (
            b"# Title\n\nShort.\n\nno *stop*" + b" word" * 4001,
            "a.md",
            Reason.NOT_SPOKEN,
            "line 5: a sentence of 20,012 characters, more than 20,000",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_spoken_is_left_out_with_its_line(text, content, name, reason, detail):
    found, said = refusal(text(content, name))
    assert found is reason
    assert said.startswith(detail)


def test_what_is_too_large_for_a_text_is_not_read(text, monkeypatch):
    monkeypatch.setattr("planner.texts.LARGEST", 3)
    assert refusal(text("four"))[1].startswith("4 bytes, more than 3")


def test_first_words_end_at_a_word():
    assert first_words("one\n two") == "one two"
    assert first_words("word " * 30) == " ".join(["word"] * 12) + "…"
    assert first_words("x" * 100) == "x" * 60 + "…"
