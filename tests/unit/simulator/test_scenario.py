"""Scenarios: what may be scripted, and how a mistake in one is named."""

from __future__ import annotations

import json

import pytest

from simulator import Event, Fault, Scenario, ScenarioError, load_scenario
from simulator.loading import changed, read_scenario


def test_a_scenario_is_read_from_yaml(tmp_path):
    path = tmp_path / "bad-day.yaml"
    path.write_text(
        "seed: 7\njob_seconds: 2\nerror_body: nested\nprices: {transcription: 2}\n"
        "faults:\n- {at: 'submit:*', do: drop, nth: [2, 5]}\n"
        "- {at: 'list:stems', do: unavailable, every: 3}\n"
        "events:\n- {do: drain, after_submits: 3, cents: 200}\n",
        encoding="utf-8",
    )
    assert load_scenario(path) == Scenario(
        seed=7,
        job_seconds=2,
        error_body="nested",
        prices={"transcription": 2},
        faults=(
            Fault(at="submit:*", do="drop", nth=(2, 5)),
            Fault(at="list:stems", do="unavailable", every=3),
        ),
        events=(Event(do="drain", after_submits=3, cents=200),),
    )


def test_a_scenario_is_read_from_json(tmp_path):
    path = tmp_path / "bad-day.json"
    path.write_text(
        json.dumps({"faults": [{"at": "submit:*", "do": "rate_limited", "times": 2}]}), encoding="utf-8"
    )
    assert load_scenario(path).faults == (Fault(at="submit:*", do="rate_limited", times=2),)


def test_an_empty_file_is_a_good_day(tmp_path):
    path = tmp_path / "empty.yaml"
    path.write_text("", encoding="utf-8")
    assert load_scenario(path) == Scenario()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sed: 1", "unknown field `sed`"),
        ("faults: [{at: x, do: explode}]", "explode"),
        ("faults: [{do: drop}]", "missing required field `at`"),
        ("faults: [{at: x, do: drop, nth: 0}]", "$.faults[0].nth"),
        ("faults: [{at: x, do: drop, probability: 2}]", "$.faults[0].probability"),
        ("faults: [{at: x, do: status_word}]", "needs its word"),
        ("faults: [{at: x, do: charge_extra}]", "needs `cents`"),
        ("events: [{do: price, service_type: juggling}]", "juggling"),
        ("events: [{do: drain, cents: 1.5}]", "whole cents"),
        ("prices: {juggling: 4}", "juggling"),
        ("token_pattern: '('", "token_pattern"),
        ("names: invent", "invent"),
        ("keys: []", "$.keys"),
        ("job_seconds: -1", "$.job_seconds"),
        ("a: [", "not YAML"),
        ("- 1", "Expected `object`"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_place(tmp_path, text, said):
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"bad\.yaml") as error:
        load_scenario(path)
    assert said in str(error.value)


def test_broken_json_is_named(tmp_path):
    path = tmp_path / "bad.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(ScenarioError, match="not JSON"):
        load_scenario(path)


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path):
    with pytest.raises(ScenarioError, match="cannot be read"):
        load_scenario(tmp_path / "nowhere.yaml")
    path = tmp_path / "bytes.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScenarioError, match="cannot be read"):
        load_scenario(path)


def test_switches_are_changed_and_the_rest_kept():
    scenario = Scenario(seed=3, faults=(Fault(at="x", do="drop"),))
    assert changed(scenario, {"list_delay": 4}) == Scenario(
        seed=3, faults=(Fault(at="x", do="drop"),), list_delay=4
    )
    with pytest.raises(ScenarioError, match="list_dellay"):
        changed(scenario, {"list_dellay": 4})


def test_the_defaults_are_those_of_the_api_page_where_it_decides():
    # docs/api.md 19; rate limits and minimum lengths are off, and documented where they are defined.
    plain = read_scenario({})
    assert (plain.error_body, plain.charge_at_submit, plain.balance_shows_holds) == ("flat", False, False)
    assert (plain.usage_delay, plain.list_delay, plain.binary_fractions) == (0, 0, False)
    assert (plain.transcription_paging, plain.names, plain.credits_fallback) == ("offset", "keep", False)
    assert (plain.unknown_service_status, plain.rate_per_minute, plain.minimum_seconds) == (400, None, 0)
