import json
import os
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from earmark.planning import make_plan
from earmark.reports import as_json
from earmark.reports.advice import advice
from earmark.reports.of_plan import report_of
from earmark.wallet_lookup import NoWallet, WalletView
from manifests.budget import Amounts
from manifests.money import Cents
from planner.history import History
from planner.leftout import LeftOut, Reason
from planner.rebuying import Change, Rebuying
from support.valid import valid

NOT_HERE = {"characters": 0, "credits": 0, "credits_ceiling": 0}
"""Of rows without texts and credits."""


NOW = datetime(2026, 11, 23, 5, 0, 1, tzinfo=UTC)


def document(world, **changes):
    return valid(json.loads(as_json.text(report_of(make_plan(world.given(**changes), world.ends()), NOW))))


@pytest.fixture
def media(world, recording):
    world.found = [
        recording("a.mp3", ms=600_000, size=10),
        recording("a.wav", ms=600_000, size=100),
        recording("film.mp4", ms=5_000, size=70, video=True),
        LeftOut("/media/notes.txt", Reason.NOT_AUDIO, "not audio"),
        LeftOut("/media/.git", Reason.HIDDEN, folder=True),
    ]
    return world


def test_a_plan_that_was_written(media):
    found = document(media, services=("transcription", "stems:six"), max_spend=Cents(500), name="pr-481")
    assert (found["schema"], found["version"], found["made_by"]) == ("earmark.report", 2, "plan")
    assert (found["outcome"], found["exit"], found["made"]) == ("written", 0, "2026-11-23T05:00:01Z")
    assert found["sentence"] == (
        "5 items, 40 min 05 s, $2.21, at most $2.25. Nothing was uploaded or paid. Written: manifest.yaml."
    )
    assert (found["manifest"], found["root"]) == ("manifest.yaml", "/media")
    assert found["id"] == media.written[0][1].id
    amounts = {"cap": 500, "spent": 0, "reserved": 0, "in_doubt": 0, "left": 500, "over": 0}
    assert (found["amounts"], found["credits"]) == (amounts, None)
    planned = found["planned"]
    assert (planned["created"], planned["cap"]) == ("2026-11-23T05:00:00Z", 500)
    assert planned["files"] == {"seen": 4, "to_pay": 3, "paid": 0, "over": 0, "left_out": 1}
    transcripts = {"items": 3, "ms": 1_205_000, "cents": 21, "ceiling": 23, "bytes": 180, **NOT_HERE}
    stems = {"items": 2, "ms": 1_200_000, "cents": 200, "ceiling": 202, "bytes": 110, **NOT_HERE}
    assert planned["products"] == [
        {"product": "transcription", "row": transcripts, "rate": "1"},
        {"product": "stems:six", "row": stems, "rate": "10"},
    ]
    assert (planned["total"]["cents"], planned["total"]["ceiling"]) == (221, 225)
    assert planned["left_out"] == [
        {
            "file": "/media/notes.txt",
            "file_bytes": None,
            "reason": "not audio",
            "detail": "not audio",
            "folder": False,
        }
    ]
    assert [(each["file"], each["product"]) for each in planned["not_priced"]] == [
        ("/media/film.mp4", "stems:six")
    ]
    assert planned["skipped"] == [{"reason": "hidden", "files": 1}]
    assert planned["dearest"][0] == {
        "file": "/media/a.mp3",
        "file_bytes": None,
        "product": "stems:six",
        "ms": 600_000,
        "cents": 100,
        "credits": 0,
    }
    pair, limit = planned["advice"]
    assert (pair["kind"], pair["items"], pair["cents"], pair["command"]) == (
        ("pair", 1, 110, "--exclude '*.wav'")
    )
    assert (limit["kind"], limit["cents"], limit["files"]) == ("short", 0, ["film.mp4"])
    assert "shorter than 10 s" in limit["words"]
    assert (found["wallet"], planned["gate"], found["effort"], found["notes"]) == (None, None, None, [])
    assert found["next"] == {
        "path": [{"command": "run manifest.yaml --max-spend 5", "words": None}],
        "others": [],
    }


def test_the_lines_of_a_plan_are_items_that_wait_and_add_up(media):
    found = document(media, services=("transcription", "stems:six"))
    items = found["items"]
    assert [(each["file"], each["service"]) for each in items] == [
        (line.file, line.service) for line in media.written[0][2]
    ]
    assert {each["fate"] for each in items} == {"waiting"}
    assert sum(each["expected"] for each in items) == found["fates"][0]["expected"] == 221
    assert sum(each["ceiling"] for each in items) == sum(each["ceiling"] for each in found["services"]) == 225
    assert [(each["name"], each["items"]) for each in found["folders"]] == [(".", 5)]


def test_the_items_are_those_that_were_kept(media):
    found = document(media, max_spend=Cents(12), fit=True)
    assert [each["file"] for each in found["items"]] == [line.file for line in media.written[0][2]]
    assert len(found["items"]) == found["fates"][0]["items"] == 2


def test_a_plan_over_its_cap_has_all_figures_and_no_manifest(media):
    media.history = History(committed=lambda _id: Amounts(Cents(0), spent=Cents(4)))
    found = document(media, max_spend=Cents(20))
    assert (found["outcome"], found["exit"]) == ("over the cap", 3)
    assert (found["manifest"], found["id"], found["next"]["path"]) == (None, None, [])
    assert (found["amounts"]["spent"], found["amounts"]["left"], found["besides"]["charged"]) == (4, 16, 4)
    assert "up to $0.27 needed" in found["sentence"]
    planned = found["planned"]
    assert (planned["total"]["ceiling"], planned["committed"], planned["created"]) == (23, 4, None)
    assert (planned["fits_cap"]["items"], planned["fits_cap"]["ceiling"]) == (2, 12)
    fitting, whole = (each["command"] for each in found["next"]["others"])
    assert planned["fits_cap"]["command"] == fitting
    assert fitting.endswith("--max-spend 0.20 --fit --prefer newest")
    assert whole.endswith("--max-spend 0.27")
    assert len(found["items"]) == 3


def test_credits_of_earlier_runs_under_the_same_name_are_part_of_what_run_may_take(media):
    media.history = History(credits=lambda _id: Amounts(Cents(700), spent=Cents(660)))
    found = document(media, services=("denoise:balanced",))
    assert (found["credits"]["cap"], found["credits"]["spent"]) == (13_291 + 660, 660)
    dearest = found["planned"]["dearest"][0]
    assert (dearest["cents"], dearest["credits"]) == (0, 6600)
    assert sum(each["expected"] for each in found["items"]) == found["fates"][0]["credits"]
    assert {each["currency"] for each in found["items"]} == {"credits"}
    assert found["next"]["path"][0]["command"] == f"run manifest.yaml --max-credits {13_291 + 660}"
    assert "credits" not in document(media)["next"]["path"][0]["command"]


def test_what_did_not_fit_is_counted(media):
    found = document(media, max_spend=Cents(12), fit=True)
    planned = found["planned"]
    assert (planned["did_not_fit"]["items"], planned["did_not_fit"]["cents"]) == (1, 10)
    assert planned["files"]["over"] == 1


def test_nothing_to_price(world):
    world.found = [LeftOut("/media/a.mp3", Reason.LFS_POINTER, "git lfs pull")]
    found = document(world)
    assert (found["outcome"], found["exit"]) == ("nothing to price", 2)
    assert "git lfs pull" in found["sentence"]
    assert found["planned"]["left_out"][0]["reason"] == "git-lfs pointer"
    assert (found["items"], found["fates"], found["folders"]) == ([], [], [])


def test_a_wallet_that_is_short_comes_with_the_commands(media):
    media.wallet = lambda: WalletView(Cents(15), {"transcription": 2})
    wallet = document(media)["planned"]["gate"]
    assert (wallet["known"], wallet["balance"], wallet["held"]) == (True, 15, 0)
    assert (wallet["verdict"], wallet["needed"], wallet["short"]) == ("over the balance", 23, 8)
    assert wallet["prices_moved"] == [{"product": "transcription", "planned": "1", "live": "2"}]
    assert wallet["fits_now"]["items"] == 2
    assert wallet["fits_now"]["command"].startswith(
        "plan /media/none --service transcription --max-spend 0.15"
    )
    assert (wallet["try_first"], wallet["top_up"]) == (None, "earmark wallet topup --amount 1")
    found = document(media)
    assert found["wallet"]["balance"] == 15
    assert [each["command"].split(" --")[0] for each in found["next"]["path"]] == [
        "earmark wallet topup",
        "run manifest.yaml",
    ]
    assert found["next"]["others"][0]["command"] == wallet["fits_now"]["command"]


def test_a_wallet_that_pays_needs_no_commands(media):
    media.wallet = lambda: WalletView(Cents(9999), {})
    wallet = document(media)["planned"]["gate"]
    assert (wallet["verdict"], wallet["top_up"], wallet["fits_now"]) == ("pass", None, None)
    assert wallet["prices_moved"] == [{"product": "transcription", "planned": "1", "live": None}]


@pytest.mark.parametrize(("rates", "read"), [(None, False), ({"transcription": 1}, True)])
def test_the_document_says_whether_live_prices_were_read(media, rates, read):
    media.wallet = lambda: WalletView(Cents(9999), rates)
    wallet = document(media)["planned"]["gate"]
    assert (wallet["verdict"], wallet["prices_read"], wallet["prices_moved"]) == ("pass", read, [])


def test_a_wallet_that_is_not_known_says_why(media):
    media.wallet = lambda: NoWallet("no connection")
    gate = document(media)["planned"]["gate"]
    assert (gate["known"], gate["reason"], gate["balance"]) == (False, "no connection", None)


def test_rounding_is_in_the_document(world, recording):
    world.found = [recording(f"{number}.mp3", ms=20_000, size=number) for number in range(1, 7)]
    (rounding,) = [each for each in document(world)["planned"]["advice"] if each["kind"] == "rounding"]
    assert (rounding["items"], rounding["cents"]) == (6, 4)
    assert rounding["words"].startswith("6 items: $0.06, not $0.02")


def test_a_name_that_is_no_text_keeps_its_bytes_and_the_document_stays_json(world):
    world.found = [LeftOut(os.fsdecode(b"/media/caf\xe9\n"), Reason.EMPTY, "empty")]
    text = as_json.text(report_of(make_plan(world.options, world.ends()), NOW))
    (entry,) = json.loads(text)["planned"]["left_out"]
    assert entry["file"] == "/media/caf\N{REPLACEMENT CHARACTER}\n"
    assert bytes.fromhex(entry["file_bytes"]) == b"/media/caf\xe9\n"
    text.encode("ascii")


def test_what_is_bought_again_is_advice_and_says_why(media, priced):
    result = make_plan(media.given(), media.ends())
    again = Rebuying(priced("a.mp3"), ())
    other = Rebuying(priced("b.mp3"), (Change("language", None, "en"), Change("mode", "six", True)))
    told = list(advice(replace(result.summary, rebuyings=(again, other, other), warnings=(), pairs=())))
    assert [(each.kind, each.items, each.cents, each.files) for each in told] == [
        ("bought_again", 1, 1, ["a.mp3"]),
        ("bought_with_other_options", 2, 2, ["b.mp3", "b.mp3"]),
    ]
    assert told[0].words == "1 item was paid before, $0.01 again"
    assert told[1].words.endswith("$0.02 again: language not set -> en, mode six -> true")


def test_a_smaller_plan_to_try_is_one_of_the_ways(world, recording):
    world.found = [recording(f"{number}.mp3", ms=3_600_000, size=number) for number in range(1, 21)]
    world.wallet = lambda: WalletView(Cents(9999), {"transcription": 1})
    found = document(world)
    assert [each["words"] for each in found["next"]["others"]] == ["a few items first"]
    assert found["wallet"]["balance"] == 9999


def test_a_cap_of_the_environment_that_is_too_low_is_told_beside_the_command(media):
    (step,) = document(media, outer_cap=Cents(5))["next"]["path"]
    assert step["words"] == "after raising EARMARK_MAX_SPEND"


def test_strict_is_told_in_the_sentence(media):
    assert document(media, strict=True)["sentence"].endswith(
        "left out or not priced; manifest.yaml was written."
    )
