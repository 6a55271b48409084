"""What is made of prompts has a name of its own, whatever their files are called."""

import os

import pytest

from manifests.paths import LONGEST_RESULT, result_problem
from planner.inputs import Prompt
from planner.prompt_names import PromptNames
from planner.roots import Root

ROOT = Root("/media")


def names(*files):
    made = [
        Prompt(path, 30, 0, "0" * 12, 1, 1, f"{path}/001-rain")
        for path in (f"/media/{file}" for file in files)
    ]
    return [one.result for one in map(PromptNames(made, ROOT).named, made)]


def test_a_result_lies_in_a_folder_that_is_called_after_its_prompts():
    assert names("a/songs.yaml", "b/songs.txt", "more.yml") == [
        "a/songs/001-rain",
        "b/songs/001-rain",
        "more/001-rain",
    ]


def test_files_that_differ_in_their_endings_alone_keep_them():
    assert names("songs.txt", "other.txt", "songs.yaml", "Songs.yml") == [
        "songs.txt/001-rain",
        "other/001-rain",
        "songs.yaml/001-rain",
        "Songs.yml/001-rain",
    ]


def test_files_that_a_careless_disk_takes_for_one_get_a_mark():
    one, other = names("songs.txt", "SONGS.txt")
    assert one.startswith("songs.txt~")
    assert other.startswith("SONGS.txt~")
    assert one.casefold() != other.casefold()


@pytest.mark.parametrize(
    "name", [os.fsdecode(b"\xff\xfe.txt"), f"{'x' * 250}.txt", f"{'ü' * 125}/{'y' * 251}.txt"]
)
def test_whatever_a_file_is_called_a_manifest_can_hold_the_name(name):
    (result,) = names(name)
    result.encode()
    assert result_problem(result) is None
    assert all(len(os.fsencode(part)) <= LONGEST_RESULT for part in result.split("/"))
