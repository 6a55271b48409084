"""What a plan keeps beside its manifest, and whose it is."""

import json
import os

import pytest
from msgspec.structs import replace

from earmark.reports.kept import ANOTHERS, GONE, Kept, keep, kept
from manifests.manifest import Head
from support.made_reports import planned
from support.small_run import manifest_of

HEAD: Head = replace(manifest_of([]).head, created="2026-11-30T06:55:00Z")
PLANNED = planned()


@pytest.fixture
def manifest(tmp_path):
    path = tmp_path / "m.yaml"
    keep(PLANNED, path, HEAD.id)
    return path


def test_what_was_kept_is_found_again(manifest):
    assert kept(manifest, HEAD) == Kept(PLANNED)
    assert kept(manifest.with_name("renamed.yaml"), HEAD) == Kept(PLANNED)
    assert (manifest.parent / ".earmark" / ".gitignore").read_text() == "*\n"


def test_notes_of_another_plan_are_not_used(manifest):
    assert kept(manifest, replace(HEAD, created="2026-12-01T00:00:00Z")) == Kept(notes=(ANOTHERS,))
    assert kept(manifest, replace(HEAD, id="other")) == Kept(notes=(GONE,))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 9, "id": "m1", "planned": null}'])
def test_a_damaged_file_is_as_good_as_none(manifest, text):
    (place,) = (manifest.parent / ".earmark").glob("plan-*.json")
    place.write_text(text)
    assert kept(manifest, HEAD) == Kept(notes=(GONE,))


def test_another_version_is_not_believed(manifest):
    (place,) = (manifest.parent / ".earmark").glob("plan-*.json")
    place.write_text(json.dumps({**json.loads(place.read_text()), "version": 2}))
    assert kept(manifest, HEAD).planned is None


def test_a_folder_that_is_none_is_in_nobodys_way(tmp_path):
    (tmp_path / ".earmark").write_text("a file")
    keep(PLANNED, tmp_path / "m.yaml", HEAD.id)
    assert kept(tmp_path / "m.yaml", HEAD).planned is None
    keep(PLANNED, tmp_path / "nowhere" / "m.yaml", HEAD.id)


def test_names_that_are_no_text_are_kept_as_they_are_shown(tmp_path):
    odd = replace(PLANNED, spoken=[{"file": "caf\udce9.txt"}])
    keep(odd, tmp_path / "m.yaml", HEAD.id)
    assert kept(tmp_path / "m.yaml", HEAD).planned.spoken == [{"file": "caf\N{REPLACEMENT CHARACTER}.txt"}]


def test_the_notes_of_the_oldest_plans_go(manifest, monkeypatch):
    monkeypatch.setattr("earmark.reports.kept.MOST", 2)
    (first,) = (manifest.parent / ".earmark").glob("plan-*.json")
    os.utime(first, (0, 0))
    for name in ("second", "third"):
        keep(PLANNED, manifest, name)
    assert kept(manifest, HEAD) == Kept(notes=(GONE,))
    assert len(list(first.parent.glob("plan-*.json"))) == 2
