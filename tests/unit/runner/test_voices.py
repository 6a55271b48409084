"""Another sample makes another voice: what spoke with the old one is bought anew, and not called saved."""

from dataclasses import replace
from fractions import Fraction

import pytest
from msgspec import structs

from manifests.money import Cents
from runner import voices
from runner.collect import in_force
from runner.prepare import check, new_items, paid_items
from runner.report import Fate
from runner.reporting import item_reports
from support.small_run import ALL_RATES, PROBES, manifest_of

RATES = {name: ALL_RATES[name] for name in ("tts", "clone")}


def manifest(desk, **clone):
    """A sample, and a text that is spoken with its voice."""
    items = [desk.item("anna.wav", "clone", **clone), desk.item("a.txt", "tts", needs="anna.wav")]
    return manifest_of(items, rates=RATES)


def lines(desk, **clone):
    return {line.key: line for line in desk.lines(manifest(desk, **clone), RATES).values()}


def bind(desk, by_key):
    with desk.ledger.transaction():
        desk.ledger.put_manifest("m1", desk.folder / "m.yaml", Cents(100))
        desk.ledger.put_items("m1", list(new_items(check(by_key.values(), PROBES), {}, PROBES)))


def outdated(desk, by_key):
    return {by_key[key].item.file for key in voices.outdated(desk.ledger.items("m1"), by_key)}


@pytest.fixture
def bound(desk):
    bind(desk, lines(desk))
    return desk


def test_nothing_is_outdated_as_long_as_nothing_changed(bound):
    assert outdated(bound, lines(bound)) == set()


def test_another_sample_outdates_what_speaks_with_its_voice(bound):
    (bound.folder / "anna.wav").write_bytes(b"another sample")
    planned_again = lines(bound)
    assert outdated(bound, planned_again) == {"anna.wav", "a.txt"}
    bind(bound, planned_again)
    assert outdated(bound, planned_again) == set()


def test_a_clone_that_was_bound_anew_outdates_its_speech_alone(bound):
    (bound.folder / "anna.wav").write_bytes(b"another sample")
    planned_again = lines(bound)
    bind(bound, {key: line for key, line in planned_again.items() if line.clones})
    assert outdated(bound, planned_again) == {"a.txt"}


def test_a_voice_that_is_made_in_another_way_outdates_its_speech(bound):
    assert outdated(bound, lines(bound, options={"denoise": True})) == {"a.txt"}


def test_what_the_old_voice_spoke_is_neither_collected_nor_called_saved(bound):
    (bound.folder / "anna.wav").write_bytes(b"another sample")
    planned_again = lines(bound)
    assert in_force(bound.ledger.items("m1"), planned_again) == []
    found = item_reports(bound.ledger, "m1", planned_again.values(), {}, skip_changed=False)
    assert [report.fate for report in found] == [Fate.WAITING] * 2


def test_a_run_buys_the_speech_again_with_the_new_voice_and_no_third_time(desk):
    desk.api.live |= {"text_to_speech": Fraction(4), "voice_cloning": Fraction(4)}
    desk.run(manifest(desk), spend=100)
    (desk.folder / "anna.wav").write_bytes(b"another sample")
    for _ in range(2):
        report = desk.run(manifest(desk), spend=100)
        assert [item.fate for item in report.items] == [Fate.SAVED] * 2
    assert [order.service for order in desk.api.orders] == ["clone", "tts"] * 2
    assert [order.fields["voice"] for order in desk.api.orders if order.service == "tts"] == ["1", "3"]


def test_speech_that_is_paid_is_told_also_where_its_clone_alone_is_bound(desk):
    clone, speech = lines(desk).values()
    bind(desk, {clone.key: clone})
    speech = replace(speech, item=structs.replace(speech.item, sha256="a" * 64))
    by_key = {clone.key: clone, speech.key: speech}
    made = voices.bound(desk.ledger.items("m1"), by_key)
    (found,) = paid_items([speech], set, made)
    assert found.options == f'{{"audio_format":"mp3","speed":"1","voice":"clone:{made["anna.wav"]}"}}'
    assert paid_items([speech], set) == []
