from fractions import Fraction

import pytest
from msgspec.structs import replace

from manifests import catalogue
from manifests.check import Checker, mark, thing
from manifests.check_many import doubtful
from manifests.errors import UsageError
from manifests.length import Basis, Grade
from manifests.manifest import Item

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
            assert offer.amounts(ms, longest) == (made.cents, made.ceiling, 0, 0)
            assert offer.amounts(ms, longest) is offer.amounts(ms, longest)


ALL_RATES = RATES | {
    "tts": Fraction(4),
    "clone": Fraction(4),
    "dubbing": Fraction(40),
    "denoise:studio": Fraction(1320),
    "music": Fraction(4),
}


def bought(service, **fields):
    """A line of any service, priced as it should be."""
    plain = {"seconds": 60.0, "grade": Grade.HEADER, "size": 10, "print": "9f2c41d07ab3"}
    made = Item(file="a.bin", service=service, cents=0, ceiling=0, **{**plain, **fields})
    cost = made.cost(catalogue.load().product(service), ALL_RATES[service])
    (cents, ceiling), (credits_, most) = cost.cents, cost.credits
    return replace(made, cents=cents, ceiling=ceiling, credits=credits_, credits_ceiling=most)


@pytest.mark.parametrize(
    "line",
    [
        bought("clone"),
        bought("denoise:studio"),
        bought("tts", options={"voice": "anna"}),
        bought("tts", needs="voices/anna.wav"),
        bought("tts", options={"voice": "7"}, part="2/3", span=(10, 20)),
        bought("music", options={"prompt": "calm", "audio_duration": -1}),
        bought("dubbing", options={"target_language": "de"}, url="https://example.org/a.mp3", size=0),
    ],
    ids=lambda line: line.service,
)
def test_lines_of_every_sort_pass(line):
    assert Checker(ALL_RATES).check(line).product == line.service


def test_a_clone_is_expected_at_nothing_and_bounded_by_its_sample():
    line = bought("clone", seconds=20.0)
    assert (line.cents, line.ceiling) == (0, 2)


def test_credits_are_counted_beside_the_cents():
    line = bought("denoise:studio")
    assert (line.cents, line.ceiling, line.credits, line.credits_ceiling) == (0, 0, 1320, 1343)
    assert "`credits` of 'a.bin' is 1, but 1320 follows" in refused(
        Checker(ALL_RATES), replace(line, credits=1)
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (bought("tts"), "tts needs --set tts.voice=…"),
        (bought("tts", options={"voice": "7"}, needs="a.wav"), "tts has two voices: voice and the clone"),
        (bought("transcription", needs="a.wav"), "transcription speaks with no voice: take `needs` out"),
        (bought("tts", needs="a.wav", part="1/2"), "`part` and `span` belong together"),
        (bought("tts", needs="a.wav", part="0/2", span=(0, 5)), "is no part of a text"),
        (bought("tts", needs="a.wav", part="3/2", span=(0, 5)), "is no part of a text"),
        (bought("tts", needs="a.wav", part="1/1", span=(0, 5)), "is no part of a text"),
        (bought("tts", needs="a.wav", part="1/2", span=(5, 5)), "is no part of a text"),
        (bought("transcription", part="1/2", span=(0, 5)), "belong to texts, not to transcription"),
        (bought("transcription", url="ftp://example.org/a"), "`url` is an address such as"),
        (bought("tts", needs="a.wav", url="https://example.org/a.txt"), "tts takes no addresses"),
        (bought("dubbing", options={"target_language": "xx"}), "dubbing.target_language cannot be 'xx'"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_belongs_to_another_sort_of_line_is_refused(line, message):
    assert message in refused(Checker(ALL_RATES), line)


def twice(checker, items):
    """The numbers of the lines that buy the same thing, together; their marks say so, too."""
    found, marks = {}, {}
    for number, item in enumerate(items):
        offer = checker.check(item)
        found.setdefault(thing(item, offer), []).append(number)
        marks.setdefault(mark(item, offer), []).append(number)
    assert list(found.values()) == list(marks.values())
    return [numbers for numbers in found.values() if len(numbers) > 1]


def test_parts_and_voices_tell_lines_apart():
    text = bought("tts", options={"voice": "7"})
    first = replace(text, part="1/2", span=(0, 5))
    spoken = bought("tts", needs="a.wav")
    lines = [
        text,
        first,
        replace(first, part="2/2", span=(6, 9)),
        spoken,
        replace(spoken, needs="b.wav"),
        first,
    ]
    assert twice(Checker(ALL_RATES), lines) == [[1, 5]]


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
    assert twice(checker, items) == [[0, 2, 3], [1, 7]]


def test_lines_that_only_look_the_same_are_not(checker, item):
    one = item("caf�.mp3", file_bytes=b"caf\xe9.mp3".hex())
    other = replace(one, file_bytes=b"caf\xe8.mp3".hex())
    assert twice(checker, [one, other]) == []
    assert twice(checker, [item(), item(generation=1)]) == []


@pytest.mark.parametrize("where", [0, 1, 2])
def test_what_is_not_plainly_right_gets_a_closer_look(checker, item, where):
    fine = [item("a.mp3"), item("b.mp3", sha256="0" * 64), item("c.mp3", grade=Grade.HEADER, generation=3)]
    fine.append(item("d.mp3", paid=True))
    assert list(doubtful(fine, checker.offers(fine))) == []
    for fields in ODD:
        lines = [*fine]
        lines[where] = replace(lines[where], **fields)
        assert where in doubtful(lines, checker.offers(lines)), fields


ODD = [
    {"file": ""},
    {"file": "../a"},
    {"file": "a//b"},
    {"file": "a/"},
    {"file": "a/./b"},
    {"file": "a\0b"},
    {"file_bytes": "61"},
    {"seconds": 0.0},
    {"seconds": 1e9},
    {"grade": Grade.UNKNOWN},
    {"grade": Grade.ESTIMATED},
    {"longest": 2000.0},
    {"cents": 30},
    {"ceiling": 30},
    {"credits": 1},
    {"credits_ceiling": 1},
    {"paid": True},
    {"size": 0},
    {"size": 2**51},
    {"print": "0123"},
    {"print": "9F2C41D07AB3"},
    {"sha256": ""},
    {"sha256": "0" * 63},
    {"generation": -1},
    {"generation": 10**7},
    {"result": "../x"},
    {"url": ""},
    {"part": "1/2"},
    {"span": (0, 1)},
]
"""Each of them makes a line wrong, or one that has rare fields."""
