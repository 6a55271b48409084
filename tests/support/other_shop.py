"""Plans and runs at the other server, and what holds however they end."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from earmark.screens import run as screen
from earmark.terminal import Terminal
from manifests.exits import Exit
from runner.api.client import AudioPod
from runner.api.deadlines import Deadlines
from runner.report import Fate
from runner.tempo import Tempo
from support.rehearsal import BRISK, Rehearsal
from support.reports import asked

HASTY = Deadlines(connect=2, read=1.0, answer=1.0, stall=1.0, grace=5)
"""Deadlines that a test can wait for."""


def both(it: Rehearsal, *words: str):
    it.plan(
        "--service",
        "transcription",
        "--service",
        "stems:two",
        "--set",
        "transcription.formats=json,txt,srt",
        *words,
    )


def check_honest(it: Rehearsal, report: Any) -> None:
    """What holds however a run ends."""
    other = it.sim
    assert other.leaks == []
    assert other.odd == []
    assert other.tokens_sent_twice == []
    assert other.paid_twice == []
    assert {path.name for path in it.folder.iterdir()} <= {
        "media",
        "results",
        "state",
        "manifest.yaml",
        "manifest.yaml.receipts.jsonl",
        ".earmark",
        "no-state",
    }
    amounts = report.amounts
    assert amounts.spent + amounts.reserved + amounts.in_doubt >= other.spent_cents
    assert screen.render(report, asked(), Terminal())


def check_saved(it: Rehearsal, report: Any) -> None:
    """All is on disk, each file of the audio that it belongs to, and the books agree."""
    assert report.exit is Exit.DONE, (
        report.exit,
        report.stops,
        report.notes,
        [(i.fate, i.reason) for i in report.items],
    )
    assert {item.fate for item in report.items} == {Fate.SAVED}
    assert report.amounts.spent == it.sim.spent_cents
    assert report.amounts.reserved == report.amounts.in_doubt == 0
    for source in sorted((it.folder / "media").iterdir()):
        sha = hashlib.sha256(source.read_bytes()).hexdigest()
        base = it.folder / "results" / source.stem
        assert json.loads(base.with_suffix(".json").read_text())["source"] == sha
        assert base.with_suffix(".txt").read_text() == f"txt of {sha}\n"
        assert base.with_suffix(".srt").read_text() == f"srt of {sha}\n"
        stems = sorted(base.iterdir())
        assert len(stems) >= 2
        for stem in stems:
            assert stem.read_text().endswith(sha), stem


def hasty(it: Rehearsal) -> Callable[[], AudioPod]:
    client = AudioPod(it.sim.url, it.sim.key, patience=0.5, limits=HASTY, tempo=Tempo(floor=BRISK))
    it.opened.append(client)
    return lambda: client
