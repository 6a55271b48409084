"""Which clone speaks: lines that name a sample are bound to the line that makes a voice of it."""

import os
from collections.abc import Collection, Iterable, Iterator

from msgspec.structs import replace

from manifests.errors import UsageError, nearest
from manifests.keys import CLONE
from manifests.paths import as_written
from planner.choices import CLONE_SERVICE
from planner.roots import Root
from planner.sales import Refused, Sale


class Voices:
    """The voices that a plan makes, each by the file of its sample.

    Args:
        answers: what is made of the samples: sales of clones, and those refused.
        root: what paths are relative to.
    """

    def __init__(self, answers: Iterable[Sale | Refused], root: Root) -> None:
        self.makers: list[Sale] = []
        self._unmade: set[str] = set()
        self._root = root
        for each in answers:
            if isinstance(each, Sale):
                self.makers.append(each)
            else:
                self._unmade.add(_name(root, each.path))
        self._made = {_name(root, each.input.path) for each in self.makers}

    def bound(self, answers: Iterable[Sale | Refused]) -> Iterator[Sale | Refused]:
        """The same without the makers, what needs a voice bound to its clone; refused where that is not made.

        Raises:
            UsageError: a sample is named that is no file of this plan.
        """
        for each in answers:
            if isinstance(each, Refused):
                yield each
            elif each.choice.needs is not None:
                yield _bound(each, each.choice.needs, self._made, self._unmade, self._root)
            elif not each.choice.clones:
                yield each


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
