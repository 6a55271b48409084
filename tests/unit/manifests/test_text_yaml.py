import pytest
import yaml

from manifests.text_lines import Faulty
from manifests.text_yaml import LOADER, Plain, Table, load

LOADERS = [pytest.param(yaml.SafeLoader, id="python"), pytest.param(LOADER, id="installed")]


@pytest.fixture(params=LOADERS)
def loader(request):
    return request.param


def test_the_fast_loader_is_used_where_there_is_one():
    assert LOADER is getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def test_scalars_stay_as_they_are_written(loader):
    text = b"a: no\nb: 2026-11-23\nc: 0042\nd: 1:30\ne: ~\nf: 'x'\ng: \"y\"\nh: |\n  z\n"
    table = load(text, 1, loader)
    assert table == {
        "a": "no",
        "b": "2026-11-23",
        "c": "0042",
        "d": "1:30",
        "e": "~",
        "f": "x",
        "g": "y",
        "h": "z\n",
    }
    assert [name for name, value in table.items() if isinstance(value, Plain)] == list("abcde")


def test_lists_and_mappings_in_any_style(loader):
    assert load(b"- {a: [1, 'b']}\n- c:\n  - d\n", 1, loader) == [{"a": ["1", "b"]}, {"c": ["d"]}]


def test_nothing_is_nothing(loader):
    assert load(b"# only a comment\n", 1, loader) is None


def test_lines_are_counted_from_the_first(loader):
    table = load(b"# why\na: 1\nb:\n  c: 2\n", 7, loader)
    assert (table.line, table.line_of("a"), table.line_of("b"), table.line_of("zzz")) == (8, 8, 9, 8)
    assert isinstance(table["b"], Table)
    assert table["b"].line_of("c") == 10


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (b"a: 1\nb: 2\na: 3\n", 3, "`a` stands twice, first on line 1: keep one"),
        (b'{"a": 1,\n "\\x61": 2}', 2, "`a` stands twice"),
        (b"x:\n  {a: 1, a: 1}", 2, "`a` stands twice"),
        (b"a: 1\nb: *a\n", 2, "aliases are not read: write out what `*a` stands for"),
        (b"a: &x 1\n", 1, "anchors are not read: take `&x` out"),
        (
            b"a: !!python/object/apply:os.system ['true']\n",
            1,
            "tags are not read: take `tag:yaml.org,2002:python",
        ),
        (b"a: !!str 1\n", 1, "tags are not read"),
        (b"a: ! x\n", 1, "tags are not read: take `!` out"),
        (b"&k a: 1\n", 1, "anchors are not read"),
        (b"a:\n  <<: {b: 1}\n", 2, "merge keys (`<<`) are not read: write the fields out"),
        (b"? [a]\n: 1\n", 1, "a field's name is a word, not a list or a mapping"),
        (b"? {a: 1}\n: 1\n", 1, "a field's name is a word"),
        (b"a: [[[[[[1]]]]]]\n", 1, "lists or mappings are nested too deeply"),
        (b"[" * 5000, 1, "lists or mappings are nested too deeply"),
        (b"a: 1\n---\nb: 2\n", 2, "a second document starts here"),
        (b"a: {b: 1\n", 1, "not YAML: "),
        (b"a: 1\n  b: 2\n", 2, "not YAML: mapping values are not allowed"),
        (b"\ta: 1\n", 1, "not YAML: "),
        (b"a: 1\nb: \xff\n", 2, "the line is not UTF-8: save the file as UTF-8"),
        (b"a: \x07\n", 1, "not YAML: it holds the control character U+0007"),
        ("a: \ufffe\n".encode(), 1, "not YAML: it holds the control character U+FFFE"),
        (b'a: "\\ud800"\n', 1, ""),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_a_manifest_may_not_use_is_refused_with_its_line(loader, text, line, message):
    with pytest.raises(Faulty) as caught:
        load(text, 1, loader)
    assert message in caught.value.message
    assert caught.value.line == line


def test_half_a_surrogate_pair_is_no_character():
    with pytest.raises(Faulty, match="half a surrogate pair"):
        load(b'a: "\\ud800"\n', 1, yaml.SafeLoader)


def test_a_quoted_merge_sign_is_a_word(loader):
    assert load(b"'<<': 1\n", 1, loader) == {"<<": "1"}


def test_an_error_without_a_mark_is_told_on_the_first_line():
    class Stream:
        def __init__(self, text):
            pass

        def check_event(self):
            raise yaml.YAMLError("torn")

        def dispose(self):
            pass

    with pytest.raises(Faulty, match="not YAML: torn") as caught:
        load(b"a: 1", 5, Stream)
    assert caught.value.line == 5
