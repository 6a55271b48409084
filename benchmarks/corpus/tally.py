"""Answers counted: whole and broken files apart, and which answers must not be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.corpus.measure import Case
from benchmarks.corpus.shelf import Kind

SURE = frozenset({"exact", "counted"})
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Tally:
    """One reader's answers: about sound files, and about damaged ones and those without sound."""

    whole: Sequence[Case]
    broken: Sequence[Case]

    @property
    def right(self) -> int:
        """Sound files with the right length."""
        return count(self.whole, lambda case: case.right)

    @property
    def hours_over(self) -> float:
        """By how much wrong answers about sound files are too long, in hours."""
        return (
            sum(
                max(0.0, (case.seconds or 0) - (case.truth.high or 0))
                for case in self.whole
                if not case.right
            )
            / HOUR
        )

    @property
    def under(self) -> int:
        """Sound files that are longer than the length that they are priced at."""
        return count(
            self.whole, lambda case: "high" in case.said and case.said["high"] < (case.truth.low or 0) - 0.1
        )

    @property
    def a_second(self) -> float:
        """Files a second of the reader's own time."""
        took = sum(case.said.get("took", 0) for case in (*self.whole, *self.broken))
        return (len(self.whole) + len(self.broken)) / took if took else 0


def tally(cases: Sequence[Case]) -> Tally:
    """The answers of one reader, told apart; without those about files that nobody can decode."""
    known = [case for case in cases if not case.truth.set_aside]
    return Tally([case for case in known if not case.damaged], [case for case in known if case.damaged])


def count(cases: Sequence[Case], test: Callable[[Case], bool]) -> int:
    """How many pass the test."""
    return sum(test(case) for case in cases)


def share(part: int, whole: int) -> str:
    """`97.5 %`."""
    return f"{100 * part / whole:.1f} %" if whole else "-"


def refused(case: Case) -> bool:
    """No length was given."""
    return case.seconds is None


def wrong_length(case: Case) -> bool:
    """A length was given, and it is not the truth."""
    return case.seconds is not None and not case.right


def lie(case: Case) -> bool:
    """Graded exact or counted, and wrong: what must not be."""
    return case.grade in SURE and wrong_length(case)


def doubted(case: Case) -> bool:
    """Wrong, and graded so that the price allows for it."""
    return wrong_length(case) and not lie(case)


def graded(cases: Sequence[Case], grade: str) -> int:
    """How many lies have this grade."""
    return count(cases, lambda case: case.grade == grade and lie(case))


def goals(ours: Tally) -> list[str]:
    """Our goals, each with what it came to."""
    damaged = [case for case in ours.broken if case.entry.kind is not Kind.NOT_AUDIO]
    hurt, unsure = graded(damaged, "exact"), graded(damaged, "counted")
    broken = f"{hurt} of {len(damaged)}, {share(hurt, len(damaged))}"
    heard = count(ours.broken, lambda case: case.entry.kind is Kind.NOT_AUDIO and case.seconds is not None)
    exact, counted = graded(ours.whole, "exact"), graded(ours.whole, "counted")
    return [
        f"- Sound files right: {share(ours.right, len(ours.whole))} (goal: 99 %).",
        f"- Sound files graded exact and wrong: {exact} (goal: none); counted and wrong: {counted}.",
        f"- Damaged files graded exact and wrong: {broken} (goal: 5 %); counted and wrong: {unsure}.",
        f"- Lengths given to text, pages, zeros and random bytes: {heard}.",
        f"- Sound files longer than the length that they are priced at: {ours.under} of {len(ours.whole)}.",
    ]
