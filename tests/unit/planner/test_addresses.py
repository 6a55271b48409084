"""Addresses are read as they are meant, named as files, and counted once."""

import pytest

from manifests.errors import UsageError
from manifests.length import Basis, Grade
from manifests.paths import file_problem
from planner.addresses import addresses, lines
from planner.distant import stated

HOST = "https://example.org"


def read(*texts):
    return addresses((text, f"urls.txt:{number}") for number, text in enumerate(texts, 1))


def names(*urls):
    return [each.name for each in read(*urls).once]


@pytest.mark.parametrize(
    ("length", "ms"),
    [
        ("12:34", 754_000),
        ("1:02:03", 3_723_000),
        ("90s", 90_000),
        ("754", 754_000),
        ("754.5", 754_500),
        ("0:59.25", 59_250),
        ("75:00", 4_500_000),
    ],
)
def test_a_length_is_written_as_players_show_it_or_in_seconds(length, ms):
    (found,) = read(f"{HOST}/a.mp3 {length}").once
    assert found.stated_ms == ms


@pytest.mark.parametrize("length", ["1:75", "1:75:00", "12:3", "long", "90 s", "-5", "1e3", "²", "\u0663:00"])
def test_what_is_no_length_is_refused_with_its_place(length):
    with pytest.raises(UsageError, match=r"^urls\.txt:1: "):
        read(f"{HOST}/a.mp3 {length}")


@pytest.mark.parametrize("length", ["0", "0:00", "99999999"])
def test_a_length_that_no_recording_has_is_refused(length):
    with pytest.raises(UsageError, match=r"urls\.txt:1: no recording is"):
        read(f"{HOST}/a.mp3 {length}")


def test_comments_and_blank_lines_hold_no_address():
    found = read("# my list", "", f"  {HOST}/a.mp3   12:34  # the first", f"{HOST}/b.mp3\t#x")
    assert [(each.url, each.stated_ms) for each in found.once] == [
        (f"{HOST}/a.mp3", 754_000),
        (f"{HOST}/b.mp3", None),
    ]


def test_what_is_no_address_is_refused_with_its_place_and_the_reason():
    with pytest.raises(UsageError, match=r"urls\.txt:2: 'talk\.mp3' is no address .* begins with https"):
        read(f"{HOST}/a.mp3", "talk.mp3")


def test_a_list_knows_its_lines_whatever_ends_them():
    text = f"\ufeff{HOST}/a\r\n\n{HOST}/b".encode()
    assert list(lines(text, "u.txt")) == [(f"{HOST}/a", "u.txt:1"), ("", "u.txt:2"), (f"{HOST}/b", "u.txt:3")]
    with pytest.raises(UsageError, match=r"u\.txt:2: the line is not UTF-8"):
        list(lines(b"a\n\xff\n", "u.txt"))


def test_an_address_that_is_given_twice_counts_once_with_the_length_that_either_states():
    found = read(f"{HOST}/a.mp3", f"{HOST}/b.mp3", f"{HOST}/a.mp3 60")
    assert [(each.url, each.stated_ms) for each in found.once] == [
        (f"{HOST}/a.mp3", 60_000),
        (f"{HOST}/b.mp3", None),
    ]
    assert [each.where for each in found.again] == ["urls.txt:3"]


def test_one_address_with_two_lengths_is_refused():
    with pytest.raises(UsageError, match=r"urls\.txt:2: .* another length here than at urls\.txt:1"):
        read(f"{HOST}/a.mp3 60", f"{HOST}/a.mp3 61")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://Example.org/talks/ep1.mp3", "example.org/talks/ep1.mp3"),
        ("https://example.org/a%20b/%C3%BC.mp3?token=secret", "example.org/a b/ü.mp3"),
        ("http://127.0.0.1:8080/a.mp3", "127.0.0.1_8080/a.mp3"),
        ("http://[::1]/a.mp3", "__1/a.mp3"),
        ("https://example.org/../%2e%2e/x/./%2Fetc%2Fpasswd", "example.org/x/_etc_passwd"),
        ("https://example.org/a//b%00%0Ac%E2%80%A8.mp3", "example.org/a/b__c_.mp3"),
        ("https://example.org/%ff.mp3", "example.org/\ufffd.mp3"),
        ("https://example.org/", "example.org"),
        ("https://example.org/get?id=5", "example.org/get"),
    ],
)
def test_a_name_is_made_of_host_and_path(url, name):
    assert names(url) == [name]
    assert file_problem(name, None) is None


def test_the_query_joins_the_name_only_where_it_tells_two_apart():
    assert names(f"{HOST}/get.mp3?id=5", f"{HOST}/get.mp3?id=6", f"{HOST}/other.mp3?id=5") == [
        "example.org/get_id=5.mp3",
        "example.org/get_id=6.mp3",
        "example.org/other.mp3",
    ]


def test_addresses_that_differ_elsewhere_are_told_apart_by_a_mark():
    found = names("http://example.org/a.mp3", "https://example.org/a.mp3", "https://example.org/A.mp3")
    assert len({name.casefold() for name in found}) == 3
    assert all("~" in name and name.endswith(".mp3") for name in found)
    long = names(f"{HOST}/a.mp3?x={'1' * 99}", f"{HOST}/a.mp3?x={'2' * 99}")
    assert [len(name) for name in long] == [len("example.org/a~12345678.mp3")] * 2


def test_a_part_that_is_too_long_is_cut_and_keeps_its_ending():
    (name,) = names(f"{HOST}/{'ü' * 200}.mp3")
    assert name.endswith(".mp3")
    assert len(name.rpartition("/")[2].encode()) <= 120


def test_a_stated_length_is_taken_without_a_look():
    (one,) = read(f"{HOST}/film.MOV?x=1 12:34").once
    distant = stated(one)
    assert distant is not None
    assert (distant.length.ms, distant.length.grade, distant.basis) == (754_000, Grade.HEADER, Basis.STATED)
    assert (distant.size, distant.kind, distant.path) == (0, "video", one.url)
    assert distant.print == distant.sha256[:12]
    assert stated(read(f"{HOST}/a.mp3").once[0]) is None
