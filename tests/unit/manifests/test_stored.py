"""Places in object stores as they are written."""

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.length import Grade
from manifests.manifest import Item
from manifests.naming import default_base
from manifests.paths import file_problem
from manifests.stored import (
    Stored,
    below,
    is_stored,
    key_problem,
    location,
    parts_of,
    plain,
    problem,
    without_password,
)

PART = st.text(min_size=1, max_size=8).filter(
    lambda part: not {"/", "\0"} & set(part) and part not in {".", ".."}
)


def an_item(file):
    return Item(file, "transcription", 1.0, Grade.EXACT, 1, 1, 1, "0" * 12)


@pytest.mark.parametrize(
    "url", ["s3://bucket", "s3://b/a.mp3", "gs://b/x y", "S3://b/?#%*[]", "abfs://c@a/x"]
)
def test_a_url_is_stored(url):
    assert is_stored(url)


@pytest.mark.parametrize(
    "path", ["talks", "/talks", "s3:/b", "https://h/a.mp3", "HTTP://h", "://x", "", "a/s3://b"]
)
def test_paths_and_web_addresses_are_not(path):
    assert not is_stored(path)


@given(st.lists(PART, min_size=1, max_size=4))
def test_taking_a_url_apart_and_joining_it_changes_nothing(parts):
    url = "s3://bucket/" + "/".join(parts)
    if "?versionId=" not in url:
        assert key_problem("/".join(parts)) is None
    place = Stored("s3://bucket")
    for part in parts:
        place /= part
    assert str(place) == str(Stored(url)) == url
    assert place.name == parts[-1]
    assert str(place.parent) == url.rpartition("/")[0]
    assert place == Stored(url)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("s3://me:secret@bucket/x", "password"),
        ("s3://AKIA:sec/ret+x@bucket/x", "password"),
        ("file:///home/x", "by its path, /home/x"),
        ("s3:///x", "no bucket"),
        ("s3://b/a/../x", "'..'"),
        ("s3://b//x", "empty part"),
        ("s3://b/./x", "'.'"),
        ("s3://b/x?versionId=7", "version"),
    ],
)
def test_what_is_no_place_in_a_store_is_named(url, words):
    assert words in (problem(url) or "")


def test_one_place_has_one_spelling():
    assert plain("S3://b/x/") == "s3://b/x"
    assert plain("s3://b/") == "s3://b"
    assert parts_of("s3://b/x/y/") == ("s3://b", "x/y")
    assert "write it as s3://b/x" in (file_problem("S3://b/x/", None) or "")


def test_a_line_lies_below_its_root_unless_it_says_otherwise():
    root = Stored("s3://b/talks")
    assert str(below(root, "x/ep1.mp3")) == "s3://b/talks/x/ep1.mp3"
    assert below(root, "/media/ep1.mp3") == Path("/media/ep1.mp3")
    assert str(below(Path("/media"), "s3://c/ep1.mp3")) == "s3://c/ep1.mp3"
    assert below(Path("/media"), "ep1.mp3") == Path("/media/ep1.mp3")
    assert isinstance(location("s3://b"), Stored)
    assert location("b") == Path("b")


@pytest.mark.parametrize("url", ["s3://me:secret@bucket/x", "s3://me:sec/secret@bucket/x"])
def test_no_password_stands_in_a_message(url):
    assert "secret" not in (file_problem(url, None) or "secret")
    assert "secret" not in without_password(url)


@pytest.mark.parametrize("url", ["sftp://me@host:22/a@b.mp3", "s3://b/a:b@c.mp3", "s3://arn:aws:s3:::b/x@y"])
def test_a_colon_and_an_at_sign_are_not_always_a_password(url):
    assert problem(url) is None


def test_the_result_of_an_object_outside_the_root_stays_in_the_results_folder():
    base = default_base(an_item("s3://b/talks/ep1.mp3"))
    assert PurePosixPath(base).name == "ep1"
    assert base != default_base(an_item("s3://c/talks/ep1.mp3"))
    assert not base.startswith("s3")
