"""Every service that the client can buy from, against the catalogue and the API's description."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from manifests import catalogue
from manifests.catalogue import Product
from manifests.options import submitted
from runner.api import jobs
from runner.api.address import Base
from runner.api.interface import Job
from runner.api.services import ADAPTERS, adapter

DOCUMENT = Path(__file__).parents[2] / "docs" / "audiopod-openapi.yaml"
BASE = Base.parse("https://api.audiopod.ai")
SERVICES = sorted(ADAPTERS)
PRODUCTS = [
    Product(catalogue.load().service(name), variant)
    for name in SERVICES
    for variant in catalogue.load().service(name).variants
]


@cache
def api() -> dict[str, Any]:
    return yaml.load(DOCUMENT.read_text(encoding="utf-8"), yaml.CSafeLoader)


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        place: Any = api()
        for name in node["$ref"].removeprefix("#/").split("/"):
            place = place[name]
        node = place
    return node


def operation(method: str, path: str) -> dict[str, Any]:
    return api()["paths"][path][method]


def form_fields(path: str) -> dict[str, Any]:
    body = operation("post", path)["requestBody"]["content"]["multipart/form-data"]
    return resolve(body["schema"])["properties"]


def wanted(product: Product) -> dict[str, object]:
    """Wire values with every submit option of the product set to something."""
    options: dict[str, object] = {}
    for option in product.service.options:
        if option.role == "submit" and option.fits(product.variant.name):
            kinds = {
                "text": "x",
                "bool": True,
                "int": option.minimum,
                "choice": option.choices[:1],
                "list": [],
            }
            value = kinds[option.kind]
            options[option.name] = value[0] if isinstance(value, tuple) else value
    return dict(submitted(product, options))


def examples(path: str) -> list[dict[str, Any]]:
    content = operation("get", path)["responses"]["200"]["content"]["application/json"]
    return [each["value"] for each in content["examples"].values()]


def status_path(service: str) -> str:
    return adapter(service).job_paths("{job_id}")[0].replace("%7B", "{").replace("%7D", "}")


@pytest.mark.parametrize("service", SERVICES)
def test_it_is_in_the_catalogue(service):
    assert catalogue.load().service(service).name == adapter(service).name == service


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda each: each.name)
def test_every_product_is_bought_with_fields_that_its_address_knows(product):
    form = adapter(product.service.name).form(wanted(product))

    bought = operation("post", form.path)
    assert bought["x-billable"] is True
    assert bought["x-client-retry"] == "never"
    assert set(form.fields) < set(form_fields(form.path))
    assert form.file_field in form_fields(form.path)
    assert all(isinstance(value, str) for value in form.fields.values())


@pytest.mark.parametrize("service", SERVICES)
def test_a_status_is_read_again_and_again(service):
    assert operation("get", status_path(service))["x-client-retry"] == "safe"


@pytest.mark.parametrize("service", SERVICES)
def test_its_list_knows_at_least_one_of_the_paging_names(service):
    listing = operation("get", adapter(service).jobs_path)
    known = {resolve(each)["name"] for each in listing["parameters"]}

    assert listing["x-client-retry"] == "safe"
    assert set(adapter(service).paging) <= known
    assert "limit" in known


@pytest.mark.parametrize("service", SERVICES)
def test_its_published_examples_are_read(service):
    for body in examples(status_path(service)):
        job = jobs.job(body, adapter(service).lengths)
        assert isinstance(job, Job)
        assert job.job_id == str(body["id"])
        assert job.word == body["status"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_finished_job_has_results_with_safe_and_different_names(service):
    finished = [body for body in examples(status_path(service)) if body["status"] == "COMPLETED"]
    assert finished

    for body in finished:
        results = adapter(service).results("5512", body, {"formats": ["json", "srt"]}, BASE)
        names = [each.name for each in results]
        assert names
        assert len(set(names)) == len(names)
        assert not any(set(name) & set("/\\") for name in names)
        assert all(each.address.startswith("https://") for each in results)
        assert all(BASE.is_call(each.address) for each in results if each.own)


@pytest.mark.parametrize("service", SERVICES)
def test_a_name_for_each_kind_of_result(service):
    """A file's results are extensions, a folder's are names with one (docs/manifest.md)."""
    shape = catalogue.load().service(service).result
    (body, *_) = [body for body in examples(status_path(service)) if body["status"] == "COMPLETED"]
    names = [each.name for each in adapter(service).results("1", body, {}, BASE)]

    assert all(("." in name) is (shape == "folder") for name in names)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("job", [{}, {"download_urls": None}, {"id": "x", "status": "COMPLETED"}])
def test_an_unusual_finished_job_breaks_nothing(service, job):
    for each in adapter(service).results("1", job, {}, BASE):
        assert each.own


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_watched_by_list_has_a_list(service):
    if catalogue.load().service(service).watch == "list":
        assert adapter(service).jobs_path
