import pytest

from support.fleet import Yard


@pytest.fixture
def yard(store, tmp_path):
    """A ledger of either store with a manifest of four lines, and room for hosts."""
    return Yard(tmp_path, store)
