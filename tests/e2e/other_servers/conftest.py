"""A folder of recordings and a server that is not our simulator, with waits that a test can wait for."""

from contextlib import ExitStack

import pytest

from runner.api import reads
from runner.engine import timing
from support.other_dialect import Dialect
from support.other_server import other_server
from support.rehearsal import Rehearsal


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """Opens a shop: `shop(dialect, *recordings)`, of 61 seconds each."""
    monkeypatch.setattr(timing, "USAGE_GAPS", (0.05, 0.1, 0.2, 0.4))
    monkeypatch.setattr(timing, "backoff", lambda failures, *_: 0.02 * failures)
    monkeypatch.setattr(timing, "OLD_DOUBT_LOOKS", (0.0, 0.1))
    monkeypatch.setattr(reads, "_GROWING", lambda state: 0.02)
    with ExitStack() as stack:

        def open_one(dialect: Dialect, *names: str) -> Rehearsal:
            it = Rehearsal(tmp_path, stack.enter_context(other_server(dialect)))  # type: ignore[arg-type]
            it.record(*(names or ("a.wav", "b.wav")), seconds=61)
            return it

        yield open_one
