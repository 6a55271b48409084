from fractions import Fraction

import pytest
import yaml
from msgspec.structs import replace

from manifests import catalogue
from manifests.errors import ManifestError
from manifests.exits import Exit
from manifests.manifest import Total
from manifests.text_head import parse_head, summary, write_head
from manifests.text_lines import Faulty, Piece

PLAIN = """\
version: 1
id: 7c0e5a41d2f94b6b
created: 2026-11-23T05:00:00Z
root: .
cap: 2000
prices: {catalogue: "2026-05-22", cents_per_minute: {"transcription": 1, "stems:six": 10}}
total: {items: 3, seconds: 3724, cents: 455, ceiling: 458}
"""


def parse(text, below=9):
    return parse_head(Piece(1, text.encode()), below)


def refused(text, below=9):
    with pytest.raises(Faulty) as caught:
        parse(text, below)
    return caught.value.line, caught.value.message


def test_a_head_is_read(head):
    assert parse(PLAIN) == head(
        total=Total(3, 3724, 455, 458),
        cap=2000,
        rates={"transcription": Fraction(1), "stems:six": Fraction(10)},
    )


def test_a_head_is_written_as_people_read_it(head):
    written = write_head(
        head(
            total=Total(3, 3724, 455, 458),
            cap=2000,
            rates={"transcription": Fraction(1), "stems:karaoke": Fraction(3, 2)},
        ),
        "manifest.yaml",
    )
    assert written.decode() == (
        "# 3 items, 1 h 02 min, $4.55 expected, $4.58 at most.  Run it:  run manifest.yaml --max-spend 4.58\n"
        "# JSON Schema: urn:earmark:manifest:1, in manifests/schema/ of the program;"
        " the fields: docs/manifest.md\n"
        "version: 1\n"
        "id: 7c0e5a41d2f94b6b\n"
        "created: 2026-11-23T05:00:00Z\n"
        "root: .\n"
        "cap: 2000  # $20.00\n"
        'prices: {catalogue: "2026-05-22", cents_per_minute: {"transcription": 1, "stems:karaoke": 1.5}}\n'
        "total: {items: 3, seconds: 3724, cents: 455, ceiling: 458}\n"
        "items:\n"
    )


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"cap": 0},
        {"cap": 5},
        {"id": "0042"},
        {"name": "pr-481"},
        {"name": "no"},
        {"name": "weekly show #3: “live” \u2028"},
        {"id": "weekly show #3: “live” \u2028"},
        {"root": "/srv/audio"},
        {"root": "../my audio"},
        {"root": "日本"},
        {"created": "2026-11-23T05:00:00.250Z"},
        {"catalogue": "no"},
        {"rates": {"stems:six": Fraction("0.333")}},
    ],
)
def test_what_is_written_is_read(head, fields):
    given = head(**fields)
    text = write_head(given, "m.yaml").removesuffix(b"items:\n").decode()
    assert "\u2028" not in text
    assert parse(text) == given


def test_any_yaml_reader_reads_the_head(head):
    text = write_head(head(id="1e5", cap=5), "m.yaml").decode()
    read = yaml.safe_load(text)
    assert (read["version"], read["id"], read["cap"], read["items"]) == (1, "1e5", 5, None)


def test_one_item_is_no_plural():
    assert summary(Total(1, 61, 2, 3)) == "1 item, 1 min 01 s, $0.02 expected, $0.03 at most"
    assert summary(Total(1000, 3600, 60, 61)).startswith("1,000 items, 1 h 00 min, ")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("my plan.yaml", "run 'my plan.yaml' --"),
        ("a\nb.yaml", "run 'a?b.yaml' --"),
        ("caf\udce9.yaml", "run 'caf?.yaml' --"),
        ("x'y.yaml", "run 'x'\"'\"'y.yaml' --"),
    ],
)
def test_the_command_is_one_line_and_can_be_pasted(head, name, shown):
    first, *_ = write_head(head(), name).decode().splitlines()
    assert shown in first


def test_a_root_that_is_no_utf8_cannot_be_written(head):
    with pytest.raises(
        ManifestError, match="is no UTF-8, and a manifest is: plan from inside the folder"
    ) as caught:
        write_head(head(root="caf\udce9"), "m.yaml")
    assert caught.value.exit_code is Exit.USAGE


@pytest.mark.parametrize(
    ("written", "cents"),
    [("2000", 2000), ("$20", 2000), ("$20.00", 2000), ("'$0.50'", 50), ("0", 0), ("~", None), ("", None)],
)
def test_a_cap_is_cents_or_dollars_with_a_sign(written, cents):
    assert parse(PLAIN.replace("cap: 2000", f"cap: {written}")).cap == cents


def test_a_cap_may_be_left_out():
    assert parse(PLAIN.replace("cap: 2000\n", "")).cap is None


def test_other_names_of_products_become_their_own():
    assert list(parse(PLAIN.replace("stems:six", "stems:6stem")).rates) == ["transcription", "stems:six"]


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("version: 1\n", "", 1, "the manifest lacks `version`"),
        (
            "version: 1",
            "version: 2",
            1,
            "version 2 was written by a newer Earmark; this one reads 1: update Earmark",
        ),
        ("version: 1", "version: '2'", 1, "was written by a newer Earmark"),
        ("version: 1", "version: " + "9" * 50, 1, "was written by a newer Earmark"),
        ("version: 1", "version: 0", 1, "`version` is 1, not 0"),
        ("version: 1", "version: one", 1, "`version` is a whole number, not 'one'"),
        ("version: 1", "version: '1'", 1, "`version` is a whole number"),
        ("version: 1", "version: [1]", 1, "`version` is a whole number, not a list"),
        ("root: .", "root: .\nroot: /", 5, "`root` stands twice, first on line 4: keep one"),
        ("root: .", "rot: .", 4, "the manifest has no field `rot`; did you mean 'root'?"),
        ("root: .\n", "", 1, "the manifest lacks `root`"),
        ("root: .", "root: ''", 4, "`root` is the folder that the files are under"),
        ("root: .", "root: [a]", 4, "`root` is a text, not a list"),
        ("root: .", 'root: "a\\0"', 4, "`root` is the folder that the files are under"),
        ("id: 7c0e5a41d2f94b6b", "id: ''", 2, "`id` is one line of 1 to 100 characters"),
        ("id: 7c0e5a41d2f94b6b", 'id: "a\\nb"', 2, "`id` is one line of 1 to 100 characters"),
        ("id: 7c0e5a41d2f94b6b", "id: " + "x" * 101, 2, "`id` is one line of 1 to 100 characters"),
        ("id: 7c0e5a41d2f94b6b", 'id: x\nname: "a\\nb"', 3, "`name` is one line of 1 to 100 characters"),
        ("id: 7c0e5a41d2f94b6b", "id: x\nname: [a]", 3, "`name` is"),
        ("2026-11-23T05:00:00Z", "2026-11-23", 3, "`created` is a time in UTC such as 2026-11-23T05:00:00Z"),
        ("2026-11-23T05:00:00Z", "2026-13-23T05:00:00Z", 3, "`created` is a time in UTC"),
        ("2026-11-23T05:00:00Z", "2026-11-23T05:00:00+01:00", 3, "`created` is a time in UTC"),
        (
            "cap: 2000",
            "cap: 20.00",
            5,
            "`cap` is in whole cents (2000), or in dollars with a sign ($20.00), not '20.00'",
        ),
        ("cap: 2000", "cap: -5", 5, "`cap` is in whole cents"),
        ("cap: 2000", "cap: '2000'", 5, "`cap` is in whole cents"),
        ("cap: 2000", "cap: [1]", 5, "`cap` is in whole cents"),
        ("cap: 2000", "cap: $20.001", 5, "`cap`: '$20.001' has parts of a cent"),
        ("cap: 2000", "cap: $x", 5, "`cap`: '$x' is not an amount in dollars"),
        ("cap: 2000", "cap: 9999999999999", 5, "`cap` cannot be 9999999999999"),
        ("prices:", "price:", 6, "the manifest has no field `price`; did you mean 'prices'?"),
        ('prices: {catalogue: "2026-05-22", ', "prices: {", 6, "`prices` lacks `catalogue`"),
        ("{catalogue:", "{currency: usd, catalogue:", 6, "`prices` has no field `currency`"),
        ("cents_per_minute: {", "cents_per_minute: 1, x: {", 6, "`prices` has no field `x`"),
        (
            '"stems:six": 10',
            '"stems:sixx": 10',
            6,
            "`cents_per_minute`: stems has no variant 'sixx'; did you mean 'six'?",
        ),
        ('"stems:six": 10', '"stems:six": 10, "stems:6stem": 10', 6, "stems:six has two prices: keep one"),
        ('"stems:six": 10', '"stems:six": 0', 6, "stems:six cannot cost 0 cents a minute"),
        ('"stems:six": 10', '"stems:six": 100001', 6, "stems:six cannot cost 100001 cents a minute"),
        (
            '"stems:six": 10',
            '"stems:six": -1',
            6,
            "`stems:six` is a price in cents a minute, such as 10 or 1.5, not '-1'",
        ),
        ("total: {items: 3, ", "total: {", 7, "`total` lacks `items`"),
        ("total: {", "total: {hours: 1, ", 7, "`total` has no field `hours`"),
        ("seconds: 3724", "seconds: 1.5", 7, "`seconds` is a whole number, not '1.5'"),
        ("cents: 455", "cents: -1", 7, "`cents` cannot be -1"),
        ("total: {", "total: 5 #{", 7, "`total` is a mapping, such as {a: 1}, not '5'"),
        ("version: 1", "- version: 1", 2, "not YAML: "),
    ],
)
def test_a_wrong_head_is_refused_with_its_line(old, new, line, message):
    assert old in PLAIN
    found_line, found = refused(PLAIN.replace(old, new))
    assert message in found
    assert found_line == line


def test_what_is_no_manifest():
    assert refused("", None) == (
        1,
        "the file is empty: write a manifest with `plan PATH... --service SERVICE`",
    )
    assert refused("# nothing\n", None)[1].startswith("the file is empty")
    assert "this is not a manifest" in refused("Dear Ida,\n", None)[1]
    assert "this is not a manifest" in refused("- a\n", None)[1]
    assert "this is not a manifest" in refused("", 1)[1]
    assert refused(PLAIN, None)[1] == "the manifest lacks `items`: the lines to run stand below it"


def test_items_in_another_place_are_told():
    assert refused(PLAIN + "Items:\n", None)[1] == "the manifest has no field `Items`; did you mean 'items'?"
    assert refused("{version: 1,\n items: []}\n", None) == (
        2,
        "write `items:` on a line of its own, each item on a line below it",
    )


def test_a_newer_version_is_told_before_what_is_new_in_it():
    assert "newer Earmark" in refused(PLAIN.replace("version: 1", "version: 3\nwallets: [a, b]"))[1]


@pytest.mark.parametrize(
    ("service", "command"),
    [
        ("denoise:studio", "run m.yaml --max-credits 40371"),
        ("transcription", "run m.yaml --max-spend 0.31"),
    ],
)
def test_the_command_that_runs_it_allows_what_its_lines_are_paid_with(item, head, service, command):
    line = item(service=service)
    product = catalogue.load().product(service)
    cost = line.cost(product)
    (cents, ceiling), (credits_, most) = cost.cents, cost.credits
    line = replace(line, cents=cents, ceiling=ceiling, credits=credits_, credits_ceiling=most)
    first = write_head(head([line], rates={service: product.rate}), "m.yaml").decode().splitlines()[0]
    assert first.endswith(f"Run it:  {command}")
