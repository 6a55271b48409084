"""What every input is offered for: sales and refusals, file by file."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice

from planner.choices import KINDS, Choice, Chosen
from planner.inputs import Input, named
from planner.prompt_names import PromptNames
from planner.roots import Root
from planner.sales import Refused, Sale, Terms, Unlike, sale, sales
from planner.voices import Voices

BATCH = 1000
"""Inputs that are looked at together; a few more where a file's end is further on."""


class Offered:
    """Every input x every product that is meant for such; made anew each time it is gone through."""

    def __init__(
        self,
        inputs: Sequence[Input],
        digests: Mapping[int, str],
        choices: Sequence[Choice],
        root: Root,
        chosen: Chosen | None,
        terms: Terms,
    ) -> None:
        self.inputs = inputs
        self._digests, self._choices, self._root, self._terms = digests, choices, root, terms
        self._chosen = chosen
        self._sounds: list[Choice] = []  # what is bought of every plain sound
        self._by_kind = {kind: [each for each in choices if kind in each.kinds] for kind in KINDS}
        if chosen is None and not any(each.clones for each in choices):
            self._sounds = self._by_kind["audio"]
        self._prompts = any("prompt" in choice.kinds for choice in choices)
        self._speaks = any(choice.clones or choice.needs is not None for choice in choices)

    @property
    def makers(self) -> Sequence[Sale]:
        """Of the clones whose voices others may speak with."""
        return self._voices.makers if self._speaks else ()

    @cached_property
    def _voices(self) -> Voices:
        clones = any(choice.clones for choice in self._choices)
        answers = (
            sale(one, choice, self._terms, self._digests.get(number), number)
            for number, one in enumerate(self.inputs if clones else ())
            for choice in self._meant(one)
            if choice.clones
        )
        return Voices(answers, self._root)

    @cached_property
    def _names(self) -> PromptNames:
        return PromptNames(self.inputs, self._root)

    def batches(self) -> Iterator[Sequence[Sale | Refused]]:
        """All answers but the makers, some at a time, those to one file together.

        Raises:
            UsageError: a clone's sample is named that is no file of the plan.
        """
        unlike = Unlike()
        for start, some in _batches(self.inputs):
            answers: Sequence[Sale | Refused] = self._answers(start, some)
            if self._prompts:
                answers = list(unlike(answers))
            yield list(self._voices.bound(answers)) if self._speaks else answers

    def _answers(self, start: int, inputs: Sequence[Input]) -> list[Sale | Refused]:
        if self._prompts:
            inputs = [self._names.named(one) for one in inputs]
        if self._sounds:
            return sales(inputs, start, self._sounds, self._digests, self._of)
        return [each for number, one in enumerate(inputs, start) for each in self._of(number, one)]

    def _of(self, number: int, one: Input) -> list[Sale | Refused]:
        sha256 = self._digests.get(number)
        return [sale(one, choice, self._terms, sha256, number) for choice in self._meant(one)]

    def _meant(self, one: Input) -> Sequence[Choice]:
        """What is to be bought of an input, and is meant for such."""
        if self._chosen is None:
            return self._by_kind[one.kind]
        return [choice for choice in self._chosen(named(one, self._root)) if one.kind in choice.kinds]


def _batches(inputs: Sequence[Input]) -> Iterator[tuple[int, Sequence[Input]]]:
    """The inputs some at a time, with the number of the first of them."""
    start, rest = 0, iter(inputs)
    some = list(islice(rest, BATCH))
    while some:
        after: list[Input] = []
        for one in rest:
            if one.path != some[-1].path:
                after = [one]
                break
            some.append(one)
        yield start, some
        start, some = start + len(some), [*after, *islice(rest, BATCH - 1)] if after else []
