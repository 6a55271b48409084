"""Whatever an item holds, every reader reads back what was written."""

import io
import json
import tempfile
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from manifests import catalogue, options, text_lines
from manifests.check import Checker
from manifests.errors import ManifestError, UsageError
from manifests.length import Basis, Grade
from manifests.manifest import Head, Item, total
from manifests.paths import as_written, file_problem
from manifests.text import read_manifest, write_manifest
from manifests.text_head import is_name
from manifests.text_items import ItemReader, item_line
from manifests.text_lines import Piece
from manifests.text_restyled import restyled
from manifests.text_yaml import LOADER

PRODUCTS = [
    catalogue.Product(service, variant)
    for service in catalogue.load().services
    for variant in service.variants
]
RATES = {product.name: product.rate for product in PRODUCTS}
LOADERS = [pytest.param(yaml.SafeLoader, id="python"), pytest.param(LOADER, id="installed")]

ODD = (
    "\x00\x07\x1b\x7f\x85\x9f\u2028\u2029\ufeff"
    "\ufffe\uffff\ud7ff\ue000\U0001f399\U0010ffff'\"\\{}[]:#,&*!|>%@`- \t\n\r~"
)
TEXTS = st.text(st.one_of(st.sampled_from(ODD), st.characters(codec="utf-8")), max_size=40)
HEX = st.text("0123456789abcdef", min_size=12, max_size=12)
MS = st.integers(min_value=1, max_value=10**9)


BIG = settings(suppress_health_check=[HealthCheck.too_slow])
"""An item has many fields to draw; a busy machine is slow at it, which says nothing about Earmark."""


@st.composite
def paths(draw):
    """Any path that a POSIX system may have, as Python knows it."""
    raw = draw(st.one_of(st.binary(min_size=1, max_size=40), TEXTS.map(str.encode)))
    path = raw.replace(b"\0", b"0").decode(errors="surrogateescape")
    file, file_bytes = as_written(path)
    assume(file_problem(file, file_bytes) is None)
    return path


@st.composite
def choices(draw, product, *, voiced):
    """Options that fit the product, as a manifest has them; `voiced` says that a clone is its voice."""
    given_options = {}
    for option in product.service.options:
        if not option.fits(product.variant.name) or (option.voice and voiced):
            continue
        needed = option.required or option.name in product.variant.needs
        if not needed and draw(st.booleans()):
            continue
        given_options[option.name] = draw(values(option))
    low, high = given_options.get("min_speakers"), given_options.get("max_speakers")
    assume(low is None or high is None or low <= high)
    try:
        return options.check(product, given_options, voiced=voiced)
    except UsageError:  # such as a code that no language has
        assume(False)


def values(option):
    match option.kind:
        case "bool":
            return st.booleans()
        case "int":
            return st.integers(option.minimum, option.maximum)
        case "decimal":
            return st.decimals(str(option.minimum), str(option.maximum), places=2).map(str)
        case "list":
            return st.lists(st.sampled_from(option.choices), min_size=1, unique=True)
        case "choice":
            return st.sampled_from(option.choices)
        case _:
            return st.from_regex(option.pattern, fullmatch=True).filter(str.isascii)


@st.composite
def items(draw):
    product = draw(st.sampled_from(PRODUCTS))
    file, file_bytes = as_written(draw(paths()))
    grade = draw(st.sampled_from([Grade.EXACT, Grade.COUNTED, Grade.HEADER, Grade.ESTIMATED]))
    ms = draw(MS)
    longest = ms + draw(st.integers(0, 10**6)) if grade is Grade.ESTIMATED else None
    paid = draw(st.booleans())
    voiced = product.service.voice is not None and draw(st.booleans())
    plain = Item(
        file=file,
        service=product.name,
        seconds=ms / 1000,
        grade=grade,
        cents=0,
        ceiling=0,
        size=draw(st.integers(1, 2**50)),
        print=draw(HEX),
        options=draw(choices(product, voiced=voiced)),
        basis=draw(st.sampled_from(Basis)),
        longest=None if longest is None else longest / 1000,
        file_bytes=file_bytes,
        sha256=draw(st.none() | st.text("0123456789abcdef", min_size=64, max_size=64)),
        result=draw(st.none() | st.sampled_from(["a", "x/y", "né 🎙", "no", "007"])),
        needs=draw(TEXTS) if voiced else None,
        generation=draw(st.integers(0, 1000)),
        paid=paid,
        note=draw(st.none() | TEXTS),
        **draw(places(product)),
    )
    return plain if paid else with_amounts(plain, plain.cost(product))


@st.composite
def places(draw, product):
    """Where an input stands beside a file of its own: at an address, or within a text."""
    if product.service.address and draw(st.booleans()):
        return {"url": draw(st.sampled_from(["https://a.example/x.mp3", "http://a.example/?q=1&r=%20"]))}
    if "text" in product.service.accepts and draw(st.booleans()):
        start = draw(st.integers(0, 10**6))
        return {"part": "2/3", "span": (start, start + draw(st.integers(1, 20_000)))}
    return {}


def with_amounts(item, cost):
    (cents, most), (credits_, most_credits) = cost.cents, cost.credits
    return replace(item, cents=cents, ceiling=most, credits=credits_, credits_ceiling=most_credits)


@BIG
@given(items())
def test_the_fast_reader_reads_what_was_written(item):
    assert ItemReader(Checker(RATES)).read(Piece(1, item_line(item))) == item


@pytest.mark.parametrize("loader", LOADERS)
@BIG
@given(item=items())
def test_the_yaml_readers_read_what_was_written(loader, item):
    found = restyled(Piece(1, item_line(item)), loader)
    checker = Checker(RATES)
    assert checker.check(found).options == item.options
    for name in set(Item.__struct_fields__) - {"options"}:
        assert getattr(found, name) == getattr(item, name)


@BIG
@given(items())
def test_other_readers_of_yaml_and_json_agree(item):
    line = item_line(item)
    assert line.count(b"\n") == 1
    assert yaml.load(line, Loader=LOADER) == [json.loads(line[2:])] == yaml.safe_load(line)


@BIG
@given(items())
def test_a_restyled_item_is_the_same_item(item):
    fields = json.loads(item_line(item)[2:])
    block = yaml.safe_dump([fields], allow_unicode=True, width=60, sort_keys=True)
    assume(yaml.safe_load(block) == [fields])  # PyYAML's own dump loses blanks beside U+0085
    reader = ItemReader(Checker(RATES))
    assert reader.read(Piece(1, block.encode())) == item


@BIG
@given(items())
def test_a_path_comes_back_as_the_system_knows_it(item):
    again = ItemReader(Checker(RATES)).read(Piece(1, item_line(item)))
    assert again.path.encode(errors="surrogateescape") == item.path.encode(errors="surrogateescape")


@given(paths())
@example("caf\udce9.mp3")
def test_a_path_that_planning_did_not_split_is_split_by_the_writer(path):
    line = item_line(Item(path, "transcription", 1.0, Grade.EXACT, 1, 1, 1, "0" * 12))
    assert ItemReader(Checker(RATES)).read(Piece(1, line)).path == path


@settings(BIG, max_examples=40)
@given(
    st.lists(items(), max_size=3, unique_by=lambda item: (item.path, item.service, item.generation)),
    TEXTS,
    st.none() | st.integers(0, 10**9),
    st.none() | TEXTS,
)
def test_a_whole_manifest_is_read_back(found, root, cap, name):
    assume(root and "\0" not in root)
    assume(name is None or is_name(name))
    head = Head(
        id="7c0e5a41d2f94b6b",
        created="2026-11-23T05:00:00Z",
        root=root,
        catalogue="2026-05-22",
        rates=RATES | {"transcription": Fraction(1)},
        total=total(found),
        cap=cap,
        name=name,
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "manifest.yaml"
        write_manifest(path, head, found)
        if not found:
            with pytest.raises(ManifestError, match="there are no items"):
                read_manifest(path)
            return
        manifest = read_manifest(path)
        assert (manifest.head, manifest.items) == (head, tuple(found))
        for line, item in zip(manifest.lines, found, strict=True):
            assert path.read_bytes().splitlines(keepends=True)[line - 1] == item_line(item)


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_read_or_refused_in_words(noise):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.yaml"
        path.write_bytes(noise)
        with pytest.raises(ManifestError) as caught:
            read_manifest(path)
        assert str(caught.value).startswith(f"{path}:")


GOOD = (
    b"version: 1\nid: a\ncreated: 2026-11-23T05:00:00Z\nroot: .\nprices: {catalogue: x, cents_per_minute: "
    b"{transcription: 1}}\ntotal: {items: 1, seconds: 1, cents: 1, ceiling: 1}\nitems:\n"
    b'- {"file": "a", "service": "transcription", "seconds": 1.0, "grade": "exact", "cents": 1, "ceiling": 1,'
    b' "size": 1, "print": "000000000000", "options": {"formats": ["json"]}}\n'
)


@given(
    st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.binary(max_size=3), st.integers(0, 4)), max_size=4)
)
def test_a_damaged_manifest_is_read_or_refused_in_words(cuts):
    damaged = GOOD
    for place, instead, length in cuts:
        damaged = damaged[:place] + instead + damaged[place + length :]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.yaml"
        path.write_bytes(damaged)
        refusal = None
        try:
            manifest = read_manifest(path)
        except ManifestError as error:
            refusal = str(error)
    if refusal is not None:
        assert refusal.startswith(f"{path}:")
        return
    for item in manifest.items:
        assert item.paid or item.cents == _price(item, manifest.head.rates)


def _price(item, rates):
    return item.cost(catalogue.load().product(item.service), rates[item.service]).cents[0]


@given(st.lists(st.sampled_from([b"- x\n", b"  y: 1\n", b"\n", b"# c\n", b"  # d\n", b" # e\n"])))
def test_splitting_loses_no_line_of_an_item(lines):
    body = b"- first\n" + b"".join(lines)
    pieces = list(text_lines.items(text_lines.numbered(io.BytesIO(body))))
    numbered = body.splitlines(keepends=True)
    for piece in pieces:
        count = piece.text.count(b"\n")
        assert piece.text == b"".join(numbered[piece.line - 1 : piece.line - 1 + count])
    kept = sum(piece.text.count(b"y: 1") + piece.text.count(b"- ") for piece in pieces)
    assert kept == body.count(b"y: 1") + body.count(b"- ")
