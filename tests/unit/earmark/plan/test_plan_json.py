import json
import os

import pytest

from earmark.planning import make_plan
from earmark.screens import plan_json
from earmark.wallet_lookup import NoWallet, WalletView
from manifests.budget import Amounts
from manifests.money import Cents
from planner.history import History
from planner.leftout import LeftOut, Reason

NOT_HERE = {"characters": 0, "credits": 0, "credits_ceiling": 0}
"""Of rows without texts and credits."""


def document(world, **changes):
    return json.loads(plan_json.render(make_plan(world.given(**changes), world.ends())))


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
    assert (found["version"], found["outcome"], found["exit"]) == (1, "written", 0)
    assert (found["manifest"], found["cap"]) == ("manifest.yaml", 500)
    assert found["head"] == {
        "id": media.written[0][1].id,
        "created": "2026-11-23T05:00:00Z",
        "root": "/media",
        "rates": {"transcription": "1", "stems:six": "10"},
    }
    assert found["files"] == {"seen": 4, "to_pay": 3, "paid": 0, "over": 0, "left_out": 1}
    assert found["products"] == [
        {
            "product": "transcription",
            "items": 3,
            "ms": 1_205_000,
            "cents": 21,
            "ceiling": 23,
            "bytes": 180,
            **NOT_HERE,
        },
        {
            "product": "stems:six",
            "items": 2,
            "ms": 1_200_000,
            "cents": 200,
            "ceiling": 202,
            "bytes": 110,
            **NOT_HERE,
        },
    ]
    assert (found["total"]["cents"], found["total"]["ceiling"]) == (221, 225)
    assert found["left_out"] == [
        {"file": "/media/notes.txt", "reason": "not audio", "detail": "not audio", "folder": False}
    ]
    assert [(each["file"], each["product"]) for each in found["not_priced"]] == [
        ("/media/film.mp4", "stems:six")
    ]
    assert found["skipped"] == {"hidden": 1}
    assert found["dearest"][0] == {
        "file": "/media/a.mp3",
        "product": "stems:six",
        "ms": 600_000,
        "cents": 100,
        "credits": 0,
    }
    assert found["pairs"] == [{"count": 1, "cents": 110, "exclude": "*.wav", "others": 0}]
    assert [(each["product"], each["limit"]) for each in found["limits"]] == [
        ("transcription", "shorter than 10 s")
    ]
    assert (found["rounding"], found["wallet"], found["notes"]) == (None, None, [])
    assert found["next"] == "run manifest.yaml --max-spend 5"


def test_a_plan_over_its_cap_has_all_figures_and_no_manifest(media):
    media.history = History(committed=lambda _id: Amounts(Cents(0), spent=Cents(4)))
    found = document(media, max_spend=Cents(20))
    assert (found["outcome"], found["exit"], found["committed"]) == ("over the cap", 3, 4)
    assert (found["manifest"], found["head"], found["next"]) == (None, None, None)
    assert found["total"]["ceiling"] == 23
    assert (found["fits_cap"]["items"], found["fits_cap"]["ceiling"]) == (2, 12)
    assert found["fits_cap"]["command"].endswith("--max-spend 0.20 --fit --prefer newest")


def test_credits_of_earlier_runs_under_the_same_name_are_part_of_what_run_may_take(media):
    media.history = History(credits=lambda _id: Amounts(Cents(700), spent=Cents(660)))
    found = document(media, services=("denoise:balanced",))
    assert found["credits"]["ceiling"] == 13_291
    assert (found["dearest"][0]["cents"], found["dearest"][0]["credits"]) == (0, 6600)
    assert found["next"] == f"run manifest.yaml --max-credits {13_291 + 660}"
    assert "credits" not in document(media)["next"]


def test_what_did_not_fit_is_counted(media):
    found = document(media, max_spend=Cents(12), fit=True)
    assert (found["did_not_fit"]["items"], found["did_not_fit"]["cents"]) == (1, 10)
    assert found["files"]["over"] == 1


def test_nothing_to_price(world):
    world.found = [LeftOut("/media/a.mp3", Reason.LFS_POINTER, "git lfs pull")]
    found = document(world)
    assert (found["outcome"], found["exit"]) == ("nothing to price", 2)
    assert found["left_out"][0]["reason"] == "git-lfs pointer"


def test_a_wallet_that_is_short_comes_with_the_commands(media):
    media.wallet = lambda: WalletView(Cents(15), {"transcription": 2})
    wallet = document(media)["wallet"]
    assert (wallet["known"], wallet["balance"], wallet["held"]) == (True, 15, 0)
    assert (wallet["verdict"], wallet["needed"], wallet["short"]) == ("over the balance", 23, 8)
    assert wallet["prices_moved"] == [{"product": "transcription", "planned": "1", "live": "2"}]
    assert wallet["fits_now"]["items"] == 2
    assert wallet["fits_now"]["command"].startswith(
        "plan /media/none --service transcription --max-spend 0.15"
    )
    assert (wallet["try_first"], wallet["top_up"]) == (None, "earmark wallet topup --amount 1")


def test_a_wallet_that_pays_needs_no_commands(media):
    media.wallet = lambda: WalletView(Cents(9999), {})
    wallet = document(media)["wallet"]
    assert (wallet["verdict"], wallet["top_up"], wallet["fits_now"]) == ("pass", None, None)
    assert wallet["prices_moved"] == [{"product": "transcription", "planned": "1", "live": None}]


@pytest.mark.parametrize(("rates", "read"), [(None, False), ({"transcription": 1}, True)])
def test_the_document_says_whether_live_prices_were_read(media, rates, read):
    media.wallet = lambda: WalletView(Cents(9999), rates)
    wallet = document(media)["wallet"]
    assert (wallet["verdict"], wallet["prices_read"], wallet["prices_moved"]) == ("pass", read, [])


def test_a_wallet_that_is_not_known_says_why(media):
    media.wallet = lambda: NoWallet("no connection")
    assert document(media)["wallet"] == {"known": False, "reason": "no connection"}


def test_rounding_is_in_the_document(world, recording):
    world.found = [recording(f"{number}.mp3", ms=20_000, size=number) for number in range(1, 7)]
    assert document(world)["rounding"] == {"items": 6, "cents": 6, "exact_cents": 2}


def test_a_name_that_is_no_text_keeps_its_bytes_and_the_document_stays_json(world):
    world.found = [LeftOut(os.fsdecode(b"/media/caf\xe9\n"), Reason.EMPTY, "empty")]
    text = plan_json.render(make_plan(world.options, world.ends()))
    (entry,) = json.loads(text)["left_out"]
    assert entry["file"] == "/media/caf\N{REPLACEMENT CHARACTER}\n"
    assert bytes.fromhex(entry["file_bytes"]) == b"/media/caf\xe9\n"
    text.encode("ascii")
