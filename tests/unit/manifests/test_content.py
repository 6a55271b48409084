"""The digest of spans and the print, fed piece by piece."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.content import PRINT_BYTES, SpanHasher, print_of, print_places

cuts = st.lists(st.integers(0, 400), max_size=8).map(sorted)


def spans_from(edges: list[int]) -> tuple[tuple[int, int], ...]:
    return tuple(zip(edges[::2], edges[1::2], strict=False))


@given(st.binary(max_size=400), cuts, cuts)
def test_pieces_of_any_size_give_the_digest_of_the_spans(data, edges, joints):
    spans = spans_from(edges)
    hasher = SpanHasher(spans)
    begin = 0
    for joint in [*joints, len(data)]:
        hasher.update(data[begin:joint])
        begin = max(begin, joint)
    assert hasher.hexdigest() == hashlib.sha256(b"".join(data[start:end] for start, end in spans)).hexdigest()


@pytest.mark.parametrize("spans", [[(-1, 2)], [(3, 2)], [(0, 5), (4, 6)], [(5, 6), (0, 2)]])
def test_spans_out_of_order_are_refused(spans):
    with pytest.raises(ValueError, match="spans must"):
        SpanHasher(spans)


def test_the_print_is_taken_at_three_places():
    assert print_places(100_000) == ((0, 4096), (47_952, 52_048), (95_904, 100_000))
    assert print_places(10) == ((0, 10), (0, 10), (0, 10))
    assert print_places(0) == ((0, 0), (0, 0), (0, 0))


@given(st.integers(0, 50_000))
def test_places_lie_in_the_file(size):
    for start, end in print_places(size):
        assert 0 <= start <= end <= size
        assert end - start == min(size, PRINT_BYTES)


def test_the_print_tells_size_and_content():
    prints = {
        print_of(9, b"a", b"b", b"c"),
        print_of(8, b"a", b"b", b"c"),
        print_of(9, b"x", b"b", b"c"),
        print_of(9, b"a", b"b", b"x"),
    }
    assert len(prints) == 4
    assert all(len(each) == 12 for each in prints)
    assert print_of(3, b"a", b"b", b"c") == hashlib.sha256(b"3\nabc").hexdigest()[:12]
