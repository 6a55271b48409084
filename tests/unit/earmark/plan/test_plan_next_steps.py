import shlex

import click
import pytest

from earmark import next_steps
from earmark.plan_command import plan
from earmark.plan_values import Offer, PlanOptions
from manifests.money import ZERO, Cents
from planner.fitting import Prefer

PLAIN = PlanOptions(("podcasts/",), ("transcription",))
FULL = PlanOptions(
    paths=("my podcasts", "-odd"),
    services=("stems:six", "transcription"),
    settings=("transcription.language=en",),
    output="out/songs.yaml",
    include=("*.mp3",),
    exclude=("drafts/**",),
    max_spend=Cents(2050),
    fit=True,
    prefer=Prefer.SHORTEST,
    name="pr 481",
    pay_again=True,
    force=True,
)


def test_a_plain_plan_is_told_without_its_defaults():
    assert next_steps.plan_command(PLAIN) == "plan podcasts/ --service transcription"


def test_everything_the_user_said_is_said_again():
    assert next_steps.plan_command(FULL) == (
        "plan 'my podcasts' ./-odd --service stems:six --service transcription"
        " --set transcription.language=en --include '*.mp3' --exclude 'drafts/**' --name 'pr 481' --pay-again"
        " --force -o out/songs.yaml --max-spend 20.50 --fit --prefer shortest"
    )


def test_the_command_understands_what_it_tells_people_to_type():
    words = shlex.split(next_steps.plan_command(FULL))[1:]
    parsed = plan.make_context("plan", words).params
    assert parsed["paths"] == ("my podcasts", "./-odd")
    assert (parsed["output"], parsed["max_spend"], parsed["prefer"]) == (
        "out/songs.yaml",
        "20.50",
        "shortest",
    )
    assert (parsed["fit"], parsed["pay_again"], parsed["name"]) == (True, True, "pr 481")
    with pytest.raises(click.UsageError):
        plan.make_context("plan", [*words, "--prefr", "x"])


def test_an_offer_is_a_plan_that_fits_what_is_free_beside_what_was_spent():
    offer = Offer(Cents(5000), Prefer.NEWEST, 111, Cents(4971))
    assert next_steps.fitting(PLAIN, offer, ZERO).endswith("--max-spend 50 --fit --prefer newest")
    assert next_steps.fitting(PLAIN, offer, Cents(250)).endswith("--max-spend 52.50 --fit --prefer newest")


def test_a_pilot_is_of_the_plan_itself_beside_what_was_spent():
    offer = Offer(Cents(200), Prefer.LISTED, 3, Cents(136))
    assert next_steps.try_first(PLAIN, offer, ZERO) == "run manifest.yaml --max-spend 2 --pilot 3"
    assert next_steps.try_first(PLAIN, offer, Cents(50)) == "run manifest.yaml --max-spend 2.50 --pilot 3"


def test_a_dearer_plan_needs_a_higher_cap():
    capped = PlanOptions(("p",), ("stems",), max_spend=Cents(500))
    assert next_steps.with_cap(capped, Cents(731)) == "plan p --service stems --max-spend 7.31"


@pytest.mark.parametrize(("short", "dollars"), [(1, 1), (100, 1), (101, 2), (12_731, 128)])
def test_a_topup_is_whole_dollars_and_at_least_one(short, dollars):
    assert next_steps.topup_command(Cents(short)) == f"earmark wallet topup --amount {dollars}"


def test_run_takes_a_quoted_path_that_is_no_option():
    assert (
        next_steps.run_command("-my plan.yaml", Cents(17_731)) == "run './-my plan.yaml' --max-spend 177.31"
    )
