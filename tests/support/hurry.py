"""Short waits for runs against a simulator on loopback, where nothing takes as long as on the net."""

import pytest

from runner.engine import timing
from runner.engine.timing import Patience

HURRIED = Patience(
    job=5.0, settle=0.5, bill=0.2, doubt_looks=(0.0, 0.15, 0.3), first_look=0.02, longest_look=0.05
)


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the waits that no option shortens."""
    monkeypatch.setattr(timing, "USAGE_GAPS", (0.02, 0.05, 0.1))
    monkeypatch.setattr(timing, "USAGE_WHILE_BUSY", 0.1)
    monkeypatch.setattr(timing, "OLD_DOUBT_LOOKS", (0.0, 0.05))
    monkeypatch.setattr(timing, "SETTLE_WAIT", 0.5)
    monkeypatch.setattr(timing, "backoff", lambda *_: 0.02)
