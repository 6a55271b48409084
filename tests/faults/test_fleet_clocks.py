"""Hosts whose clocks differ: the database's clock alone decides who is late."""

import pytest

from simulator import Fault

COUNT = 16
DAY = 86_400.0


@pytest.mark.parametrize(
    ("worker", "desk"),
    [
        pytest.param(DAY, -DAY, id="ahead"),
        pytest.param(-DAY, DAY, id="behind", marks=pytest.mark.long),
    ],
)
def test_hosts_a_day_apart_share_a_manifest(fleet, worker, desk):
    site = fleet(Fault(at="submit:*", do="slow", seconds=0.3))
    site.planned(COUNT)
    site.worker("a", skew=worker)
    assert site.see_through(site.run("desk", skew=desk), COUNT) == 0
    assert site.ask("SELECT host FROM runs WHERE fenced IS NOT NULL") == []
    assert ("a",) in site.ask("SELECT host FROM runs WHERE shift_id IS NOT NULL")
    shown = site.done("earmark", "status", "manifest.yaml", "--json", skew=desk).json
    assert all(each["seen_seconds_ago"] < 60 for each in shown["hosts"] if each["alive"])
