"""Refusals in every shape of docs/api.md 5.1: what is about one item, the money, the key."""

import pytest

from manifests.exits import Exit
from runner.report import Fate
from support.other_dialect import (
    SHAPES,
    Dialect,
)
from support.other_shop import check_honest

# With the beginning of the token, whose random digits may spell "bad", too.
REFUSED = {
    "bad.ek": (400, "INVALID_AUDIO_FORMAT", "the format is not supported"),
    "large.ek": (413, "too_large", "the file is over the limit"),
    "odd.ek": (422, "PROCESSING_FAILED", "unusable media"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_one_refused_file_does_not_keep_the_others(shop, shape):
    it = shop(Dialect(error=SHAPES[shape], refuse=REFUSED), "bad.wav", "fine.wav", "large.wav", "odd.wav")
    it.plan()
    report = it.run()
    check_honest(it, report)
    assert report.exit is Exit.SOME_FAILED
    fates = {item.file.removeprefix("media/"): item for item in report.items}
    assert fates.pop("fine.wav").fate is Fate.SAVED
    for name, item in fates.items():
        status, _, message = REFUSED[name.replace(".wav", ".ek")]
        assert item.fate is Fate.REJECTED
        assert str(status) in item.reason
        assert message in item.reason or shape == "g, empty"
    assert report.amounts.committed == it.sim.spent_cents == 2
    it.run()
    assert len(it.sim.posts) == 4


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if not shape.startswith("g, ")])
@pytest.mark.parametrize("status", [402, 403])
def test_a_plan_that_is_too_low_is_about_the_item_and_not_about_money(shop, shape, status):
    refusal = (status, "PREMIUM_TIER_REQUIRED", "this mode needs the Pro plan, please upgrade")
    it = shop(Dialect(error=SHAPES[shape], refuse={"a.ek": refusal}))
    it.plan()
    report = it.run()
    check_honest(it, report)
    assert report.exit is Exit.SOME_FAILED
    assert [item.fate for item in report.items] == [Fate.REJECTED, Fate.SAVED]


@pytest.mark.parametrize("shape", SHAPES)
def test_an_empty_wallet_stops_the_run_and_what_runs_is_saved(shop, shape):
    # The wallet shows more than the service lets us spend: another program was quicker.
    it = shop(
        Dialect(error=SHAPES[shape], wallet_cents=3, purse=lambda body: {**body, "balance_cents": 500}),
        "a.wav",
        "b.wav",
        "c.wav",
    )
    it.plan()
    report = it.run()
    check_honest(it, report)
    assert report.exit is Exit.OUT_OF_MONEY
    assert report.count(Fate.SAVED) == 1
    assert report.count(Fate.WAITING) == 2
    assert report.amounts.committed == it.sim.spent_cents == 2
    if shape in ("a", "b", "b, code", "f"):
        assert (report.shortage.required, report.shortage.available) == (2, 1)


KEY_REFUSALS = [
    (shape, status, where)
    for shape in SHAPES
    for status, where in ((401, "submit"), (403, "submit"), (403, "/balance"))
    if (shape, status, where) != ("g, empty", 403, "submit")  # says nothing: taken for the item's
]


@pytest.mark.parametrize(("shape", "status", "where"), KEY_REFUSALS)
def test_a_refused_key_stops_the_run_with_nothing_bought(shop, shape, status, where):
    message = "this API key was revoked"
    if where == "submit":
        dialect = Dialect(error=SHAPES[shape], refuse={"ek-": (status, "unauthorized", message)})
    else:
        dialect = Dialect(
            error=SHAPES[shape],
            before=lambda handler: (
                handler.path_only.endswith(where)
                and (handler.refuse(status, "unauthorized", message) or True)
            ),
        )
    it = shop(dialect)
    it.plan()
    report = it.run()
    check_honest(it, report)
    assert report.exit is Exit.KEY
    assert it.sim.ours == []
    assert report.amounts.committed == 0
