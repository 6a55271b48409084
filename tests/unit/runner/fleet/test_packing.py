"""The lines of a shift, its head and its terms survive the way through the ledger without loss."""

import os
from fractions import Fraction
from pathlib import Path

import pytest
from msgspec.structs import replace

from manifests.errors import MachineError
from runner.engine.timing import Patience
from runner.fleet.packing import lines_of_shift, pack, pack_head, unpack, unpack_head
from runner.fleet.terms import decoded, options_under, shift_terms
from runner.ledger.runs import RunBy
from support.small_run import RATES


def through(lines, root, rates=RATES):
    return lines_of_shift(unpack(pack(lines)), root, rates)


def test_lines_come_back_as_they_went_whatever_is_in_them(desk):
    items = [
        desk.item("talks/ep1.mp3", options={"formats": ["srt"], "language": "en"}, note="a\u2028b"),
        desk.item("s.wav", "stems:two", generation=2, result="two/s"),
        desk.item("s.wav", "denoise:balanced", sha256="0" * 64, paid=True),
    ]
    manifest = desk.manifest()
    manifest = replace(manifest, items=tuple(items))
    lines = list(desk.lines(manifest).values()) or []
    back = through(lines, desk.folder)
    assert back == lines
    assert [line.key for line in back] == [line.key for line in lines]


def test_a_name_that_clashes_in_the_whole_manifest_stays_what_it_was_among_a_few_lines(desk):
    manifest = desk.manifest("ep1.mp3", "ep1.wav")
    lines = list(desk.lines(manifest).values())
    assert [line.base for line in lines] == ["ep1.mp3.transcription", "ep1.wav.transcription"]
    (alone,) = through(lines[:1], desk.folder)
    assert alone.base == "ep1.mp3.transcription"


def test_a_path_that_is_no_utf8_is_the_same_file_and_the_same_line_on_another_host(desk):
    name = os.fsdecode(b"caf\xe9.mp3")
    (desk.folder / name).write_bytes(b"sound")
    manifest = desk.manifest(name)
    (line,) = desk.lines(manifest).values()
    (back,) = through([line], Path("/elsewhere"))
    assert (back.key, back.base, back.item.path) == (line.key, line.base, name)
    assert back.path == Path("/elsewhere") / name


def test_a_line_costs_what_the_rates_in_force_say_not_those_of_the_plan(desk):
    (line,) = desk.lines(desk.manifest("a.mp3")).values()
    (back,) = through([line], desk.folder, {"transcription": Fraction(7, 2)})
    assert (line.expected, back.expected) == (1, 4)


def test_a_head_comes_back_with_its_exact_rates(desk):
    head = desk.manifest("a.mp3", rates={"transcription": Fraction(1, 3)}, name="ä").head
    assert unpack_head(pack_head(head)) == head


def test_terms_come_back_and_tell_each_host_how_long_it_still_has(desk):
    options = desk.options(max_tries=5, retry_failed=True, patience=Patience(job=9.0), by=RunBy("me", "host"))
    terms = decoded(shift_terms(options, {"transcription": Fraction(1, 3)}, until=1_100.0).encoded())
    assert terms.priced == {"transcription": Fraction(1, 3)}
    here = options_under(terms, Path("/b/m.yaml"), Path("/b/results"), 1_040.0, uploads=3)
    assert (here.max_tries, here.retry_failed, here.patience, here.by) == (
        5,
        True,
        options.patience,
        options.by,
    )
    assert (here.max_time, here.uploads, here.output) == (60.0, 3, Path("/b/results"))
    assert options_under(terms, Path("m"), Path("r"), 2_000.0).max_time == 0.0


@pytest.mark.parametrize("read", [unpack, unpack_head, decoded])
@pytest.mark.parametrize("text", ["", "{", "[1]", '{"unheard": 1, "rates": {"x": "1/0"}}'])
def test_what_another_version_wrote_is_refused_and_named(read, text):
    with pytest.raises(MachineError, match="ledger holds"):
        read(text)
