"""Makers of plans to compare."""

import pytest

from support import compared


@pytest.fixture
def item():
    return compared.make_item


@pytest.fixture
def side():
    return compared.make_side


@pytest.fixture
def diff():
    return compared.make_diff
