"""The service's own check of its balance: it can refuse, it cannot allow, and silence is no word."""

from dataclasses import replace

import pytest

from manifests import catalogue
from manifests.exits import Exit
from manifests.money import Cents
from manifests.states import State
from runner.api.errors import CallRefused, Gone, KeyRefused, ServiceDown
from runner.api.interface import BalanceCheck
from runner.engine.task import Task
from runner.report import Fate
from runner.second_opinion import asking, wishes
from support.fake_api import FakeApi
from support.small_run import BILLED

NO = BalanceCheck(can_proceed=False, cost=Cents(4), balance=Cents(3))


def task(product, ceiling):
    service = catalogue.load().product(product).service.name
    return Task(1, "m1", product, service, "k", {}, State.PLANNED, Cents(ceiling - 1), Cents(ceiling))


def opinion(api, *tasks, types=("transcription", "stem_extraction"), prices=()):
    notes = []
    ask = asking(api, {}, types, prices, notes.append)
    return ask(tasks), notes


# -- what is asked


@pytest.mark.parametrize(
    ("tasks", "asked"),
    [
        ([("transcription", 31)], [("transcription", 1860)]),
        ([("transcription", 1)] * 100, [("transcription", 6000)]),  # each of 20 s is billed a cent
        ([("stems:six", 55), ("stems:karaoke", 15)], [("stems", 420)]),  # 60 s at 15 are 90 s at 10
        ([("transcription", 1), ("dubbing", 60)], [("dubbing", 90), ("transcription", 60)]),
        ([("music:xl", 12)], [("music", 180)]),
        ([("denoise:ultra", 2640), ("transcription", 2)], [("transcription", 120)]),
        ([("clone", 0)], []),
    ],
    ids=["one", "many short ones", "variants", "dearest first", "twice the price", "credits", "nothing"],
)
def test_it_is_asked_about_as_many_seconds_at_the_base_rate_as_cost_what_may_be_bought(tasks, asked):
    found = wishes([task(*each) for each in tasks], {})
    assert [(each.service.name, each.seconds) for each in found] == asked


def test_the_rate_in_force_counts():
    (wish,) = wishes([task("stems:karaoke", 30)], {"stems:karaoke": 30})
    assert (wish.seconds, wish.cents) == (90, 30)


def test_each_type_is_asked_about_under_the_name_that_the_wallet_lists():
    api = FakeApi()
    opinion(api, task("tts", 4), task("convert", 1), types=["voice_cloning"], prices=["media_conversion"])
    assert api.checked == [("voice_cloning", 60), ("media_conversion", 60)]


# -- what is made of the answers


def test_a_yes_is_no_news():
    said, notes = opinion(FakeApi(), task("transcription", 4))
    assert said.passes
    assert notes == []


def test_a_no_refuses_with_the_service_s_own_figures():
    said, notes = opinion(FakeApi(second=NO), task("transcription", 5))
    assert (said.passes, said.needed, said.available) == (False, 4, 3)
    assert notes == ["the service's own check of its balance says no: $0.04 for transcription, $0.03 there"]


def test_a_no_without_figures_counts_at_what_the_purchase_may_cost():
    said, notes = opinion(FakeApi(second=BalanceCheck(can_proceed=False)), task("transcription", 5))
    assert (said.passes, said.needed, said.available) == (False, 5, None)
    assert notes == ["the service's own check of its balance says no: $0.05 for transcription"]


def test_what_is_enough_for_each_type_may_not_be_enough_for_all():
    each = BalanceCheck(can_proceed=True, cost=Cents(40), balance=Cents(70))
    assert opinion(FakeApi(second=each), task("transcription", 40))[0].passes
    said, _ = opinion(FakeApi(second=each), task("transcription", 40), task("stems:two", 40))
    assert (said.passes, said.needed, said.available) == (False, 80, 70)


@pytest.mark.parametrize(
    "error", [Gone("404"), CallRefused("400"), ServiceDown("not JSON"), KeyRefused("403")]
)
def test_no_answer_is_a_note_and_no_refusal(error):
    api = FakeApi(second=NO)
    api.fail("check_balance", error)
    said, notes = opinion(api, task("transcription", 5))
    assert said.passes
    assert notes == [f"the service's own check of its balance told nothing for transcription: {error}"]


def test_a_service_without_a_name_in_the_wallet_is_not_asked_about():
    api = FakeApi(second=NO)
    said, notes = opinion(api, task("karaoke", 5))
    assert said.passes
    assert api.checked == []
    assert notes == [
        "the wallet has no name for karaoke: the service's own check of its balance told nothing"
    ]


# -- in a run


def test_a_run_that_the_service_refuses_sends_nothing(desk):
    desk.api.second = NO
    report = desk.run(desk.manifest("a.mp3", "b.mp3"), ask=lambda _offer: pytest.fail("asked"))
    assert report.exit is Exit.REFUSED
    assert (report.refused.needed, report.refused.available, report.refused.short) == (4, 3, 1)
    assert desk.api.orders == []
    assert desk.ledger.allotted() == {}
    assert desk.ledger.amounts("m1").committed == 0
    assert "says no: $0.04 for transcription, $0.03 there" in report.notes[0]


def test_it_is_asked_once_a_round_after_our_own_gate_and_before_the_first_submit(desk):
    report = desk.run(desk.manifest("a.mp3", "b.mp3"), patience=BILLED)
    assert report.exit is Exit.DONE
    assert desk.api.checked == [("transcription", 240)]
    assert desk.api.calls.index("balance") < desk.api.calls.index("check_balance")
    assert desk.api.calls.index("check_balance") < desk.api.calls.index("submit")


def test_what_our_own_gate_refuses_is_not_asked_about(desk):
    assert desk.run(desk.manifest("a.mp3"), spend=1).exit is Exit.REFUSED
    assert desk.api.checked == []


def test_a_run_goes_on_where_the_service_has_no_such_check(desk):
    desk.api.fail("check_balance", Gone("404"))
    report = desk.run(desk.manifest("a.mp3"))
    assert report.exit is Exit.DONE
    assert "told nothing for transcription: 404" in report.notes[0]


def test_fit_takes_what_the_service_says_is_there(desk, monkeypatch):
    """Jobs of another machine may hold what the balance still shows."""

    def check(_name, seconds):
        cost = Cents(seconds // 60)
        return BalanceCheck(can_proceed=cost <= 5, cost=cost, balance=Cents(5))

    monkeypatch.setattr(desk.api, "check_balance", check)
    report = desk.run(desk.manifest(*(f"{n}.mp3" for n in range(4))), fit=True)
    assert report.exit is Exit.STOPPED_AS_TOLD
    assert [item.fate for item in report.items] == [Fate.SAVED] * 2 + [Fate.WAITING] * 2
    assert report.left_by_fit == 2


def test_fit_gives_up_where_the_service_says_no_whatever_is_taken(desk):
    desk.api.second = replace(NO, balance=Cents(2000))
    assert desk.run(desk.manifest("a.mp3"), fit=True).exit is Exit.REFUSED
    assert desk.ledger.allotted() == {}
