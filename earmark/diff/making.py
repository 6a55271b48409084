"""The document of a comparison, with its verdict."""

from collections.abc import Sequence

from msgspec.structs import replace

from earmark.diff.compare import Paid, compare
from earmark.diff.document import Compared, Diff, amounts, line_of, shares, unread_of, written
from earmark.diff.reasons import SameSound, by_digest
from earmark.diff.thresholds import Limits, judged
from earmark.diff.values import Comparison, Kind, Side
from earmark.diff.words import costs
from earmark.screens.words import some
from manifests.exits import Exit
from manifests.money import show


def made(
    sides: tuple[Side, Side],
    compared: tuple[Compared, Compared],
    limits: Limits,
    paid: Paid,
    same_sound: SameSound = by_digest,
    *,
    name: str,
    paths: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> Diff:
    """The document.

    Args:
        sides: the old plan and the new one.
        compared: what they are called.
        limits: what the change may cost.
        paid: asks the ledger.
        same_sound: as `compare.compare`.
        name: of the comment.
        paths: of the command line.
        notes: what else is to be said.
    """
    found = compare(*sides, paid, same_sound)
    thresholds = judged(found, limits)
    refused = not all(each.passed for each in thresholds) or (limits.given and _unknown(found))
    document = Diff(
        outcome="refused" if refused else "done",
        exit=int(Exit.REFUSED if refused else Exit.DONE),
        sentence="",
        name=name,
        paths=written(paths),
        base=_written(compared[0]),
        head=_written(compared[1]),
        old=amounts(found.old),
        new=amounts(found.new),
        difference=amounts(found.new - found.old),
        to_pay=amounts(found.to_pay),
        same=found.same,
        services=shares(found),
        lines=[line_of(each) for each in found.changes],
        unread=unread_of(found),
        thresholds=thresholds,
        notes=[*_caps(sides), *_still_unread(sides[1], found), *written(notes)],
    )
    return replace(document, sentence=costs(document))


def _written(compared: Compared) -> Compared:
    """A side whose name is as far as JSON can carry it."""
    return replace(compared, name=written([compared.name])[0])


def _unknown(found: Comparison) -> bool:
    """Whether something has no price that the change brings: then nobody can say that it is cheap."""
    return any(each.kind is not Kind.REMOVED for each in found.unpriced)


def _still_unread(new: Side, found: Comparison) -> list[str]:
    """Recordings that the change does not touch, and that are in no sum."""
    touched = {each.file for each in found.unpriced}
    left = sum(1 for file in new.pointers if file not in touched)
    return [f"{some(left, 'more recording')} of unknown length, in no sum: git lfs pull"] if left else []


def _caps(sides: tuple[Side, Side]) -> list[str]:
    """A manifest's own cap that was changed: the most that it may ever cost."""
    old, new = sides
    if old.head is None or new.head is None or old.head.cap == new.head.cap:
        return []
    was, now = (("none" if each.head.cap is None else show(each.head.cap)) for each in sides if each.head)
    return [f"the cap of the manifest was {was} and is {now}"]
