"""A manifest that stays in its file while its items are used."""

import os
from itertools import chain

import pytest

from manifests.errors import ManifestError
from manifests.manifest import total
from manifests.text import open_manifest, read_manifest, write_manifest
from manifests.text_items import plain_items


@pytest.fixture
def many(tmp_path, head, item):
    """A manifest of 30 items."""
    items = [item(f"e{number:02d}.mp3", seconds=100.0 + number) for number in range(30)]
    write_manifest(tmp_path / "m.yaml", head(items), items)
    return tmp_path / "m.yaml"


def test_its_items_come_in_slices_with_their_lines(many):
    whole = read_manifest(many)
    with open_manifest(many) as opened:
        slices = list(opened.slices(7))
        assert [each.start for each in slices] == [0, 7, 14, 21, 28]
        assert tuple(chain.from_iterable(each.items for each in slices)) == whole.items
        assert list(chain.from_iterable(each.lines for each in slices)) == list(whole.lines)
        assert (len(opened), opened.head) == (30, whole.head)
        assert list(opened.between(30, 40).items) == []


def test_one_item_is_read_by_its_number(many):
    whole = read_manifest(many)
    with open_manifest(many) as opened:
        assert [opened[number] for number in (29, 0, 13)] == [whole.items[number] for number in (29, 0, 13)]
        assert opened.line(13) == whole.lines[13]
        for number in (-1, 30):
            with pytest.raises(IndexError):
                opened[number]


def test_restyled_items_and_comments_are_read_where_they_stand(write, head_text, line):
    second = "- file: talks/ep2.mp3\n  service: transcription\n  # whose?\n  seconds: 60\n  grade: exact\n"
    second += "  cents: 1\n\n  ceiling: 2\n  size: 9\n  print: 001122334455\n"
    path = write(f"{head_text}# first\n{line}\n{second}# last\n{line.replace('ep1', 'ep3')}#\n")
    with open_manifest(path) as opened:
        assert [opened[number].file for number in (2, 1, 0)] == [f"talks/ep{n}.mp3" for n in (3, 2, 1)]
        assert opened.between(0, 3).lines == tuple(read_manifest(path).lines)


def test_its_total_is_that_of_the_lines_whatever_the_head_says(write, head_text, line):
    path = write(head_text + line + line.replace("ep1", "ep2"))
    with open_manifest(path) as opened:
        assert opened.total == total(read_manifest(path).items)
        assert opened.ceiling == 62
        assert opened.head.total.items == 1


@pytest.mark.parametrize("rest", ["nonsense\n", "", '- {"file": "x"}\n'])
def test_what_is_refused_is_refused_with_the_same_words(write, head_text, rest):
    path = write(head_text + rest)
    with pytest.raises(ManifestError) as expected:
        read_manifest(path)
    with pytest.raises(ManifestError) as found:
        open_manifest(path)
    assert str(found.value) == str(expected.value)


def test_a_line_that_stands_twice_is_refused(write, head_text, line):
    path = write(head_text + line + line.replace("ep1", "ep2") + line)
    with pytest.raises(ManifestError, match=r":10: 'talks/ep1.mp3' stands twice .* first on line 8"):
        open_manifest(path)


def test_a_file_that_takes_its_place_does_not_matter(many, head, item):
    with open_manifest(many) as opened:
        write_manifest(many, head([item("other.mp3")]), [item("other.mp3")])
        assert opened[7].file == "e07.mp3"


def test_a_change_in_place_is_refused(many):
    with open_manifest(many) as opened:
        with many.open("ab") as file:
            file.write(b"# a word more\n")
        with pytest.raises(ManifestError, match="was changed while it was in use: start again"):
            opened[7]


def test_a_manifest_may_come_through_a_pipe(many):
    def piped(read):
        source, sink = os.pipe()
        os.write(sink, many.read_bytes())
        os.close(sink)
        try:
            return read(many.parent.joinpath(f"/dev/fd/{source}"))
        finally:
            os.close(source)

    assert len(piped(read_manifest).items) == 30
    with piped(open_manifest) as opened:
        assert opened[7].file == "e07.mp3"


def test_lines_that_an_editor_ended_its_own_way_are_read_as_fast(many):
    whole = read_manifest(many)
    text = many.read_bytes().replace(b"\n", b"\r\n")
    many.write_bytes(text)
    assert read_manifest(many).items == whole.items
    lines = text[text.index(b"- {") :]
    assert plain_items(lines) == list(whole.items)


@pytest.mark.parametrize("rest", [b"", b"no item\r\n"])
def test_a_manifest_of_nothing_but_comments_is_refused_at_once_however_lines_end(write, head_text, rest):
    path = write(head_text + "\r\n".join(["", *["# - {}"] * 100, rest.decode()]))
    with pytest.raises(ManifestError, match="no items" if not rest else "expected an item"):
        open_manifest(path)
