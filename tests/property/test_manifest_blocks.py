"""Reading blocks of lines at once finds what reading line by line finds, wherever a block ends."""

import tempfile
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests import text_blocks, text_lines
from manifests.check import Checker
from manifests.errors import ManifestError
from manifests.text import open_manifest, read_manifest
from manifests.text_items import ItemReader
from manifests.text_lines import Faulty

HEAD = (
    b"version: 1\nid: a\ncreated: 2026-11-23T05:00:00Z\nroot: .\nprices: {catalogue: x, cents_per_minute: "
    b"{transcription: 1}}\ntotal: {items: 1, seconds: 1, cents: 1, ceiling: 1}\nitems:\n"
)
PLAIN = (
    b'- {"file": "%d", "service": "transcription", "seconds": 1.0, "grade": "exact", "cents": 1,'
    b' "ceiling": 1, "size": 1, "print": "000000000000", "options": {"formats": ["json"]}}'
)
CHANGES = [
    (b"", b""),
    (b"}}", b'}, "note": "\xc2\x85 } {"}'),
    (b"}}", b'}, "note": "\xc3\xa9 \\"}\\\\"}'),
    (b', "size": 1', b', "size": 1, "size": 1'),
    (b'"cents": 1', b'"cents": 2'),
    (b', "size": 1', b',\n\n  # why\n  "size": 1'),
    (b"- {", b"-   {"),
    (b"- {", b"-\n  {"),
    (b"- {", b"# - {"),
    (b"- {", b" - {"),
    (b"}}", b'}}, {"file": "x"}'),
    (b"}}", b"}}\r"),
    (b"}}", b"}}\n"),
    (b"}}", b"}}\n  # deeper\n# not"),
    (b"}}", b"}"),
    (b'{"formats": ["json"]}', b'{"formats": [{"a": 1},\n- {"b": 2}]}'),
]
LINES = st.lists(st.tuples(st.sampled_from([CHANGES[0], *CHANGES]), st.integers(0, 30)), max_size=12)


def one_by_one(text):
    lines = text_lines.numbered(BytesIO(text))
    text_lines.head(lines)
    reader = ItemReader(Checker({"transcription": Fraction(1)}))
    return [(piece.line, reader.read(piece)) for piece in text_lines.items(lines)]


@given(LINES, st.sampled_from([60, 250, 600, 100_000]), st.sampled_from([b"", b"\n"]), st.booleans())
def test_blocks_are_read_as_their_lines_would_be(lines, size, end, indented):
    items = [(PLAIN % number).replace(*change, 1) for change, number in lines]
    text = HEAD + b"\n".join(b"  " + item if indented else item for item in items) + end
    try:
        expected = one_by_one(text)
    except Faulty as fault:
        expected = f":{fault.line}: {fault.message}"
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_blocks, "BLOCK_SIZE", size)
        path = Path(folder) / "m.yaml"
        path.write_bytes(text)
        try:
            manifest = read_manifest(path)
            found = list(zip(manifest.lines, manifest.items, strict=True))
            with open_manifest(path) as opened:
                assert [opened[number] for number in range(len(opened))] == list(manifest.items)
        except ManifestError as error:
            found = str(error).removeprefix(str(path))
            if "stands twice with the same" in found or "there are no items" in found:
                return
    assert found == expected
