"""A small workplace for the tests of a run's pieces."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.ledgers import Shelf
from support.small_run import Desk


@pytest.fixture
def each_desk(tmp_path: Path, store: Shelf) -> Iterator[Desk]:
    """The same with a ledger in either store."""
    made = Desk(tmp_path, shelf=store)
    yield made
    made.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()
