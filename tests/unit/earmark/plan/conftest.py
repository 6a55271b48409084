"""Plans made up in memory: recordings, a disk, a wallet and a ledger that hold what a test says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from earmark.plan_values import PlanEnds, PlanOptions
from manifests import catalogue
from manifests.length import Grade
from manifests.manifest import Head, Item, total
from planner.choices import choices
from planner.history import History
from planner.leftout import LeftOut, Reason, Unreadable
from planner.lengths.interface import Length
from planner.pricing import Line, line
from planner.recording import Recording
from planner.roots import Root
from planner.sales import Sale, sale
from planner.scanner import Plain


def _recording(
    name: str, *, ms: int = 60_000, size: int = 1000, mtime_ns: int = 0, video: bool = False
) -> Recording:
    length = Length(ms, Grade.EXACT, ms, ms, "mp3", "its header")
    return Recording(f"/media/{name}", size, mtime_ns, "0123456789ab", length, size, video)


@pytest.fixture
def recording() -> Callable[..., Recording]:
    """A recording under /media."""
    return _recording


@pytest.fixture
def priced() -> Callable[..., Line]:
    """A line to pay."""

    def make(name: str = "a.mp3", service: str = "transcription", **facts: Any) -> Line:
        (choice,) = choices(catalogue.load(), [service], [])
        offered = sale(_recording(name, **facts), choice)
        assert isinstance(offered, Sale)
        return line(offered, Root("/media"))

    return make


@dataclass(frozen=True)
class _Entry:
    path: str


@dataclass
class FakeDraft:
    """Remembers what was written."""

    path: Path
    written: list[tuple[Path, Head, list[Item]]]
    items: list[Item] = field(default_factory=list)

    def add(self, items: Sequence[Item]) -> None:
        self.items.extend(items)

    def write(self, head: Head) -> None:
        assert head.total == total(self.items)
        self.written.append((self.path, head, self.items))

    def close(self) -> None:
        pass


@dataclass
class FakeWorld:
    """A disk, a ledger, a wallet and a clock in memory; remembers what was written and followed."""

    found: list[Recording | LeftOut | Path] = field(default_factory=list)  # paths are of real texts
    digests: dict[str, str | LeftOut] = field(default_factory=dict)
    history: History = field(default_factory=History)
    wallet: Callable[[], Any] | None = None
    written: list[tuple[Path, Head, list[Item]]] = field(default_factory=list)
    followed: list[tuple[str, int | None, int]] = field(default_factory=list)
    options: PlanOptions = field(default_factory=lambda: PlanOptions(("/media/none",), ("transcription",)))

    def given(self, **changes: Any) -> PlanOptions:
        return replace(self.options, **changes)

    def ends(self) -> PlanEnds:
        recordings = {each.path: each for each in self.found if isinstance(each, Recording)}

        def survey(path: str) -> Recording:
            if path not in recordings:
                raise Unreadable(Reason.NOT_AUDIO, path, "not audio")
            return recordings[path]

        return PlanEnds(
            catalogue=catalogue.load(),
            walk=lambda _options: [
                e if isinstance(e, LeftOut) else _Entry(e.path if isinstance(e, Recording) else str(e))
                for e in self.found
            ],
            scanner=lambda _options, _root: Plain(survey, self._digest),
            history=self.history,
            now=lambda: datetime(2026, 11, 23, 5, tzinfo=UTC),
            new_id=lambda: "00000000000000aa",
            wallet=self.wallet,
            draft=lambda path: FakeDraft(path, self.written),
            follow=self._follow,
        )

    def _digest(self, one: Recording) -> str:
        answer = self.digests.get(one.path, one.path.encode().hex().ljust(64, "0")[-64:])
        if isinstance(answer, LeftOut):
            raise Unreadable(answer.reason, answer.path, answer.detail)
        return answer

    def _follow(self, items, label, total):
        count = 0
        for item in items:
            count += 1
            yield item
        self.followed.append((label, total, count))


@pytest.fixture
def world() -> FakeWorld:
    """An empty world."""
    return FakeWorld()
