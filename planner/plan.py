"""The plan: from files that were found to priced lines.

Four steps, each of them free of screens: `scan` looks at every file, `suspects` says which could
have been bought before, `identify` takes their digests, `price` makes the lines. The first and the
third yield as they go; whoever listens may show it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TypeAlias

from planner.choices import Choice, Chosen
from planner.contents import Paid
from planner.inputs import Input
from planner.leftout import LeftOut, Unreadable
from planner.offered import Offered
from planner.recording import Entry, Recording
from planner.roots import Root
from planner.sales import Refused, Sale, Terms
from planner.scanner import Scanner
from planner.stock import Stock
from planner.till import Batch, Till
from planner.walk import Run, run_of

Look: TypeAlias = Callable[[str], Sequence[Input] | None]
"""What a file offers, None where it is to be read as a recording; raises `planner.leftout.Unreadable`."""


def scan(
    found: Iterable[Entry | Run | LeftOut], look: Look | None, scanner: Scanner
) -> Iterator[Recording | Sequence[Input] | LeftOut]:
    """Look at every file in the order of the walk; one that cannot be read is left out, with the reason.

    Args:
        found: by the walk.
        look: what a file has to offer; None where all files are read as recordings.
        scanner: reads recordings.
    """
    return scanner.surveys(_sorted(found, look))


def _sorted(
    found: Iterable[Entry | Run | LeftOut], look: Look | None
) -> Iterator[Run | Sequence[Input] | LeftOut]:
    """The recordings, and everything else."""
    for each in found:
        if isinstance(each, LeftOut):
            yield each
        elif not isinstance(each, Run):
            yield _offered(each.path, look)
        elif look is None:
            yield each
        else:
            yield from (_offered(each.before + name, look) for name in each.names)


def _offered(path: str, look: Look | None) -> Run | Sequence[Input] | LeftOut:
    """What a file offers; a run of its own if it is a recording."""
    try:
        inputs = look(path) if look else None
    except Unreadable as error:
        return error.left_out()
    return run_of(path) if inputs is None else inputs


def suspects(
    inputs: Sequence[Input],
    known_audio_bytes: Collection[int],
    samples: Callable[[Recording], bool] | None = None,
) -> list[int]:
    """The numbers of the recordings whose sound has as many bytes as another's here or as one bought before.

    No other can be the same audio, so no other has to be read whole; but samples of voices are: what
    is bought with a voice is recognised by it.
    """
    sizes = inputs.audio_bytes if isinstance(inputs, Stock) else Stock(inputs).audio_bytes
    ordered = sorted(sizes)
    often = {one for one, other in pairwise(ordered) if one == other} - {0}
    found = [
        number for number, size in enumerate(sizes) if size and (size in often or size in known_audio_bytes)
    ]
    if samples is None:
        return found
    also = (number for number, one in enumerate(inputs) if isinstance(one, Recording) and samples(one))
    return sorted({*found, *also})


def identify(
    inputs: Sequence[Input], numbers: Iterable[int], scanner: Scanner
) -> Iterator[tuple[int, str | LeftOut]]:
    """The digest of each of the numbered recordings, or why it has none any more."""
    return scanner.digests(_recordings(inputs, numbers))


def _recordings(inputs: Sequence[Input], numbers: Iterable[int]) -> Iterator[tuple[int, Recording]]:
    for number in numbers:
        one = inputs[number]
        assert isinstance(one, Recording)
        yield number, one


def price(
    inputs: Sequence[Input],
    digests: Mapping[int, str],
    choices: Sequence[Choice],
    root: Root,
    paid: Paid,
    *,
    chosen: Chosen | None = None,
    known_audio_bytes: Collection[int] | None = None,
    pay_again: bool = False,
    terms: Terms = Terms(),  # noqa: B008 - frozen
) -> "Priced":
    """Price every input for every product that is meant for such.

    Args:
        inputs: in the order of the walk; what one file offers stands together.
        digests: by the number of the recording, where one was taken.
        choices: what to buy of each.
        root: what paths are relative to.
        paid: which content keys were bought before.
        chosen: what to buy of a file by its name; of each of them all `choices` if left out.
        known_audio_bytes: of all recordings that were bought before; None: not known.
        pay_again: buy on purpose what was bought before, as a new generation.
        terms: what lengths of output depend on.
    """
    offered = Offered(inputs, digests, choices, root, chosen, terms)
    twins = _twins(digests, chosen)
    return Priced(offered, lambda: Till(root, paid, terms, twins, known_audio_bytes, pay_again=pay_again))


class Priced:
    """Every input x every product: priced lines, and what could not be priced.

    Nothing of it is kept: there may be a million lines, which are made anew each time they are gone
    through. Clones come first, since others speak with them; then all in the order of the walk.
    """

    def __init__(self, offered: Offered, till: Callable[[], Till]) -> None:
        self.inputs = offered.inputs
        self._offered, self._till = offered, till

    def batches(self) -> Iterator[Batch]:
        """The lines some at a time; all lines of a file but those of clones are in one batch.

        Raises:
            UsageError: a clone's sample is named that is no file of the plan.
        """
        till = self._till()
        if makers := self._offered.makers:
            yield Batch(till.lines(makers), [], early=True)
        for answers in self._offered.batches():
            refused = [each for each in answers if isinstance(each, Refused)]
            sales = [each for each in answers if isinstance(each, Sale)]
            yield Batch(till.lines(sales), refused)


def _twins(digests: Mapping[int, str], chosen: Chosen | None) -> Collection[str] | None:
    """The digests that several files have; None where one file may give two lines that buy the same."""
    if chosen is not None:
        return None
    seen: set[str] = set()
    twins: set[str] = set()
    for digest in digests.values():
        (twins if digest in seen else seen).add(digest)
    return twins
