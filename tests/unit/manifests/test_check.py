from fractions import Fraction

import pytest
from msgspec.structs import replace

from manifests.check import Checker
from manifests.errors import UsageError
from manifests.length import Basis, Grade

RATES = {
    "transcription": Fraction(1),
    "stems:two": Fraction(10),
    "stems:six": Fraction(10),
    "stems:single": Fraction(10),
}


@pytest.fixture
def checker():
    return Checker(RATES)


def refused(checker, item):
    with pytest.raises(UsageError) as caught:
        checker.check(item)
    return str(caught.value)


def test_a_line_that_is_right_gets_its_offer(checker, item):
    offer = checker.check(item(options={"formats": ["srt"], "language": "en"}))
    assert (offer.product, offer.rate) == ("transcription", 1)
    assert offer.options == {"language": "en", "formats": ["json", "srt"]}


def test_lines_of_one_service_and_options_share_their_offer(checker, item):
    assert checker.check(item(options={"language": "en"})) is checker.check(
        item("b.mp3", options={"language": "en"})
    )
    assert checker.check(item(options={"language": "en"})) is not checker.check(
        item(options={"language": "de"})
    )


def test_another_name_is_the_same_product(checker, item):
    assert checker.check(item("a.mp3", "stems:2stem")).product == "stems:two"


@pytest.mark.parametrize(
    ("service", "options", "message"),
    [
        ("transcripton", {}, "no service 'transcripton'; did you mean 'transcription'?"),
        ("stems:sixx", {}, "stems has no variant 'sixx'; did you mean 'six'?"),
        ("stems:karaoke", {}, "the head's `cents_per_minute` has no rate for stems:karaoke: plan again"),
        ("stems:single", {}, "stems:single needs --set stems.stem"),
        ("transcription", {"lang": "en"}, "transcription has no option 'lang'; did you mean 'language'?"),
        ("transcription", {"formats": ["wav"]}, "transcription.formats cannot be 'wav'"),
    ],
)
def test_what_is_not_in_the_catalogue_is_refused(checker, item, service, options, message):
    assert message in refused(checker, item("a.mp3", service, options=options))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"cents": 30, "ceiling": 31},
            "`cents` of 'talks/ep1.mp3' is 30, but 31 follows from `seconds`",
        ),
        ({"cents": 0, "ceiling": 0}, "is 0, but 31 follows"),
        ({"cents": -31, "ceiling": 31}, "is -31, but 31 follows"),
        ({"cents": 31, "ceiling": 30}, "`ceiling` of 'talks/ep1.mp3' is 30, but 31 follows"),
        ({"cents": 31, "ceiling": 999}, "is 999, but 31 follows"),
        ({"paid": True, "cents": 31, "ceiling": 31}, "is paid: `cents` and `ceiling` are 0, not 31 and 31"),
        ({"paid": True, "cents": 0, "ceiling": 1}, "is paid: `cents` and `ceiling` are 0, not 0 and 1"),
        ({"seconds": 0.0}, "`seconds` cannot be 0.0: it is more than 0 and at most 10,000,000"),
        ({"seconds": 0.0004}, "`seconds` cannot be 0.0004"),
        ({"seconds": -5.0}, "`seconds` cannot be -5.0"),
        ({"seconds": 10_000_001.0}, "`seconds` cannot be 10000001.0"),
        ({"seconds": 1e300}, "`seconds` cannot be 1e+300"),
        ({"size": 0}, "`size` cannot be 0: it is the file's size in bytes"),
        ({"size": -1}, "`size` cannot be -1"),
        ({"size": 2**50 + 1}, "`size` cannot be"),
        ({"generation": -1}, "`generation` cannot be -1"),
        ({"generation": 1_000_001}, "`generation` cannot be 1000001"),
        ({"print": "9F2C41D07AB3"}, "`print` is what plan wrote, 8 to 64 hex digits"),
        ({"print": ""}, "`print` is what plan wrote"),
        ({"sha256": "ab"}, "`sha256` has 64 hex digits, not 'ab'"),
        ({"result": "../x"}, "`result` '../x' leads out of the results folder"),
        ({"file": "../a.mp3"}, "`file` '../a.mp3' climbs with '..'"),
        ({"file_bytes": "xx"}, "`file_bytes` is the path in hex digits"),
        ({"grade": Grade.UNKNOWN, "cents": 1, "ceiling": 1}, "a file of unknown length has no price"),
        ({"grade": Grade.ESTIMATED, "cents": 31, "ceiling": 31}, "an estimated length needs `longest`"),
        (
            {"grade": Grade.ESTIMATED, "longest": 1834.0, "cents": 31},
            "`longest` cannot be 1834.0: it is at least `seconds`",
        ),
        ({"grade": Grade.ESTIMATED, "longest": 1e8, "cents": 31}, "`longest` cannot be 100000000.0"),
        ({"longest": 2000.0}, "`longest` belongs to estimated lengths, not exact ones"),
    ],
)
def test_a_line_that_contradicts_itself_is_refused(checker, item, fields, message):
    plain = {"cents": 31, "ceiling": 31}
    assert message in refused(checker, item(**{**plain, **fields}))


@pytest.mark.parametrize(
    "fields",
    [
        {"grade": Grade.COUNTED},
        {"grade": Grade.HEADER},
        {"grade": Grade.ESTIMATED, "longest": 1834.21},
        {"grade": Grade.ESTIMATED, "longest": 2500.0},
        {"basis": Basis.STATED},
        {"basis": Basis.OUTPUT},
        {"seconds": 0.001},
        {"seconds": 10_000_000.0},
        {"size": 1},
        {"generation": 7},
        {"sha256": "0" * 64},
        {"result": "x/y"},
        {"note": ""},
        {"needs": "voice"},
        {"paid": True},
        {"file": "/srv/audio/a.mp3"},
    ],
)
def test_what_is_unusual_but_right_passes(checker, item, fields):
    assert checker.check(item(**fields)).product == "transcription"


def test_prices_are_those_of_the_one_rounding(checker, item):
    offer = checker.check(item())
    for ms in (1, 999, 1000, 1001, 60_000, 61_234):
        for longest in (ms, ms + 100, ms * 2):
            made = item(seconds=ms / 1000, grade=Grade.ESTIMATED, longest=longest / 1000)
            assert offer.prices(ms, longest) == (made.cents, made.ceiling) == offer.prices(ms, longest)


def test_lines_that_buy_the_same_are_found(checker, item):
    items = [
        item("a.mp3"),
        item("b.mp3"),
        item("a.mp3", options={"formats": ["srt"]}),  # fetches more of the same
        item("a.mp3", options={"enable_word_timestamps": True}),  # says the default
        item("a.mp3", options={"language": "en"}),
        item("a.mp3", generation=1),
        item("a.mp3", "stems:six"),
        item("b.mp3", paid=True),
    ]
    assert checker.twice(items) == [[0, 2, 3], [1, 7]]


def test_lines_that_only_look_the_same_are_not(checker, item):
    one = item("caf�.mp3", file_bytes=b"caf\xe9.mp3".hex())
    other = replace(one, file_bytes=b"caf\xe8.mp3".hex())
    assert checker.twice([one, other]) == []
    assert checker.twice([item(), item(generation=1)]) == []
    assert checker.twice([]) == []
