"""The plan: from files that were found to priced lines.

Four steps, each of them free of screens: `scan` looks at every file, `suspects` says which could
have been bought before, `identify` takes their digests, `price` makes the lines. The first and the
third yield as they go; whoever listens may show it.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from manifests.keys import content_key
from planner.choices import Choice, Chosen
from planner.leftout import LeftOut, Unreadable
from planner.pricing import Buying, Line, Refused, line, paid_before, refusal, same_audio
from planner.recording import Digest, Entry, Recording, Survey
from planner.roots import Root

Paid = Callable[[Sequence[str]], set[str]]
"""Those of the content keys that were bought before."""


@dataclass(frozen=True, slots=True)
class Priced:
    """Every file x every product: lines in the order of the walk, and what could not be priced."""

    lines: tuple[Line, ...]
    refused: tuple[Refused, ...]


def scan(found: Iterable[Entry | LeftOut], survey: Survey) -> Iterator[Recording | LeftOut]:
    """Look at every file in the order of the walk; one that cannot be read is left out, with the reason."""
    for each in found:
        if isinstance(each, LeftOut):
            yield each
            continue
        try:
            yield survey(each.path)
        except Unreadable as error:
            yield error.left_out()


def suspects(recordings: Sequence[Recording], known_audio_bytes: Collection[int]) -> list[int]:
    """The numbers of the recordings whose sound has as many bytes as another's here or as one bought before.

    No other can be the same audio, so no other has to be read whole.
    """
    sizes = [recording.audio_bytes for recording in recordings]
    often = Counter(sizes)
    return [n for n, size in enumerate(sizes) if often[size] > 1 or size in known_audio_bytes]


def identify(
    recordings: Sequence[Recording], numbers: Iterable[int], digest: Digest
) -> Iterator[tuple[int, str | LeftOut]]:
    """The digest of each of the numbered recordings, or why it has none any more."""
    for number in numbers:
        try:
            yield number, digest(recordings[number])
        except Unreadable as error:
            yield number, error.left_out()


def price(
    recordings: Sequence[Recording],
    digests: Mapping[int, str],
    choices: Sequence[Choice],
    root: Root,
    paid: Paid,
    *,
    chosen: Chosen | None = None,
    pay_again: bool = False,
) -> Priced:
    """Price every recording for every product.

    Args:
        recordings: in the order of the walk.
        digests: by the number of the recording, where one was taken.
        choices: what to buy of each.
        root: what paths are relative to.
        paid: which content keys were bought before.
        chosen: what to buy of a file by its name; of each of them all `choices` if left out.
        pay_again: buy on purpose what was bought before, as a new generation.
    """
    wanted: list[tuple[int, Choice]] = []
    refused: list[Refused] = []
    for number, recording in enumerate(recordings):
        for choice in choices if chosen is None else chosen(root.relative(recording.path)):
            no = refusal(recording, choice)
            wanted.append((number, choice)) if no is None else refused.append(no)
    contents = [(digests.get(number), choice) for number, choice in wanted]
    generations = _generations(contents, paid) if pay_again else {}
    buyings = [Buying(sha256, generations.get(_key(sha256, choice, 0), 0)) for sha256, choice in contents]
    lines = [
        line(recordings[number], choice, root, buying)
        for (number, choice), buying in zip(wanted, buyings, strict=True)
    ]
    return Priced(tuple(_settled(lines, paid)), tuple(refused))


def _key(sha256: str | None, choice: Choice, generation: int) -> str:
    """The content key; empty where the audio was not read, since nobody can have bought it."""
    if sha256 is None:
        return ""
    return content_key(sha256, choice.product.name, choice.submitted, generation)


def _generations(contents: Sequence[tuple[str | None, Choice]], paid: Paid) -> dict[str, int]:
    """The first generation of each content that was not bought yet, by the key of generation 0."""
    first: dict[str, int] = {}
    open_contents = {_key(sha256, choice, 0): (sha256, choice) for sha256, choice in contents if sha256}
    generation = 0
    while open_contents:
        keys = {key: _key(*content, generation) for key, content in open_contents.items()}
        bought = paid(list(keys.values()))
        first |= {key: generation for key in keys if keys[key] not in bought}
        open_contents = {key: open_contents[key] for key in keys if keys[key] in bought}
        generation += 1
    return first


def _settled(lines: Sequence[Line], paid: Paid) -> Iterator[Line]:
    """The lines with those made free that were bought before or that an earlier line pays for."""
    keys = [_key(each.item.sha256, each.choice, each.item.generation) for each in lines]
    bought = paid(list(dict.fromkeys(filter(None, keys))))
    payers: dict[str, int] = {}
    for number, (each, key) in enumerate(zip(lines, keys, strict=True)):
        if not key:
            yield each
        elif key in bought:
            yield paid_before(each)
        elif payers.setdefault(key, number) == number:
            yield each
        else:
            yield same_audio(each, payers[key], lines[payers[key]].item.file)
