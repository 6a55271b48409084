"""What is to be bought of which file: of each the same, or as a rules file says."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from earmark.plan_values import PlanEnds, PlanOptions
from manifests.errors import UsageError
from planner.choices import Choice, Chosen, choices
from planner.inputs import AUDIO
from planner.leftout import LeftOut, Reason
from planner.recording import Entry
from planner.roots import Root
from planner.rules import RuleSet, RulesTold, Sorting
from planner.rules_text import read_rules, rules_in
from planner.walk import Run, each_file


@dataclass(frozen=True, slots=True)
class Wanted:
    """The choices for each file, by its name in the manifest."""

    every: tuple[Choice, ...]
    sorting: Sorting | None = None

    def of(self, name: str) -> Sequence[Choice]:
        """What to buy of a file."""
        return self.every if self.sorting is None else self.sorting.rules.of(name)

    def by_path(self, root: Root) -> Chosen:
        """What to buy of a file by its path; where there are no rules, nobody looks at it."""
        if self.sorting is None:
            return lambda _path: self.every
        return lambda path: self.of(root.relative(path))

    def sifted(self, found: Iterable[Entry | Run | LeftOut], root: Root) -> Iterable[Entry | Run | LeftOut]:
        """What the walk found, without what the rules leave out."""
        return found if self.sorting is None else self.sorting.sifted(each_file(found), root)

    def against(self, name: str) -> tuple[Reason, str] | None:
        """Why a recording at an address is left out before anybody looks at it, and more words on it."""
        why = None if self.sorting is None else self.sorting.against(name)
        if why is not None:
            return why, ""
        if any(not AUDIO.isdisjoint(choice.product.service.accepts) for choice in self.of(name)):
            return None
        return Reason.NOT_TAKEN, "an address of a recording, and no service of this plan takes recordings"

    @property
    def chosen(self) -> Chosen | None:
        """What to buy of a file, where that differs from file to file."""
        return None if self.sorting is None else self.of

    def bought(self, services: Collection[str]) -> tuple[Choice, ...]:
        """The choices that the plan tells of: with rules only those that some file got."""
        if self.sorting is None:
            return self.every
        return tuple(choice for choice in self.every if choice.name in services) or self.every

    @property
    def told(self) -> RulesTold | None:
        """What to tell of the rules once all files were seen."""
        return None if self.sorting is None else self.sorting.told()


def wanted_of(options: PlanOptions, ends: PlanEnds) -> Wanted:
    """What the command line and its rules file ask for.

    Raises:
        UsageError: neither services nor rules; something wrong in either.
    """
    if options.rules is None and options.policy.rules is None:
        return Wanted(choices(ends.catalogue, options.services, options.settings))
    place = options.rules or (options.policy.rules and options.policy.rules[0])
    if options.settings and not options.services:
        raise UsageError(f"--set goes with --service: write options of a rule under its `options` in {place}")
    otherwise = choices(ends.catalogue, options.services, options.settings) if options.services else ()
    rules = _rules(options, ends, otherwise)
    if not rules.every:
        raise UsageError(f"{place}: every rule skips: give one a `service`, or add --service SERVICE")
    return Wanted(rules.every, Sorting(rules))


def _rules(options: PlanOptions, ends: PlanEnds, otherwise: tuple[Choice, ...]) -> RuleSet:
    """The rules of a file of their own, or of earmark.toml."""
    if options.rules is not None:
        return read_rules(options.rules, ends.catalogue, otherwise)
    assert options.policy.rules is not None
    path, top = options.policy.rules
    return rules_in(top, path, ends.catalogue, otherwise)
