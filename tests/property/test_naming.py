"""Results: no two items share a place, and none leaves the folder."""

import posixpath

from hypothesis import assume, given
from hypothesis import strategies as st

from manifests import catalogue, naming
from manifests.length import Grade
from manifests.manifest import Item
from manifests.paths import as_written, file_problem

PARTS = st.sampled_from(
    [
        "a",
        "A",
        "a.mp3",
        "a.MP3",
        "a.wav",
        "a.mp3.transcription",
        "a.mp3.transcription.ogg",
        "é",
        "e\u0301",
        "ß",
        "SS",
        "caf\udce9",
        "..",
        ".x",
        "x.",
    ]
)
TWINS = st.sampled_from(["a.mp3", "A.mp3", "a.MP3", "a.wav", "\u00e9.mp3", "e\u0301.mp3"])
PATHS = st.one_of(
    TWINS,  # often enough the same or nearly the same
    st.lists(PARTS, min_size=1, max_size=3).map("/".join),
    st.lists(PARTS, min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts)),
    st.text(min_size=1, max_size=20).filter(lambda text: "\0" not in text and text.isprintable()),
)
OPTIONS = {
    "transcription": st.sampled_from([{}, {"language": "en"}, {"language": "de"}]),
    "stems:six": st.just({}),
    "stems:two": st.just({}),
}


@st.composite
def items(draw):
    file, file_bytes = as_written(draw(PATHS))
    assume(file_problem(file, file_bytes) is None)
    service = draw(st.sampled_from(list(OPTIONS)))
    return Item(
        file=file,
        service=service,
        seconds=1.0,
        grade=Grade.EXACT,
        cents=1,
        ceiling=1,
        size=1,
        print="0" * 12,
        options=draw(OPTIONS[service]),
        file_bytes=file_bytes,
        generation=draw(st.integers(0, 2)),
    )


def thing(item):
    return item.path, item.service, item.generation, str(item.options)


@given(st.lists(items(), max_size=12, unique_by=thing))
def test_no_two_items_share_a_place(found):
    names = naming.bases(found)
    shapes = [catalogue.load().product(item.service).service.result for item in found]
    places = {(shape, naming.folded(name)) for shape, name in zip(shapes, names, strict=True)}
    assert len(places) == len(found)


@given(st.lists(items(), max_size=12, unique_by=thing))
def test_every_result_stays_in_its_folder(found):
    for name in naming.bases(found):
        inside = posixpath.normpath(posixpath.join("/results", name))
        assert inside.startswith("/results/")
        assert not posixpath.isabs(name)


@given(st.lists(items(), max_size=12, unique_by=thing), st.randoms())
def test_names_do_not_depend_on_the_order_of_the_lines(found, random):
    names = dict(zip(map(thing, found), naming.bases(found), strict=True))
    mixed = list(found)
    random.shuffle(mixed)
    assert dict(zip(map(thing, mixed), naming.bases(mixed), strict=True)) == names


@given(st.text(max_size=20))
def test_folding_twice_changes_nothing_and_case_nothing(name):
    assert naming.folded(naming.folded(name)) == naming.folded(name)
    assert naming.folded(name.upper().casefold()) == naming.folded(name.upper())
