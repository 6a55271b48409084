import pytest

from support.fleet import Yard


@pytest.fixture
def yard(tmp_path):
    """A ledger with a manifest of four lines, and room for hosts."""
    made = Yard(tmp_path)
    yield made
    made.close()
