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
    figures = decision.verdict.value, decision.needed, decision.available, decision.short
    if decision.over is None:
        return Refusal(*figures)
    limit = decision.over.limit
    return Refusal(*figures, limit=key_of(limit), said_by=said_by(limit))
