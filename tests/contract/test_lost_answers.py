"""Submits whose answers get lost, for each service: proof adopts, evidence is shown, nothing is sent twice.

A job's token in the list is proof; so are the words that a text-to-speech job shows once it is billed.
Karaoke videos and conversions show neither: there a person decides. What becomes of a lost answer is
decided in one place for all services, so that each of them meets some of the ways to lose one, and each
way meets several of them.
"""

import pytest

import simulator
from earmark.reconciling import Decision, Session
from manifests import catalogue
from manifests.exits import Exit
from manifests.text import read_manifest
from runner.api.client import AudioPod
from runner.api.deadlines import Deadlines
from runner.lines import lines_of
from runner.reconcile import Choice
from runner.report import Fate
from simulator import PUBLIC_SESSION_TOKEN, Fault, Scenario
from support.hurry import HURRIED, hurry
from support.orders import SERVICES, products, supply, words
from support.rehearsal import Rehearsal

SUBMIT = "submit:*"
CREDITS = 5000
SHORT = Deadlines(answer=0.15)
LAG = 0.1
"""Seconds after which a job shows in its list, or a charge in the wallet: after the first look."""

LOST = {
    "dropped": Fault(at=SUBMIT, do="drop"),
    "reset": Fault(at=SUBMIT, do="reset"),
    "502": Fault(at=SUBMIT, do="gateway", status=502),
    "504": Fault(at=SUBMIT, do="gateway", status=504),
    "slow": Fault(at=SUBMIT, do="slow", seconds=60.0),
    "trickling head": Fault(at=SUBMIT, do="trickle_head", seconds=0.05),
    "trickling body": Fault(at=SUBMIT, do="trickle_body", seconds=0.05),
    "garbage": Fault(at=SUBMIT, do="garbage"),
    "no number": Fault(at=SUBMIT, do="garbage", text='{"status": "PENDING"}', status=201),
}
WITHOUT_PROOF = ("karaoke", "convert")
PROVED = [name for name in SERVICES if name not in WITHOUT_PROOF]


def rotated(services, each):
    """Each service with some of the ways, and each way with several services."""
    ways = list(LOST)
    return [
        (name, ways[(at * each + n) % len(ways)]) for at, name in enumerate(services) for n in range(each)
    ]


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch):
    hurry(monkeypatch)


@pytest.fixture
def stage(tmp_path):
    """Opens a rehearsal with one item of a service: `stage(service, *faults, **switches)`."""
    opened = []

    def open_one(name, *faults, **switches):
        switches = {"job_seconds": 0.0, "job_seconds_per_minute": 0.0, **switches}
        scenario = Scenario(faults=faults, credits=CREDITS, **switches)
        server = simulator.serve(scenario, wallet_cents=5000)
        opened.append(server)
        place = Rehearsal(tmp_path, server.__enter__(), patience=HURRIED)
        service = catalogue.load().service(name)
        supply(place, service)
        place.plan(*words(products(service)[:1]))
        return place

    yield open_one
    for server in opened:
        server.__exit__(None, None, None)


def client(place):
    made = AudioPod(place.sim.url, place.sim.key, session=PUBLIC_SESSION_TOKEN, patience=0.5, limits=SHORT)
    place.opened.append(made)
    return made


def run(place):
    api = client(place)
    return place.run(api=lambda: api, max_credits=CREDITS)


def in_its_purse(place, report):
    """The amounts in the purse that pays, what its books say was charged, and what the item may cost."""
    (item,) = read_manifest(place.folder / "manifest.yaml").items
    books = place.sim.books
    if item.credits_ceiling:
        return report.credits, books.credits_spent, item.credits_ceiling
    return report.amounts, books.spent_cents, item.ceiling


def check_once(place, report):
    """One submit, one job, and no cent that is not accounted for."""
    assert len(place.sim.books.submits) == len(place.sim.books.jobs) == 1
    amounts, charged, _ = in_its_purse(place, report)
    assert amounts.committed >= charged
    place.check_books(report)


def check_whole(place, report):
    assert report.exit is Exit.DONE, (report.stops, report.items)
    assert [item.fate for item in report.items] == [Fate.SAVED]
    amounts, charged, _ = in_its_purse(place, report)
    assert (amounts.spent, amounts.reserved, amounts.in_doubt) == (charged, 0, 0)


def check_in_doubt(place, report):
    assert report.exit is Exit.IN_DOUBT
    amounts, _, ceiling = in_its_purse(place, report)
    assert (amounts.spent, amounts.reserved, amounts.in_doubt) == (0, 0, ceiling)


def reconciled(place, act):
    """What a session of `earmark reconcile` comes to."""
    path = place.folder / "manifest.yaml"
    plan = read_manifest(path)
    ledger, locks = place.open()
    try:
        lines = lines_of(plan, path.parent, plan.head.rates)
        session = Session(plan.head.id, lines, ledger, locks, client(place))
        session.look()
        return act(session)
    finally:
        ledger.close()
        while place.opened:
            place.opened.pop().close()


@pytest.mark.parametrize(("name", "how"), rotated(PROVED, 3))
def test_an_answer_that_is_lost_is_found_by_proof_and_nothing_is_sent_again(stage, name, how):
    place = stage(name, LOST[how])
    report = run(place)
    check_whole(place, report)
    check_once(place, report)


@pytest.mark.parametrize("name", ["stems", "tts", "clone", "music", "denoise"])
def test_a_list_that_lags_is_looked_at_again(stage, name):
    place = stage(name, LOST["dropped"], list_delay=LAG, usage_delay=LAG)
    report = run(place)
    check_whole(place, report)
    check_once(place, report)


def unprovable(name):
    """The switches under which nothing that a service shows is proof."""
    if name in WITHOUT_PROOF:
        return {}
    return {"list_names": False} if name == "music" else {"names": "strip"}


@pytest.mark.parametrize(("name", "how"), rotated([*WITHOUT_PROOF, "dubbing", "conversion", "speakers"], 2))
def test_what_nothing_proves_stays_in_doubt_with_its_money_and_is_never_sent_again(stage, name, how):
    place = stage(name, LOST[how], **unprovable(name))
    for _ in range(2):
        report = run(place)
        check_in_doubt(place, report)
        check_once(place, report)


@pytest.mark.parametrize("name", [*WITHOUT_PROOF, "music"])
def test_what_could_be_its_job_is_shown_and_a_person_s_word_brings_the_result(stage, name):
    place = stage(name, LOST["dropped"], **unprovable(name))
    check_in_doubt(place, run(place))
    (job,) = place.sim.books.jobs

    def adopt(session):
        (case,) = session.cases()
        assert [sighting.job_id for sighting in case.evidence] == [str(job.id)]
        session.decide(Decision(Choice.ADOPT, case.doubt, case.evidence[0].job_id))
        assert session.cases() == []

    reconciled(place, adopt)
    report = run(place)
    check_whole(place, report)
    check_once(place, report)


def test_words_that_no_bill_leads_to_are_no_proof(stage):
    place = stage("tts", LOST["504"], Fault(at=SUBMIT, do="usage_never"))
    for _ in range(2):
        report = run(place)
        check_in_doubt(place, report)
        check_once(place, report)
    assert reconciled(place, lambda session: [list(case.evidence) for case in session.cases()]) == [[]]


def test_a_job_without_a_name_that_is_the_only_one_is_shown_and_not_adopted_by_itself(stage):
    place = stage("transcription", LOST["garbage"], list_names=False)
    check_in_doubt(place, run(place))
    (evidence,) = reconciled(place, lambda session: [case.evidence for case in session.cases()])
    assert [sighting.cents for sighting in evidence] == [1]
    check_in_doubt(place, run(place))
