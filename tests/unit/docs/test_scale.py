"""The page on scale works out what it says from the figures that it gives."""

import re

import pytest

from runner.fleet.grouping import LINES
from runner.fleet.sharing import LIST_REST, PAGE_REST
from runner.ledger.fleet_rows import BEAT_EVERY
from runner.reading import LIST_PAGES
from support import pages

PAGE = (pages.ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
HOSTS = (10, 100, 1_000)


def row(begins):
    """The cells of a table's row, without the marks of bold print."""
    (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| {begins}")]
    return [cell.strip().strip("*") for cell in line.strip("|").split("|")]


def number(text):
    """The first number in a text."""
    return float(re.search(r"\d[\d,]*(\.\d+)?", text)[0].replace(",", ""))


def figures(begins):
    return [number(cell) for cell in row(begins)[1:]]


STATEMENTS = number(row("statements to the ledger")[1])
DATABASE_MS = number(row("PostgreSQL's processor time")[1])
CONNECTIONS = number(row("connections to PostgreSQL")[1])
SECONDS = 28.8 * 8 / 100  # an upload of the example over the example's line


def about(value):
    """As rounded on the page."""
    return pytest.approx(value, rel=0.03, abs=0.05)


def says(text):
    assert text in PAGE.replace("\n", " "), text


def a_manifest(round_trip):
    return STATEMENTS * round_trip + DATABASE_MS


@pytest.mark.parametrize("round_trip", ["0.1 ms", "0.5 ms", "1 ms", "5 ms"])
def test_what_one_manifest_gets_through(round_trip):
    each = a_manifest(number(round_trip))
    assert figures(round_trip) == [about(each), about(1000 / each), about(each * 1000 / 3600)]


def test_what_the_database_takes():
    says(f"1,000 ms / {DATABASE_MS} ms = {1000 / DATABASE_MS:.0f} items a second")
    beats = 1_000 / BEAT_EVERY * 9
    says(f"1,000 / {BEAT_EVERY:.0f} * 9 = {beats:,.0f} statements a second")
    says(f"as much as {beats / STATEMENTS:.0f} items")


def test_how_often_lists_are_read():
    assert (LIST_REST, PAGE_REST, LIST_PAGES, LINES) == (1.0, 0.5, 200, 50)
    says("at most 120 pages a minute")
    jobs = 16.7 * 60
    listed = -(-jobs // 100)
    says(f"jobs of 60 s, {jobs:,.0f} jobs, {listed:.0f} pages, a look every {listed * PAGE_REST} s")


def test_what_each_limit_leaves():
    limits = {
        "upload bandwidth of the hosts": [hosts / SECONDS for hosts in HOSTS],
        "the key's 1,000 submits": [1_000 / 60] * 3,
        "one manifest, 0.5 ms": [1_000 / a_manifest(0.5)] * 3,
        "PostgreSQL, 4 cores": [4 * 1_000 / DATABASE_MS] * 3,
    }
    for name, left in limits.items():
        assert figures(name) == list(map(about, left)), name
    least = [min(column) for column in zip(*limits.values(), strict=True)]
    assert figures("**what you get") == list(map(about, least))
    assert figures("a million items take") == [about(1e6 / each / 3600) for each in least]


def test_how_many_connections_are_held():
    assert figures("connections |") == [CONNECTIONS * hosts for hosts in HOSTS]
    says(f"100 / {CONNECTIONS:.0f} = {100 // CONNECTIONS:.0f} busy workers")
    says(f"enough (16.7 / {1 / SECONDS:.2f})")


def test_what_more_workers_brought():
    rates = [figures(f"{workers} | ")[0] for workers in (1, 2, 4)]
    assert [figures(f"{workers} | ")[1] for workers in (1, 2, 4)] == [
        about(rate / rates[0]) for rate in rates
    ]
