"""What passes by in batches, gathered: tests look at few lines."""

from types import SimpleNamespace
from typing import Any

from planner import plan


def price(*arguments: Any, **options: Any) -> SimpleNamespace:
    """All lines of a plan, and all that was refused."""
    batches = list(plan.price(*arguments, **options).batches())
    return SimpleNamespace(
        lines=tuple(line for batch in batches for line in batch.lines),
        refused=tuple(each for batch in batches for each in batch.refused),
    )
