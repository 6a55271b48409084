"""What a line sends is looked at before it is bought, whatever it is."""

import hashlib

import pytest

from manifests.errors import EarmarkError, ManifestError
from manifests.keys import content_key
from runner.api.interface import Order
from runner.inputs import NOTHING, WordsChanged, with_words, words_digest
from runner.ledger.rows import NewItem
from runner.lines import lines_of
from runner.prepare import Checked, Stale, check, new_items, paid_items
from support.small_run import ALL_RATES, PROBES, manifest_of


def lines(desk, *items):
    return lines_of(manifest_of(list(items)), desk.folder, ALL_RATES)


def bound(desk, *items):
    """What the lines come to: bound items, or what is stale."""
    found = list(check(lines(desk, *items), PROBES))
    assert all(isinstance(each, Checked) for each in found)
    return list(new_items(found, {}, PROBES))


def stale(desk, *items):
    return [each.reason for each in check(lines(desk, *items), PROBES) if isinstance(each, Stale)]


def prompt_item(desk, text="lofi beat", **fields):
    (desk.folder / "prompts.txt").write_text("lofi beat\nharp\n")
    mark = hashlib.sha256(text.encode()).hexdigest()[:12]
    options = {"prompt": text, "audio_duration": 60}
    return desk.item("prompts.txt", "music", print=mark, options=options, **fields)


URL = "https://media.example/talk.mp3"


def address_item(desk, **fields):
    item = {"url": URL, "print": "0123456789ab", "sha256": "a" * 64, "size": 0}
    (desk.folder / "media.example").mkdir()
    made = desk.item("media.example/talk.mp3", **{**item, **fields})
    (desk.folder / "media.example/talk.mp3").unlink()
    return made


# -- what is sent


def test_a_text_counts_by_its_words(desk):
    (item,) = bound(desk, desk.item("a.txt", "tts", options={"voice": "aria"}))
    assert item.sha256 == hashlib.sha256(b"a.txt").hexdigest()


def test_a_part_of_a_text_counts_by_its_own_words(desk):
    (desk.folder / "book.txt").write_text("first second")
    part = {"options": {"voice": "aria"}, "part": "2/2", "span": (6, 12)}
    (item,) = bound(desk, desk.item("book.txt", "tts", **part))
    assert item.sha256 == hashlib.sha256(b"second").hexdigest()


def test_words_that_were_not_planned_are_not_bought(desk):
    planned = desk.item("a.txt", "tts", options={"voice": "aria"}, sha256="b" * 64)
    (found,) = check(lines(desk, planned), PROBES)
    (refused,) = new_items([found], {}, PROBES)
    assert isinstance(refused, Stale)
    assert "not those that were planned" in refused.reason


def test_a_prompt_is_bought_by_its_words_and_options_alone(desk):
    (item,) = bound(desk, prompt_item(desk))
    assert item.sha256 == NOTHING
    assert '"prompt":"lofi beat"' in item.options


def test_a_prompt_that_was_taken_out_is_stale_and_another_one_in_its_file_is_not(desk):
    assert stale(desk, prompt_item(desk, "gone"), prompt_item(desk, "harp")) == [
        "prompts.txt: this prompt is no longer in it"
    ]


def test_an_address_is_not_looked_at_here(desk):
    (item,) = bound(desk, address_item(desk))
    assert (item.sha256, item.size) == ("a" * 64, 0)


def test_an_address_without_a_digest_is_told_apart_by_itself(desk):
    (item,) = bound(desk, address_item(desk, sha256=None))
    assert item.sha256 == hashlib.sha256(f"url\n{URL}".encode()).hexdigest()


# -- voices


def clone_and_user(desk, **fields):
    return desk.item("anna.wav", "clone"), desk.item("a.txt", "tts", needs="anna.wav", **fields)


def test_the_key_of_a_line_holds_the_key_of_the_clone_that_it_needs(desk):
    clone, speech = bound(desk, *clone_and_user(desk))
    options = {"audio_format": "mp3", "speed": "1", "voice": f"clone:{clone.content_key}"}
    assert speech.content_key == content_key(speech.sha256, "tts", options)


def test_another_sample_is_another_purchase_of_the_speech(desk):
    _, before = bound(desk, *clone_and_user(desk))
    (desk.folder / "anna.wav").write_bytes(b"another sample")
    _, after = bound(desk, *clone_and_user(desk))
    assert before.content_key != after.content_key


def test_the_order_of_the_lines_does_not_matter(desk):
    clone, speech = clone_and_user(desk)
    found = bound(desk, speech, clone)
    assert {each.product for each in found if isinstance(each, NewItem)} == {"clone", "tts"}


def test_a_voice_that_cannot_be_made_as_planned_keeps_its_speech_back(desk):
    _, speech = clone_and_user(desk)
    clone = desk.item("anna.wav", "clone", print="0123456789ab")
    found = list(check(lines(desk, clone, speech), PROBES))
    ready = [each for each in found if isinstance(each, Checked)]
    (refused,) = new_items(ready, {}, PROBES)
    assert refused.reason == "it needs the voice of anna.wav, which cannot be made as planned"


def test_a_voice_that_nobody_makes_is_refused(desk):
    _, speech = clone_and_user(desk)
    with pytest.raises(ManifestError, match="no clone line of this manifest has that file"):
        lines(desk, speech)


def test_paid_lines_with_a_voice_are_told_by_the_plan(desk):
    clone, speech = clone_and_user(desk, sha256="c" * 64)
    clone = desk.item("anna.wav", "clone", sha256="d" * 64)
    bought = []
    paid_items(lines(desk, speech, clone), lambda keys: bought.extend(keys) or set(keys))
    assert len(bought) == 2


# -- words on their way out


def order(desk, text, **fields):
    path = desk.folder / "book.txt"
    path.write_text(text)
    return Order("tts", {}, None, 10, "book.x", (), words_digest(text, None), spoken=path, **fields)


def test_the_words_go_out_as_they_were_approved(desk):
    sent = with_words(order(desk, "first second"), PROBES.text)
    assert sent.fields["input_text"] == "first second"


def test_words_that_changed_since_are_not_sent(desk):
    approved = order(desk, "first second")
    (desk.folder / "book.txt").write_text("other")
    with pytest.raises(WordsChanged, match="changed since they were approved"):
        with_words(approved, PROBES.text)


def test_a_text_that_vanished_is_not_sent(desk):
    approved = order(desk, "first second")
    (desk.folder / "book.txt").unlink()
    with pytest.raises(WordsChanged):
        with_words(approved, PROBES.text)


def test_what_can_read_no_texts_says_so(desk):
    from runner.inputs import Probes

    with pytest.raises(EarmarkError, match="cannot be read here"):
        Probes(PROBES.probe, PROBES.sha256).text("a.txt")
