import hashlib
import os
import shutil
from pathlib import Path

import pytest

from planner import stamps
from planner.leftout import LeftOut, Reason
from planner.pooled import Task, Whole
from planner.roots import Root
from planner.scanner import Scan
from planner.survey import digest, survey
from planner.walk import Run, run_of

NAMES = ("a.opus", "empty.mp3", "notes.txt", "talks/b.opus")


@pytest.fixture
def scan(media, root, tmp_path, jobs):
    """Scans with a memory; each time the answers, and the jobs that they took."""

    def look(names=NAMES, home=tmp_path / ".earmark", **more):
        jobs.clear()
        runs = [run_of(str(media / name)) for name in names]
        found = list(Scan(1, root, str(home), **more).surveys([*runs, "else"]))
        assert found.pop() == "else"
        return found, list(jobs)

    return look


def asked(jobs):
    return [os.fsdecode(job.path).rpartition("/")[2] for job in jobs]


def test_what_was_seen_once_is_not_looked_at_again(scan, media):
    first, jobs = scan()
    assert first[0] == survey(str(media / "a.opus"))
    assert first[1] == LeftOut(str(media / "empty.mp3"), Reason.EMPTY, "empty (0 bytes)")
    assert asked(jobs) == ["a.opus", "empty.mp3", "notes.txt", "b.opus"]
    assert scan() == (first, [])


def test_a_changed_file_is_looked_at_again_and_a_touched_one_by_its_print(scan, media):
    first, _ = scan()
    shutil.copy(media / "a.opus", media / "notes.txt")
    os.utime(media / "talks/b.opus", (7, 7))
    os.utime(media / "notes.txt", (7, 7))
    second, jobs = scan()
    assert jobs == [
        Task(os.fsencode(media / "notes.txt")),
        Task(os.fsencode(media / "talks/b.opus"), first[3].size, first[3].print),
    ]
    assert second[2] == survey(str(media / "notes.txt"))
    assert second[3] == survey(str(media / "talks/b.opus"))
    assert scan() == (second, [])


def test_a_file_of_other_content_under_the_same_size_is_read(scan, media):
    scan()
    (media / "notes.txt").write_text("NO SOUND")
    path = media / "a.opus"
    path.write_bytes(path.read_bytes()[:-9] + bytes(9))
    second, _ = scan()
    assert second[0] == survey(str(path))


def test_a_file_whose_time_was_put_back_after_a_change_is_looked_at_again(scan, media):
    scan()
    path = media / "a.opus"
    long_ago = path.stat().st_mtime
    path.write_bytes(path.read_bytes()[:-9] + bytes(9))
    os.utime(path, (long_ago, long_ago))
    second, jobs = scan()
    assert second[0] == survey(str(path))
    assert asked(jobs) == ["a.opus"]


def test_a_file_that_may_still_be_written_is_not_remembered(scan, media):
    (media / "a.opus").touch()
    scan()
    assert asked(scan()[1]) == ["a.opus"]


def test_what_may_be_otherwise_tomorrow_is_not_remembered(scan, media):
    first, _ = scan(("gone.mp3",))
    assert first == [LeftOut(str(media / "gone.mp3"), Reason.VANISHED, "no longer there")]
    shutil.copy(media / "a.opus", media / "gone.mp3")
    assert scan(("gone.mp3",))[0] == [survey(str(media / "gone.mp3"))]


def test_other_readers_believe_nothing(scan, monkeypatch):
    scan()
    monkeypatch.setattr("planner.scan_memory.stamp", lambda: "other")
    assert len(scan()[1]) == len(NAMES)


def test_a_memory_that_came_with_a_copied_folder_is_not_believed(scan, tmp_path):
    scan()
    shutil.copytree(tmp_path / ".earmark", tmp_path / "clone")
    assert len(scan(home=tmp_path / "clone")[1]) == len(NAMES)


def test_no_damage_to_the_memory_changes_an_answer(scan, tmp_path):
    first, _ = scan()
    file = tmp_path / ".earmark/scan"
    whole = file.read_bytes()
    for place in range(0, len(whole), 23):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        assert scan(name="scan")[0] == first
        file.write_bytes(whole[:place])
        assert scan(name="scan")[0] == first


def test_a_folder_that_takes_no_memory_is_planned_all_the_same(scan, tmp_path):
    (tmp_path / "file").touch()
    first, _ = scan(home=tmp_path / "file/.earmark")
    assert scan(home=tmp_path / "file/.earmark")[0] == first
    assert len(scan(home=tmp_path / "none/.earmark")[1]) == len(NAMES)


def test_a_working_folder_that_is_gone_does_not_matter(scan, tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    first, _ = scan()
    assert scan() == (first, [])


def test_the_memory_tells_git_to_leave_it_alone_and_leaves_nothing_else_behind(scan, tmp_path):
    scan()
    scan(names=NAMES[:2])
    assert sorted(path.name for path in (tmp_path / ".earmark").iterdir()) == [".gitignore", "scan"]
    assert (tmp_path / ".earmark/.gitignore").read_text() == "*\n"


def test_a_scan_that_is_interrupted_keeps_what_it_knows(scan, media, root, tmp_path, jobs):
    scan(("talks/b.opus",))
    runs = [run_of(str(media / name)) for name in NAMES]
    begun = Scan(1, root, str(tmp_path / ".earmark")).surveys(runs)
    next(begun)
    begun.close()
    assert asked(scan()[1]) == ["empty.mp3", "notes.txt"]


def test_digests_are_remembered_while_size_and_time_are_the_same(media, root, tmp_path, jobs):
    def digests():
        jobs.clear()
        recordings = [survey(str(media / name)) for name in ("a.opus", "talks/b.opus")]
        found = list(Scan(1, root, str(tmp_path / ".earmark")).digests(enumerate(recordings)))
        assert found == [(number, digest(one)) for number, one in enumerate(recordings)]
        return list(jobs)

    assert [type(job) for job in digests()] == [Whole, Whole]
    assert digests() == []
    os.utime(media / "a.opus", (7, 7))
    assert asked(digests()) == ["a.opus"]


def test_a_recording_that_is_gone_has_no_digest(media, root):
    seen = survey(str(media / "a.opus"))
    (media / "a.opus").unlink()
    gone = LeftOut(seen.path, Reason.VANISHED, "no longer there")
    assert list(Scan(1, root).digests([(3, seen)])) == [(3, gone)]


def test_names_that_are_no_text_are_read_each_time(scan, media):
    odd = os.fsdecode(b"\xff.opus")
    shutil.copy(media / "a.opus", media / odd)
    os.utime(media / odd, (7, 7))
    names = (*NAMES, odd)
    first, _ = scan(names)
    again, jobs = scan(names)
    assert again == first
    assert [job.path for job in jobs] == [os.fsencode(media / odd)]


def test_files_in_a_row_are_answered_in_a_row_whether_known_or_not(media, root, tmp_path, jobs):
    run = Run(f"{media}/", "", str(media), ["a.opus", "empty.mp3", "notes.txt"])

    def look():
        jobs.clear()
        return list(Scan(1, root, str(tmp_path / ".earmark")).surveys([run])), asked(jobs)

    first, looked = look()
    assert [one.path for one in first] == [f"{media}/{name}" for name in run.names]
    assert len(looked) == 3
    assert look() == (first, [])
    os.utime(media / "notes.txt", (7, 7))
    assert look() == (first, ["notes.txt"])
    (media / "empty.mp3").unlink()
    assert look()[1] == ["empty.mp3"]


def known_by_bytes(path):
    """As git knows files that are as they were committed: by all their bytes."""
    return "" if path.endswith(".txt") else hashlib.sha256(Path(path).read_bytes()).hexdigest()


@pytest.fixture
def carried(tmp_path):
    """A memory of somebody's own."""
    home = tmp_path / "carried"
    home.mkdir()
    return {"home": home, "identity": known_by_bytes}


def test_a_carried_memory_is_believed_where_a_file_is_known_in_another_checkout(
    scan, media, tmp_path, jobs, carried
):
    first, _ = scan(**carried)
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(media, elsewhere)  # other times, other inodes
    shutil.copytree(carried["home"], tmp_path / "restored")
    data = bytearray((elsewhere / "talks/b.opus").read_bytes())
    data[5000] ^= 1  # neither its size nor its print tell
    (elsewhere / "talks/b.opus").write_bytes(data)
    jobs.clear()
    runs = [run_of(str(elsewhere / name)) for name in NAMES]
    home = str(tmp_path / "restored")
    second = list(Scan(1, Root(str(elsewhere)), home, identity=known_by_bytes).surveys(runs))
    assert second[0].length == first[0].length
    assert jobs == [
        Task(os.fsencode(elsewhere / "a.opus"), first[0].size, first[0].print),
        *(Task(os.fsencode(elsewhere / name)) for name in NAMES[1:]),
    ]
    jobs.clear()
    assert list(Scan(1, Root(str(elsewhere)), home).surveys(runs)) == second
    assert all(job.print == "" for job in jobs)  # who does not carry it believes none of it


def test_a_carried_memory_takes_every_digest_anew(media, root, jobs, carried):
    one = survey(str(media / "a.opus"))
    for _ in range(2):
        jobs.clear()
        scan = Scan(1, root, str(carried["home"]), identity=known_by_bytes)
        assert list(scan.digests([(0, one)])) == [(0, digest(one))]
        assert jobs == [Whole(os.fsencode(media / "a.opus"), one.size)]


def test_a_carried_memory_of_other_readers_is_not_believed(scan, carried, monkeypatch):
    scan(**carried)
    assert any(job.print for job in scan(**carried)[1])
    monkeypatch.setattr(stamps, "LIBRARIES", (*stamps.LIBRARIES, "a library that is not there"))
    assert not any(job.print for job in scan(**carried)[1])
