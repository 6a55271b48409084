import os

import pytest

from planner.scan_file import BLOCK, ScanReader, ScanWriter
from planner.stamps import stamp


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "memory/scan")


def names(count):
    return [f"{number:05d}.mp3" for number in range(count)]


def written(path, folders):
    writer = ScanWriter(path, "stamp")
    for folder, count in folders.items():
        for begin in range(0, count, 100):
            writer.add(folder, names(count)[begin : begin + 100], range(begin, min(begin + 100, count)))
    writer.commit()
    return ScanReader(path, "stamp", int)


def test_every_file_is_found_again_folder_by_folder(path):
    folders = {"": 3, "a": 2 * BLOCK + 5, **{f"a/{number}": 2 for number in range(50)}}
    reader = written(path, folders)
    for folder, count in folders.items():
        assert reader.find(folder, names(count)) == list(range(count))
        assert reader.find(folder, ["0"]) == [None]
        assert reader.find(folder, ["zz"]) == [None]
    assert reader.find("other", ["00000.mp3"]) == [None]
    assert reader.count == sum(folders.values())
    reader.close()


def test_a_walk_that_comes_back_to_a_folder_finds_its_further_files(path):
    writer = ScanWriter(path, "stamp")
    for number, name in enumerate(names(BLOCK + 9)):
        writer.add("a", [name], [number])
        writer.add(f"a/{number // 3}", [name], [number])
    writer.commit()
    reader = ScanReader(path, "stamp", int)
    assert reader.find("a", names(BLOCK + 9)) == list(range(BLOCK + 9))
    assert reader.find("a/2", ["00007.mp3"]) == [7]
    reader.close()


def test_files_that_were_named_in_an_order_of_their_own_are_found_in_it_again(path):
    mixed = [f"{letter}{number:04d}" for number in range(BLOCK) for letter in "aB_"]  # as shells sort
    writer = ScanWriter(path, "stamp")
    for number, name in enumerate(mixed):
        writer.add("a", [name], [number])
    writer.commit()
    reader = ScanReader(path, "stamp", int)
    assert [reader.find("a", [name]) for name in mixed] == [[number] for number in range(len(mixed))]
    reader.close()


def test_small_folders_stand_together_and_no_other_name_is_lost_for_one_that_is_no_text(path, tmp_path):
    odd = "\udcff"
    writer = ScanWriter(path, "stamp")
    for number in range(3 * BLOCK):
        writer.add(f"{number}{odd if number == 7 else ''}", ["a.mp3", f"b{odd}.mp3", "c.mp3"], [number, 0, 1])
    writer.commit()
    reader = ScanReader(path, "stamp", int)
    for number in (0, 6, 8, 3 * BLOCK - 1, 100):
        assert reader.find(str(number), ["a.mp3", f"b{odd}.mp3", "c.mp3"]) == [number, None, 1]
    assert reader.find(f"7{odd}", ["a.mp3"]) == [None]
    reader.close()


def test_what_an_earlier_scan_knew_of_other_folders_is_taken_over(path):
    written(path, {"a": BLOCK + 3, "b": 2, "c/d": 1}).close()
    reader, writer = ScanReader(path, "stamp", int), ScanWriter(path, "stamp")
    writer.add("b", names(1), [7])
    writer.complete(reader)
    writer.commit()
    reader.close()
    reader = ScanReader(path, "stamp", int)
    assert reader.find("a", names(BLOCK + 3)) == list(range(BLOCK + 3))
    assert reader.find("b", names(2)) == [7, None]
    assert reader.find("c/d", names(1)) == [0]
    assert reader.count == 1  # looked at to the end
    reader.close()


def test_other_types_and_stamps_are_not_believed(path):
    written(path, {"a": 1}).close()
    assert ScanReader(path, "other", int).find("a", ["00000.mp3"]) == [None]
    assert ScanReader(path, "stamp", str).find("a", ["00000.mp3"]) == [None]


def test_two_writers_at_once_each_write_a_whole(path):
    one, two = ScanWriter(path, "stamp"), ScanWriter(path, "stamp")
    for writer, value in ((one, 1), (two, 2)):
        writer.add("a", names(BLOCK), [value] * BLOCK)
    two.commit()
    one.commit()
    reader = ScanReader(path, "stamp", int)
    assert set(reader.find("a", names(BLOCK))) == {1}
    reader.close()


def test_a_stamp_stays_as_long_as_readers_and_libraries_do(monkeypatch):
    first = stamp()
    assert stamp() == first
    monkeypatch.setattr("planner.stamps.LIBRARIES", ("json", "none_of_this_name"))
    assert stamp() != first


def test_what_a_killed_plan_left_behind_is_cleared_a_day_later(path, tmp_path):
    (tmp_path / "memory").mkdir()
    old, new = tmp_path / "memory/part-old", tmp_path / "memory/part-new"
    old.touch()
    new.touch()
    os.utime(old, (7, 7))
    written(path, {"a": 1}).close()
    assert sorted(each.name for each in (tmp_path / "memory").iterdir()) == ["part-new", "scan"]
