"""Every product of the catalogue, the whole way: planned, bought at the simulator, saved, billed."""

import json
from pathlib import Path

import pytest

import simulator
from manifests import catalogue
from manifests.catalogue import Service
from manifests.exits import Exit
from manifests.length import Basis, Grade
from manifests.text import read_manifest
from runner.report import Fate
from simulator import Scenario
from support.orders import SECONDS, SERVICES, needs, products, supply, words
from support.rehearsal import Rehearsal

CREDITS = 10_000


def fetch_options(service: Service) -> dict[str, str]:
    """Everything that can be saved of a service's results."""
    return {
        option.name: ",".join(option.choices)
        for option in service.options
        if option.role == "fetch" and option.kind == "list"
    }


@pytest.fixture(scope="module", params=SERVICES)
def bought(request, tmp_path_factory):
    """All products of a service, bought in one run: service, workplace, manifest, report."""
    service = catalogue.load().service(request.param)
    scenario = Scenario(job_seconds=0.0, job_seconds_per_minute=0.0, plan="studio", credits=CREDITS)
    with simulator.serve(scenario, wallet_cents=5000) as sim:
        place = Rehearsal(tmp_path_factory.mktemp(service.name), sim)
        supply(place, service)
        manifest = read_manifest(place.plan(*words(products(service), fetch_options(service))))
        yield service, place, manifest, place.run(max_credits=CREDITS)


def attempts(place):
    """What the ledger holds of each job."""
    rows = place.ask_ledger(
        lambda ledger: ledger.db.execute(
            "SELECT p.product, a.job_id, a.expected, a.ceiling, a.charge, a.hold, a.settled, a.state"
            " FROM attempts a JOIN parts t ON t.id = a.part_id JOIN purchases p ON p.id = t.purchase_id"
        ).fetchall()
    )
    names = ("product", "job", "expected", "ceiling", "charge", "hold", "settled", "state")
    return [dict(zip(names, row, strict=True)) for row in rows]


def test_every_product_is_planned(bought):
    service, _, manifest, _ = bought
    planned = {item.service: item for item in manifest.items}
    assert planned.keys() == {product.name for product in products(service)}
    for product in products(service):
        options = {name: str(value) for name, value in planned[product.name].options.items()}
        assert needs(product).items() <= options.items()
        item = planned[product.name]
        amounts = (item.ceiling, item.credits_ceiling)
        assert amounts[service.currency == "credits"] > 0 == amounts[service.currency != "credits"]


def test_every_product_is_saved(bought):
    service, _, _, report = bought
    assert report.exit is Exit.DONE
    assert all("not verified" in note for note in report.notes)
    assert bool(report.notes) is (service.currency == "credits")
    assert [item.fate for item in report.items] == [Fate.SAVED] * len(service.variants)
    assert all(item.results for item in report.items)


def test_what_is_saved_is_what_the_service_handed_out(bought):
    service, place, _, report = bought
    if service.name == "clone":
        pytest.skip("what is saved is the voice's own entry")
    places = [path for item in report.items for path in item.results]
    assert len(set(places)) == len(places) == len(place.sim.books.downloads)
    for item in report.items:
        downloads = [each for each in place.sim.books.downloads if str(each.job_id) == item.job_id]
        sizes = sorted((place.folder / path).stat().st_size for path in item.results)
        assert sizes == sorted(each.size for each in downloads)
    on_disk = {str(path) for path in (place.folder / "results").rglob("*") if path.is_file()}
    assert on_disk == set(places)


def test_each_stem_that_the_order_promised_is_there(bought):
    service, place, _, report = bought
    if service.name != "stems":
        pytest.skip("what comes does not stand in the order")
    outputs = {str(job.id): job.order.outputs for job in place.sim.books.jobs}
    for item in report.items:
        saved = {path.rpartition("/")[2].rpartition(".")[0] for path in item.results}
        assert saved == set(outputs[item.job_id])


def test_each_format_is_saved(bought):
    service, _, _, report = bought
    formats = [option.choices for option in service.options if option.name == "formats"]
    if not formats:
        pytest.skip("it has no formats to choose from")
    for item in report.items:
        saved = {Path(path).suffix.removeprefix("."): Path(path) for path in item.results}
        assert saved.keys() == set(*formats)
        assert json.loads(saved["json"].read_text(encoding="utf-8"))


def test_the_ledger_equals_the_books_to_the_cent(bought):
    service, place, _, report = bought
    books = place.sim.books
    charged = {str(job.id): job.charged_credits or job.charged_cents for job in books.jobs}
    assert {row["job"]: row["charge"] for row in attempts(place)} == charged
    assert report.amounts.spent == books.spent_cents == sum(job.charged_cents for job in books.jobs)
    assert report.credits.spent == sum(job.charged_credits for job in books.jobs)
    assert (report.amounts.reserved, report.amounts.in_doubt, report.amounts.over) == (0, 0, 0)
    assert report.balance is not None
    assert report.balance.balance == books.balance_cents == 5000 - books.spent_cents
    settled = "unverified" if service.free or service.currency == "credits" else "billed"
    assert [row["settled"] for row in attempts(place)] == [settled] * len(service.variants)
    place.check_books(report)


def test_each_charge_is_what_was_expected_and_within_its_ceiling(bought):
    _, place, manifest, _ = bought
    planned = {item.service: item for item in manifest.items}
    for row in attempts(place):
        item = planned[row["product"]]
        amounts = (item.cents or item.credits, item.ceiling or item.credits_ceiling)
        assert (row["expected"], row["ceiling"]) == amounts
        assert row["charge"] <= row["ceiling"]
        if item.grade is not Grade.ESTIMATED:
            assert row["charge"] == row["expected"]
        assert (row["hold"], row["state"]) == (0, "saved")


def test_the_service_bought_what_the_manifest_says(bought):
    service, place, _, report = bought
    jobs = {str(job.id): job for job in place.sim.books.jobs}
    for item in report.items:
        sent = jobs[item.job_id].order
        assert sent.service == service.name
        assert sent.service_type in service.wallet or service.currency == "credits"
        assert sent.token is not None or "text" in service.accepts
        product = catalogue.load().product(item.service)
        for name, value in {**dict(product.variant.wire), **needs(product)}.items():
            if name != "voice_uuid":  # a number was typed, which the client looks up
                assert str(sent.options.get(name, value)) == value
        if service.basis is Basis.INPUT:
            assert sent.seconds == SECONDS


def test_a_second_run_buys_nothing_and_finds_everything(bought):
    service, place, _, report = bought
    before = place.sim.books
    again = place.run()
    assert again.exit is Exit.DONE
    assert again.here == len(service.variants)
    assert len(place.sim.books.submits) == len(before.submits)
    assert len(place.sim.books.downloads) == len(before.downloads)
    assert again.amounts == report.amounts


def test_nothing_that_was_on_sale_is_missing():
    """The catalogue is walked above; should it lose a product, no test of it would fail."""
    modes = ("single", "two", "four", "six", "producer", "studio", "mastering")
    packages = ("karaoke", "vocal_gender", "instrument_isolator")
    on_sale = {product.name for service in catalogue.load().services for product in products(service)}
    stems = {f"stems:{name}" for name in (*modes, *packages, "single_stem", "lead_vocal")}
    others = {"transcription", "tts", "clone", "conversion", "dubbing", "music", "music:xl", "speakers"}
    assert stems | others | {"karaoke", "convert", "denoise:balanced", "denoise:ultra"} <= on_sale
