"""Links of a page: to files on this disk only, whatever these are called."""

from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.reports.html_links import address, labels, relative, stem

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0\ufffd"), min_size=1).filter(
    lambda name: name not in (".", "..")
)


@pytest.mark.parametrize(
    ("result", "folder", "path"),
    [
        ("/home/me/results/a/x.srt", "/home/me", "results/a/x.srt"),
        ("/home/me/results/x.srt", "/home/me/results", "x.srt"),
        ("/home/me/results/x.srt", "/home/me/reports/now", "../../results/x.srt"),
        ("results/x.srt", ".", "results/x.srt"),
        ("x.srt", ".", "x.srt"),
        ("results/x.srt", "reports", "../results/x.srt"),
        ("/x.srt", "/home", "../x.srt"),
    ],
)
def test_a_result_is_found_from_the_pages_folder(result, folder, path):
    assert relative(result, Path(folder)) == path


@pytest.mark.parametrize("result", ["/r/a\N{REPLACEMENT CHARACTER}.srt", "", "/r/"])
def test_a_path_that_cannot_be_told_has_no_link(result):
    assert relative(result, Path("/r")) == ""


def test_a_relative_result_is_found_from_wherever_the_program_runs(monkeypatch, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        assert relative("results/x.srt", tmp_path) == f"{name}/results/x.srt"


def test_a_result_in_a_store_has_no_link():
    assert relative("s3://out/talks/ep1.srt", Path("/home/me")) == ""


def test_a_path_of_lone_bytes_has_no_link():
    assert relative("/r/a\udcff.srt", Path("/r")) == ""


@given(st.lists(NAMES, min_size=1, max_size=4), st.lists(NAMES, max_size=3))
def test_an_address_leads_to_its_file_and_nowhere_else(parts, above):
    result, folder = Path("/", *parts), Path("/", *above)
    link = address(relative(str(result), folder))
    assert urlsplit(link)[:2] == ("", "")  # no scheme, no host
    led = urlsplit(urljoin(f"file://{address(str(folder))}/report.html", link))
    assert (led.scheme, led.netloc, led.query, led.fragment) == ("file", "", "", "")
    assert unquote(led.path) == str(result)


@pytest.mark.parametrize("name", ["javascript:alert(1)", "data:text/html,x", "//evil.example/x", "a?b#c"])
def test_no_name_is_an_address_of_its_own(name):
    link = address(relative(f"/r/{name}", Path("/r")))
    assert urlsplit(link)[:2] == ("", "")
    assert not set(link) & set(":?#")


@pytest.mark.parametrize(
    ("results", "file", "names"),
    [
        (["/r/talks/ep1.srt", "/r/talks/ep1.json"], "talks/ep1.mp3", ["srt", "json"]),
        (["/r/songs/a/vocals.wav", "/r/songs/a/drums.wav"], "songs/a.mp3", ["vocals", "drums"]),
        (["/r/songs/a/v.wav", "/r/songs/a/v.mp3"], "songs/a.mp3", ["v.wav", "v.mp3"]),
        (["/r/talks/ep1.mp3.transcription.srt"], "talks/ep1.mp3", ["mp3.transcription.srt"]),
        (["/r/ep1.", "/r/.x", "/r/plain"], "ep1.mp3", ["ep1", ".x", "plain"]),
        (["/r/a\u202eb.srt"], "x.mp3", ["a\\u202eb"]),
        ([], "x.mp3", []),
    ],
)
def test_results_are_named_beside_their_item(results, file, names):
    assert labels(results, file) == names


@pytest.mark.parametrize(
    ("file", "path"),
    [("a/b.mp3", "a/b"), ("a.b/c", "a.b/c"), (".hidden", ".hidden"), ("a.b.c", "a.b"), ("", "")],
)
def test_the_ending_of_a_name_is_cut_off(file, path):
    assert stem(file) == path
