"""Who watches a run: the bar on stderr, lines about items, events for machines."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from earmark.item_lines import MORE, ItemLines
from earmark.request_lines import RequestLines
from earmark.run_progress import following
from earmark.terminal import Terminal, write_out
from earmark.time_left import TimeLeft
from earmark.times import to_go
from runner.options import Progress
from runner.told import Told

if TYPE_CHECKING:
    from earmark.run_events import Narrator
    from runner.api.heard import Hear

T = TypeVar("T")

Pause = Callable[[], AbstractContextManager[None]]


class Watchers:
    """Everybody who hears of a run. One who fails, such as at a full disk, hears no more: the run goes on."""

    def __init__(
        self,
        told: Iterable[Callable[[Told], None]],
        shown: Iterable[Callable[[Progress], None]],
        pause: Pause,
    ) -> None:
        """`pause` leaves the terminal to a question."""
        self._told, self._shown, self.pause = list(told), list(shown), pause
        self.hear: Hear | None = None  # where somebody wants to hear of requests
        self.trouble: Exception | None = None  # the first that anybody met

    def watch(self, told: Told) -> None:
        """Pass on what the run tells."""
        self._pass_on(self._told, told)

    def progress(self, now: Progress) -> None:
        """Pass on how far the run is."""
        self._pass_on(self._shown, now)

    def _pass_on(self, watchers: list[Callable[[T], None]], news: T) -> None:
        for each in list(watchers):
            try:
                each(news)
            except Exception as error:  # noqa: BLE001 - money is under way: no onlooker may end that
                watchers.remove(each)
                self.trouble = self.trouble or error


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
            told.append(ItemLines(listener.pause, verbose, wraps=shown.live).watch)
        progress: list[Callable[[Progress], None]] = [listener.show]
        if events is not None:
            told.append(events.watch)
            progress.append(events.progress)
        requests = RequestLines(listener.pause) if verbose >= MORE else None
        if requests is not None:
            progress.append(lambda _now: requests.write())
        watchers = Watchers(told, progress, listener.pause)
        watchers.hear = None if requests is None else requests.hear
        try:
            yield watchers
        finally:
            if requests is not None:
                with suppress(OSError):
                    requests.write()
    if watchers.trouble is not None:
        with suppress(OSError):
            write_out(f"run: progress was not shown to the end: {watchers.trouble}\n", sys.stderr)
