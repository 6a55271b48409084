"""The plan: from files that were found to priced lines.

Four steps, each of them free of screens: `scan` looks at every file, `suspects` says which could
have been bought before, `identify` takes their digests, `price` makes the lines. The first and the
third yield as they go; whoever listens may show it.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from planner.choices import Choice, Chosen
from planner.contents import Content, Paid, content_of, generations
from planner.inputs import Input, named
from planner.leftout import LeftOut, Unreadable
from planner.pricing import Line, line, paid_before, same_audio
from planner.prompt_names import unlike_names
from planner.recording import Digest, Entry, Recording
from planner.roots import Root
from planner.sales import Refused, Sale, Terms, concerns, sale, spoken_by, unlike
from planner.voices import bound

Look: TypeAlias = Callable[[str], Sequence[Input]]
"""All that a file has to offer; raises `planner.leftout.Unreadable`."""


@dataclass(frozen=True, slots=True)
class Priced:
    """Every input x every product: lines in the order of the walk, and what could not be priced."""

    lines: tuple[Line, ...]
    refused: tuple[Refused, ...]


def scan(found: Iterable[Entry | LeftOut], look: Look) -> Iterator[Sequence[Input] | LeftOut]:
    """Look at every file in the order of the walk; one that cannot be read is left out, with the reason."""
    for each in found:
        if isinstance(each, LeftOut):
            yield each
            continue
        try:
            yield look(each.path)
        except Unreadable as error:
            yield error.left_out()


def suspects(
    inputs: Sequence[Input],
    known_audio_bytes: Collection[int],
    samples: Callable[[Recording], bool] | None = None,
) -> list[int]:
    """The numbers of the recordings whose sound has as many bytes as another's here or as one bought before.

    No other can be the same audio, so no other has to be read whole; but samples of voices are: what
    is bought with a voice is recognised by it.
    """
    sizes = [one.audio_bytes if isinstance(one, Recording) else 0 for one in inputs]
    often = Counter(sizes)
    return [
        number
        for number, (one, size) in enumerate(zip(inputs, sizes, strict=True))
        if isinstance(one, Recording)
        and (often[size] > 1 or size in known_audio_bytes or (samples is not None and samples(one)))
    ]


def identify(
    inputs: Sequence[Input], numbers: Iterable[int], digest: Digest
) -> Iterator[tuple[int, str | LeftOut]]:
    """The digest of each of the numbered recordings, or why it has none any more."""
    for number in numbers:
        one = inputs[number]
        assert isinstance(one, Recording)
        try:
            yield number, digest(one)
        except Unreadable as error:
            yield number, error.left_out()


def price(
    inputs: Sequence[Input],
    digests: Mapping[int, str],
    choices: Sequence[Choice],
    root: Root,
    paid: Paid,
    *,
    chosen: Chosen | None = None,
    pay_again: bool = False,
    terms: Terms = Terms(),  # noqa: B008 - frozen
) -> Priced:
    """Price every input for every product that is meant for such.

    Args:
        inputs: in the order of the walk.
        digests: by the number of the recording, where one was taken.
        choices: what to buy of each.
        root: what paths are relative to.
        paid: which content keys were bought before.
        chosen: what to buy of a file by its name; of each of them all `choices` if left out.
        pay_again: buy on purpose what was bought before, as a new generation.
        terms: what lengths of output depend on.

    Raises:
        UsageError: a clone's sample is named that is no file of the plan.
    """

    def offered() -> Iterator[Sale | Refused]:
        for number, one in enumerate(unlike_names(inputs, root)):
            for choice in choices if chosen is None else chosen(named(one, root)):
                if concerns(choice, one):
                    yield sale(one, choice, terms, digests.get(number))

    answers = list(bound(list(unlike(offered())), root))
    sales = [each for each in answers if isinstance(each, Sale)]
    seller = _Seller(root, paid, terms, pay_again=pay_again)
    sold = [
        *seller.sold([each for each in sales if each.choice.clones]),
        *seller.sold([each for each in sales if not each.choice.clones]),
    ]
    refused = tuple(each for each in answers if isinstance(each, Refused))
    return Priced(tuple(_settled(sold, paid)), refused)


class _Seller:
    """Makes lines with their content keys; remembers the clones' for the lines that speak with them."""

    def __init__(self, root: Root, paid: Paid, terms: Terms, *, pay_again: bool) -> None:
        self._root, self._paid, self._terms, self._pay_again = root, paid, terms, pay_again
        self._voices: dict[str, str] = {}

    def sold(self, sales: Sequence[Sale]) -> list[tuple[Line, str]]:
        """The lines with their content keys, empty where nobody can have bought it."""
        sales = [self._spoken(each) for each in sales]
        contents = [content_of(each, self._voices) for each in sales]
        again = generations(contents, self._paid) if self._pay_again else {}
        return [self._line(each, content, again) for each, content in zip(sales, contents, strict=True)]

    def _spoken(self, one: Sale) -> Sale:
        """The sale with what is known of the clone that speaks."""
        clone = self._voices.get(one.needs or "")
        return spoken_by(one, clone, self._terms) if clone else one

    def _line(self, one: Sale, content: Content | None, again: Mapping[str, int]) -> tuple[Line, str]:
        generation = 0 if content is None else again.get(content.key(), 0)
        made = line(one, self._root, generation)
        key = "" if content is None else content.key(generation)
        if one.choice.clones and key:
            self._voices[made.item.file] = key
        return made, key


def _settled(sold: Sequence[tuple[Line, str]], paid: Paid) -> Iterator[Line]:
    """The lines with those made free that were bought before or that an earlier line pays for."""
    bought = paid(list(dict.fromkeys(key for _, key in sold if key)))
    payers: dict[str, int] = {}
    for number, (each, key) in enumerate(sold):
        if not key:
            yield each
        elif key in bought:
            yield paid_before(each)
        elif payers.setdefault(key, number) == number:
            yield each
        else:
            yield same_audio(each, payers[key], sold[payers[key]][0].item.file)
