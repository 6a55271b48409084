from dataclasses import replace
from pathlib import Path

import pytest

from earmark.plan_values import Gate, More, Outcome
from earmark.planning import make_plan
from earmark.wallet_lookup import NoWallet, WalletView
from manifests.budget import Amounts, Verdict
from manifests.errors import UsageError
from manifests.exits import Exit
from manifests.keys import content_key
from manifests.money import Cents
from planner.fitting import Prefer
from planner.heading import id_of
from planner.history import History
from planner.leftout import LeftOut, Reason

TEN_MINUTES = 600_000
"""10 cents of transcription, 11 at most."""


@pytest.fixture
def two(world, recording):
    """Two recordings of ten minutes each."""
    world.found = [
        recording("a.mp3", ms=TEN_MINUTES, size=10, mtime_ns=1),
        recording("b.mp3", ms=TEN_MINUTES, size=20, mtime_ns=2),
    ]
    return world


def key_of(sha256):
    submitted = {"enable_speaker_diarization": False, "enable_word_timestamps": True}
    return content_key(sha256, "transcription", submitted)


def test_a_plan_writes_what_it_found_in_order(two):
    result = make_plan(two.options, two.ends())
    ((path, head, items),) = two.written
    assert (result.outcome, result.exit_code) == (Outcome.WRITTEN, Exit.DONE)
    assert path == Path("manifest.yaml")
    assert [item.file for item in items] == ["a.mp3", "b.mp3"]
    assert result.head is head
    assert (head.id, head.cap, head.total.cents, head.total.ceiling) == ("00000000000000aa", None, 20, 22)


def test_both_steps_are_followed_and_only_the_second_knows_its_total(two, recording):
    two.found.append(recording("c.mp3", size=10))
    make_plan(two.options, two.ends())
    assert two.followed == [("reading lengths", None, 3), ("comparing sound", 2, 2)]


def test_a_name_gives_its_id_each_time(two):
    first = make_plan(two.given(name="pr-481"), two.ends())
    second = make_plan(two.given(name="pr-481"), two.ends())
    assert first.head.id == second.head.id == id_of("pr-481")


def test_a_cap_is_written_into_the_head(two):
    result = make_plan(two.given(max_spend=Cents(22)), two.ends())
    assert result.head.cap == 22


def test_a_plan_above_its_cap_writes_nothing(two):
    result = make_plan(two.given(max_spend=Cents(21)), two.ends())
    assert (result.outcome, result.exit_code, result.head) == (Outcome.OVER_CAP, Exit.REFUSED, None)
    assert two.written == []
    assert result.summary.total.ceiling == 22
    assert (result.fits_cap.items, result.fits_cap.room, result.fits_cap.prefer) == (1, 21, Prefer.NEWEST)


@pytest.mark.parametrize("spent", [0, 11])
def test_where_nothing_fits_under_the_cap_nothing_is_offered(two, spent):
    two.history = History(committed=lambda _id: Amounts(Cents(99), spent=Cents(spent)))
    result = make_plan(two.given(max_spend=Cents(10 + spent)), two.ends())
    assert (result.outcome, result.fits_cap) == (Outcome.OVER_CAP, None)


def test_what_a_named_plan_spent_before_counts_against_its_cap(two):
    two.history = History(committed=lambda _id: Amounts(Cents(99), spent=Cents(5), in_doubt=Cents(3)))
    assert make_plan(two.given(max_spend=Cents(29)), two.ends()).outcome is Outcome.OVER_CAP
    assert make_plan(two.given(max_spend=Cents(30)), two.ends()).outcome is Outcome.WRITTEN


def test_fit_keeps_what_fits_and_counts_the_rest(two):
    result = make_plan(two.given(max_spend=Cents(15), fit=True, prefer=Prefer.NEWEST), two.ends())
    ((_, head, items),) = two.written
    assert [item.file for item in items] == ["b.mp3"]
    assert (head.total.items, head.cap) == (1, 15)
    assert (result.summary.over.items, result.summary.files.over) == (1, 1)
    assert result.exit_code is Exit.DONE


def test_fit_names_the_next_cap_and_the_one_for_all(two):
    two.history = History(committed=lambda _id: Amounts(Cents(99), spent=Cents(5)))
    result = make_plan(two.given(max_spend=Cents(20), fit=True), two.ends())
    assert result.more == More(False, Cents(16), 1, Cents(27), 2, Cents(27), 2)
    assert [(each.file, each.ms, each.ceiling) for each in result.summary.unfit] == [
        ("b.mp3", TEN_MINUTES, 11)
    ]
    again = make_plan(two.given(max_spend=result.more.next_room, fit=True), two.ends())
    assert (again.summary.total.items, again.more) == (2, None)
    less = make_plan(two.given(max_spend=Cents(result.more.next_room - 1), fit=True), two.ends())
    assert less.summary.total.items == 1


def test_fit_into_the_wallet_names_what_must_be_in_it(two):
    two.wallet = lambda: WalletView(Cents(15), {"transcription": 1})
    two.history = History(held=lambda: Cents(4))
    more = make_plan(two.given(fit=True), two.ends()).more
    assert more == More(True, Cents(15), 1, Cents(26), 2, Cents(26), 2)


def test_a_few_of_what_did_not_fit_are_kept_or_all(world, recording):
    world.found = [recording(f"{n}.mp3", ms=TEN_MINUTES, size=n) for n in range(6)]
    kept = make_plan(world.given(max_spend=Cents(11), fit=True), world.ends())
    assert [each.file for each in kept.summary.unfit] == ["1.mp3", "2.mp3", "3.mp3"]
    kept = make_plan(world.given(max_spend=Cents(11), fit=True, tells_all=True), world.ends())
    assert len(kept.summary.unfit) == kept.summary.over.items == 5


def test_nothing_fits_under_too_small_a_cap(two):
    result = make_plan(two.given(max_spend=Cents(10), fit=True), two.ends())
    assert (result.outcome, result.exit_code) == (Outcome.NOTHING_FITS, Exit.REFUSED)
    assert two.written == []


def test_fit_without_an_amount_takes_the_balance(two):
    two.wallet = lambda: WalletView(Cents(15), {"transcription": 1})
    two.history = History(held=lambda: Cents(4))
    result = make_plan(two.given(fit=True), two.ends())
    assert [item.file for item in two.written[0][2]] == ["a.mp3"]
    assert result.head.cap is None


@pytest.mark.parametrize(("spend", "outer", "kept"), [(None, 21, 1), (None, 22, 2), (21, 99, 1), (99, 21, 1)])
def test_fit_keeps_within_every_cap_that_run_would_obey(two, spend, outer, kept):
    capped = two.given(fit=True, max_spend=None if spend is None else Cents(spend), outer_cap=Cents(outer))
    assert make_plan(capped, two.ends()).summary.total.items == kept


def test_fit_keeps_within_the_balance_beside_a_cap_of_the_environment(two):
    two.wallet = lambda: WalletView(Cents(15), {"transcription": 1})
    assert make_plan(two.given(fit=True, outer_cap=Cents(99)), two.ends()).summary.total.items == 1


def test_fit_without_an_amount_or_a_key_is_refused_before_any_file_is_read(two):
    with pytest.raises(UsageError, match="add --max-spend AMOUNT, or set a key"):
        make_plan(two.given(fit=True), two.ends())
    assert two.followed == []


def test_fit_without_an_amount_needs_a_wallet_that_answers(two):
    two.wallet = lambda: NoWallet("no connection")
    with pytest.raises(UsageError, match=r"does not know the balance \(no connection\)"):
        make_plan(two.given(fit=True), two.ends())


@pytest.mark.parametrize(
    ("left_out", "strict", "code"),
    [
        (LeftOut("/media/n.txt", Reason.NOT_AUDIO), True, Exit.SOME_FAILED),
        (LeftOut("/media/n.txt", Reason.NOT_AUDIO), False, Exit.DONE),
        (LeftOut("/media/.x", Reason.HIDDEN), True, Exit.DONE),
    ],
)
def test_strict_minds_faulty_files_and_not_what_was_left_out_as_asked(two, left_out, strict, code):
    two.found.append(left_out)
    result = make_plan(two.given(strict=strict), two.ends())
    assert result.exit_code is code
    assert len(two.written) == 1


def test_nothing_priced_writes_nothing(world):
    world.found = [LeftOut("/media/n.txt", Reason.NOT_AUDIO)]
    result = make_plan(world.options, world.ends())
    assert (result.outcome, result.exit_code) == (Outcome.NOTHING_PRICED, Exit.USAGE)
    assert world.written == []


def test_only_suspects_are_read_whole(two):
    make_plan(two.options, two.ends())
    assert [item.sha256 for item in two.written[0][2]] == [None, None]
    two.history = History(known_audio_bytes=lambda: {20})
    make_plan(two.options, two.ends())
    digests = [item.sha256 for item in two.written[1][2]]
    assert digests[0] is None
    assert len(digests[1]) == 64


def test_what_the_ledger_bought_is_free_and_saves_its_price(two):
    two.digests = {"/media/a.mp3": "aa" * 32}
    two.history = History(known_audio_bytes=lambda: {10}, paid={key_of("aa" * 32)}.intersection)
    result = make_plan(two.options, two.ends())
    assert [(item.paid, item.cents) for item in two.written[0][2]] == [(True, 0), (False, 10)]
    assert (result.summary.paid_before.items, result.summary.paid_before.cents) == (1, 10)
    assert result.summary.files.paid == 1


def test_the_ledger_is_asked_for_sounds_only_that_are_as_long_as_one_it_knows_or_stand_twice(
    world, recording
):
    names = {"a.mp3": "aa", "b.mp3": "bb", "c.mp3": "cc", "d.mp3": "cc", "e.mp3": "ee"}
    world.found = [recording(name, size=20 if name == "e.mp3" else 10) for name in names]
    world.digests = {f"/media/{name}": digest * 32 for name, digest in names.items()}
    asked = set()
    world.history = History(known_audio_bytes=lambda: {20}, paid=lambda keys: asked.update(keys) or set())
    make_plan(world.options, world.ends())
    assert asked == {key_of("cc" * 32), key_of("ee" * 32)}
    assert [item.sha256 for item in world.written[0][2]] == [digest * 32 for digest in names.values()]
    assert [item.paid for item in world.written[0][2]] == [False, False, False, True, False]


def test_a_file_that_goes_away_while_sound_is_compared_is_listed_and_shifts_nothing(world, recording):
    gone = LeftOut("/media/a.mp3", Reason.VANISHED, "no longer there")
    world.found = [recording(name, size=10) for name in ("a.mp3", "b.mp3", "c.mp3")]
    world.digests = {"/media/a.mp3": gone, "/media/b.mp3": "bb" * 32, "/media/c.mp3": "cc" * 32}
    result = make_plan(world.options, world.ends())
    assert [(item.file, item.sha256) for item in world.written[0][2]] == [
        ("b.mp3", "bb" * 32),
        ("c.mp3", "cc" * 32),
    ]
    assert result.summary.left_out == (gone,)


def test_the_wallet_passes_or_refuses_without_stopping_the_plan(two):
    two.wallet = lambda: WalletView(Cents(21), {"transcription": 1})
    result = make_plan(two.options, two.ends())
    assert isinstance(result.gate, Gate)
    assert (result.gate.decision.verdict, result.gate.decision.short) == (Verdict.OVER_BALANCE, 1)
    assert (result.gate.fits_now.items, result.gate.fits_now.ceiling) == (1, 11)
    assert result.exit_code is Exit.DONE
    assert len(two.written) == 1


def test_a_wallet_that_does_not_answer_stops_nothing(two):
    two.wallet = lambda: NoWallet("no connection")
    result = make_plan(two.options, two.ends())
    assert result.gate == NoWallet("no connection")
    assert result.exit_code is Exit.DONE


def test_a_cap_of_the_environment_is_told_by_the_gate(two):
    two.wallet = lambda: WalletView(Cents(5000), {"transcription": 1})
    result = make_plan(two.given(outer_cap=Cents(20)), two.ends())
    assert result.gate.decision.verdict is Verdict.OVER_CAP
    assert result.head.cap is None


def test_the_cap_for_run_is_what_was_said_else_what_it_can_cost(two):
    two.history = History(committed=lambda _id: Amounts(Cents(99), spent=Cents(5)))
    result = make_plan(two.options, two.ends())
    assert result.cap == 27
    assert replace(result, options=two.given(max_spend=Cents(40))).cap == 40
