"""The types of events: published, documented, and made of whatever a run tells."""

import json
from importlib import resources
from typing import get_args

import jsonschema
import msgspec
import pytest

from earmark import events
from earmark.run_events import Narrator, opened
from manifests.budget import Amounts, Decision, Verdict
from manifests.money import Cents
from manifests.states import State
from runner.engine.world import LEAVING, Stop
from runner.options import Progress
from runner.told import Began, Change, GateTold, ItemTold, NoteTold, StopTold
from support import pages
from support.schemas import unordered

KINDS = {kind.__struct_config__.tag: kind for kind in get_args(events.Event)}
ITEMS = {kind.__struct_config__.tag for kind in get_args(events.ItemEvent)}
AMOUNTS = Amounts(Cents(500), Cents(1), Cents(2), Cents(3))
REFUSED = Decision(Verdict.OVER_CAP, Cents(9), Cents(4))
PASSES = Decision(Verdict.PASS, Cents(0), Cents(0))


def item(change, **changes):
    fields = {
        "change": change,
        "item": 7,
        "file": "a.mp3",
        "service": "stems:two",
        "state": State.SUBMITTED,
        "job_id": "1",
        "reason": "",
        "currency": "cents",
        "expected": 1,
        "ceiling": 2,
        "charged": None,
        "shared": False,
        "results": (),
        "minutes": 1.0,
    }
    return ItemTold(**{**fields, **changes})


VALIDATOR = jsonschema.Draft202012Validator(events.schema())
TOLD = [
    Began("m1", 3, AMOUNTS, AMOUNTS),
    GateTold(REFUSED, PASSES, 0, 0, 0, 0, Cents(1000), AMOUNTS, 0.0),
    StopTold("money", "402"),
    NoteTold("something"),
    *(item(change) for change in Change),
    item(Change.SAVED, file="\udcff\n.mp3", reason="\udcfe", results=("/r/\udcff.txt",), charged=1),
]


@pytest.fixture
def written():
    """Narrates to a list of lines."""
    lines = []
    made = Narrator(lambda event: lines.append(events.line(event)), "m\udcff.yaml", clock=lambda: 0.0)
    made.lines = lines
    return made


def test_the_published_schema_is_that_of_the_types():
    text = resources.files("manifests").joinpath("schema/events.schema.json").read_text(encoding="utf-8")
    assert unordered(json.loads(text)) == unordered(json.loads(json.dumps(events.schema())))
    jsonschema.Draft202012Validator.check_schema(json.loads(text))


@pytest.mark.parametrize("told", TOLD, ids=lambda each: type(each).__name__)
def test_whatever_a_run_tells_is_a_line_that_the_schema_knows(written, told):
    written.watch(told)
    (line,) = written.lines
    assert line.count(b"\n") == 1
    VALIDATOR.validate(json.loads(line))
    assert msgspec.json.decode(line, type=events.Event)


def test_bytes_that_are_no_text_are_shown_and_kept_as_hex(written):
    written.watch(TOLD[-1])
    told = json.loads(written.lines[0])
    assert (told["file"], told["file_bytes"]) == ("\ufffd\n.mp3", b"\xff\n.mp3".hex())
    assert told["results"] == ["/r/\ufffd.txt"]


def test_progress_is_told_once_a_second_at_most():
    now, told = [100.0], []
    narrator = Narrator(told.append, "m.yaml", lambda: 61.4, clock=lambda: now[0])
    for _ in range(25):
        narrator.progress(Progress("running", 10, 1, 0, 2, AMOUNTS))
        now[0] += 0.1
    assert len(told) == 3
    assert told[0].left_seconds == 61
    now[0] = 50.0  # the clock was set back
    narrator.progress(Progress("running", 10, 1, 0, 2, AMOUNTS))
    assert len(told) == 4


def test_a_note_is_told_once(written):
    for _ in range(2):
        written.watch(NoteTold("the same"))
    assert len(written.lines) == 1


def test_the_first_line_names_schema_and_version():
    told = json.loads(events.line(opened("run")))
    assert (told["event"], told["schema"], told["version"]) == ("opened", events.SCHEMA, events.VERSION)


# -- the manual


def test_the_manual_has_every_type_and_every_field():
    sections = pages.sections("docs/events.md")
    kinds, fields_of_items = pages.tables(sections["Items"])
    common = {word for row in fields_of_items for word in pages.words(row[0])}
    assert {word for row in kinds for word in pages.words(row[0])} == ITEMS
    for tag, kind in KINDS.items():
        fields = set(kind.__struct_fields__) - {"at"}
        if tag in ITEMS:
            assert fields == common, tag
        else:
            rows = pages.rows(sections[tag])
            assert {word for row in rows for word in pages.words(row[0])} == fields, tag


def test_the_manual_has_every_stop_and_verdict():
    sections = pages.sections("docs/events.md")

    def told(section, field):
        (row,) = [row for row in pages.rows(sections[section]) if pages.words(row[0]) == [field]]
        return set(pages.words(row[1]))

    assert {stop.value for stop in Stop} <= told("stop", "stop")
    assert {verdict.value for verdict in Verdict} == told("gate", "verdict")
    leaving = sections["stop"].partition("except after")[2].partition("|")[0]
    assert set(pages.words(leaving)) == {stop.value for stop in LEAVING}
