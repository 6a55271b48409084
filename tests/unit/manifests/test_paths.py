import pytest

from manifests.paths import as_written, file_problem, result_problem


@pytest.mark.parametrize("path", ["talks/ep1.mp3", "/srv/a.mp3", "日本/音.mp3", "a\nb", "🎙"])
def test_a_path_in_utf8_is_written_as_it_is(path):
    assert as_written(path) == (path, None)


def test_a_path_that_is_no_utf8_has_two_forms():
    assert as_written("caf\udce9/a.mp3") == ("caf�/a.mp3", b"caf\xe9/a.mp3".hex())


@pytest.mark.parametrize(
    "file",
    [
        "a",
        "a.mp3",
        "talks/ep1.mp3",
        "/srv/audio/a.mp3",
        "a b/..c/d...mp3",
        "..a",
        ".hidden",
        "a/.hidden",
        "a\\b",
        "/.x",
        "a/...",
        "-",
        "a:b",
    ],
)
def test_plain_spellings_pass(file):
    assert file_problem(file, None) is None


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        ("", "`file` is empty"),
        ("..", "climbs with '..'"),
        ("../a.mp3", "climbs with '..'"),
        ("a/../b.mp3", "climbs with '..'"),
        ("/srv/../etc/passwd", "climbs with '..'"),
        ("a/..", "climbs with '..'"),
        ("./a.mp3", "has an empty part or a '.'"),
        ("a/./b.mp3", "has an empty part or a '.'"),
        ("a//b.mp3", "has an empty part or a '.'"),
        ("//srv/a.mp3", "has an empty part or a '.'"),
        ("a/", "has an empty part or a '.'"),
        ("a/.", "has an empty part or a '.'"),
        (".", "has an empty part or a '.'"),
        ("/", "has an empty part or a '.'"),
        ("/.", "has an empty part or a '.'"),
        ("///", "has an empty part or a '.'"),
        ("a\0b", "cannot hold a NUL character"),
    ],
)
def test_other_spellings_are_refused(file, problem):
    assert problem in file_problem(file, None)


def test_the_bytes_of_a_path_count():
    raw = b"caf\xe9.ogg"
    assert file_problem("caf�.ogg", raw.hex()) is None
    assert file_problem("caf�.ogg", raw.hex().upper()) is None


@pytest.mark.parametrize(
    ("file", "file_bytes", "problem"),
    [
        ("cafe.ogg", b"caf\xe9.ogg".hex(), "`file` and `file_bytes` name different files"),
        ("a", "6", "`file_bytes` is the path in hex digits, not '6'"),
        ("a", "61 62", "`file_bytes` is the path in hex digits"),
        ("a", "", "`file_bytes` is the path in hex digits"),
        ("�/../a", b"\xe9/../a".hex(), "climbs with '..'"),
        ("�\0", b"\xe9\0".hex(), "cannot hold a NUL character"),
    ],
)
def test_bytes_are_checked_like_text(file, file_bytes, problem):
    assert problem in file_problem(file, file_bytes)


@pytest.mark.parametrize("result", ["ep1", "talks/ep1", "a/b.c/d", "..a", ".x"])
def test_results_stay_inside(result):
    assert result_problem(result) is None


@pytest.mark.parametrize("result", ["", ".", "/", "/etc/x", "..", "../x", "a/../../x", "a/.."])
def test_results_that_lead_out_are_refused(result):
    assert "leads out of the results folder" in result_problem(result)


def test_a_result_has_room_for_its_ending():
    assert result_problem(f"talks/{'a' * 240}") is None
    assert "of more than 240 bytes" in result_problem(f"talks/{chr(233) * 121}")
    assert "of more than 240 bytes" in result_problem(f"{'a' * 241}/ep1")


def test_a_result_has_no_nul():
    assert "NUL" in result_problem("a\0b")
