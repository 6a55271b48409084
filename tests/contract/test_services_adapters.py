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
from runner.api.interface import Job, Order
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


MEDIA_TYPES = {
    "multipart": "multipart/form-data",
    "urlencoded": "application/x-www-form-urlencoded",
    "json": "application/json",
}
JSON_TYPES = {"string": str, "boolean": bool, "integer": int, "number": int, "array": list}


def known_fields(path: str, kind: str) -> dict[str, Any]:
    body = operation("post", path)["requestBody"]["content"][MEDIA_TYPES[kind]]
    return resolve(body["schema"])["properties"]


def required_fields(path: str, kind: str) -> set[str]:
    body = operation("post", path)["requestBody"]["content"][MEDIA_TYPES[kind]]
    return set(resolve(body["schema"]).get("required", ()))


def published(path: str) -> str:
    """The path as the document has it: what a task or a voice stands in is a name in braces there."""
    task, voice = "/api/v1/music/text2music", "/api/v1/voice/voices/x/generate"
    return {task: "/api/v1/music/{task}", voice: "/api/v1/voice/voices/{voice_id}/generate"}.get(path, path)


def wanted(product: Product) -> dict[str, object]:
    """Wire values with every submit option of the product set to something."""
    options: dict[str, object] = {}
    for option in product.service.options:
        if option.role == "submit" and option.fits(product.variant.name):
            kinds = {
                "text": "x",
                "bool": True,
                "int": option.minimum,
                "decimal": "1.5",
                "choice": option.choices[:1],
                "list": [],
            }
            value = kinds[option.kind]
            options[option.name] = value[0] if isinstance(value, tuple) else value
    return dict(submitted(product, options))


def order(product: Product, address: str = "") -> Order:
    """What the engine would send."""
    fields = wanted(product)
    if "text" in product.service.accepts:
        fields["input_text"] = "Good morning."
    uploaded = not address and not {"text", "prompt"}.intersection(product.service.accepts)
    name = "talk.ek-0011223344556677-8899aabbccddeeff.mp3"
    path = Path("talk.mp3") if uploaded else None
    return Order(product.service.name, fields, path, 1, name, (), "", address)


UNPUBLISHED: dict[str, list[dict[str, Any]]] = {
    "/api/v1/media-converter/jobs/{job_id}": [
        {"job_id": 1, "status": "PENDING"},
        {"job_id": 1, "status": "COMPLETED", "output_url": "https://media.audiopod.ai/a.mp3"},
    ],
    "/api/v1/voice/voices/{voice_id}/status": [
        {"id": 1, "uuid": "550e8400-e29b-41d4-a716-446655440000", "name": "x", "status": "COMPLETED"}
    ],
}
"""Answers of which the document has a shape and no example."""


def examples(path: str) -> list[dict[str, Any]]:
    content = operation("get", path)["responses"]["200"]["content"]["application/json"]
    shown = [each["value"] for each in content.get("examples", {}).values()]
    return shown or UNPUBLISHED[path]


def status_path(service: str) -> str:
    path = adapter(service).job_paths("{job_id}")[0].replace("%7B", "{").replace("%7D", "}")
    others = (path.replace("{job_id}", f"{{{name}}}") for name in ("video_id", "voice_id"))
    return next(each for each in (path, *others) if each in api()["paths"])


def finished(service: str) -> list[dict[str, Any]]:
    shown = examples(status_path(service))
    return [body for body in shown if body["status"].upper() == "COMPLETED"]


@pytest.mark.parametrize("service", SERVICES)
def test_it_is_in_the_catalogue(service):
    assert catalogue.load().service(service).name == adapter(service).name == service


@pytest.mark.parametrize("address", ["", "https://example.com/talk.mp3"], ids=["file", "address"])
@pytest.mark.parametrize("product", PRODUCTS, ids=lambda each: each.name)
def test_every_product_is_bought_with_fields_that_its_path_knows(product, address):
    if address and not product.service.address:
        return
    sent = order(product, address)
    form = adapter(product.service.name).form(sent)

    bought = operation("post", published(form.path))
    assert bought["x-billable"] is True
    assert bought["x-client-retry"] == "never"
    known = known_fields(published(form.path), form.kind)
    assert set(form.fields) <= set(known)
    assert bool(form.file_field) is (sent.path is not None)
    assert not form.file_field or form.file_field in known
    given = {*form.fields, form.file_field}
    assert required_fields(published(form.path), form.kind) <= given
    assert set(form.query) <= {resolve(each)["name"] for each in bought.get("parameters", ())}


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda each: each.name)
def test_forms_are_texts_and_json_keeps_its_types(product):
    addresses = ["", "https://example.com/talk.mp3"] if product.service.address else [""]
    for address in addresses:
        form = adapter(product.service.name).form(order(product, address))
        known = known_fields(published(form.path), form.kind)
        for name, value in form.fields.items():
            kind = resolve(known[name]).get("type")
            word = kind if isinstance(kind, str) else next(each for each in kind if each != "null")
            assert isinstance(value, JSON_TYPES[word] if form.kind == "json" else str), name


def test_what_takes_an_address_is_what_the_catalogue_says():
    for service in SERVICES:
        known = catalogue.load().service(service)
        assert bool(adapter(service).address_field) is known.address


def test_only_noise_reduction_is_opened_by_a_session():
    for service in SERVICES:
        wall = operation("get", status_path(service)).get("security")
        assert adapter(service).session is (wall == [{"SessionBearer": []}])


@pytest.mark.parametrize("service", SERVICES)
def test_a_status_is_read_again_and_again(service):
    assert operation("get", status_path(service))["x-client-retry"] == "safe"


@pytest.mark.parametrize("service", [each for each in SERVICES if adapter(each).jobs_path])
def test_its_list_knows_at_least_one_of_the_paging_names(service):
    listing = operation("get", adapter(service).jobs_path)
    known = {resolve(each)["name"] for each in listing["parameters"]}

    assert listing["x-client-retry"] == "safe"
    assert {*adapter(service).paging, *adapter(service).listing} <= known
    assert "limit" in known


@pytest.mark.parametrize("service", SERVICES)
def test_its_published_examples_are_read(service):
    for body in examples(status_path(service)):
        job = jobs.job(body, adapter(service).lengths)
        assert isinstance(job, Job)
        assert job.job_id == str(body.get("id", body.get("job_id")))
        assert job.word == body["status"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_finished_job_has_results_with_safe_and_different_names(service):
    assert finished(service)

    for body in finished(service):
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
    (body, *_) = finished(service)
    names = [each.name for each in adapter(service).results("1", body, {}, BASE)]

    assert all(("." in name) is (shape == "folder") for name in names)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    "job",
    [
        {},
        {"id": "x", "status": "COMPLETED"},
        {"download_urls": None, "output_urls": None, "transcript_urls": None, "result": None},
        {"output_url": "", "output_urls": [], "translated_audio_url": 3, "result": {"speakers": None}},
        {"output_urls": ["", None, {}], "result": {"speakers": [3, {}], "files": [{}, {"type": None}]}},
    ],
)
def test_an_unusual_finished_job_breaks_nothing(service, job):
    for each in adapter(service).results("1", job, {}, BASE):
        assert each.own


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_watched_by_list_has_a_list(service):
    if catalogue.load().service(service).watch == "list":
        assert adapter(service).jobs_path
