"""A small workplace for the tests of a run's pieces."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.small_run import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()
