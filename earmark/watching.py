"""Who watches a run: the bar on stderr, lines about items, events for machines."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earmark.item_lines import ItemLines
from earmark.run_progress import following
from earmark.terminal import Terminal
from earmark.time_left import TimeLeft
from earmark.times import to_go
from runner.options import Progress
from runner.told import Told

if TYPE_CHECKING:
    from earmark.run_events import Narrator

Pause = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Watchers:
    """Everybody who hears of a run."""

    told: tuple[Callable[[Told], None], ...]
    shown: tuple[Callable[[Progress], None], ...]
    pause: Pause  # leaves the terminal to a question

    def watch(self, told: Told) -> None:
        """Pass on what the run tells."""
        for each in self.told:
            each(told)

    def progress(self, now: Progress) -> None:
        """Pass on how far the run is."""
        for each in self.shown:
            each(now)


def narrator(stack: ExitStack, given: Mapping[str, Any], manifest: Path, left: TimeLeft) -> "Narrator | None":
    """Who makes events of it, where they are asked for; they end with the stack."""
    if not given["events"]:
        return None
    from earmark.run_events import narrating

    return stack.enter_context(narrating(str(manifest), left.seconds))


@contextmanager
def watching(
    shown: Terminal,
    items: int,
    left: TimeLeft,
    events: "Narrator | None",
    *,
    quiet: bool,
    verbose: int = 0,
) -> Iterator[Watchers]:
    """All who watch while the run lasts; the terminal is left clean."""
    with following(shown, items, quiet=quiet, to_go=lambda: to_go(left.seconds())) as listener:
        told: list[Callable[[Told], None]] = [left.watch]
        if verbose:
            told.append(ItemLines(listener.pause, verbose).watch)
        progress: list[Callable[[Progress], None]] = [listener.show]
        if events is not None:
            told.append(events.watch)
            progress.append(events.progress)
        yield Watchers(tuple(told), tuple(progress), listener.pause)
