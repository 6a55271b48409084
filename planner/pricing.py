"""One input x one product: a priced line."""

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from manifests.length import Grade, longest_ms
from manifests.manifest import Item
from manifests.money import MS_PER_SECOND, Cents
from manifests.paths import as_written
from manifests.tariff import Cost
from planner.choices import Choice
from planner.distant import Distant
from planner.inputs import Input, Passage, Prompt, named
from planner.lengths.interface import Length
from planner.recording import Recording
from planner.roots import Root
from planner.sales import Sale
from planner.templates import Template

_SAME = {"audio": "audio", "video": "audio", "text": "text", "prompt": "prompt"}
_ESTIMATED, _UNKNOWN = Grade.ESTIMATED, Grade.UNKNOWN  # an enum's names are slow to look up


class Standing(StrEnum):
    """Whether a line costs money."""

    TO_PAY = "to pay"
    PAID_BEFORE = "paid before"
    SAME_AUDIO = "same audio"  # another line of this plan pays for it


_TO_PAY = Standing.TO_PAY


class Line(Struct, frozen=True, gc=False):
    """A line of the plan with what the manifest does not keep.

    `cost` is what it would cost if it had to be paid; `payer` is the number of the line that pays
    for the same.
    """

    item: Item
    sale: Sale
    cost: Cost
    standing: Standing = _TO_PAY
    payer: int | None = None

    @property
    def input(self) -> Input:
        """The file, or the part or entry of one."""
        return self.sale.input

    @property
    def choice(self) -> Choice:
        """What is bought of it."""
        return self.sale.choice

    @property
    def length(self) -> Length:
        """The length that is billed."""
        return self.sale.length

    @property
    def full(self) -> Cents:
        """What it would cost the wallet if it had to be paid."""
        return self.cost.cents[0]


def line(sale: Sale, root: Root, generation: int = 0) -> Line:
    """The line that buys it, priced as if it has to be paid; `generation` above 0 buys it again."""
    return _line(sale, *as_written(named(sale.input, root)), generation)


def lines(sales: Sequence[Sale], root: Root) -> list[Line]:
    """The lines of many sales, faster than one by one."""
    paths = [sale.input.path for sale in sales if type(sale.input) is Recording]
    if not paths or len(paths) < len(sales):
        return [line(sale, root) for sale in sales]
    names = root.relatives(paths)
    if "".join(names).isascii():
        return [_line(sale, name, None, 0) for sale, name in zip(sales, names, strict=True)]
    return [_line(sale, *as_written(name), 0) for sale, name in zip(sales, names, strict=True)]


def _line(sale: Sale, name: str, raw: str | None, generation: int) -> Line:
    one, choice, length = sale.input, sale.choice, sale.length
    ms, grade = length.ms, length.grade
    cost = choice.cost(ms, longest_ms(ms, grade, length.high_ms))
    cents, ceiling, credits_, credits_ceiling = cost.amounts
    # Naming what every line has would take ten times as long: there are a million.
    item = Item(
        name,
        choice.name,
        ms / MS_PER_SECOND,
        grade,
        cents,
        ceiling,
        one.size,
        one.print,
        choice.given,
        sale.basis,
        length.high_ms / MS_PER_SECOND if grade is _ESTIMATED or grade is _UNKNOWN else None,
        raw,
        sale.sha256,
    )
    if generation or credits_ceiling or sale.needs is not None:
        rare = {"needs": sale.needs, "generation": generation, "credits": credits_}
        item = replace(item, **rare, credits_ceiling=credits_ceiling)
    if not isinstance(one, Recording):
        item = _placed(item, one, choice)
    return Line(item if choice.result is None else _renamed(item, choice, choice.result), sale, cost)


def _placed(item: Item, one: Distant | Passage | Prompt, choice: Choice) -> Item:
    """The item with what only addresses, texts and prompts have."""
    match one:
        case Distant():
            return replace(item, url=one.address.url)
        case Passage():
            return replace(item, part=one.part, span=one.span)
        case Prompt():
            return replace(item, result=_of_prompt(one, choice))


def _of_prompt(prompt: Prompt, choice: Choice) -> str:
    """The name of what is made of a prompt; a variant has its own, so that one prompt may go to both."""
    variant = choice.product.variant.name
    return prompt.result + (f".{variant}" if variant else "")


def _renamed(item: Item, choice: Choice, template: Template) -> Item:
    """The item with the name of its result that a rule asks for."""
    return replace(item, result=template.name(item, choice.product, choice.submitted))


def paid_before(line: Line) -> Line:
    """The line without a price: an earlier run bought it."""
    return _free(line, Standing.PAID_BEFORE, None, None)


def same_audio(line: Line, payer: int, first: str) -> Line:
    """The line without a price: line number `payer`, of the file `first`, pays for it."""
    what = _SAME[line.input.kind]
    return _free(line, Standing.SAME_AUDIO, payer, f"same {what} as {first}")


def _free(line: Line, standing: Standing, payer: int | None, note: str | None) -> Line:
    item = replace(line.item, cents=0, ceiling=0, credits=0, credits_ceiling=0, paid=True, note=note)
    return Line(item, line.sale, line.cost, standing, payer)
