"""The reading half of a plan: what the files offer, and digests of the sound that may be bought already."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from earmark.plan_values import PlanEnds
from earmark.plan_wanted import Wanted
from planner import plan as core
from planner.digests import Digests
from planner.distant import Distant
from planner.inputs import Input
from planner.leftout import LeftOut
from planner.looking import Looker, Readers, only_recordings
from planner.recording import Entry, Recording
from planner.roots import Root
from planner.sales import fits_as_sample
from planner.scanner import Scanner
from planner.silence import Heard
from planner.stock import Stock
from planner.walk import Run


def read(
    found: Iterable[Entry | Run | LeftOut], ends: PlanEnds, scanner: Scanner, wanted: Wanted, root: Root
) -> tuple[Stock, list[LeftOut]]:
    """What the files offer to what is wanted of them."""
    looker = Looker(Readers(ends.passages, ends.prompts))
    inputs = Stock()
    left_out: list[LeftOut] = []
    chosen = wanted.by_path(root)

    def look(path: str) -> Sequence[Input] | None:
        return looker.look(path, chosen(path))

    plain = wanted.sorting is None and only_recordings(wanted.every)
    steps = core.scan(wanted.sifted(found, root), None if plain else look, scanner)
    for each in ends.follow(steps, "reading lengths", None):
        if isinstance(each, Recording):
            inputs.append(each)
        elif isinstance(each, LeftOut):
            left_out.append(each)
        else:
            inputs.extend(each)
    return inputs, left_out


def add(found: Iterable[Distant | LeftOut], inputs: Stock, left_out: list[LeftOut]) -> None:
    """Add what lies at addresses to what was found in folders."""
    for each in found:
        if isinstance(each, LeftOut):
            left_out.append(each)
        else:
            inputs.append(each)


def silent(inputs: Stock, ends: PlanEnds, scanner: Scanner) -> dict[int, Heard]:
    """The recordings with next to nothing to hear, by their numbers; some places of each are listened to."""
    numbered = [(number, one) for number, one in enumerate(inputs) if isinstance(one, Recording)]
    steps = ends.follow(scanner.listens(numbered), "listening", len(numbered))
    return {number: heard for number, heard in steps if heard.mostly_silent}


def identified(
    inputs: Stock,
    left_out: list[LeftOut],
    ends: PlanEnds,
    scanner: Scanner,
    known_audio_bytes: Collection[int],
    *,
    samples: bool,
) -> tuple[Stock, Mapping[int, str]]:
    """Digests where they can matter; a recording that is gone by now moves to the files left out."""
    numbers = core.suspects(inputs, known_audio_bytes, fits_as_sample if samples else None)
    found = Digests()
    gone: dict[int, LeftOut] = {}
    steps = core.identify(inputs, numbers, scanner)
    for number, answer in ends.follow(steps, "comparing sound", len(numbers)):
        if isinstance(answer, str):
            found.add(number, answer)
        else:
            gone[number] = answer
    left_out.extend(gone.values())
    return (inputs.without(gone), found.without(gone, len(inputs))) if gone else (inputs, found)
