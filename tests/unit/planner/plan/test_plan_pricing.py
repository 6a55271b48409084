import os

import pytest

from manifests.length import Grade
from planner.pricing import Standing, line, paid_before, same_audio
from planner.roots import Root
from planner.sales import Refused, Sale, sale

ROOT = Root("/media")


def test_a_line_carries_what_the_manifest_needs(recording, chosen):
    one = recording("talks/ep1.mp3", ms=1_834_210, size=29_347_560)
    choice = chosen("transcription", settings=("formats=srt",))[0]
    made = line(sale(one, choice, sha256="ab" * 32), ROOT, generation=2)
    item = made.item
    assert (item.file, item.service, item.seconds) == ("talks/ep1.mp3", "transcription", 1834.21)
    assert (item.cents, item.ceiling, made.full) == (31, 31, 31)
    assert (item.size, item.print, item.options) == (29_347_560, "0123456789ab", {"formats": ["json", "srt"]})
    assert (item.sha256, item.generation, item.longest, item.paid) == ("ab" * 32, 2, None, False)
    assert made.standing is Standing.TO_PAY


@pytest.mark.parametrize(
    ("service", "ms", "cents", "ceiling"),
    [
        ("stems:six", 300_000, 50, 51),
        ("stems:six", 328_000, 55, 55),
        ("stems:karaoke", 30_000, 8, 8),
        ("transcription", 1_000, 1, 1),
        ("transcription", 61_000, 2, 2),
    ],
)
def test_prices_and_ceilings_follow_the_catalogue(priced, service, ms, cents, ceiling):
    item = priced(service=service, ms=ms).item
    assert (item.cents, item.ceiling) == (cents, ceiling)


def test_the_ceiling_of_an_interval_is_priced_on_its_upper_end(priced):
    item = priced(ms=60_000, grade=Grade.ESTIMATED, high_ms=181_000).item
    assert (item.cents, item.ceiling, item.longest) == (1, 4, 181.0)


def test_a_header_that_nothing_confirms_gets_its_margin(priced):
    item = priced(ms=600_000, grade=Grade.HEADER, service="stems:six").item
    assert (item.cents, item.ceiling, item.longest) == (100, 102, None)


def test_a_path_that_is_no_text_keeps_its_bytes(priced):
    item = priced(os.fsdecode(b"caf\xe9.mp3")).item
    assert item.file == "caf\N{REPLACEMENT CHARACTER}.mp3"
    assert item.file_bytes == b"caf\xe9.mp3".hex()
    assert item.path == os.fsdecode(b"caf\xe9.mp3")


def test_video_is_refused_where_only_sound_is_taken_with_the_way_out(recording, chosen):
    film = recording("film.mp4", video=True)
    no = sale(film, chosen("stems:six")[0])
    assert isinstance(no, Refused)
    assert (no.path, no.product) == ("/media/film.mp4", "stems:six")
    assert "video" in no.reason
    assert "ffmpeg -i IN -vn" in no.detail
    assert isinstance(sale(film, chosen("transcription")[0]), Sale)


def test_an_unknown_length_is_no_price(recording, chosen):
    no = sale(recording(grade=Grade.UNKNOWN), chosen()[0])
    assert isinstance(no, Refused)
    assert no.reason == "without a length"
    assert no.detail == "its header"


def test_what_is_paid_costs_nothing_and_knows_what_it_saves(priced):
    free = paid_before(priced(ms=600_000))
    assert (free.item.cents, free.item.ceiling, free.item.paid, free.full) == (0, 0, True, 10)
    assert free.standing is Standing.PAID_BEFORE


def test_the_same_audio_names_the_file_that_pays(priced):
    free = same_audio(priced("b.mp3"), 7, "a.mp3")
    assert (free.item.cents, free.item.paid, free.item.note) == (0, True, "same audio as a.mp3")
    assert (free.standing, free.payer) == (Standing.SAME_AUDIO, 7)
