"""What comes out of a store: the same files, under the same rules, as of a disk."""

import pytest

from manifests.errors import UsageError
from planner.leftout import LeftOut, Reason
from planner.stored_walk import StoredRun, all_runs
from planner.wanted import Skipping, own_folders
from stores import opening
from support.s3 import Shelf

NOBODY = Skipping(lambda _path: False)


@pytest.fixture
def shelf():
    made = Shelf()
    opening.use(made.place, made)
    yield made
    opening.forget()


def walked(*roots, include=(), exclude=(), skip=NOBODY):
    files, left = [], {}
    for each in all_runs(roots, include, exclude, skip):
        if isinstance(each, LeftOut):
            left[each.path] = each.reason
        else:
            files += [each.before + name for name in each.names]
    return files, left


def below(*keys):
    return [f"s3://shelf/{key}" for key in keys]


def test_all_objects_come_out_sorted_with_what_the_list_says(shelf):
    for key in ("b.mp3", "a/z.mp3", "a/b/c.mp3"):
        shelf.set(key, key.encode())
    files, left = walked("s3://shelf")
    assert files == below("a/b/c.mp3", "a/z.mp3", "b.mp3")
    assert not left
    (first, *_) = all_runs(["s3://shelf"], (), (), NOBODY)
    assert isinstance(first, StoredRun)
    assert (first.relative, first.about[0].size) == ("a/b/", 9)


def test_a_root_may_be_a_prefix_or_an_object(shelf):
    for key in ("talks/a.mp3", "talks/b.mp3", "talks2/c.mp3"):
        shelf.set(key, b"x")
    assert walked("s3://shelf/talks/")[0] == below("talks/a.mp3", "talks/b.mp3")
    assert walked("s3://shelf/talks")[0] == below("talks/a.mp3", "talks/b.mp3")
    assert walked("s3://shelf/talks/b.mp3")[0] == below("talks/b.mp3")


def test_nothing_under_a_name_is_an_error_and_an_empty_bucket_is_not(shelf):
    assert walked("s3://shelf") == ([], {})
    with pytest.raises(UsageError, match="nothing lies under s3://shelf/none"):
        walked("s3://shelf/none")


def test_patterns_and_dots_hold_as_on_a_disk(shelf):
    for key in ("a.mp3", "a.txt", "x/b.mp3", "raw/c.mp3", "raw/d/e.mp3", ".git/f.mp3", "x/.g.mp3"):
        shelf.set(key, b"x")
    files, left = walked("s3://shelf", include=["*.mp3"], exclude=["raw"])
    assert files == below("a.mp3", "x/b.mp3")
    assert left == {
        "s3://shelf/a.txt": Reason.NOT_INCLUDED,
        "s3://shelf/raw": Reason.EXCLUDED,
        "s3://shelf/.git": Reason.HIDDEN,
        "s3://shelf/x/.g.mp3": Reason.HIDDEN,
    }


def test_what_is_reached_twice_counts_once(shelf):
    for key in ("x/a.mp3", "x/y/b.mp3"):
        shelf.set(key, b"x")
    files, left = walked("s3://shelf/x", "s3://shelf/x/y", "s3://shelf/x/a.mp3")
    assert files == below("x/a.mp3", "x/y/b.mp3")
    assert left == dict.fromkeys(below("x/y/b.mp3", "x/a.mp3"), Reason.TWICE)


def test_keys_that_no_manifest_can_name_are_left_out_and_told(shelf):
    for key in ("x//a.mp3", "x/../b.mp3", "./c.mp3", "/d.mp3", "e.mp3?versionId=7", "f.mp3"):
        shelf.set(key, b"x")
    files, left = walked("s3://shelf")
    assert files == below("f.mp3")
    assert len(left) == 5
    assert set(left.values()) == {Reason.UNREADABLE}


def test_the_mark_of_a_folder_is_no_object(shelf):
    for key in ("x/", "x/a.mp3", "y/"):
        shelf.set(key, b"")
    assert walked("s3://shelf") == (below("x/a.mp3"), {})


def test_results_are_no_input_unless_they_are_named(shelf):
    for key in ("a.mp3", "results/.earmark-results", "results/a/vocals.wav"):
        shelf.set(key, b"x")
    assert walked("s3://shelf") == (below("a.mp3"), {"s3://shelf/results": Reason.OWN})
    assert walked("s3://shelf/results")[0] == below("results/a/vocals.wav")


def test_what_the_ledger_wrote_is_no_input(shelf):
    for key in ("a.mp3", "a.wav"):
        shelf.set(key, b"x")
    skip = Skipping(lambda path: path == "s3://shelf/a.wav")
    assert walked("s3://shelf", skip=skip) == (below("a.mp3"), {"s3://shelf/a.wav": Reason.OWN})


def test_folders_and_stores_are_walked_together(shelf, tmp_path):
    shelf.set("a.mp3", b"x")
    (tmp_path / "b.mp3").write_bytes(b"x")
    files, _ = walked("s3://shelf", str(tmp_path), skip=Skipping(own_folders()))
    assert files == [str(tmp_path / "b.mp3"), "s3://shelf/a.mp3"]


def test_many_objects_come_out_in_rows(shelf):
    for number in range(150):
        shelf.set(f"{number:03}.mp3", b"x")
    rows = [len(each.names) for each in all_runs(["s3://shelf"], (), (), NOBODY)]
    assert rows == [64, 64, 22]


def test_a_password_is_refused_before_anything_is_asked():
    with pytest.raises(UsageError, match=r"s3://\*\*\*@shelf/x: it holds a password") as told:
        walked("s3://me:word@shelf/x")
    assert "word@" not in str(told.value)
