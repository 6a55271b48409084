"""What a selftest counted."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from earmark.chaos.audit import Findings
from manifests.exits import Exit


@dataclass(slots=True)
class Tally:
    """Counts over all rounds so far, and what was found."""

    seed: int
    asked: float  # seconds
    seconds: float = 0.0
    rounds: int = 0
    runs: int = 0
    submits: int = 0
    jobs: int = 0
    cents: int = 0
    saved: int = 0
    reconciled: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    findings: Findings = field(default_factory=Findings)
    kept: Path | None = None
    """Where everything stays that shows what went wrong."""

    @property
    def twice(self) -> int:
        """Double payments."""
        return len(self.findings.twice)

    @property
    def over(self) -> int:
        """Cents over the cap, at the worst moment."""
        return self.findings.over

    @property
    def lost(self) -> int:
        """Results that were paid and lost."""
        return len(self.findings.lost)

    @property
    def odd(self) -> int:
        """Everything else that should not have been: ends of commands, sums that do not add up."""
        return len(self.findings.odd)

    @property
    def exit(self) -> Exit:
        """What it came to."""
        return Exit.DONE if self.findings.clean else Exit.SOME_FAILED
