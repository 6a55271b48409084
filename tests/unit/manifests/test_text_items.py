import typing

import msgspec
import pytest
import yaml

from manifests import text_restyled
from manifests.check import Checker
from manifests.length import Basis, Grade
from manifests.manifest import Item
from manifests.text_items import ItemReader, item_line, item_lines
from manifests.text_lines import Faulty, Piece
from manifests.text_restyled import restyled
from manifests.text_yaml import LOADER

BLOCK = """\
- file: 2024
  service: transcription
  # whose?
  seconds: 1834.21
  grade: exact
  cents: 31

  ceiling: 31
  size: 29347560
  print: 001122334455
"""


@pytest.fixture(params=[pytest.param(yaml.SafeLoader, id="python"), pytest.param(LOADER, id="installed")])
def loader(request):
    return request.param


@pytest.fixture
def read(head):
    reader = ItemReader(Checker(head().rates))
    return lambda text, line=8: reader.read(Piece(line, text.encode() if isinstance(text, str) else text))


def refused(read, text):
    with pytest.raises(Faulty) as caught:
        read(text)
    return caught.value.line, caught.value.message


def test_a_line_is_as_the_manual_shows_it(item):
    assert item_line(item(options={"formats": ["srt", "json"]})).decode() == (
        '- {"file": "talks/ep1.mp3", "service": "transcription", "seconds": 1834.21, "grade": "exact",'
        ' "cents": 31, "ceiling": 31, "size": 29347560, "print": "9f2c41d07ab3",'
        ' "options": {"formats": ["srt", "json"]}}\n'
    )


def test_no_number_has_an_exponent(item):
    assert b"10000000.0," in item_line(item(seconds=10_000_000.0))
    assert b'"seconds": 0.001,' in item_line(item(seconds=0.001))
    assert b"1125899906842624," in item_line(item(size=2**50))


def test_a_line_is_read_back(item, read):
    given = item(
        sha256="0" * 64, result="x", note="a: b # c", generation=2, options={"formats": ["json", "srt"]}
    )
    assert read(item_line(given)) == given


def test_lines_share_their_options_and_service(item, read):
    one, other = (read(item_line(item(name, options={"language": "en"}))) for name in ("a.mp3", "b.mp3"))
    assert one.options is other.options
    assert one.service is other.service


def test_a_path_that_is_no_utf8_gets_two_forms(item, read):
    line = item_line(item("caf\udce9.mp3", note="half \ud800"))
    assert b'"file": "caf\xef\xbf\xbd.mp3"' in line
    assert b'"file_bytes": "636166e92e6d7033"' in line
    assert read(line).path == "caf\udce9.mp3"
    assert read(line).note == "half ?"


def test_an_item_that_has_its_bytes_keeps_them(item, read):
    given = item("caf�.mp3", file_bytes=b"caf\xe9.mp3".hex(), note="\udc80")
    assert read(item_line(given)).path == "caf\udce9.mp3"


def test_every_field_of_an_item_has_its_reader():
    assert tuple(text_restyled._FIELDS) == Item.__struct_fields__
    defaults = dict(zip(reversed(Item.__struct_fields__), reversed(Item.__struct_defaults__), strict=False))
    assert tuple(name for name in Item.__struct_fields__ if name not in defaults) == text_restyled._REQUIRED
    nothing = {
        name for name, kind in typing.get_type_hints(Item).items() if type(None) in typing.get_args(kind)
    }
    assert nothing == set(text_restyled._MAY_BE_EMPTY)


def test_a_block_style_line_is_read(item, loader):
    expected = item("2024", print="001122334455")
    assert restyled(Piece(8, BLOCK.encode()), loader) == expected


def test_every_field_can_be_restyled(item, loader):
    text = BLOCK + (
        "  options: {language: no, min_speakers: 2, formats: [srt]}\n"
        "  basis: stated\n  longest: ~\n  file_bytes:\n  sha256: null\n"
        "  result: 007\n  needs: ~\n  generation: 3\n  paid: false\n  note: yes\n"
    )
    found = restyled(Piece(8, text.encode()), loader)
    assert (found.basis, found.result, found.generation, found.paid, found.note) == (
        Basis.STATED,
        "007",
        3,
        False,
        "yes",
    )
    assert found.longest is found.file_bytes is found.sha256 is found.needs is None
    assert found.options == {"language": "no", "min_speakers": "2", "formats": ["srt"]}


def test_options_come_out_the_same_in_either_style(read):
    json_style = (
        '- {"file": "2024", "service": "transcription", "seconds": 1834.21, "grade": "exact", "cents": 31,'
        ' "ceiling": 31, "size": 29347560, "print": "001122334455", "options": {"language": "no",'
        ' "min_speakers": 2, "enable_word_timestamps": false, "formats": ["json", "srt"]}}'
    )
    block_style = (
        f"{BLOCK}  options:\n    language: no\n    min_speakers: 2\n"
        "    enable_word_timestamps: false\n    formats: [srt]\n"
    )
    assert read(json_style) == read(block_style)


def test_json_in_other_spacing_and_order_is_read(item, read, line):
    fields = msgspec.json.decode(line[2:])
    loose = "- " + msgspec.json.format(msgspec.json.encode(dict(reversed(fields.items())))).decode().replace(
        "\n", " "
    )
    tight = b"- " + msgspec.json.encode(fields)
    assert read(loose) == read(tight) == read(line) == read("  " + line)


def test_other_names_become_the_products_own(item, read):
    line = item_line(item("a.mp3", "stems:two")).replace(b"stems:two", b"stems:2stem")
    assert read(line).service == "stems:two"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"cents": 31', '"cents": 31, "cents": 31', "`cents` stands twice, first on line 8: keep one"),
        ('"cents": 31', '"cents": 30, "ce\\u006ets": 31', "`cents` stands twice"),
        ('{"formats": ["json", "srt"]}', '{"language": "en", "language": "de"}', "`language` stands twice"),
        ('"file"', '"flie"', "an item has no field `flie`; did you mean 'file'?"),
        ('"file": "talks/ep1.mp3", ', "", "the item lacks `file`"),
        ('"print": "9f2c41d07ab3", ', "", "the item lacks `print`"),
        ('"talks/ep1.mp3"', "[1]", "`file` is a text, not a list"),
        ('"talks/ep1.mp3"', '"talks/\\u0000ep1.mp3"', "`file` cannot hold a NUL character"),
        ('"cents": 31', '"cents": "31"', "`cents` is a whole number, not '31'"),
        ('"cents": 31', '"cents": 31.0', "`cents` is a whole number, not '31.0'"),
        ('"cents": 31', '"cents": null', "`cents` is a whole number, not 'null'"),
        ('"cents": 31', '"cents": true', "`cents` is a whole number, not 'true'"),
        ('"cents": 31', '"cents": 30', "`cents` of 'talks/ep1.mp3' is 30, but 31 follows"),
        ('"seconds": 1834.21', '"seconds": "long"', "`seconds` is a number of seconds, not 'long'"),
        ('"seconds": 1834.21', '"seconds": NaN', "`seconds` is a number of seconds, not 'NaN'"),
        ('"seconds": 1834.21', '"seconds": 1e999', "`seconds` is a number of seconds"),
        (
            '"grade": "exact"',
            '"grade": "exakt"',
            "`grade` cannot be 'exakt'; did you mean 'exact'? Known: exact, counted",
        ),
        ('"grade": "exact"', '"grade": "exact", "basis": "in"', "`basis` cannot be 'in'"),
        ('"grade": "exact"', '"grade": "unknown"', "a file of unknown length has no price"),
        ('"grade": "exact"', '"grade": "exact", "paid": "yes"', "`paid` is true or false, not 'yes'"),
        ('"grade": "exact"', '"grade": "exact", "paid": true', "is paid: `cents` and `ceiling` are 0"),
        ('"transcription"', '"transcripton"', "no service 'transcripton'; did you mean 'transcription'?"),
        ('{"formats": ["json", "srt"]}', "[]", "`options` is a mapping, such as {a: 1}, not a list"),
        ('{"formats": ["json", "srt"]}', '{"formats": ["mp3"]}', "transcription.formats cannot be 'mp3'"),
        (
            '{"formats": ["json", "srt"]}',
            '{"language": {"a": [1]}}',
            "transcription.language is a text, not {'a': [1]}",
        ),
        ('{"formats": ["json", "srt"]}', '{"formats": ' + "[" * 3000 + "]" * 3000 + "}", "nested too deeply"),
        ('"size": 29347560', f'"size": {"9" * 5000}', "`size` is a whole number, not '999"),
        ('"size": 29347560', f'"size": {"9" * 25}', "`size` cannot be 999"),
        (
            '["json", "srt"]',
            f'["json"], "min_speakers": {"9" * 5000}',
            "min_speakers is a whole number, not '999",
        ),
        ("}}\n", "}\n", "not YAML: "),
        ("}}\n", "}}, {}\n", "not YAML: "),
    ],
    ids=lambda value: value[:40],
)
def test_a_wrong_line_is_refused_and_says_why(read, line, old, new, message):
    assert old in line
    found_line, found = refused(read, line.replace(old, new))
    assert message in found
    assert found_line == 8


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (BLOCK.replace("cents: 31\n\n", "cents: x\n\n"), 13, "`cents` is a whole number, not 'x'"),
        (BLOCK + "  cents: 31\n", 18, "`cents` stands twice, first on line 13"),
        (BLOCK + "  fiel: x\n", 18, "an item has no field `fiel`"),
        (BLOCK + "  note: *x\n", 18, "aliases are not read"),
        (BLOCK + "  note: 'open\n", 18, "not YAML: "),
        (BLOCK.replace("31", "30", 1), 8, "`cents` of '2024' is 30, but 31 follows"),
        ("- talks/ep1.mp3\n", 8, "an item is a mapping"),
        ("- [a]\n", 8, "an item is a mapping"),
        ("- a\n- b\n", 8, "an item is a mapping"),
        ("- \n", 8, "an item is a mapping"),
        ("- {}\n", 8, "the item lacks `file`"),
    ],
)
def test_a_restyled_line_that_is_wrong_names_its_own_line(read, text, line, message):
    found_line, found = refused(read, text)
    assert message in found
    assert found_line == line


def test_a_line_that_is_no_utf8_is_told(read, line):
    assert refused(read, line.encode().replace(b"talks", b"t\xe9lks")) == (
        8,
        "the line is not UTF-8: save the file as UTF-8",
    )


def test_control_characters_are_told(read, line):
    assert (
        refused(read, line.replace("talks", "ta\0lks"))[1]
        == "not YAML: it holds the control character U+0000"
    )


def test_grades_and_bases_are_read_by_their_words(item, loader):
    for grade in (Grade.EXACT, Grade.COUNTED, Grade.HEADER):
        assert restyled(Piece(1, BLOCK.replace("exact", grade.value).encode()), loader).grade is grade
    for basis in Basis:
        assert restyled(Piece(1, (BLOCK + f"  basis: {basis.value}\n").encode()), loader).basis is basis


def test_many_lines_are_written_as_each_of_them_is(item):
    items = [
        item("a.mp3"),
        item("caf\udce9.mp3"),
        item("b.mp3", note='}, {"file": "\u2028\x85'),
        item("ü\n- .mp3", options={}),
    ]
    for some in ([], items[:1], items[2:], items):
        assert item_lines(some) == b"".join(map(item_line, some))
