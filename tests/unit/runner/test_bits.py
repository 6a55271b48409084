"""Sets in little memory hold what was put in, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from runner.bits import Bits, Marks


@given(st.sets(st.integers(0, 20_000)), st.sets(st.integers(0, 20_000)))
def test_numbers(put, others):
    bits = Bits()
    for number in [*put, *put]:
        bits.add(number)
    assert all(number in bits for number in put)
    assert not any(number in bits for number in others - put)
    assert len(bits) == len(put)
    assert "a" not in bits


@given(st.sets(st.text(max_size=3), max_size=40), st.sets(st.text(max_size=3), max_size=40))
def test_texts(put, others):
    marks = Marks()
    marks.RECENT = 4
    for text in put:
        marks.add(text)
    assert all(text in marks for text in put)
    assert not any(text in marks for text in others - put)
