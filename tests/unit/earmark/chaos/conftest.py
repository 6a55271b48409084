"""A small workplace in which one item was bought."""

import pytest

from support.small_run import BILLED, Desk


@pytest.fixture
def desk_of_one(tmp_path):
    made = Desk(tmp_path)
    made.run(made.manifest("a.mp3"), patience=BILLED)
    yield made
    made.close()
