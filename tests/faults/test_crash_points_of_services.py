"""A run that dies at any of its durable steps, for every service: the next one makes it whole, paid once.

In one process, with an account in memory: an exception that every later step repeats stands for the kill,
a ledger and locks of their own for the next run.
"""

from fractions import Fraction
from threading import Lock

import pytest

from manifests import catalogue
from manifests.exits import Exit
from runner import reconcile
from runner.api.interface import Doubtful
from runner.engine import timing
from runner.performer import Crash
from runner.points import Point
from runner.report import Fate
from support.orders import needs, products
from support.small_run import ALL_RATES, BILLED, Desk, manifest_of, prompts

CREDITS = 100_000
SPEND = 1_000
JOINING = (Point.BEFORE_JOIN, Point.AFTER_JOIN)
POINTS = [point for point in Point if point not in JOINING]
LOST = (Point.BEFORE_DOUBT, Point.AFTER_DOUBT)
"""Points that only a lost answer leads to."""


SERVICES = [service.name for service in catalogue.load().services]
ALL = [(name, point) for name in SERVICES for point in POINTS]
EACH = 9
"""Points that each service meets; each point meets three services or more."""


def some():
    """The points of each service, in turn."""
    count = len(POINTS)
    return [(name, POINTS[(at * EACH + n) % count]) for at, name in enumerate(SERVICES) for n in range(EACH)]


class Killed(BaseException):
    """The process is gone."""


class Killer:
    """Ends a run at a point, the n-th time; afterwards nothing that is durable can happen any more."""

    def __init__(self, point, at=1):
        self._point, self._left, self._lock = point, at, Lock()
        self.dead = False

    def __call__(self, here):
        with self._lock:
            self._left -= here is self._point
            self.dead = self.dead or self._left <= 0
        if self.dead:
            raise Killed


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch):
    """The waits that no option shortens."""
    monkeypatch.setattr(timing, "USAGE_GAPS", (0.01, 0.02, 0.05))
    monkeypatch.setattr(timing, "USAGE_WHILE_BUSY", 0.02)
    monkeypatch.setattr(timing, "OLD_DOUBT_LOOKS", (0.0, 0.02))


def opened(folder, api=None):
    """A place of a process of its own."""
    return Desk(folder) if api is None else Desk(folder, api)


def account(desk):
    """An account that sells everything."""
    services = catalogue.load().services
    desk.api.live = {each.wallet[0]: each.rate for each in services if each.wallet}
    desk.api.credits_left = CREDITS
    return desk.api


def planned(desk, service):
    """A manifest with one line for a service."""
    product = products(service)[0]
    options = {
        name: int(value) if value.isdecimal() and name == "audio_duration" else value
        for name, value in needs(product).items()
    }
    name = "song.txt" if {"text", "prompt"} & set(service.accepts) else "song.mp3"
    fields = {"options": options}
    if "prompt" in service.accepts:
        (desk.folder / name).write_text("quiet harp")
        options["prompt"] = "quiet harp"
        fields["print"] = next(iter(prompts(str(desk.folder / name))))
    item = desk.item(name, product.name, **fields)
    return manifest_of([item], rates={product.name: ALL_RATES.get(product.name, Fraction(1))})


def run(desk, manifest, **changes):
    given = {"spend": SPEND, "max_credits": CREDITS, "logged_in": True, "patience": BILLED}
    return desk.run(manifest, **{**given, **changes})


def check_at_any_time(desk, service):
    """What must hold right after the kill: what the account holds or took is counted."""
    jobs = len(desk.api.lists.get(service.name, ()))
    assert jobs <= 1
    amounts = desk.ledger.credits("m1") if service.currency == "credits" else desk.ledger.amounts("m1")
    cap = CREDITS if service.currency == "credits" else SPEND
    took = sum(row.cents for row in desk.api.rows) + sum(r.credits for r in desk.api.credit_usage or ())
    assert amounts.spent + amounts.reserved + amounts.in_doubt <= cap
    assert amounts.spent + amounts.reserved + amounts.in_doubt >= min(took, 1 if service.free else took)


def decide(desk, manifest, service):
    """What nothing could prove, a person decides who looks into the account."""
    jobs = desk.api.lists.get(service.name, ())
    for doubt in reconcile.doubts_of(desk.ledger, "m1", list(desk.lines(manifest, ALL_RATES).values())):
        if jobs:
            reconcile.adopt(desk.ledger, doubt, jobs[0])
        else:
            reconcile.send_again(desk.ledger, doubt)


def lost(api, order):
    """The job is made, and its number does not come back."""
    api.make(order)
    return Doubtful("the line broke")


def killed(folder, service, point, at=1):
    """The place after a run that died at a point, with its manifest."""
    desk = opened(folder)
    api = account(desk)
    manifest = planned(desk, service)
    if point in LOST:
        api.outcome = lambda order, nth: (
            (api.make(order) and Doubtful("the line broke")) if nth == 1 else None
        )
    killer = Killer(point, at)
    with pytest.raises((Killed, Crash)):
        run(desk, manifest, reach=killer)
    assert killer.dead
    desk.close()
    return opened(folder, api), manifest


@pytest.mark.parametrize(("name", "point"), some())
def test_the_next_run_makes_it_whole_and_pays_once(tmp_path, name, point):
    see_it_through(tmp_path, name, point)


@pytest.mark.long
@pytest.mark.parametrize(("name", "point"), [each for each in ALL if each not in some()])
def test_the_next_run_makes_it_whole_at_every_point_of_every_service(tmp_path, name, point):
    see_it_through(tmp_path, name, point)


@pytest.mark.parametrize("at", range(2, 10))
@pytest.mark.parametrize("point", [Point.BEFORE_COMMIT, Point.AFTER_COMMIT])
def test_whichever_transaction_it_died_in(tmp_path, point, at):
    see_it_through(tmp_path, "transcription", point, at)


def see_it_through(tmp_path, name, point, at=1):
    service = catalogue.load().service(name)
    desk, manifest = killed(tmp_path, service, point, at)
    check_at_any_time(desk, service)
    report = run(desk, manifest)
    check_at_any_time(desk, service)
    assert report.exit in (Exit.DONE, Exit.IN_DOUBT), report.notes
    if report.exit is Exit.IN_DOUBT:
        decide(desk, manifest, service)
        report = run(desk, manifest)
    assert report.exit is Exit.DONE
    assert [item.fate for item in report.items] == [Fate.SAVED]
    assert len(desk.api.lists[name]) == 1
    there = [path for path in desk.output.rglob("*") if path.is_file() and path.suffix != ".part"]
    assert sorted(map(str, there)) == sorted(report.items[0].results)
    desk.close()
