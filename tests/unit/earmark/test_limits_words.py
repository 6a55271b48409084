"""A refusal by a limit names what it limits, who said it, who said more, and how it is raised."""

import pytest

from earmark.run_steps import steps
from earmark.screens import limits, run
from manifests.budget import Decision, Verdict
from manifests.limits import Limit, Over, Scope
from manifests.money import Cents
from runner.report import Fate
from support.reports import asked, balance, item, report


def over(scope, cents, needed, *, used=0, items=3, origin="earmark.toml:3", service="", beside=()):
    limit = Limit(scope, Cents(cents), origin, service, beside)
    left = cents if scope is Scope.FILE else max(0, cents - used)
    return Over(limit, Cents(needed), Cents(left), items, Cents(used))


@pytest.mark.parametrize(
    ("what", "refused", "raised"),
    [
        (
            over(Scope.RUN, 500, 1200),
            "what waits may cost $12.00; a run may cost $5.00 (earmark.toml:3)",
            'raise caps.run to "12" (earmark.toml:3)',
        ),
        (
            over(Scope.RUN, 500, 1200, used=130, origin="EARMARK_MAX_SPEND_RUN"),
            "what waits may cost $12.00; a run may cost $5.00 (EARMARK_MAX_SPEND_RUN), and leaves $3.70",
            "raise EARMARK_MAX_SPEND_RUN to 13.30",
        ),
        (
            over(Scope.MONTH, 500, 10, used=900),
            "what waits may cost $0.10; this month (UTC) may cost $5.00 (earmark.toml:3), and leaves $0.00",
            'raise caps.month to "9.10" (earmark.toml:3)',
        ),
        (
            over(Scope.SERVICE, 500, 600, service="stems:six", origin="EARMARK_MAX_SPEND_SERVICE"),
            (
                "what waits may cost $6.00 for stems:six; stems:six in a run may cost $5.00"
                " (EARMARK_MAX_SPEND_SERVICE)"
            ),
            "raise EARMARK_MAX_SPEND_SERVICE to stems:six=6",
        ),
        (
            over(Scope.SERVICE, 500, 600, service="stems"),
            "what waits may cost $6.00 for stems; stems in a run may cost $5.00 (earmark.toml:3)",
            'raise caps.service.stems to "6" (earmark.toml:3)',
        ),
        (
            over(Scope.FILE, 100, 193),
            "3 items may cost more than $1.00 each (earmark.toml:3), the dearest $1.93",
            'raise caps.file to "1.93" (earmark.toml:3)',
        ),
        (
            over(Scope.FILE, 100, 193, items=1),
            "1 item may cost up to $1.93, and none more than $1.00 (earmark.toml:3)",
            'raise caps.file to "1.93" (earmark.toml:3)',
        ),
    ],
)
def test_each_limit_is_told_with_its_amounts(what, refused, raised):
    assert limits.refused(what) == refused
    assert limits.raising(what) == raised


def test_whoever_stands_in_the_way_is_to_be_raised_and_nobody_else():
    beside = (("earmark.toml:3", Cents(1000)), ("../earmark.toml:1", Cents(9000)))
    told = over(Scope.RUN, 500, 1200, origin="EARMARK_MAX_SPEND_RUN", beside=beside)
    assert limits.said_by(told.limit) == (
        "EARMARK_MAX_SPEND_RUN; earmark.toml:3 says $10.00; ../earmark.toml:1 says $90.00"
    )
    assert limits.raising(told) == 'raise EARMARK_MAX_SPEND_RUN to 12 and caps.run to "12" (earmark.toml:3)'


def test_the_name_of_a_folder_moves_no_cursor():
    told = over(Scope.RUN, 500, 1200, origin="a\x1b[2J\n/earmark.toml:3")
    assert not any(sign in limits.refused(told) + limits.raising(told) for sign in "\x1b\n")


def test_what_fit_left_for_a_limit_is_told_with_what_has_to_change():
    told = [over(Scope.RUN, 15, 33), over(Scope.FILE, 10, 11, items=1), over(Scope.MONTH, 90, 33, used=60)]
    made = report(item("a.mp3"), item("b.mp3", Fate.WAITING), limited=told, left_by_fit=1)
    following = steps(made, asked(flags={"--fit": ""}))
    assert run.verdict(made, asked(flags={"--fit": ""})) == (
        "STOPPED, exit 9: --fit left out what does not fit, 1 item; a run may cost $0.15 (earmark.toml:3);"
        " an item may cost $0.10 (earmark.toml:3); this month (UTC) may cost $0.90 (earmark.toml:3)."
        ' Next: raise caps.file to "0.11" (earmark.toml:3)'
    )
    assert [step.text for step in following.path] == [
        'raise caps.file to "0.11" (earmark.toml:3)',
        'raise caps.month to "0.93" (earmark.toml:3)',
        "run manifest.yaml --fit",
    ]


def test_the_end_of_a_run_says_which_limit_refused_and_what_to_type():
    told = over(Scope.RUN, 15, 22, origin="EARMARK_MAX_SPEND_RUN")
    decision = Decision(Verdict.OVER_LIMIT, told.needed, told.available, told)
    made = report(
        item("a.mp3", Fate.WAITING),
        item("b.mp3", Fate.WAITING),
        refused=decision,
        balance=balance(5000),
        submitted=0,
    )
    line = run.verdict(made, asked(max_spend=Cents(500)))
    assert line == (
        "REFUSED, exit 3: what waits may cost $0.22; a run may cost $0.15 (EARMARK_MAX_SPEND_RUN);"
        " nothing new was submitted. Next: raise EARMARK_MAX_SPEND_RUN to 0.22"
    )
    following = steps(made, asked(max_spend=Cents(500)))
    assert [step.text for step in following.path] == [
        "raise EARMARK_MAX_SPEND_RUN to 0.22",
        "run manifest.yaml --max-spend 5",
    ]
    assert [step.text for step in following.others] == [
        "run manifest.yaml --max-spend 5 --fit   (what fits into $0.15 now)"
    ]
