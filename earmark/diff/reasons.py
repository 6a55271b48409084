"""Why a line is not what it was, in words such as `language en -> auto` or `length 10:00 -> 12:30`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from earmark.diff.pairing import bought
from earmark.diff.values import Reason, Side, product_of
from earmark.screens.words import clock, rate_text
from earmark.terminal import printable
from manifests.length import Grade
from manifests.manifest import Item
from manifests.options import fetched, submitted

SHOWN = 40
"""Characters of an option's value: a prompt may have a hundred thousand."""

SameSound: TypeAlias = Callable[[Item, Item], bool | None]
"""Whether two recordings sound alike, such as where only their tags changed; None where nobody knows."""


def by_digest(old: Item, new: Item) -> bool | None:
    """The same, as far as the two plans know it."""
    return None if old.sha256 is None or new.sha256 is None else old.sha256 == new.sha256


@dataclass(frozen=True, slots=True)
class Told:
    """Why a line differs, and whether it still buys the same thing of the same sound."""

    reasons: tuple[Reason, ...]
    same_purchase: bool


def told(old: Item, new: Item, sides: tuple[Side, Side], same_sound: SameSound) -> Told:
    """What differs between two lines that belong together."""
    estimated = Grade.ESTIMATED in (old.grade, new.grade)  # such a length may be narrowed
    equal_print = (old.print, old.size, old.span) == (new.print, new.size, new.span) and (
        estimated or old.ms == new.ms
    )
    # the span of a part counts characters of the whole text: other text, other part
    sound = same_sound(old, new) if equal_print or (old.span is None and new.span is None) else None
    equal_bytes = equal_print and sound is not False  # a print looks at 12 KB only
    alike = equal_bytes or bool(sound)
    reasons = (
        *_products(old, new, sides),
        *_sounds(old, new, equal_bytes=equal_bytes, alike=alike),
        *_options(old, new),
        *_rest(old, new),
    )
    same = alike and old.url == new.url and bought(old) == bought(new)
    return Told(reasons or tuple(_grades(old, new)), same)


def _reason(what: str, before: str, after: str, ending: str = "") -> Reason:
    words = f"{what} {printable(before)} -> {printable(after)}{ending}"
    return Reason(what, before, after, words)


def _products(old: Item, new: Item, sides: tuple[Side, Side]) -> Iterator[Reason]:
    if product_of(old).name != product_of(new).name:
        yield _reason("service", old.service, new.service)
        return
    before, after = sides[0].rate(old), sides[1].rate(new)
    if before == after:
        return
    if product_of(new).currency == "credits":
        yield _reason("price", f"{float(before):g}", f"{float(after):g}", " cr/min")
    else:
        yield _reason("price", rate_text(before).removesuffix(" c/min"), rate_text(after))


def _sounds(old: Item, new: Item, *, equal_bytes: bool, alike: bool) -> Iterator[Reason]:
    if clock(old.ms) != clock(new.ms):
        yield _reason("length", clock(old.ms), clock(new.ms))
    elif not equal_bytes and not alike:
        kind = "text" if "text" in product_of(new).service.accepts else "recording"
        yield Reason("content", old.print, new.print, f"another {kind} of the same length")
    if alike and not equal_bytes:
        yield Reason("content", old.print, new.print, "tags changed, the sound is the same")
    if old.part != new.part:
        yield _reason("part", old.part or "whole", new.part or "whole")


def _options(old: Item, new: Item) -> Iterator[Reason]:
    """Options of one service whose value is another, defaults filled in."""
    was, now = product_of(old), product_of(new)
    if was.service.name != now.service.name:
        return
    before = _values(old, submitted(was, old.options))
    yield from _differing(before, _values(new, submitted(now, new.options)), "")
    yield from _differing(fetched(was, old.options), fetched(now, new.options), " (free)")


def _values(item: Item, fields: Mapping[str, object]) -> Mapping[str, object]:
    """The options among the fields: a variant's own fields are told by its name."""
    names = {option.name for option in product_of(item).service.options}
    return {name: value for name, value in fields.items() if name in names}


def _differing(before: Mapping[str, object], after: Mapping[str, object], ending: str) -> Iterator[Reason]:
    for name in {**before, **after}:
        if before.get(name) != after.get(name):
            yield _reason(name, _shown(before.get(name)), _shown(after.get(name)), ending)


def _shown(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _rest(old: Item, new: Item) -> Iterator[Reason]:
    if old.needs != new.needs:
        yield _reason("voice", old.needs or "none", new.needs or "none")
    if old.generation != new.generation:
        words = "bought again on purpose" if new.generation > old.generation else "not bought again any more"
        yield Reason("generation", str(old.generation), str(new.generation), words)
    if old.path == new.path and old.result != new.result:
        yield _reason("result", old.result or "after its file", new.result or "after its file", " (free)")


def _grades(old: Item, new: Item) -> Iterator[Reason]:
    """How sure the length is: told where nothing else is to be said."""
    if old.grade is not new.grade:
        yield _reason("grade", old.grade.value, new.grade.value)
    elif old.longest != new.longest or old.ms != new.ms:
        yield _reason(
            "length", f"{old.seconds:g} s", f"{new.seconds:g} s", f", at most {new.longest_ms / 1000:g} s"
        )
