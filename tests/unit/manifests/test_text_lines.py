import io

import pytest

from manifests import text_lines
from manifests.text_lines import LINE_LIMIT, Faulty


def split(text):
    """The head's text, the line of `items:`, and the pieces as pairs of line and text."""
    lines = text_lines.numbered(io.BytesIO(text))
    head, below = text_lines.head(lines)
    return head.text, below, [(piece.line, piece.text) for piece in text_lines.items(lines)]


def test_a_head_and_a_piece_an_item():
    assert split(b"a: 1\nitems:\n- x\n- y\n") == (b"a: 1\n", 2, [(3, b"- x\n"), (4, b"- y\n")])


def test_the_last_line_needs_no_end():
    assert split(b"items:\n- x\n- y")[2] == [(2, b"- x\n"), (3, b"- y")]


def test_comments_and_blank_lines_between_items_are_left_out():
    text = b"items: # all of them\n\n# first\n- x\n\n#- y\n   \n- z\n# end\n\n"
    assert split(text) == (b"", 1, [(4, b"- x\n"), (8, b"- z\n")])


def test_lines_that_belong_to_an_item_stay_with_what_is_between_them():
    text = b"items:\n- a: 1\n\n# why\n  b: |\n    # text\n\n    more\n# gone\n- c\n"
    assert split(text)[2] == [(2, b"- a: 1\n\n# why\n  b: |\n    # text\n\n    more\n"), (10, b"- c\n")]


@pytest.mark.parametrize("dash", [b"-\n  x", b"-\tx", b"-\r\n  x"])
def test_a_dash_may_stand_alone(dash):
    assert split(b"items:\n" + dash + b"\n- y\n")[2][1][1] == b"- y\n"


def test_an_indented_list_is_a_list():
    text = b"items:\n\n  # first\n  - a: 1\n    b: 2\n  # - c\n  - d\n"
    assert split(text)[2] == [(4, b"  - a: 1\n    b: 2\n"), (7, b"  - d\n")]


def test_line_ends_of_windows_and_a_byte_order_mark():
    text = b"\xef\xbb\xbfa: 1\r\nitems:\r\n- x\r\n\r\n- y\r\n"
    assert split(text) == (b"a: 1\r\n", 2, [(3, b"- x\r\n"), (5, b"- y\r\n")])


@pytest.mark.parametrize(
    "key",
    [b"items:", b"'items':", b'"items" :', b"items:   ", b"items: []", b"items: ~ # none", b"items: null"],
)
def test_items_may_be_written_in_these_ways(key):
    assert split(b"a: 1\n" + key + b"\n") == (b"a: 1\n", 2, [])


def test_a_head_without_items_is_told_apart():
    assert split(b"a: 1\nitemss:\n") == (b"a: 1\nitemss:\n", None, [])
    assert split(b"") == (b"", None, [])


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (b"\0\1\2", 1, "this is a binary file, not a manifest"),
        (b"a: 1\nb\0", 2, "this is a binary file, not a manifest"),
        (b"a: 1\ritems:\r- x\r", 1, "its lines end in CR alone: save the file with LF line ends"),
        (b"\xff\xfea\0", 1, "not UTF-8 but UTF-16: save it as UTF-8"),
        (b"\xfe\xff\0a", 1, "not UTF-8 but UTF-16"),
        (b"a: 1\nitems: [{}]\n", 2, "write each item on a line of its own below `items:`, after `- `"),
        (b"items:\nx: 1\n", 2, "`x` stands below `items:` and in no item: head fields go above"),
        (b"items:\n{a: 1}\n", 2, "expected an item here: a line that starts with `- `"),
        (b"items:\n  a: 1\n", 2, "expected an item here"),
        (b"items:\n---\n", 2, "a second document starts here"),
        (b"items:\n- x\n---\n- y\n", 3, "a second document starts here"),
        (b"items:\n- x\n...\n", 3, "a second document starts here"),
        (b"items:\n- x\nitems:\n- y\n", 3, "`items` stands twice: put all items below the first one"),
        (b"items:\n- x\ncap: 5\n", 3, "`cap` stands below `items:`"),
        (b"items:\n- x\n'cap': 5\n", 3, "`cap` stands below `items:`"),
        (b"items:\n  - x\ncap: 5\n", 3, "`cap` stands below `items:`"),
        (
            b"items:\n- x\n" + b"y" * (LINE_LIMIT + 1),
            3,
            "the line is longer than 64 KiB: this is no manifest",
        ),
        (b"items:\n- x\n" + b" y: 1\n" * 12000, 2, "the item is longer than 64 KiB"),
        (b"items:\n- x\n" + b"\n" * 70000 + b" y: 1\n", 2, "the item is longer than 64 KiB"),
        (b"# comment\n" * 110_000, 104858, "no `items:` within 1024 KiB: this is no manifest"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_cannot_be_split_is_refused_with_its_line(text, line, message):
    with pytest.raises(Faulty) as caught:
        split(text)
    assert message in caught.value.message
    assert caught.value.line == line


def test_any_number_of_lines_may_be_commented_out():
    text = b"items:\n- x\n" + b"# - gone\n" * 100_000 + b"- y\n"
    assert split(text)[2] == [(2, b"- x\n"), (100_003, b"- y\n")]
