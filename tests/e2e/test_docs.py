"""The manual says what the program does: links, tables of codes, services, scenarios and the ledger."""

import re
import typing

import msgspec
import pytest

import simulator
from manifests import catalogue
from manifests.exits import PRECEDENCE, Exit
from simulator import scenario
from support import pages

ROOT = pages.ROOT
PRODUCTS = [
    catalogue.Product(service, variant)
    for service in catalogue.load().services
    for variant in service.variants
]


@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_somewhere(page):
    for target, anchor in pages.links(page):
        place = page.parent / target if target else page
        assert place.exists(), f"{page.name} links to {target}"
        if anchor:
            assert anchor in pages.anchors(place), f"{page.name} links to {target}#{anchor}"


def test_every_page_of_the_manual_can_be_reached_from_the_first():
    reached, fresh = set(), [ROOT / "README.md"]
    while fresh:
        page = fresh.pop()
        reached.add(page)
        linked = [
            (page.parent / target).resolve() for target, _ in pages.links(page) if target.endswith(".md")
        ]
        fresh += [each for each in linked if each not in reached]
    assert {page for page in pages.PAGES if page.parent.name != "examples"} <= reached


def test_the_exit_codes_are_the_programs():
    table = pages.rows(pages.text_of("docs/exit-codes.md"))
    assert [(int(code), pages.words(name)) for code, name, *_ in table] == [
        (code.value, [code.name]) for code in Exit
    ]
    assert all(meaning for _, _, meaning, _ in table)
    assert all(way_out for code, _, _, way_out in table if code != "0")


def test_the_order_of_exit_codes_is_the_programs():
    order = re.search(r"the first of these wins: ([\d, ]+)\.", pages.text_of("docs/exit-codes.md"))[1]
    assert [int(code) for code in order.split(", ")] == list(PRECEDENCE)


@pytest.mark.parametrize("service", catalogue.load().services, ids=lambda service: service.name)
def test_every_option_and_variant_of_a_service_is_described(service):
    table = pages.rows(pages.sections("docs/services.md")[service.name])
    first = {pages.words(row[0])[0]: row for row in table}
    variants = {variant.name for variant in service.variants if variant.name}
    assert first.keys() == variants | {option.name for option in service.options}
    for option in service.options:
        _, kind, values = first[option.name]
        assert kind == option.role
        assert set(option.choices) | set(option.only) <= {
            word for each in pages.words(values) for word in each.split(",")
        }


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.name)
def test_prices_and_other_names_are_the_catalogues(product):
    text = pages.sections("docs/services.md")[product.service.name]
    cents = f"{product.rate} {product.currency[:-1]}{'' if product.rate == 1 else 's'}"
    if not product.variant.name:
        assert text.strip().startswith(f"{cents} a minute")
        return
    variants = [row for row in pages.rows(text) if len(row) == 4]
    (row,) = [row for row in variants if pages.words(row[0]) == [product.variant.name]]
    assert (tuple(pages.words(row[1])), row[2]) == (product.variant.also, cents)


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.name)
def test_the_readme_names_every_product_with_its_price(product):
    (row,) = [
        row
        for row in pages.rows(pages.sections("README.md")["What can be bought"])
        if product.name in pages.words(row[0])
        or (
            pages.words(row[0])[0] == f"{product.service.name}:MODE"
            and product.variant.name in pages.words(row[0])
        )
    ]
    assert row[1].startswith(f"{product.rate} {product.currency[:-1]}")
    assert all(kind in row[2] for kind in product.service.accepts)


def test_the_page_names_the_services_that_take_addresses():
    (sentence,) = re.findall(
        r"^Addresses .* are taken by (.+)\.$", pages.text_of("docs/services.md"), re.MULTILINE
    )
    taking = [service.name for service in catalogue.load().services if service.address]
    assert pages.words(sentence) == taking


def test_the_pages_name_the_date_of_the_catalogue():
    assert f"prices of {catalogue.load().date}" in pages.text_of("docs/services.md")
    assert f"prices of {catalogue.load().date}" in pages.text_of("README.md")


@pytest.mark.parametrize(
    ("title", "kind"),
    [("Faults", scenario.Fault), ("Events", scenario.Event), ("Switches", scenario.Scenario)],
)
def test_every_field_of_a_scenario_is_described(title, kind):
    table = pages.tables(pages.sections("docs/simulator.md")[title])[0]
    described = [word for row in table for word in pages.words(row[0])]
    assert sorted(described) == sorted(kind.__struct_fields__)


def test_the_defaults_of_switches_are_told():
    for names, default, _ in pages.tables(pages.sections("docs/simulator.md")["Switches"])[0]:
        for name in pages.words(names):
            real = getattr(simulator.Scenario(), name)
            for told in pages.words(default):
                assert told in (
                    str(real),
                    f"{real:g}" if isinstance(real, float) else str(real).lower(),
                    *_items(real),
                )


def _items(value):
    return value if isinstance(value, tuple) else ()


def test_everything_that_can_go_wrong_is_described():
    kinds = typing.get_args(scenario.Action)
    flat = {word for kind in kinds for word in (typing.get_args(kind) or (kind,))}
    table = pages.tables(pages.sections("docs/simulator.md")["Faults"])[1]
    assert {word for row in table for word in pages.words(row[0])} == flat


def test_every_event_is_described():
    told = dict(row[:2] for row in pages.rows(pages.sections("docs/simulator.md")["Events"]))["`do`"]
    hints = typing.get_type_hints(scenario.Event)
    assert set(pages.words(told)) == set(typing.get_args(hints["do"]))


def test_the_scenario_of_the_manual_is_one(tmp_path):
    (text,) = pages.blocks("docs/simulator.md", "yaml")
    (tmp_path / "faults.yaml").write_text(text)
    loaded = simulator.load_scenario(tmp_path / "faults.yaml")
    assert (len(loaded.faults), len(loaded.events), loaded.credits_fallback) == (3, 2, True)
    assert msgspec.to_builtins(loaded)["seed"] == 7


def test_every_table_of_the_ledger_is_described():
    schema = (ROOT / "runner/ledger/sqlite/schema.sql").read_text(encoding="utf-8")
    table = pages.rows(pages.sections("docs/ledger.md")["What it holds"])
    assert sorted(pages.words(row[0])[0] for row in table) == sorted(
        re.findall(r"^CREATE TABLE (\w+)", schema, re.MULTILINE)
    )


def test_the_make_targets_that_pages_name_exist():
    targets = set(re.search(r"^\.PHONY: (.*)$", pages.text_of("Makefile"), re.MULTILINE)[1].split())
    for page in pages.PAGES:
        named = set(re.findall(r"`make (\w+)`", pages.text_of(page)))
        assert named <= targets, page.name
    told = {
        word.split()[1]
        for row in pages.rows(pages.text_of("CONTRIBUTING.md"))
        for word in pages.words(row[0])
    }
    assert told == targets - {"clean", "help"}


def test_the_rooms_are_those_of_the_tree():
    for room in re.findall(r"^(\w+)/ ", "\n".join(pages.blocks("CONTRIBUTING.md", "")), re.MULTILINE):
        assert (ROOT / room).is_dir()
