"""A split is frozen: another one would be bought again."""

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.splitting import BREAK, TooLong, parts


def cut(text, longest, breaks=20):
    return [text[slice(*span)] for span in parts(text, longest, breaks)]


def test_a_text_that_fits_is_one_part():
    assert parts("One. Two.\n\nThree.") == [(0, 17)]


@pytest.mark.parametrize(
    ("text", "longest", "pieces"),
    [
        ("One two.\n\nThree four.\n\nFive.", 20, ["One two.", "Three four.\n\nFive."]),
        ("One two.\n\nThree four.\n\nFive.", 21, ["One two.\n\nThree four.", "Five."]),
        ("One two. Three four. Five six.", 20, ["One two. Three four.", "Five six."]),
        (
            "One two! \u201cThree?\u201d Four\u2026 Five.",
            17,
            ["One two! \u201cThree?\u201d", "Four\u2026 Five."],
        ),
        ("Said Dr. Smith. And e.g. this. End.", 16, ["Said Dr. Smith.", "And e.g. this.", "End."]),
        ("J. R. Ward went. He did.", 17, ["J. R. Ward went.", "He did."]),
        (
            "\u4f60\u597d\u3002\u518d\u89c1\u3002\u597d\u3002",
            6,
            ["\u4f60\u597d\u3002\u518d\u89c1\u3002", "\u597d\u3002"],
        ),
        (
            "\u0939\u093e\u0901\u0964 \u0928\u0939\u0940\u0902\u0964",
            6,
            ["\u0939\u093e\u0901\u0964", "\u0928\u0939\u0940\u0902\u0964"],
        ),
        ("\u0645\u0627\u061f! \u0644\u0627\u06d4", 5, ["\u0645\u0627\u061f!", "\u0644\u0627\u06d4"]),
        ("no stop in line one\nnor in two\nnor here", 30, ["no stop in line one\nnor in two", "nor here"]),
        ("Short.\n\nA long one. It goes on. And on.", 24, ["Short.\n\nA long one.", "It goes on. And on."]),
        ("Version 1.5 of it. Next.", 19, ["Version 1.5 of it.", "Next."]),
    ],
)
def test_the_vectors_of_the_split(text, longest, pieces):
    assert cut(text, longest) == pieces


def test_a_long_text_of_the_real_limit_is_frozen():
    book = "\n\n".join(
        f"Chapter {n}. " + "It was a dark night, and rain fell. " * (n % 40) for n in range(200)
    )
    found = parts(book.strip())
    assert [end - start for start, end in found] == VECTOR
    digest = hashlib.sha256("\0".join(book[slice(*span)] for span in found).encode()).hexdigest()
    assert digest == DIGEST


VECTOR = [19457, 19439, 19787, 19261, 19146, 19647, 19797, 6732]
DIGEST = "43d35b63bb93bec598140f090b3fa2d3d9c5e27d65eea92c718e303e5e7ef9ea"


def test_breaks_are_counted_and_split_at():
    text = "a <break time='1s'/> " * 5 + "b"
    assert [len(BREAK.findall(piece)) for piece in cut(text, 1000, 2)] == [2, 2, 1]
    many = "w <break time='1s'/> " * 45 + "end"
    assert [many[slice(*span)].count("<break") for span in parts(many)] == [20, 20, 5]


def test_a_sentence_that_is_too_long_says_where_it_begins():
    with pytest.raises(TooLong) as caught:
        parts("Short one. " + "word " * 20 + "end.", 50)
    assert (caught.value.at, caught.value.characters) == (11, 104)


@given(st.text(st.sampled_from("ab .!?\n\u3002"), max_size=200), st.integers(20, 60))
def test_nothing_but_whitespace_is_lost_and_no_word_is_cut(text, longest):
    text = text.strip()
    try:
        found = parts(text, longest)
    except TooLong:
        return
    rest = [*found, (len(text), len(text))]
    gaps = [text[end:start] for (_, end), (start, _) in zip([(0, 0), *found], rest, strict=True)]
    assert not "".join(gaps).strip()
    for (_, end), (start, _) in pairwise(found):
        assert start > end or text[end - 1] == "\u3002"
    assert all(0 < end - start <= longest for start, end in found) or not text
