"""One file x one product: a priced line, or the reason why there is none."""

from dataclasses import dataclass
from enum import StrEnum

from msgspec.structs import replace

from manifests.length import Grade
from manifests.manifest import Item
from manifests.money import MS_PER_SECOND, Cents
from manifests.paths import as_written
from manifests.tariff import Cost
from planner.choices import Choice
from planner.recording import Recording
from planner.roots import Root

_INTERVALS = (Grade.ESTIMATED, Grade.UNKNOWN)


class Standing(StrEnum):
    """Whether a line costs money."""

    TO_PAY = "to pay"
    PAID_BEFORE = "paid before"
    SAME_AUDIO = "same audio"  # another line of this plan pays for it


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the plan with what the manifest does not keep.

    `cost` is what it would cost if it had to be paid; `payer` is the number of the line that pays
    for the same audio.
    """

    item: Item
    recording: Recording
    choice: Choice
    cost: Cost
    standing: Standing = Standing.TO_PAY
    payer: int | None = None

    @property
    def full(self) -> Cents:
        """What it would cost the wallet if it had to be paid."""
        return self.cost.cents[0]


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that one product cannot take, with the way out."""

    path: str
    product: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Buying:
    """How a file's content counts: its digest where planning took it, and which buying of it this is."""

    sha256: str | None = None
    generation: int = 0


def refusal(recording: Recording, choice: Choice) -> Refused | None:
    """Why this product cannot be priced for this file; None when it can."""
    product = choice.product
    if recording.length.grade is Grade.UNKNOWN:
        return Refused(recording.path, product.name, "without a length", recording.length.reason)
    if recording.video and "video" not in product.service.accepts:
        return Refused(
            recording.path,
            product.name,
            f"video, {product.service.name} takes sound only",
            "take out its sound first: --service convert --set convert.output_format=wav (1 c/min),"
            " or ffmpeg -i IN -vn OUT.wav",
        )
    return None


def line(recording: Recording, choice: Choice, root: Root, buying: Buying) -> Line:
    """The line that buys `choice` of a recording, priced as if it has to be paid."""
    length = recording.length
    name, raw = as_written(root.relative(recording.path))
    item = Item(
        file=name,
        service=choice.product.name,
        seconds=length.ms / MS_PER_SECOND,
        grade=length.grade,
        cents=0,
        ceiling=0,
        size=recording.size,
        print=recording.print,
        options=dict(choice.given),
        longest=length.high_ms / MS_PER_SECOND if length.grade in _INTERVALS else None,
        file_bytes=raw,
        sha256=buying.sha256,
        generation=buying.generation,
    )
    return priced(item, recording, choice)


def priced(item: Item, recording: Recording, choice: Choice) -> Line:
    """The line with the amounts of its length, as if it has to be paid."""
    cost = item.cost(choice.product)
    (cents, ceiling), (credits_, credits_ceiling) = cost.cents, cost.credits
    amounts = {"cents": cents, "ceiling": ceiling, "credits": credits_, "credits_ceiling": credits_ceiling}
    return Line(replace(item, **amounts), recording, choice, cost)


def paid_before(line: Line) -> Line:
    """The line without a price: an earlier run bought it."""
    return _free(line, Standing.PAID_BEFORE, None, None)


def same_audio(line: Line, payer: int, first: str) -> Line:
    """The line without a price: line number `payer`, of the file `first`, pays for it."""
    return _free(line, Standing.SAME_AUDIO, payer, f"same audio as {first}")


def _free(line: Line, standing: Standing, payer: int | None, note: str | None) -> Line:
    item = replace(line.item, cents=0, ceiling=0, credits=0, credits_ceiling=0, paid=True, note=note)
    return Line(item, line.recording, line.choice, line.cost, standing, payer)
