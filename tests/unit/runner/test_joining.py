"""A long text is put together when every part of it is on disk, and not before."""

import os

import pytest

from manifests.errors import EarmarkError
from runner.joining import join_all
from support.small_run import ALL_RATES, manifest_of

VOICE = {"voice": "aria"}


@pytest.fixture
def parts(desk):
    """Lines of a text in three parts, with the files that each has on disk."""

    def made(saved, options=VOICE):
        items = [
            desk.item("book.txt", "tts", options=options, part=f"{n}/3", span=(n, n + 1), sha256=f"{n}" * 64)
            for n in (1, 2, 3)
        ]
        lines = desk.lines(manifest_of(items), ALL_RATES)
        files = []
        for n, line in enumerate(lines.values(), 1):
            path = desk.output / f"{line.base}.mp3"
            if n in saved:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(f"{n}")
            files.append((line, [str(path)] if n in saved else []))
        return files

    return made


def concatenate(parts, target):
    target.write_text("".join(part.read_text() for part in parts))


def test_all_parts_make_the_whole(desk, parts):
    notes = []
    join_all(parts({1, 2, 3}), desk.output, concatenate, notes.append)

    assert (desk.output / "book.mp3").read_text() == "123"
    assert notes == [f"{desk.output / 'book.mp3'} is 3 parts in one"]


def test_a_missing_part_leaves_it_open(desk, parts):
    join_all(parts({1, 3}), desk.output, concatenate, print)
    assert not (desk.output / "book.mp3").exists()


def test_it_is_made_once(desk, parts):
    saved, notes = parts({1, 2, 3}), []
    for _ in range(2):
        join_all(saved, desk.output, concatenate, notes.append)
    assert len(notes) == 1


def test_it_is_made_again_when_a_part_is_newer_or_the_whole_is_gone(desk, parts):
    saved, notes = parts({1, 2, 3}), []
    join_all(saved, desk.output, concatenate, notes.append)
    later = (desk.output / "book.mp3").stat().st_mtime + 10
    os.utime(saved[0][1][0], (later, later))
    join_all(saved, desk.output, concatenate, notes.append)
    os.utime(saved[0][1][0], (1, 1))
    (desk.output / "book.mp3").unlink()
    join_all(saved, desk.output, concatenate, notes.append)

    assert len(notes) == 3


def test_parts_that_do_not_fit_stay_as_they_are_and_are_told_of(desk, parts):
    def refuse(_parts, _target):
        raise EarmarkError("its parts are of several formats (mp3, wav)")

    notes = []
    join_all(parts({1, 2, 3}), desk.output, refuse, notes.append)

    assert "several formats" in notes[0]
    assert "3 parts are saved" in notes[0]
