"""Which clone speaks: lines that name a sample are bound to the line that makes a voice of it."""

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from manifests.errors import UsageError, nearest
from manifests.keys import CLONE
from manifests.paths import as_written
from planner.choices import CLONE_SERVICE
from planner.roots import Root
from planner.sales import Refused, Sale


def bound(sales: Sequence[Sale | Refused], root: Root) -> Iterator[Sale | Refused]:
    """The same, clones first, what needs a voice bound to its clone; refused where that is not made.

    Raises:
        UsageError: a sample is named that is no file of this plan.
    """
    makers = [each for each in sales if isinstance(each, Sale) and each.choice.clones]
    voices = {_name(root, each.input.path) for each in makers}
    unmade = {
        _name(root, each.path)
        for each in sales
        if isinstance(each, Refused) and each.product == CLONE_SERVICE
    }
    yield from makers
    for each in sales:
        if isinstance(each, Refused) or each.choice.needs is None:
            if not (isinstance(each, Sale) and each.choice.clones):
                yield each
        else:
            yield _bound(each, each.choice.needs, voices, unmade, root)


def _bound(
    sale: Sale, typed: str, voices: Collection[str], unmade: Collection[str], root: Root
) -> Sale | Refused:
    for name in (os.path.normpath(typed), _name(root, typed)):
        if name in voices:
            return replace(sale, needs=name)
        if name in unmade:
            detail = f"no voice can be made of {name}: see there"
            return Refused(sale.input.path, sale.choice.product.name, "without its voice", detail)
    raise UsageError(_no_sample(sale, typed, voices))


def _no_sample(sale: Sale, typed: str, voices: Collection[str]) -> str:
    service = sale.choice.product.service
    option = service.voice.name if service.voice else "voice"
    told = f"{service.name}.{option}={CLONE}{typed}"
    if not voices:
        add = f"add --service {CLONE_SERVICE} and the path {typed}"
        return f"{told} needs a clone, and this plan makes none: {add}"
    here = ", ".join(sorted(voices))
    return f"{told} names no sample of this plan{nearest(typed, voices) or '.'} Here: {here}"


def _name(root: Root, path: str) -> str:
    """A file as the manifest's lines name it."""
    return as_written(root.relative(path))[0]
