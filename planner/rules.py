"""Rules: which files get which services, by their names. `planner.rules_text` reads them from a file."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from manifests.errors import UsageError
from planner.choices import Choice
from planner.globs import Globs
from planner.leftout import LeftOut, Reason
from planner.recording import Entry
from planner.roots import Root

Apply: TypeAlias = Literal["first", "all"]
"""Whether the first rule that matches a file decides, or all that match it together."""


@dataclass(frozen=True, slots=True)
class Glob:
    """A pattern and its line in the rules file."""

    text: str
    line: int
    globs: Globs


@dataclass(frozen=True, slots=True)
class Rule:
    """What the files of some patterns get; nothing where the rule leaves them out.

    `number` counts the rules of a file from 0, `line` is where it begins.
    """

    number: int
    line: int
    match: tuple[Glob, ...]
    choices: tuple[Choice, ...] = ()

    @property
    def skip(self) -> bool:
        """Whether its files are left out."""
        return not self.choices

    def meets(self, name: str) -> bool:
        """Whether any pattern means the file."""
        return any(each.globs.match(name) for each in self.match)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A rules file; `otherwise` is what a file gets that no rule matches (`--service`)."""

    file: str
    apply: Apply
    rules: tuple[Rule, ...]
    otherwise: tuple[Choice, ...] = ()

    @property
    def every(self) -> tuple[Choice, ...]:
        """All that may be bought, in the order of the file."""
        return (*(choice for rule in self.rules for choice in rule.choices), *self.otherwise)

    def deciding(self, name: str) -> tuple[Rule, ...]:
        """The rules that decide about a file; of those that leave it out a single one."""
        if self.apply == "first":
            return tuple([rule for rule in self.rules if rule.meets(name)][:1])
        meeting = tuple(rule for rule in self.rules if rule.meets(name))
        return tuple(rule for rule in meeting if rule.skip)[:1] or meeting

    def of(self, name: str) -> tuple[Choice, ...]:
        """What to buy of a file.

        Raises:
            UsageError: two rules buy the same of it and save it in different ways.
        """
        rules = self.deciding(name)
        return self._together(rules, name) if rules else self.otherwise

    def _together(self, rules: Sequence[Rule], name: str) -> tuple[Choice, ...]:
        found: list[tuple[Choice, Rule]] = []
        for rule in rules:
            for choice in rule.choices:
                twin = next((other for other in found if _same_purchase(other[0], choice)), None)
                if twin is None:
                    found.append((choice, rule))
                elif twin[0] != choice:
                    raise UsageError(
                        f"{self.file}: the rules on lines {twin[1].line} and {rule.line} both buy"
                        f" {choice.product.name} of {name}, with other formats or another `result`:"
                        " let one of them decide (formats to fetch go into one rule)"
                    )
        return tuple(choice for choice, _ in found)


def _same_purchase(one: Choice, other: Choice) -> bool:
    return (one.product, one.submitted, one.needs) == (other.product, other.submitted, other.needs)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """What a rule says, and how many files it took."""

    line: int
    match: tuple[str, ...]
    products: tuple[str, ...]
    files: int


@dataclass(frozen=True, slots=True)
class RulesTold:
    """What a plan tells of its rules; each warning is a line of the file and a sentence."""

    file: str
    apply: Apply
    rules: tuple[RuleRow, ...]
    warnings: tuple[tuple[int, str], ...]


@dataclass(slots=True)
class Sorting:
    """Sorts what the walk finds by the rules, and counts what each of them takes."""

    rules: RuleSet
    taken: Counter[int] = field(default_factory=Counter)  # by the rule's number
    _lonely: list[Glob] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lonely = [glob for rule in self.rules.rules for glob in rule.match]

    def sifted(self, found: Iterable[Entry | LeftOut], root: Root) -> Iterator[Entry | LeftOut]:
        """The same entries, those left out that a rule skips or that no rule matches."""
        for each in found:
            why = None if isinstance(each, LeftOut) else self.against(root.relative(each.path))
            yield each if why is None else LeftOut(each.path, why)

    def against(self, name: str) -> Reason | None:
        """Why the rules leave a file out; None where they do not. Counts it."""
        self._lonely = [glob for glob in self._lonely if not glob.globs.match(name)]
        deciding = self.rules.deciding(name)
        if not deciding:
            return None if self.rules.otherwise else Reason.NO_RULE
        for rule in deciding:
            self.taken[rule.number] += 1
        return Reason.SKIPPED if deciding[0].skip else None

    def told(self) -> RulesTold:
        """What there is to tell now that all files were seen."""
        rows = tuple(
            RuleRow(
                rule.line,
                tuple(glob.text for glob in rule.match),
                tuple(dict.fromkeys(choice.product.name for choice in rule.choices)),
                self.taken[rule.number],
            )
            for rule in self.rules.rules
        )
        return RulesTold(self.rules.file, self.rules.apply, rows, tuple(self.warnings()))

    def warnings(self) -> Iterator[tuple[int, str]]:
        """What is odd about the rules now that all files were seen: a line, and a sentence."""
        lonely = {id(glob) for glob in self._lonely}
        for rule in self.rules.rules:
            alone = [glob for glob in rule.match if id(glob) in lonely]
            yield from ((glob.line, f"{glob.text!r} matches no file") for glob in alone)
            if len(alone) < len(rule.match) and not self.taken[rule.number]:
                others = "a rule that skips" if self.rules.apply == "all" else "earlier rules"
                yield rule.line, f"this rule takes no file: {others} took all that it matches"
