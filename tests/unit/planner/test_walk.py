"""Every file under the given paths comes out once, in a stable order, or is left out with a reason."""

import inspect
import os
import socket
import sys
from pathlib import Path

import pytest

from manifests.errors import UsageError
from planner.leftout import LeftOut, Reason
from planner.walk import Found, walk
from planner.wanted import own_folders


@pytest.fixture
def tree(tmp_path):
    """Make files (and their folders) by name."""

    def make(*names: str) -> Path:
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(b"sound")
        return tmp_path

    return make


def found(root: Path, *roots: str, **how: object) -> list[str]:
    """What comes out, relative to a folder."""
    everything = walk([str(root / name) for name in roots] or [str(root)], **how)
    return [os.path.relpath(each.path, root) for each in everything if isinstance(each, Found)]


def left_out(root: Path, *roots: str, **how: object) -> list[tuple[str, Reason, bool]]:
    everything = walk([str(root / name) for name in roots] or [str(root)], **how)
    return [(os.path.relpath(e.path, root), e.reason, e.folder) for e in everything if isinstance(e, LeftOut)]


def test_files_come_sorted_within_their_folders(tree):
    root = tree("b.mp3", "a/z.wav", "a/b/c.mp3", "a.mp3", "Z.mp3", "ep10.mp3", "ep2.mp3")
    assert found(root) == ["Z.mp3", "a/b/c.mp3", "a/z.wav", "a.mp3", "b.mp3", "ep10.mp3", "ep2.mp3"]
    assert list(walk([str(root)])) == list(walk([str(root)]))


def test_files_know_their_root_and_their_path_below_it(tree):
    root = tree("s01/ep1.mp3", "x.wav")
    assert list(walk([str(root / "s01"), str(root / "x.wav")])) == [
        Found(str(root / "s01/ep1.mp3"), str(root / "s01"), "ep1.mp3"),
        Found(str(root / "x.wav"), str(root / "x.wav"), "x.wav"),
    ]


def test_roots_come_in_the_order_they_were_given(tree):
    root = tree("a/1.mp3", "b/2.mp3", "3.mp3")
    assert found(root, "b", "3.mp3", "a") == ["b/2.mp3", "3.mp3", "a/1.mp3"]


@pytest.mark.parametrize("empty", ["", " ", "\t"])
def test_an_empty_path_is_an_error_and_never_the_current_folder(empty):
    with pytest.raises(UsageError, match="an empty path"):
        walk([empty])


def test_a_missing_path_is_an_error_with_the_nearest_name(tree):
    root = tree("podcasts/s01/ep1.mp3")
    with pytest.raises(UsageError, match=r"no such path: .*podcats; did you mean '.*/podcasts'\?"):
        walk([str(root / "podcats")])
    with pytest.raises(UsageError, match=r"did you mean '.*/podcasts/s01.*'\?"):
        walk([str(root / "podcasts/s1/deeper/ep1.mp3")])
    with pytest.raises(UsageError, match="no such path"):
        walk([f"{root}/podcasts/s01/ep1.mp3/"])
    with pytest.raises(UsageError, match="no such path"):
        walk(["a\0b"])


def test_nothing_comes_out_before_every_root_was_looked_at(tree):
    root = tree("a/1.mp3")
    with pytest.raises(UsageError):
        walk([str(root / "a"), str(root / "missing")])


def test_include_and_exclude(tree):
    root = tree("talks/1.mp3", "talks/raw/1.wav", "music/1.mp3", "drafts/x/1.mp3")
    assert found(root, include=["talks/**"]) == ["talks/1.mp3", "talks/raw/1.wav"]
    assert found(root, include=["*.mp3"], exclude=["drafts"]) == ["music/1.mp3", "talks/1.mp3"]
    assert left_out(root, include=["*.mp3"], exclude=["drafts"]) == [
        ("drafts", Reason.EXCLUDED, True),
        ("talks/raw/1.wav", Reason.NOT_INCLUDED, False),
    ]
    assert left_out(root, "talks/1.mp3", exclude=["*.mp3"]) == [("talks/1.mp3", Reason.EXCLUDED, False)]


def test_hidden_files_and_folders_are_left_out_and_counted(tree):
    root = tree(".trash/1.mp3", "a/.2.mp3", "a/3.mp3")
    assert found(root) == ["a/3.mp3"]
    assert left_out(root) == [(".trash", Reason.HIDDEN, True), ("a/.2.mp3", Reason.HIDDEN, False)]


def test_hidden_roots_were_named_on_purpose(tree):
    root = tree(".trash/1.mp3", "a/.2.mp3")
    assert found(root, ".trash", "a/.2.mp3") == [".trash/1.mp3", "a/.2.mp3"]


def test_own_folders_are_skipped_and_counted_once(tree):
    root = tree("a.mp3", "results/vocals.wav", "sub/results/keep.wav", ".earmark/scan")
    (root / "latest").symlink_to("results")
    skip = own_folders(root / "results")
    assert found(root, skip=skip) == ["a.mp3", "sub/results/keep.wav"]
    assert left_out(root, skip=skip) == [
        (".earmark", Reason.OWN, True),
        ("latest", Reason.OWN, True),
        ("results", Reason.OWN, True),
    ]
    assert left_out(root, "results", "latest", skip=skip) == [
        ("results", Reason.OWN, True),
        ("latest", Reason.OWN, True),
    ]


def test_own_files_are_skipped_by_the_callers_word(tree):
    root = tree("a.mp3", "a.vocals.wav")
    assert left_out(root, skip=lambda path: path.endswith("vocals.wav")) == [
        ("a.vocals.wav", Reason.OWN, False)
    ]


def test_links_are_followed(tree, tmp_path):
    root = tree("in/a.mp3", "out/deep/b.mp3", "out/c.mp3")
    (root / "in/linked").symlink_to(root / "out")
    (root / "in/d.mp3").symlink_to(root / "out/c.mp3")
    assert found(root, "in") == ["in/a.mp3", "in/d.mp3", "in/linked/deep/b.mp3"]
    assert left_out(root, "in") == [("in/linked/c.mp3", Reason.TWICE, False)]


def test_loops_end(tree):
    root = tree("a/b/1.mp3")
    (root / "a/b/up").symlink_to(root / "a")
    (root / "a/self").symlink_to(".")
    (root / "a/b/round").symlink_to("round")
    assert found(root) == ["a/b/1.mp3"]
    assert left_out(root) == [
        ("a/b/round", Reason.BROKEN_LINK, False),
        ("a/b/up", Reason.TWICE, True),
        ("a/self", Reason.TWICE, True),
    ]


def test_loops_outside_end_too(tree):
    root = tree("in/1.mp3", "out/2.mp3")
    (root / "in/o").symlink_to(root / "out")
    (root / "out/back").symlink_to(root / "out")
    (root / "out/in").symlink_to(root / "in")
    (root / "in/p").symlink_to(root / "out")
    assert found(root, "in") == ["in/1.mp3", "in/o/2.mp3"]
    assert {reason for _, reason, _ in left_out(root, "in")} == {Reason.TWICE}


def test_the_name_wins_over_the_link_whichever_comes_first(tree):
    root = tree("m.mp3")
    (root / "a.mp3").symlink_to("m.mp3")
    (root / "z.mp3").symlink_to("m.mp3")
    assert found(root) == ["m.mp3"]
    assert left_out(root) == [("a.mp3", Reason.TWICE, False), ("z.mp3", Reason.TWICE, False)]


def test_a_link_to_what_would_not_come_out_by_itself_counts(tree):
    root = tree(".hidden/a.mp3", "raw/b.mp3")
    (root / "a.mp3").symlink_to(".hidden/a.mp3")
    (root / "b.mp3").symlink_to("raw/b.mp3")
    assert found(root, exclude=["raw"]) == ["a.mp3", "b.mp3"]


@pytest.mark.parametrize(
    "roots", [("a", "a/b"), ("a/b", "a"), ("a", "a"), ("a", "a/1.mp3"), ("a/1.mp3", "a", "a/1.mp3")]
)
def test_what_several_roots_reach_comes_out_once(tree, roots):
    root = tree("a/1.mp3", "a/b/2.mp3")
    assert sorted(found(root, *roots)) == ["a/1.mp3", "a/b/2.mp3"]
    assert {reason for _, reason, _ in left_out(root, *roots)} == {Reason.TWICE}


def test_the_same_file_named_twice_comes_out_once(tree):
    root = tree("1.mp3")
    (root / "link.mp3").symlink_to("1.mp3")
    assert found(root, "1.mp3", "1.mp3", "link.mp3") == ["1.mp3"]


def test_a_file_that_was_named_through_a_link_is_not_met_again(tree):
    root = tree("out/1.mp3", "in/2.mp3")
    (root / "in/o").symlink_to(root / "out")
    assert found(root, "out/1.mp3", "in") == ["out/1.mp3", "in/2.mp3"]


def test_broken_links_and_things_that_are_no_files(tree):
    root = tree("a.mp3")
    (root / "gone.mp3").symlink_to("nowhere")
    os.mkfifo(root / "pipe.mp3")
    (root / "to-pipe.mp3").symlink_to("pipe.mp3")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(root / "sock"))
    assert found(root) == ["a.mp3"]
    assert [(name, reason) for name, reason, _ in left_out(root)] == [
        ("gone.mp3", Reason.BROKEN_LINK),
        ("pipe.mp3", Reason.NOT_A_FILE),
        ("sock", Reason.NOT_A_FILE),
        ("to-pipe.mp3", Reason.NOT_A_FILE),
    ]
    assert left_out(root, "gone.mp3") == [("gone.mp3", Reason.BROKEN_LINK, False)]


def test_folders_that_cannot_be_opened_are_reported(tree, monkeypatch):
    root = tree("a/1.mp3", "b/2.mp3")
    (root / "a").chmod(0)
    if os.access(root / "a", os.R_OK):
        # This user may read everything: let the system refuse instead.
        scandir = os.scandir

        def refuse(path):
            if str(path).endswith("/a"):
                raise PermissionError(13, "no permission to look into it; chmod u+rx")
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refuse)
    everything = list(walk([str(root)]))
    (root / "a").chmod(0o700)
    assert everything[0] == LeftOut(
        str(root / "a"), Reason.UNREADABLE, "no permission to look into it; chmod u+rx", folder=True
    )
    assert [each.path for each in everything[1:]] == [str(root / "b/2.mp3")]


def test_a_path_that_may_not_be_looked_at_says_so(monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "lstat", refuse)
    with pytest.raises(UsageError, match="no permission to look at /secret/a"):
        walk(["/secret/a"])


def test_a_missing_path_in_an_unreadable_folder_has_no_hint(tree, monkeypatch):
    root = tree("podcasts/1.mp3")

    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(UsageError, match=r"podcats$"):
        walk([str(root / "podcats")])


def test_names_that_are_no_utf8_travel_through(tmp_path):
    name = os.fsdecode(b"caf\xe9.mp3")
    (tmp_path / name).write_bytes(b"sound")
    (each,) = walk([str(tmp_path)])
    assert (each.relative, os.fsencode(each.path)) == (name, os.fsencode(tmp_path) + b"/caf\xe9.mp3")


def test_folders_may_nest_deeper_than_python_calls(tmp_path):
    here = os.open(tmp_path, os.O_RDONLY)
    deep = 300
    try:
        for _ in range(deep):
            os.mkdir("d", dir_fd=here)
            below = os.open("d", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
        os.close(os.open("end.mp3", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    finally:
        os.close(here)
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 100)
    try:
        (each,) = walk([str(tmp_path)])
    finally:
        sys.setrecursionlimit(usual)
    assert isinstance(each, Found)
    assert each.relative.count("/") == deep


def test_an_empty_folder_gives_nothing(tmp_path):
    assert list(walk([str(tmp_path)])) == []


def test_the_walk_is_a_stream(tree):
    root = tree("a.mp3", "b.mp3")
    stream = walk([str(root)])
    assert next(stream).relative == "a.mp3"
    (root / "b.mp3").unlink()
    assert next(stream).relative == "b.mp3", (
        "names were read at once; what vanished is noticed when it is opened"
    )
