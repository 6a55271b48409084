"""Names that rules give to results."""

import pytest

from manifests import catalogue
from manifests.errors import UsageError
from manifests.length import Grade
from manifests.manifest import Item
from planner.templates import Places, Template, check

CATALOGUE = catalogue.load()


def item(file, **fields):
    return Item(file, "transcription", 60.0, Grade.EXACT, 1, 1, 10, "0123456789ab", **fields)


def named(text, one, product="transcription", **submitted):
    return Template(text, "rules.yaml:7").name(one, CATALOGUE.product(product), submitted)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{folder}/{stem}", "talks/de/ep1"),
        ("{service}/{name}", "stems/ep1.mp3"),
        ("{stem}.{variant}", "ep1.six"),
        ("{{x}} {stem}", "{x} ep1"),
        ("{stem}-{stem_of}", "ep1-"),
    ],
)
def test_places_are_filled(text, name):
    assert named(text, item("talks/de/ep1.mp3"), "stems:six", stem="") == name


def test_an_option_is_written_as_it_is_sent_and_is_empty_where_it_is_not_set():
    name = named("{stem}.{language}.{enable_word_timestamps}{max_speakers}", item("a.mp3"), language="a/b",
                 enable_word_timestamps=True)  # fmt: skip
    assert name == "a.a_b.true"


def test_a_file_at_the_root_leaves_no_empty_folder():
    assert named("{folder}/{stem}", item("a.mp3")) == "a"


def test_a_part_of_a_text_and_a_prompt_keep_their_own_names_for_stem_and_folder():
    assert named("x/{stem}", item("book.txt", part="2/3", span=(0, 9))) == "x/book.part-2-of-3"
    assert named("{folder}-x/{stem}", item("p.yaml", result="p/001-rain")) == "p-x/001-rain"


def test_a_name_that_is_no_utf8_is_written_readably():
    one = item("x\ufffd.mp3", file_bytes=b"x\xff.mp3".hex())
    assert named("{stem}-{name}", one) == "x\ufffd-x\ufffd.mp3"


def test_a_name_that_no_disk_takes_is_cut():
    assert len(named("{stem}", item("a" * 250 + ".mp3")).encode()) <= 240
    part = named("{stem}", item("a" * 235 + ".txt", part="2/3", span=(0, 9)))
    assert len(part.encode()) <= 240
    assert part.endswith(".part-2-of-3")


@pytest.mark.parametrize("text", ["../{stem}", "{folder}", "{language}"])
def test_a_name_that_leads_nowhere_is_refused_with_rule_and_file(text):
    with pytest.raises(UsageError, match=r"rules\.yaml:7: `result` makes .* of a\.mp3, which names no file"):
        named(text, item("a.mp3"))


def test_a_nul_is_refused():
    with pytest.raises(UsageError, match=r"rules\.yaml:7: .*NUL.*made of a\.mp3"):
        named("x\0{stem}", item("a.mp3"))


def test_a_template_knows_the_options_of_any_of_its_services():
    products = [CATALOGUE.product("stems:six"), CATALOGUE.product("transcription")]
    assert check("{stem}.{language}", products) is None
    assert "no {voice}" in (check("{voice}", products) or "")


def test_names_clash_as_a_careless_disk_sees_them():
    template = Template("x", "rules.yaml:7")
    one, other = item("a.mp3", result="X"), item("b.mp3", result="x")
    places = Places()
    places.add(template, one, "file")
    places.add(template, other, "folder")
    with pytest.raises(UsageError) as told:
        places.add(template, other, "file")
    assert str(told.value) == (
        "rules.yaml:7: `result` names 'x' twice, for a.mp3 and for b.mp3: add {folder}, {name}, {service}"
        " or an option to it"
    )
