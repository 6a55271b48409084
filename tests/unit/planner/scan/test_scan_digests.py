import pytest

from planner.digests import Digests

ONE, TWO = "11" * 32, "22" * 32


def test_digests_are_found_by_number_where_there_are_any():
    digests = Digests()
    digests.add(5, ONE)
    digests.add(2, TWO)
    digests.add(2, TWO)
    assert dict(digests) == {2: TWO, 5: ONE}
    assert len(digests) == 2
    assert digests.get(3) is digests.get(99) is None
    with pytest.raises(KeyError):
        digests[6]


def test_what_is_left_out_moves_the_others_up():
    digests = Digests()
    digests.add(0, ONE)
    digests.add(3, TWO)
    assert dict(digests.without({1, 2}, 5)) == {0: ONE, 1: TWO}
