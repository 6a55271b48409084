"""Films and rarer containers: the packets of sound are counted, whatever the header promises."""

import io
from fractions import Fraction

import av
import pytest

from manifests.length import Grade
from planner.containers.films import Film
from planner.containers.source import Source
from planner.leftout import Reason, Unreadable
from planner.lengths import media_end, media_heard, media_packets
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
    assert "packets decoded" in length.reason


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
            "heard": None,
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


def heard(seconds: float, span: float, *, whole: bool = True, errors: int = 0) -> dict:
    agrees = abs(seconds - span) < 1
    return {
        "seconds": int(seconds * 1e6),
        "span": int(span * 1e6),
        "whole": whole,
        "errors": errors,
        "agrees": agrees,
    }


def test_what_is_decoded_as_a_whole_counts_whatever_times_say():
    for seconds in (4, 10, 30):
        length = length_of(tracks=[track(10)], heard=heard(seconds, 10))
        assert (length.ms, length.grade, length.reason) == (
            seconds * 1000,
            Grade.COUNTED,
            "100 packets decoded",
        )


def test_packets_that_cannot_be_decoded_may_be_billed_or_not():
    length = length_of(tracks=[track(10)], heard=heard(4, 10, errors=60))
    assert (length.grade, length.ms, length.high_ms) == (Grade.ESTIMATED, 4000, 10_100)
    assert length.reason == "60 packets cannot be decoded"


def test_packets_of_which_none_can_be_decoded_are_damaged():
    with pytest.raises(Unreadable, match="none of its packets") as caught:
        length_of(tracks=[track(10)], heard=heard(0, 10, errors=100))
    assert caught.value.reason is Reason.DAMAGED


def test_a_beginning_that_sounds_as_its_times_say_stands_for_all():
    length = length_of(tracks=[track(100, 5000)], heard=heard(6, 6.1, whole=False))
    assert (length.grade, length.ms, length.reason) == (Grade.COUNTED, 100_000, "5000 packets counted")


def test_where_there_was_no_time_to_decode_what_times_deny_an_interval_is_left():
    length = length_of(tracks=[track(100)], heard=heard(12, 6, whole=False))
    assert (length.grade, length.low_ms, length.ms, length.high_ms) == (
        Grade.ESTIMATED,
        100_000,
        200_000,
        220_000,
    )


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
    film = Film("kind", "format", promises=lambda _: True)
    with pytest.raises(Unreadable, match="cut off at 0:10 of 0:20"):
        length_of(film, stated=20_000_000, ended=10_000_000, tracks=[track(10)])
    whole = Film("kind", "format", promises=lambda _: True, share=lambda _: Fraction(1))
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
        track = media_packets.Track(Fraction(1, 1000), 500)
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


class TestHeard:
    def test_a_short_recording_is_decoded_as_a_whole(self, recording, decoded):
        path = recording("a.mkv", "alac")
        heard = media_heard.heard(str(path), "matroska", 1e12)
        assert heard.whole
        assert heard.agrees
        assert not heard.errors
        assert heard.seconds == decoded(path)

    def test_of_a_longer_one_the_beginning_is(self, recording, monkeypatch):
        monkeypatch.setattr(media_heard, "PROBE_PACKETS", 20)
        heard = media_heard.heard(str(recording("a.mkv", "libopus")), "matroska", 1e12)
        assert (heard.whole, heard.packets, heard.agrees) == (False, 20, True)

    def test_where_times_lie_all_is(self, recording, monkeypatch):
        """Flash knows 11,025 Hz, but not 16,000: what is there lasts longer than its times say."""
        monkeypatch.setattr(media_heard, "PROBE_PACKETS", 5)
        heard = media_heard.heard(str(recording("a.flv", "pcm_s16le")), "flv", 1e12)
        assert heard.whole
        assert heard.seconds > 2 * heard.span

    def test_there_is_only_so_much_time(self, recording):
        assert media_heard.heard(str(recording("a.mkv", "libopus")), "matroska", 0) is None

    def test_a_film_without_sound_is_not_heard(self, tmp_path):
        path = str(tmp_path / "a.mkv")
        with av.open(path, "w") as out:
            stream = out.add_stream("mpeg4", rate=10)
            stream.width = stream.height = 32
            out.mux(stream.encode(av.VideoFrame(32, 32, "yuv420p")))
            out.mux(stream.encode(None))
        assert media_heard.heard(path, "matroska", 1e12) is None
        with pytest.raises(Unreadable, match="a video without sound"):
            read_length(path)
