"""The report on screens of any width."""

import pytest

from earmark.reports.text import screen
from earmark.terminal import Terminal
from support import made_reports
from support.report_kinds import kinds

KINDS = kinds()


@pytest.mark.parametrize("width", [50, 80, 120])
@pytest.mark.parametrize("kind", ["run", "credits", "plan", "refused", "hostile"])
def test_nothing_but_a_command_is_wider_than_the_screen(kind, width):
    lines = screen(KINDS[kind], Terminal(width=width)).splitlines()
    commands = ("Next:", "       ", "   or:")
    wide = [line for line in lines if len(line) > width and not line.startswith(commands)]
    assert not [line for line in wide if " " in line.strip()], wide  # a word alone is never cut


def test_narrow_screens_lose_columns_before_amounts():
    heads = {width: screen(KINDS["run"], Terminal(width=width)).splitlines() for width in (40, 60, 120)}
    tables = {
        width: next(x for x in lines if x.startswith("  service")).split() for width, lines in heads.items()
    }
    assert tables[120] == ["service", "items", "done", "length", "price", "charged"]
    assert "length" not in tables[40]
    assert tables[40][-2:] == ["price", "charged"]


def test_very_long_names_keep_their_ends():
    report = made_reports.of([made_reports.item("x" * 90 + "/end.mp3", fate="failed", charged=None)])
    assert "…" in screen(report, Terminal())
    assert "/end.mp3 (transcription" in screen(report, Terminal())


def test_colours_only_where_there_are_some():
    assert "\x1b[1m" in screen(KINDS["run"], Terminal(colour=True))
    assert "\x1b" not in screen(KINDS["run"], Terminal())
