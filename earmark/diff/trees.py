"""The plans that are compared, where they are made of files: the work tree's, and those of a commit."""

# Names stay strings here, as in the walk.
# ruff: noqa: PTH118, PTH120

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from earmark.diff.base import Laid
from earmark.diff.git import Base, Repository
from earmark.diff.lfs import Store
from earmark.diff.reasons import SameSound, by_digest
from earmark.diff.scanning import Looking, same_sound
from earmark.diff.sides import manifest_side
from earmark.diff.tree_work import Work, real_path
from earmark.diff.values import Side
from earmark.plan_values import Outcome, PlanEnds, PlanOptions, PlanResult
from earmark.planning import make_plan
from earmark.screens.words import some
from manifests.errors import EarmarkError
from manifests.manifest import Item
from manifests.text import Draft
from planner.leftout import LeftOut, Reason
from planner.recording import Entry
from planner.roots import Root
from planner.scanner import Scan, Scanner
from planner.walk import Run, each_file


@dataclass(frozen=True, slots=True)
class Trees:
    """Both plans, and what is to be said of how they were made."""

    old: Side
    new: Side
    same_sound: SameSound
    notes: tuple[str, ...] = ()


@contextmanager
def trees(repository: Repository, base: Base, options: PlanOptions, ends: PlanEnds) -> Iterator[Trees]:
    """Plan the files here and those of a commit.

    Args:
        repository: of the work tree.
        base: the commit.
        options: as for a plan; nothing is written at its output.
        ends: of a plan.

    Raises:
        UsageError: a path is outside of the repository, or in neither tree; the plan of the files here cannot
            be made. If that of the commit cannot, a note says so, and everything counts as added.
    """
    real = tuple(real_path(repository, path) for path in options.paths)
    with TemporaryDirectory(prefix=".earmark-diff-") as home:  # hidden: it may lie among the files
        given = replace(options, paths=real)
        work = Work(repository, base, os.path.realpath(home), given, ends, Store(repository.common))
        laid = work.lay_out()
        strangers = repository.strangers(*work.below_top)
        aside = frozenset(os.path.join(repository.top, each) for each in strangers)
        new_options, new_root = work.new_options(), work.root
        now = Looking(ends.scanner(new_options, new_root), work.store)
        new = _planned(work, new_options, now, _without(ends, aside), "new.yaml")
        old_root = Root(work.there(new_root.folder))
        before = Looking(Scan(options.readers or 1, old_root), work.store, now)
        old = _old(work, before)
        work.notes += (*_told(work, laid, len(aside)), *_left_out(old, new))
        touched = frozenset(old_root.relative(os.path.join(work.folder, each)) for each in laid.written)
        sounds = _sounds(work, (before, now), (old_root, new_root), touched)
        with _side(old, before) as old_side, _side(new, now) as new_side:
            yield Trees(replace(old_side, touched=touched), new_side, sounds, tuple(work.notes))


def _sounds(
    work: Work, looking: tuple[Looking, Looking], roots: tuple[Root, Root], touched: frozenset[str]
) -> SameSound:
    """Whether two lines' recordings sound alike: by git's word, and by reading them where it has none."""
    alike = same_sound(*looking)
    renamed = cache(lambda: work.repository.renamed(work.base.commit, *work.below_top))

    def sounds(was: Item, is_: Item) -> bool | None:
        known = by_digest(was, is_)
        if known is not None:
            return known
        old, new = os.path.join(roots[0].folder, was.path), os.path.join(roots[1].folder, is_.path)
        if was.path == is_.path:
            # of a text that was touched nobody says that it is the same
            return bool(alike(old, new)) if was.path in touched else True
        if (work.below(work.here(old)), work.below(new)) in renamed():
            return True
        return alike(old, new)

    return sounds


def _old(work: Work, looking: Looking) -> "_Plan | None":
    """The plan of the commit's files."""
    try:
        return _planned(work, work.old_options(), looking, _elsewhere(work), "old.yaml")
    except EarmarkError as error:
        why = str(error).replace(f"{work.folder}/", "")
        work.notes.append(f"{work.base.ref} cannot be planned, all counts as added: {why}")
        return None


def _elsewhere(work: Work) -> PlanEnds:
    """The ends, which know a file of the commit as the ledger knows that of the work tree."""
    history = work.ends.history
    ours = replace(
        history,
        ours=lambda path: history.ours(work.here(path)),
        ours_below=lambda path: history.ours_below(work.here(path)),
    )
    return replace(work.ends, history=ours)


def _without(ends: PlanEnds, aside: frozenset[str]) -> PlanEnds:
    """The ends, whose walk passes by what is no part of any change."""
    if not aside:
        return ends

    def walk(options: PlanOptions) -> Iterable[Entry | Run | LeftOut]:
        for each in each_file(ends.walk(options)):
            if not _within(each.path, aside):
                yield each

    return replace(ends, walk=walk)


def _within(path: str, aside: frozenset[str]) -> bool:
    while len(path) > 1:
        if path in aside:
            return True
        path = os.path.dirname(path)
    return False


@dataclass(frozen=True, slots=True)
class _Plan:
    """A plan, and where its manifest lies if it has any lines."""

    result: PlanResult
    manifest: Path


def _planned(work: Work, options: PlanOptions, looking: Looking, ends: PlanEnds, name: str) -> _Plan | None:
    """A plan, its manifest under this name in the temporary folder; None where there is nothing to plan."""
    if not options.paths:
        return None
    place = Path(work.home, name)

    def scanner(_options: PlanOptions, _root: Root) -> Scanner:
        return looking

    def draft(_path: Path) -> Draft:
        return Draft(place)

    result = make_plan(options, replace(ends, scanner=scanner, draft=draft, wallet=None))
    return _Plan(result, place)


@contextmanager
def _side(plan: _Plan | None, looking: Looking) -> Iterator[Side]:
    """A plan as a side; one without lines has no manifest."""
    if plan is None:
        yield Side()
        return
    named, result = plan.result.root.relative, plan.result
    left_out = {named(each.path): each.detail or each.reason.value for each in result.summary.left_out}
    pointers = {named(path): pointer for path, pointer in looking.pointers.items()}
    if result.outcome is Outcome.NOTHING_PRICED:
        yield Side(None, tuple, left_out, pointers)
        return
    with manifest_side(plan.manifest) as side:
        yield replace(side, left_out=left_out, pointers=pointers)


_NO_PRICE = frozenset(
    {
        *(Reason.EMPTY, Reason.TRUNCATED, Reason.DAMAGED, Reason.UNREADABLE, Reason.NO_LENGTH),
        *(Reason.NOT_UTF8, Reason.NOT_SPOKEN, Reason.NO_PROMPTS),
    }
)
"""Why something that was meant to be bought is in no plan."""


def _left_out(old: _Plan | None, new: _Plan | None) -> Iterator[str]:
    """What the change brings without a price: in no sum, and not bought either."""
    before = _without_price(old)
    found = {name: why for name, why in _without_price(new).items() if before.get(name) != why}
    for name, why in list(found.items())[:1]:
        count = some(len(found), "file")
        yield f"{count} of this change without a price, in no sum and not bought, such as {name}: {why}"


def _without_price(plan: _Plan | None) -> dict[str, str]:
    if plan is None:
        return {}
    left_out, named = plan.result.summary.left_out, plan.result.root.relative
    return {named(each.path): each.detail or each.reason for each in left_out if each.reason in _NO_PRICE}


def _told(work: Work, laid: Laid, aside: int) -> Iterator[str]:
    """What is to be said of how the trees were made."""
    if laid.missing:
        count = some(len(laid.missing), "file")
        yield f"{count} of {work.base.ref} not in this partial clone, such as {laid.missing[0]}: not compared"
    if laid.links:
        count = some(len(laid.links), "link")
        yield f"{count} of {work.base.ref} changed, such as {laid.links[0]}: not followed there"
    if aside:
        yield f"{some(aside, 'place')} that git ignores, or submodules: no part of the change"
