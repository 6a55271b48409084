"""`run` under limits of the environment and of earmark.toml: what the service's own books say it cost."""

import json

import pytest

from support.bench import wav


@pytest.fixture
def planned(bench):
    """Four recordings, planned: 4 cents, under an earmark.toml that somebody's pull request wrote."""
    made = bench()
    made.record(4)
    (made.folder / ".git").mkdir()
    made.plan("media", "--service", "transcription")
    (made.folder / "earmark.toml").write_text("[caps]\nrun = '1000'\nfile = 99\nmonth = '5000'\n")
    return made


def test_a_checkout_cannot_raise_what_the_environment_allows(planned):
    ended = planned.run("--max-spend", "900", EARMARK_MAX_SPEND_RUN="0.03")
    assert ended.code == 3
    assert (
        "what waits may cost $0.04; a run may cost $0.03 (EARMARK_MAX_SPEND_RUN; earmark.toml:2 says"
        " $1,000.00); nothing new was submitted" in ended.err
    )
    assert "Next: raise EARMARK_MAX_SPEND_RUN to 0.04" in ended.err
    assert planned.books.submits == ()
    document = planned.run("--json", EARMARK_MAX_SPEND_RUN="0.03").json
    assert document["effort"]["refused"] == {
        "verdict": "over a limit",
        "needed": 4,
        "available": 3,
        "short": 1,
        "limit": "caps.run",
        "said_by": "EARMARK_MAX_SPEND_RUN; earmark.toml:2 says $1,000.00",
    }
    fitted = planned.run("--max-spend", "900", "--fit", EARMARK_MAX_SPEND_RUN="0.03")
    assert (fitted.code, planned.books.spent_cents) == (9, 3)
    assert "1 item; a run may cost $0.03 (EARMARK_MAX_SPEND_RUN; earmark.toml:2 says" in fitted.err
    planned.check_books()


def test_a_month_counts_what_other_manifests_cost(planned):
    month = {"EARMARK_MAX_SPEND_MONTH": "0.05"}
    assert planned.run(**month).code == 0
    for name in ("x", "y"):
        wav(planned.folder / f"more/{name}.wav")
    assert planned.do("plan", "more", "--service", "transcription", "-o", "more.yaml", **month).code == 0
    ended = planned.do("run", "more.yaml", **month)
    assert ended.code == 3
    assert "this month (UTC) may cost $0.05" in ended.err
    assert "and leaves $0.01" in ended.err
    fitted = planned.do("run", "more.yaml", "--fit", **month)
    assert (fitted.code, planned.books.spent_cents) == (9, 5)


def test_an_item_above_its_cap_is_not_bought_although_it_was_planned(planned):
    ended = planned.run(EARMARK_MAX_SPEND_FILE="0.00", EARMARK_MAX_SPEND_SERVICE="transcription=1")
    assert ended.code == 3
    assert (
        "4 items may cost more than $0.00 each (EARMARK_MAX_SPEND_FILE; earmark.toml:3 says $99.00)"
        in ended.err
    )
    assert planned.books.submits == ()


def test_the_gates_event_names_the_limit(planned):
    ended = planned.run("--events", EARMARK_MAX_SPEND_MONTH="0.01")
    told = [json.loads(line) for line in ended.out.splitlines()]
    (gate,) = [each for each in told if each["event"] == "gate"]
    assert (gate["passed"], gate["verdict"], gate["limit"]) == (False, "over a limit", "caps.month")
    assert gate["said_by"] == "EARMARK_MAX_SPEND_MONTH; earmark.toml:4 says $5,000.00"


def test_a_faulty_file_buys_nothing(planned):
    (planned.folder / "earmark.toml").write_text("[caps]\nruns = '1000'\n")
    ended = planned.run()
    assert (ended.code, planned.books.submits) == (2, ())
    assert ended.err == "run: earmark.toml:2: [caps] has no `runs`; did you mean 'run'?\n"


def test_the_environments_cap_is_named_where_more_was_typed(planned):
    ended = planned.run("--max-spend", "900", EARMARK_MAX_SPEND="0.02")
    assert "the cap of $0.02 (EARMARK_MAX_SPEND; --max-spend says $900.00) leaves $0.02" in ended.err
