"""Films and rarer containers: the packets of sound are counted, whatever the header promises."""

import io
from fractions import Fraction

import pytest

from manifests.length import Grade
from planner.containers.films import Film
from planner.containers.source import Source
from planner.leftout import Reason, Unreadable
from planner.lengths import media_end
from planner.lengths.media import Media
from planner.lengths.registry import read_length

KINDS = [
    ("a.mkv", "aac", {}, "matroska"),
    ("a.webm", "libopus", {}, "matroska"),
    ("a.avi", "libmp3lame", {}, "avi"),
    ("a.flv", "aac", {"rate": 44_100}, "flv"),
    ("a.ts", "aac", {"container": "mpegts"}, "mpegts"),
    ("a.mpg", "mp2", {"container": "mpeg"}, "mpegps"),
    ("a.rm", "ac3", {"container": "rm", "rate": 48_000}, "realmedia"),
    ("a.latm", "aac", {"container": "latm"}, "latm"),
]


@pytest.mark.parametrize(("name", "codec", "how", "reader"), KINDS, ids=[kind[0] for kind in KINDS])
def test_each_kind_is_counted(recording, decoded, close_to, name, codec, how, reader):
    path = recording(name, codec, **how)
    length = read_length(str(path))
    assert (length.reader, length.grade) == (reader, Grade.COUNTED)
    assert close_to(length.ms, decoded(path))
    assert "packets counted" in length.reason


@pytest.mark.parametrize(
    ("name", "codec", "container"),
    [("a.webm", "libopus", "webm"), ("a.mkv", "flac", "matroska"), ("a.flv", "libmp3lame", "flv")],
)
def test_a_cut_file_is_noticed(recording, written, name, codec, container):
    data = recording(
        name, codec, container=container, rate=48_000 if codec != "libmp3lame" else 44_100
    ).read_bytes()
    for share in (0.02, 0.5, 0.99):
        with pytest.raises(Unreadable, match="cut off") as caught:
            read_length(written("cut-" + name, data[: int(len(data) * share)]))
        assert caught.value.reason is Reason.TRUNCATED


class Answers:
    """A guard that gives what the test says."""

    def __init__(self, **found) -> None:
        self.found = {
            "how": "whole",
            "video": False,
            "stated": 0,
            "ended": 0,
            "place": 0,
            "tracks": [],
        } | found

    def ask(self, *_asked):
        return self.found


def track(seconds: float, packets: int = 100, holes: float = 0, *, again: bool = False) -> dict:
    micro = 1_000_000
    return {"packets": packets, "sound": int(seconds * micro), "holes": int(holes * micro), "again": again}


def length_of(film: Film | None = None, **found):
    film = film or Film("kind", "format")
    return Media(film, Answers(**found)).length(Source("film.kind", io.BytesIO(b"x" * 1000), 1000))


def test_several_tracks_of_one_length_are_one():
    assert length_of(tracks=[track(10), track(10.05)]).grade is Grade.COUNTED


def test_tracks_of_different_lengths_are_priced_at_the_longest():
    length = length_of(tracks=[track(10), track(25)])
    assert (length.grade, length.ms, length.low_ms, length.high_ms) == (
        Grade.ESTIMATED,
        10_000,
        10_000,
        25_100,
    )
    assert length.reason == "2 sound tracks of different lengths"


def test_a_hole_may_be_billed_or_not():
    length = length_of(tracks=[track(10, holes=20)])
    assert (length.grade, length.ms, length.high_ms) == (Grade.ESTIMATED, 10_000, 30_100)


def test_times_that_begin_anew_are_said():
    assert "begin anew" in length_of(tracks=[track(10, again=True)]).reason


def test_the_ends_of_a_large_film_confirm_its_header():
    length = length_of(how="tail", stated=10_000_000, ended=10_200_000, tracks=[track(10)])
    assert (length.grade, length.ms) == (Grade.HEADER, 10_000)
    doubtful = length_of(how="tail", stated=30_000_000, ended=10_000_000, tracks=[track(10)])
    assert (doubtful.grade, doubtful.ms, doubtful.high_ms) == (Grade.ESTIMATED, 10_000, 30_100)


def test_where_time_was_over_the_rest_is_estimated():
    length = length_of(how="part", place=500, stated=15_000_000, tracks=[track(10)])
    assert (length.grade, length.low_ms, length.ms, length.high_ms) == (
        Grade.ESTIMATED,
        10_000,
        20_000,
        22_000,
    )


def test_a_header_that_promises_more_is_that_of_a_longer_file():
    film = Film("kind", "format", promises=True)
    with pytest.raises(Unreadable, match="cut off at 0:10 of 0:20"):
        length_of(film, stated=20_000_000, ended=10_000_000, tracks=[track(10)])
    whole = Film("kind", "format", promises=True, share=lambda _: Fraction(1))
    assert length_of(whole, stated=20_000_000, ended=10_000_000, tracks=[track(10)]).ms == 10_000


@pytest.mark.parametrize(
    ("found", "reason", "says"),
    [
        ({"video": True}, Reason.NOT_AUDIO, "a video without sound"),
        ({}, Reason.NOT_AUDIO, "no sound in it"),
        ({"tracks": [track(0, 0)]}, Reason.NO_LENGTH, "without any sound"),
        ({"tracks": [track(0, 0)], "stated": 10}, Reason.TRUNCATED, "before its sound begins"),
    ],
)
def test_a_file_without_sound_is_named(found, reason, says):
    with pytest.raises(Unreadable, match=says) as caught:
        length_of(**found)
    assert caught.value.reason is reason


class TestTrack:
    def walked(self, *packets):
        track = media_end.Track(Fraction(1, 1000), 500)
        for at, duration in packets:
            track.add(at, duration)
        return track

    def test_times_jitter(self):
        assert self.walked((0, 23), (24, 23), (46, 23), (70, 23)).sound == Fraction(93, 1000)

    def test_a_hole_is_no_sound(self):
        track = self.walked((0, 100), (5000, 100))
        assert (track.sound, track.holes, track.ended) == (Fraction(1, 5), 4900, Fraction(51, 10))

    def test_times_may_begin_anew(self):
        track = self.walked((90_000, 100), (0, 100), (100, 100))
        assert (track.sound, track.again, track.holes) == (Fraction(3, 10), True, 0)

    def test_without_times_durations_are_added(self):
        assert self.walked((None, 20), (None, 20), (None, 20)).sound == Fraction(60, 1000)

    def test_without_durations_the_last_is_as_long_as_the_one_before(self):
        assert self.walked((0, None), (20, None), (40, None)).sound == Fraction(60, 1000)


def test_a_large_file_is_looked_at_near_its_end(recording, monkeypatch):
    path = recording("a.mkv", "libopus", seconds=60, rate=8000)
    monkeypatch.setattr(media_end, "LARGE_BYTES", 10)
    found = media_end.seen(str(path), "matroska", 100)
    assert found["how"] == "tail"
    assert abs(found["tracks"][0]["sound"] - 60_000_000) < 50_000
    assert found["tracks"][0]["packets"] < 1500
    piped = recording("b.mkv", "libopus", container="matroska", muxing=(("live", "1"),))
    assert media_end.seen(str(piped), "matroska", 100)["how"] == "whole", "no header to compare with"


def test_counting_ends_when_its_time_is_over(recording, monkeypatch):
    path = recording("a.mkv", "libopus", rate=8000)
    monkeypatch.setattr(media_end, "COUNTING_SECONDS", -1)
    found = media_end.seen(str(path), "matroska", 0)
    assert (found["how"], found["tracks"][0]["packets"]) == ("part", 1)
