"""What limits say to a plan and to a run, as values: those of earmark.toml and of the environment."""

from collections.abc import Iterator

from earmark.plan_values import PlanResult
from earmark.reports.document import Refusal
from earmark.reports.planned import Advice
from earmark.screens.limits import key_of, said_by
from earmark.screens.plan_limits import rows
from manifests.budget import Decision
from manifests.paths import as_written


def limit_advice(result: PlanResult) -> Iterator[Advice]:
    """A plan above an amount that somebody set, and items that are too dear; amounts are ceilings."""
    for row in rows(result):
        files = [as_written(file)[0] for file in row.files]
        yield Advice(row.kind, row.words, row.items, row.cents, files, None)


def refusal(decision: Decision) -> Refusal:
    """The gate's no, with the limit where one says it."""
    limit = None if decision.over is None else decision.over.limit
    return Refusal(
        verdict=decision.verdict.value,
        needed=decision.needed,
        available=decision.available,
        short=decision.short,
        limit=None if limit is None else key_of(limit),
        said_by=None if limit is None else said_by(limit),
    )
