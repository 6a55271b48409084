"""What `plan` says of texts and prompts, of credits, and of services with something to know first."""

from collections.abc import Iterator

from earmark.plan_values import PlanResult
from earmark.screens.words import clock, some
from earmark.screens.wrapping import unbroken
from earmark.terminal import printable, shortened
from manifests.money import Cents, show
from manifests.tariff import CREDITS_PER_DOLLAR, in_dollars
from planner.rows import SpokenRow
from planner.summary import Summary

FEW = 3
"""Texts that are quoted."""

NAME = 40
"""Columns of a file's name beside its words."""

WORDS = 60
"""Columns of the words."""


def spoken(summary: Summary) -> Iterator[tuple[str, str]]:
    """The first words of texts and prompts, and the rates that their lengths stand on."""
    for each in summary.spoken[:FEW]:
        yield ("text" if each.characters else "prompt"), _quoted(each)
    if len(summary.spoken) > FEW:
        yield "", f"and {len(summary.spoken) - FEW:,} more"
    for rate in dict.fromkeys(each.rate for each in summary.spoken if each.rate):
        yield "speech", _rate(rate, [each for each in summary.spoken if each.rate == rate])


def _quoted(row: SpokenRow) -> str:
    length = f"{row.characters:,} characters, {clock(row.ms)}" if row.characters else clock(row.ms)
    jobs = f" in {row.parts} parts" if row.parts > 1 else ""
    return f"{shortened(printable(row.file), NAME)} {clipped(row.start)} {unbroken(f'{length}{jobs}')}"


def clipped(start: str, width: int = WORDS) -> str:
    """First words in quotes, in one line."""
    words = printable(" ".join(start.split()))
    return f'"{words if len(words) <= width else f"{words[: width - 1].rstrip()}…"}"'


def _rate(rate: str, rows: list[SpokenRow]) -> str:
    narrowed = max(row.jobs for row in rows)
    more = f"; narrowed by {some(narrowed, 'job')} that this voice has spoken before" if narrowed else ""
    hint = "" if narrowed or "any" not in rate else "; narrower with --set tts.language=CODE"
    return f"lengths stand on {rate}{more}{hint}; what is billed is the sound that is made"


def credits_of(summary: Summary) -> Iterator[tuple[str, str]]:
    """The account's credits, which are no part of any amount in dollars."""
    total = summary.total
    if total.credits_ceiling:
        worth = f"{_worth(total.credits)}, at most {_worth(total.credits_ceiling)}"
        amounts = f"{total.credits:,}, at most {total.credits_ceiling:,}"
        where = f"of the account, not of the wallet, and in no sum above: worth {worth}"
        yield "credits", f"{amounts}, {where} at {CREDITS_PER_DOLLAR:,} a dollar"


def _worth(credits_: int) -> str:
    return show(Cents(in_dollars(credits_)))


def to_know(result: PlanResult) -> Iterator[tuple[str, str]]:
    """What to know of a service before choosing it."""
    used = {each.product for each in result.summary.products if each.row.items}
    services = {
        choice.product.service.name: choice.product.service
        for choice in result.choices
        if choice.product.name in used
    }
    for name, service in services.items():
        if service.note:
            yield "know", f"{name}: {service.note}"
