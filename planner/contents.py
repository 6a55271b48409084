"""What a sale buys, as the service, the ledger and another plan would recognise it again."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from manifests.keys import content_key, voiced
from planner.sales import Sale

Paid: TypeAlias = Callable[[Sequence[str]], set[str]]
"""Those of the content keys that were bought before."""


@dataclass(frozen=True, slots=True)
class Content:
    """Digest, product and submit options in wire values: all of a content key but the generation."""

    sha256: str
    product: str
    options: Mapping[str, object]

    def key(self, generation: int = 0) -> str:
        """The content key, 64 hex digits."""
        return content_key(self.sha256, self.product, self.options, generation)


def content_of(sale: Sale, voices: Mapping[str, str]) -> Content | None:
    """The sale's content; None where audio was not read, since nobody can have bought it.

    Args:
        sale: what is bought.
        voices: the content keys of the plan's clones, by their files.
    """
    product, options = sale.choice.product, sale.choice.submitted
    if sale.sha256 is None:
        return None
    if sale.needs is None or product.service.voice is None:
        return Content(sale.sha256, product.name, options)
    clone = voices.get(sale.needs)
    if clone is None:
        return None
    return Content(sale.sha256, product.name, voiced(options, product.service.voice.name, clone))


def generations(contents: Iterable[Content | None], paid: Paid) -> dict[str, int]:
    """The first generation of each content that was not bought yet, by the key of generation 0."""
    first: dict[str, int] = {}
    open_contents = {each.key(): each for each in contents if each is not None}
    generation = 0
    while open_contents:
        keys = {key: each.key(generation) for key, each in open_contents.items()}
        bought = paid(list(keys.values()))
        first |= {key: generation for key in keys if keys[key] not in bought}
        open_contents = {key: open_contents[key] for key in keys if keys[key] in bought}
        generation += 1
    return first
