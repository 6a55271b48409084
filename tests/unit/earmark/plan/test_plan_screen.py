"""The screen, whole, for plans with invented figures that add up."""

from dataclasses import replace
from fractions import Fraction
from textwrap import dedent

import pytest

from earmark.plan_values import Gate, Offer, Outcome, PlanOptions, PlanResult
from earmark.screens.plan import render, verdict
from earmark.terminal import Terminal
from earmark.wallet_lookup import Moved, NoWallet, WalletView
from manifests import catalogue
from manifests.budget import Decision, Verdict
from manifests.exits import Exit
from manifests.money import ZERO, Cents
from planner.choices import choices
from planner.filing import Files
from planner.fitting import Prefer
from planner.leftout import LeftOut, Reason
from planner.limits import Warn
from planner.pairs import Pairs
from planner.rebuying import Change, Rebuying
from planner.roots import Root
from planner.rounding import Rounding
from planner.rows import ProductRow, Row
from planner.sales import Refused
from planner.summary import Summary

NOTHING = Row(0, 0, ZERO, ZERO, 0)
TO_PAY = Row(388, 1_051_800_000, Cents(17_722), Cents(17_731), 38_400_000_000)
LEFT_OUT = (
    *(
        LeftOut(f"/podcasts/{name}", Reason.NOT_AUDIO, "not audio")
        for name in ("a.txt", "b.txt", "c.jpg", "d.md")
    ),
    LeftOut("/podcasts/e.mp3", Reason.EMPTY, "empty (0 bytes)"),
    LeftOut("/podcasts/f.mp3", Reason.TRUNCATED, "cut off at 31:10 of 58:02; copy it again"),
)


@pytest.fixture
def podcasts(priced):
    """388 episodes to pay, 9 paid before, 6 left out."""
    dearest = (
        priced("specials/live.mp4", ms=11_564_000, size=1),
        priced("s02/ep31.mp3", ms=4_742_000, size=1),
    )
    summary = Summary(
        files=Files(seen=403, to_pay=388, paid=9, over=0, left_out=6),
        products=(ProductRow("transcription", TO_PAY),),
        total=TO_PAY,
        paid_before=Row(9, 20_820_000, Cents(353), ZERO, 1),
        same_audio=NOTHING,
        over=NOTHING,
        left_out=LEFT_OUT,
        refused=(),
        skipped=(),
        dearest=dearest,
        pairs=(Pairs(11, ".mp3", ".wav", Cents(495), 0),),
        rounding=None,
        warnings=(),
    )
    return PlanResult(
        options=PlanOptions(("podcasts/",), ("transcription",)),
        outcome=Outcome.WRITTEN,
        exit_code=Exit.DONE,
        choices=choices(catalogue.load(), ["transcription"], []),
        catalogue="2026-05-22",
        root=Root("/podcasts"),
        summary=summary,
        committed=ZERO,
    )


def gate(verdict=Verdict.PASS, balance=50_000, short=0, **changes):
    view = WalletView(Cents(balance), {"transcription": Fraction(1)})
    decision = Decision(verdict, Cents(17_731), Cents(17_731 - short))
    return replace(Gate(view, ZERO, decision, ()), **changes)


def screen(result, terminal=Terminal(), **how):  # noqa: B008 - frozen
    return render(result, terminal, **how)


def rows(result, **how):
    return screen(result, **how).splitlines()


def row(result, word, **how):
    """The one row that begins with a word."""
    (found,) = [each for each in rows(result, **how) if each.strip().startswith(word)]
    return found.strip()


def test_without_a_key(podcasts):
    golden = """\
        Plan   podcasts/ -> transcription      prices of 2026-05-22
               403 files seen: 388 to pay, 9 paid before, 6 left out
          service          items         length       price     at most
          transcription      388   292 h 10 min     $177.22     $177.31   38.4 GB to upload
          paid before          9     5 h 47 min       $0.00       $0.00   saves $3.53
          left out             6   4 not audio, 1 empty, 1 cut off
            e.mp3: empty (0 bytes)
            f.mp3: cut off at 31:10 of 58:02; copy it again
            a.txt: not audio
            and 3 more; list: --show left-out
          dearest     specials/live.mp4 3:12:44 $1.93   s02/ep31.mp3 1:19:02 $0.80
          look        11 pairs x.mp3 + x.wav of one length: probably one recording each, $4.95   --exclude '*.wav'
          Nothing was uploaded or paid. Written: manifest.yaml
          next        run manifest.yaml --max-spend 177.31
        """  # noqa: E501
    assert screen(podcasts) == dedent(golden)


def test_with_a_wallet_that_cannot_pay(podcasts):
    short = gate(
        Verdict.OVER_BALANCE,
        balance=5000,
        short=12_731,
        fits_now=Offer(Cents(5000), Prefer.NEWEST, 111, Cents(4971)),
        try_first=Offer(Cents(200), Prefer.LISTED, 3, Cents(136)),
    )
    text = screen(replace(podcasts, gate=short))
    assert text.startswith(
        "Plan   podcasts/ -> transcription      prices of 2026-05-22, same as live today\n"
    )
    assert text.endswith(
        "  Wallet $50.00: NOT ENOUGH, $127.31 short. Nothing was uploaded or paid. Written: manifest.yaml\n"
        "  fits now    plan podcasts/ --service transcription --max-spend 50 --fit --prefer newest"
        "   (111 items, at most $49.71)\n"
        "  top up      earmark wallet topup --amount 128   then: run manifest.yaml --max-spend 177.31\n"
        "  try first   run manifest.yaml --max-spend 2 --pilot 3   (3 items, at most $1.36)\n"
    )


def test_with_an_empty_wallet_only_topping_up_helps(podcasts):
    text = screen(replace(podcasts, gate=gate(Verdict.OVER_BALANCE, balance=0, short=17_731)))
    assert "fits now" not in text
    assert "try first" not in text
    assert "earmark wallet topup --amount 178 " in text


def test_with_a_wallet_that_pays(podcasts):
    result = replace(podcasts, gate=gate())
    assert row(result, "Wallet") == (
        "Wallet $500.00: enough. Nothing was uploaded or paid. Written: manifest.yaml"
    )
    assert row(result, "next") == "next        run manifest.yaml --max-spend 177.31"


def test_what_is_held_and_a_low_balance_are_told(podcasts):
    low = gate(held=Cents(1200))
    low = replace(low, view=replace(low.view, low=True))
    assert row(replace(podcasts, gate=low), "Wallet").startswith(
        "Wallet $500.00, low, $12.00 held for running jobs: enough."
    )


def test_a_wallet_that_is_not_known_is_one_plain_line(podcasts):
    result = replace(podcasts, gate=NoWallet("the key was refused\x1b[2J"))
    assert row(result, "Wallet") == r"Wallet not known: the key was refused\x1b[2J"
    assert row(result, "next").endswith("--max-spend 177.31")
    assert "live today" not in screen(result)


@pytest.mark.parametrize(
    ("live", "words"),
    [
        (
            Fraction(3, 2),
            "transcription is dearer today: 1.5 c/min, the plan counts 1 c/min; run needs --accept-prices",
        ),
        (Fraction(1, 2), "transcription is cheaper today: 0.5 c/min, the plan counts 1 c/min"),
        (None, "transcription: the service names no price today, the plan counts 1 c/min"),
    ],
)
def test_prices_that_moved_are_told(podcasts, live, words):
    result = replace(podcasts, gate=gate(moved=(Moved("transcription", Fraction(1), live),)))
    assert row(result, "price") == f"price       {words}"
    assert ", NOT those of today" in rows(result)[0]


def test_prices_that_cannot_be_read_are_told_and_the_wallet_all_the_same(podcasts):
    passes = gate()
    result = replace(podcasts, gate=replace(passes, view=replace(passes.view, rates=None)))
    assert rows(result)[0].endswith("prices of 2026-05-22, today's cannot be read")
    assert row(result, "Wallet").startswith("Wallet $500.00: enough.")


def test_a_cap_of_the_environment_is_told_with_and_without_a_wallet(podcasts):
    capped = replace(podcasts, options=replace(podcasts.options, outer_cap=Cents(2000)))
    assert (
        row(capped, "note") == "note        EARMARK_MAX_SPEND is $20.00: run will refuse until it is raised"
    )
    refused = replace(capped, gate=gate(Verdict.OVER_CAP, short=15_731))
    assert "EARMARK_MAX_SPEND is $20.00: run will refuse." in row(refused, "Wallet")
    wide = replace(podcasts, options=replace(podcasts.options, outer_cap=Cents(17_731)))
    assert "EARMARK_MAX_SPEND" not in screen(wide)


def test_everything_left_out_is_listed_on_demand(podcasts):
    listed = rows(podcasts, all_left_out=True)
    assert "    f.mp3: cut off at 31:10 of 58:02; copy it again" in listed
    assert not [each for each in listed if "more; list" in each]


def test_several_services_have_a_total_and_name_theirs(podcasts):
    other = Row(2, 600_000, Cents(100), Cents(101), 2_000_000)
    total = Row(390, 1_052_400_000, Cents(17_822), Cents(17_832), 38_402_000_000)
    summary = replace(
        podcasts.summary,
        products=(*podcasts.summary.products, ProductRow("stems:instrument_isolator", other)),
        total=total,
    )
    result = replace(
        podcasts, summary=summary, choices=choices(catalogue.load(), ["transcription", "stems:six"], [])
    )
    shown = rows(result)
    assert shown[0].startswith("Plan   podcasts/ -> transcription, stems:six ")
    assert shown[3:6] == [
        "  transcription                 388   292 h 10 min     $177.22     $177.31   38.4 GB to upload",
        "  stems:instrument_isolator       2    10 min 00 s       $1.00       $1.01   2.0 MB to upload",
        "  total                         390   292 h 20 min     $178.22     $178.32   38.4 GB to upload",
    ]
    assert "1:19:02 $0.80 (transcription)" in row(result, "dearest")


def test_what_cannot_be_priced_what_did_not_fit_and_what_was_skipped(podcasts):
    summary = replace(
        podcasts.summary,
        files=Files(5, 1, 0, 3, 1),
        left_out=(LeftOut("/podcasts/locked", Reason.UNREADABLE, "no permission", folder=True),),
        refused=(
            Refused("/podcasts/film.mp4", "stems:six", "video, stems takes sound only", "ffmpeg helps"),
        ),
        skipped=((Reason.HIDDEN, 12), (Reason.OWN, 1)),
        over=Row(3, 180_000, Cents(3), Cents(3), 1),
        same_audio=Row(2, 120_000, Cents(2), ZERO, 1),
    )
    result = replace(podcasts, summary=summary)
    assert rows(result)[1] == "       5 files seen: 1 to pay, 3 over the cap, 1 left out"
    assert row(result, "left out") == "left out             1   unreadable"
    assert row(result, "locked") == "locked/: no permission"
    assert row(result, "not priced") == "not priced           1   stems:six: video, stems takes sound only"
    assert row(result, "film.mp4") == "film.mp4: stems:six: video, stems takes sound only; ffmpeg helps"
    assert row(result, "skipped") == "skipped             13   12 hidden, 1 made by Earmark"
    assert row(result, "did not fit").split() == [
        "did",
        "not",
        "fit",
        "3",
        "3",
        "min",
        "00",
        "s",
        "$0.03",
        "$0.03",
    ]
    assert row(result, "same audio").endswith("$0.00       $0.00   saves $0.02")


@pytest.mark.parametrize(
    ("before", "same", "words"),
    [
        (1, 0, "9 paid before"),
        (0, 1, "9 the same audio as others"),
        (1, 1, "9 paid before or the same audio as others"),
    ],
)
def test_files_that_cost_nothing_say_why(podcasts, before, same, words):
    summary = replace(
        podcasts.summary,
        paid_before=Row(before, 1, ZERO, ZERO, 1),
        same_audio=Row(same, 1, ZERO, ZERO, 1),
    )
    shown = rows(replace(podcasts, summary=summary))
    assert shown[1] == f"       403 files seen: 388 to pay, {words}, 6 left out"


def test_rounding_limits_and_pairs_that_are_not_alone(podcasts):
    summary = replace(
        podcasts.summary,
        rounding=Rounding(100, Cents(100), Cents(34)),
        warnings=(Warn("transcription", 1, "shorter than 10 s", "intro.mp3"),),
        pairs=(Pairs(1, ".mp3", ".wav\n", Cents(45), 2),),
    )
    result = replace(podcasts, summary=summary, notes=("no ledger\n",))
    assert row(result, "rounding") == (
        "rounding    100 items: $1.00, not $0.34: each job is rounded up to the cent, short clips are dear"
    )
    assert row(result, "limit") == (
        "limit       1 transcription item shorter than 10 s (intro.mp3):"
        " the service may refuse; a refusal costs nothing"
    )
    assert row(result, "look").endswith(r"$0.45   --exclude $'*.wav\x0a' (drops 2")
    assert row(result, "note") == r"note        no ledger\n"


def test_what_is_bought_again_says_why(podcasts, priced):
    twice = Rebuying(priced("a.mp3"), ())
    other = Rebuying(priced("b.mp3"), (Change("language", None, "en"), Change("mode", "six", True)))
    result = replace(podcasts, summary=replace(podcasts.summary, rebuyings=(twice, other, twice)))
    assert row(result, "again") == ("again       2 items were paid before, $0.02 again, as --pay-again asks")
    assert row(result, "changed") == (
        "changed     1 item was paid before with other options, $0.01 again:"
        " language not set -> en, mode six -> true"
    )
    credits_ = Rebuying(priced("c.mp3", "denoise:balanced"), ())
    result = replace(podcasts, summary=replace(podcasts.summary, rebuyings=(credits_,)))
    assert (
        row(result, "again") == "again       1 item was paid before, 660 credits again, as --pay-again asks"
    )


def test_over_the_cap_names_the_two_ways_out(podcasts):
    options = replace(podcasts.options, max_spend=Cents(5000))
    result = replace(
        podcasts,
        outcome=Outcome.OVER_CAP,
        options=options,
        exit_code=Exit.REFUSED,
        fits_cap=Offer(Cents(5000), Prefer.NEWEST, 111, Cents(4971)),
    )
    assert rows(result)[-3:] == [
        "  OVER THE CAP of $50.00 by $127.31. Nothing was uploaded or paid, no manifest was written.",
        (
            "  fits        plan podcasts/ --service transcription --max-spend 50 --fit --prefer newest"
            "   (111 items, at most $49.71)"
        ),
        "  all         plan podcasts/ --service transcription --max-spend 177.31",
    ]
    spent = rows(replace(result, committed=Cents(269)))
    assert spent[-4].startswith("  OVER THE CAP of $50.00 ($2.69 of it spent or held already) by $130.00.")
    assert spent[-1].endswith("--max-spend 180")


def test_over_a_cap_under_which_nothing_fits_only_a_higher_one_helps(podcasts):
    options = replace(podcasts.options, max_spend=ZERO)
    result = replace(podcasts, outcome=Outcome.OVER_CAP, options=options, exit_code=Exit.REFUSED)
    shown = rows(result)
    assert "--fit" not in "".join(shown)
    assert shown[-1] == "  all         plan podcasts/ --service transcription --max-spend 177.31"


def test_a_narrow_screen_breaks_sentences_but_neither_figures_nor_commands(podcasts):
    golden = """\
        Plan   podcasts/ -> transcription      prices of 2026-05-22,
               same as live today
               403 files seen: 388 to pay, 9 paid before, 6 left out
          service       items        length    price  at most
          transcription   388  292 h 10 min  $177.22  $177.31
            38.4 GB to upload
          paid before       9    5 h 47 min    $0.00    $0.00
            saves $3.53
          left out             6   4 not audio, 1 empty, 1 cut off
            e.mp3: empty (0 bytes)
            f.mp3: cut off at 31:10 of 58:02; copy it again
            a.txt: not audio
            and 3 more; list: --show left-out
          dearest
            specials/live.mp4 3:12:44 $1.93
            s02/ep31.mp3 1:19:02 $0.80
          look
            11 pairs x.mp3 + x.wav of one length: probably one
            recording each, $4.95   --exclude '*.wav'
          Wallet $500.00: enough. Nothing was uploaded or paid.
          Written: manifest.yaml
          next        run manifest.yaml --max-spend 177.31
        """
    assert screen(replace(podcasts, gate=gate()), Terminal(width=60)) == dedent(golden)


def test_the_usual_screen_of_80_columns_has_whole_rows(podcasts):
    assert rows(podcasts, terminal=Terminal(width=80))[2:5] == [
        "  service       items        length    price  at most",
        "  transcription   388  292 h 10 min  $177.22  $177.31   38.4 GB to upload",
        "  paid before       9    5 h 47 min    $0.00    $0.00   saves $3.53",
    ]


def test_words_that_stand_out_do_so_on_a_narrow_screen_too(podcasts):
    result = replace(podcasts, gate=gate(Verdict.OVER_BALANCE, balance=0, short=17_731))
    coloured = screen(result, Terminal(width=60, colour=True))
    assert "\x1b[31m\x1b[1mNOT ENOUGH, $177.31 short\x1b[0m" in coloured


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome.NOTHING_FITS, "Nothing fits. Nothing was uploaded or paid, no manifest was written."),
        (Outcome.NOTHING_PRICED, "Nothing to price. No manifest was written."),
    ],
)
def test_plans_that_write_nothing_say_so(podcasts, outcome, words):
    assert rows(replace(podcasts, outcome=outcome))[-1] == f"  {words}"


def test_many_paths_are_counted(podcasts):
    options = replace(podcasts.options, paths=("a", "b\n", "c", "d", "e"))
    assert rows(replace(podcasts, options=options))[0].startswith(r"Plan   a b\n c and 2 more -> ")


def test_hostile_names_cannot_leave_their_line(podcasts, priced):
    name = "x\n  Wallet $1.00\x1b[31m\u202e.mp3"
    summary = replace(
        podcasts.summary,
        left_out=(LeftOut(f"/podcasts/{name}", Reason.DAMAGED, f"bad {name}"),),
        refused=(Refused(f"/podcasts/{name}", "stems", "video", name),),
        dearest=(priced(name), priced(f"{name}{'y' * 300}")),
        warnings=(Warn("stems", 1, "longer than 30 min", name),),
    )
    options = replace(podcasts.options, paths=(name,), output=name)
    text = screen(replace(podcasts, summary=summary, options=options))
    assert all(line.isprintable() for line in text.splitlines())
    assert not [line for line in text.splitlines() if line.startswith("  Wallet")]
    assert max(map(len, text.splitlines())) < 250


def test_colours_are_only_where_they_are_wanted(podcasts):
    result = replace(podcasts, gate=gate(Verdict.OVER_BALANCE, balance=0, short=17_731))
    coloured = screen(result, Terminal(colour=True))
    assert "\x1b[31m\x1b[1mNOT ENOUGH, $177.31 short\x1b[0m" in coloured
    assert "\x1b" not in screen(result)


@pytest.mark.parametrize(
    ("left_out", "skipped", "refused", "words"),
    [
        ((Reason.LFS_POINTER,) * 2, (), 0, "all files are git-lfs pointers, run `git lfs pull` first"),
        ((Reason.NOT_AUDIO, Reason.EMPTY, Reason.NOT_AUDIO), (), 0, "2 not audio, 1 empty"),
        ((), ((Reason.EXCLUDED, 3),), 0, "3 excluded"),
        ((), (), 2, "2 not taken by the service"),
        ((), (), 0, "no files there"),
    ],
)
def test_the_reason_for_an_empty_plan(podcasts, left_out, skipped, refused, words):
    summary = replace(
        podcasts.summary,
        left_out=tuple(LeftOut("x", reason) for reason in left_out),
        skipped=skipped,
        refused=(Refused("x", "stems", "video", ""),) * refused,
    )
    result = replace(podcasts, outcome=Outcome.NOTHING_PRICED, summary=summary)
    assert verdict(result) == f"nothing could be priced: {words}; no manifest was written"


def test_other_verdicts(podcasts):
    assert verdict(podcasts) == "--strict: 6 left out or not priced; manifest.yaml was written"
    over = replace(podcasts, outcome=Outcome.OVER_CAP, committed=Cents(269))
    assert verdict(over) == "up to $180.00 needed, above --max-spend; no manifest was written"
    assert "nothing fits" in verdict(replace(podcasts, outcome=Outcome.NOTHING_FITS))
