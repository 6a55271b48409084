import errno
import os
from pathlib import Path

import pytest

from manifests.errors import MachineError, ManifestError, UsageError
from manifests.exits import Exit
from manifests.manifest import Total, total
from manifests.text import open_manifest, read_head, read_manifest, write_manifest
from manifests.text_faults import MESSAGE_LIMIT


def refused(path, read=read_manifest):
    with pytest.raises(ManifestError) as caught:
        read(path)
    assert caught.value.exit_code is Exit.USAGE
    return str(caught.value)


def test_what_is_written_is_read(tmp_path, head, item):
    path = tmp_path / "manifest.yaml"
    items = (item(), item("songs/blue hour.flac", "stems:six", seconds=243.6), item("b.mp3", paid=True))
    write_manifest(path, head(items, cap=500), iter(items))
    manifest = read_manifest(path)
    assert manifest.head == head(items, cap=500)
    assert manifest.items == items
    assert list(manifest.lines) == [11, 12, 13]
    assert list(manifest.lines) == [11, 12, 13]
    assert read_head(path) == manifest.head


def test_the_first_line_says_what_it_costs_and_how_it_is_run(tmp_path, head, item):
    items = [item(), item("b.mp3")]
    write_manifest(tmp_path / "songs.yaml", head(items), items)
    first, *_ = (tmp_path / "songs.yaml").read_text().splitlines()
    assert (
        first
        == "# 2 items, 1 h 01 min, $0.62 expected, $0.62 at most.  Run it:  run songs.yaml --max-spend 0.62"
    )


def test_writing_again_gives_the_same_bytes(tmp_path, head, item):
    items = [item(f"{number}.mp3") for number in range(5000)]
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_manifest(tmp_path / name / "m.yaml", head(items), items)
    written = (tmp_path / "a" / "m.yaml").read_bytes()
    assert written == (tmp_path / "b" / "m.yaml").read_bytes()
    assert written.count(b"\n- ") == 5000


def test_a_total_that_is_not_the_items_is_never_written(tmp_path, head, item):
    path = tmp_path / "m.yaml"
    for wrong in (Total(2, 1834, 31, 31), Total(1, 1834, 30, 31), Total(1, 1834, 31, 32)):
        with pytest.raises(ValueError, match="but 1 items of 31 to 31 cents"):
            write_manifest(path, head(total=wrong), [item()])
    assert list(tmp_path.iterdir()) == []


def test_a_plan_that_fails_half_way_leaves_the_old_one(tmp_path, head, item):
    path = tmp_path / "m.yaml"
    write_manifest(path, head([item()]), [item()])
    before = path.read_bytes()

    def failing():
        yield item("b.mp3")
        raise KeyError("reader broke")

    with pytest.raises(KeyError):
        write_manifest(path, head(), failing())
    assert path.read_bytes() == before


def test_where_nothing_can_be_written_the_reason_is_told(tmp_path, head, item):
    with pytest.raises(UsageError, match="name a file in a folder that exists"):
        write_manifest(tmp_path / "no" / "m.yaml", head([item()]), [item()])


def test_a_full_disk_is_told(head, item):
    with pytest.raises((MachineError, UsageError), match="cannot write"):
        write_manifest(Path("/dev/full/m.yaml"), head([item()]), [item()])


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text.replace("\n", "\r\n"),
    ],
    ids=["mark", "crlf", "both"],
)
def test_what_editors_of_windows_leave_is_read(write, head_text, line, change):
    manifest = read_manifest(write(change(head_text + line)))
    assert [item.file for item in manifest.items] == ["talks/ep1.mp3"]


def test_lines_may_be_deleted_and_commented_out(write, head_text, line, first):
    other = line.replace("ep1", "ep2")
    manifest = read_manifest(write(f"{head_text}# {line}\n\n# my favourite\n{other}\n#{line}"))
    assert [item.file for item in manifest.items] == ["talks/ep2.mp3"]
    assert list(manifest.lines) == [first + 4]
    assert manifest.head.total.items == 1


def test_the_order_of_the_lines_is_kept(write, head_text, line):
    names = [f"ep{number}" for number in (5, 1, 3)]
    manifest = read_manifest(write(head_text + "".join(line.replace("ep1", name) for name in names)))
    assert [item.file for item in manifest.items] == [f"talks/{name}.mp3" for name in names]


def test_a_fault_names_the_file_and_the_line(write, head_text, line, first):
    path = write(head_text + line + line.replace('"cents": 31', '"cents": 30').replace("ep1", "ep2"))
    assert refused(path).startswith(f"{path}:{first + 1}: `cents` of 'talks/ep2.mp3' is 30, but 31 follows")


def test_a_line_that_stands_twice_names_both(write, head_text, line, first):
    path = write(head_text + line + "\n" + line.replace('["json", "srt"]', '["vtt"]'))
    message = refused(path)
    assert message.startswith(f"{path}:{first + 2}: 'talks/ep1.mp3' stands twice")
    assert f"first on line {first}: keep one (formats to fetch go into one line)" in message


@pytest.mark.parametrize("read", [read_manifest, open_manifest], ids=["whole", "left in its file"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ":1: the file is empty: write a manifest with `plan PATH... --service SERVICE`"),
        (b"\n\n# only a comment\n", ":1: the file is empty"),
        (b"\x7fELF\x02\x01\x01\0\0\0", ":1: this is a binary file, not a manifest"),
        (b"ID3\x04\x00\x00", ":1: this is a binary file, not a manifest"),
        ("version: 1\n".encode("utf-16"), ":1: the file is not UTF-8 but UTF-16: save it as UTF-8"),
        (b"version: 1\nid: caf\xe9\n", ":2: the line is not UTF-8: save the file as UTF-8"),
        (b"Dear Ida,\nhere is the list.\n", ":1: this is not a manifest"),
        (b"a: [\n", "not YAML: "),
        (
            b'{"version": 1, "items": []}',
            ":1: write `items:` on a line of its own, each item on a line below it",
        ),
        (b'{"schema": "earmark.report",\n"version": 2}\n', ":1: this is a report, not a manifest"),
        (b"version: 9\nitems:\n", ":1: version 9 was written by a newer Earmark"),
        (b"x" * 70_000, ":1: the line is longer than 64 KiB"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_no_manifest_is_told_apart(write, content, message, read):
    path = write(content)
    found = refused(path, read)
    assert found.startswith(str(path))
    assert message in found


@pytest.mark.parametrize("rest", ["", "# - {}\n\n"])
def test_a_manifest_without_items_is_told(write, head_text, first, rest):
    path = write(head_text + rest)
    assert refused(path) == f"{path}:{first - 1}: there are no items: every line is deleted or commented out"


def test_a_manifest_whose_items_are_missing_is_told(write, head_text):
    assert "the manifest lacks `items`" in refused(write(head_text.replace("items:\n", "")))


def test_a_head_is_read_without_its_lines(write, head_text):
    assert read_head(write(head_text + "- nonsense\n")).id == "7c0e5a41d2f94b6b"


def test_a_missing_file_is_told(tmp_path):
    path = tmp_path / "manifest.yaml"
    for read in (read_manifest, read_head, open_manifest):
        assert refused(path, read) == (
            f"{path}: there is no such manifest; write one with `plan PATH... --service SERVICE`"
        )


def test_a_folder_is_told(tmp_path):
    assert refused(tmp_path) == f"{tmp_path}: this is a folder; name the manifest in it, or `plan` it"


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES, errno.ESTALE])
def test_a_file_that_cannot_be_read_is_told(number):
    class Torn(type(Path())):
        def open(self, mode):
            raise OSError(number, os.strerror(number))

    assert refused(Torn("m.yaml")) == f"m.yaml: cannot be read: {os.strerror(number)}"


def test_nonsense_is_quoted_only_so_far(write, head_text, line):
    path = write(head_text + line.replace('["json", "srt"]', '["' + "x" * 50_000 + '"]'))
    assert len(refused(path)) < len(str(path)) + MESSAGE_LIMIT + 10


def test_a_message_holds_nothing_that_a_terminal_obeys(write, head_text, line):
    path = write(head_text + line.replace('"note"', "").replace('"file"', '"f\\u001b[31mile"'))
    assert "an item has no field `f\ufffd[31mile`; did you mean 'file'?" in refused(path)


def test_totals_of_a_manifest_come_from_its_lines(write, head_text, line, item):
    manifest = read_manifest(write(head_text + line + line.replace("ep1", "ep2")))
    assert manifest.ceiling == 62
    assert total(manifest.items).items == 2
