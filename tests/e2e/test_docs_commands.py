"""Every command and option is in the manual, nothing else is, and every example can be typed."""

import re
import shlex

import click
import pytest

from earmark.main import COMMANDS, group, load
from support import pages

ROOT = pages.ROOT
ROOMS = ("earmark", "planner", "runner", "manifests")
VARIABLE = re.compile(r"\b(?:AUDIOPOD|EARMARK)_[A-Z_]*[A-Z]\b")


def walked(name, command):
    """A command and all below it, by what is typed."""
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for each in command.list_commands(context):
            yield from walked(f"{name} {each}", command.get_command(context, each))


ALL = dict(walked("earmark", group))


def options_of(command):
    return [each for each in command.params if isinstance(each, click.Option)]


def section(name):
    return pages.sections("docs/commands.md")[name]


def test_every_command_has_its_section_and_no_section_is_stale():
    titles = [title for title in pages.sections("docs/commands.md") if title.startswith("earmark")]
    assert titles == list(ALL)


@pytest.mark.parametrize("name", ALL)
def test_every_option_is_described_and_none_is_stale(name):
    told = [word.split()[0] for row in pages.rows(section(name)) for word in pages.words(row[0])]
    real = [word for option in options_of(ALL[name]) for word in (*option.opts, *option.secondary_opts)]
    assert sorted(told) == sorted(real)


@pytest.mark.parametrize("name", ALL)
def test_defaults_and_choices_are_told(name):
    table = {word.split()[0]: row for row in pages.rows(section(name)) for word in pages.words(row[0])}
    for option in options_of(ALL[name]):
        told = [word for cell in table[option.opts[0]] for part in pages.words(cell) for word in part.split()]
        if option.show_default and not option.is_flag:
            assert str(option.default) in told, option.name
        if isinstance(option.type, click.Choice):
            assert set(option.type.choices) <= set(told), option.name


@pytest.mark.parametrize("name", ALL)
def test_every_command_says_what_it_does_and_explains_its_options(name):
    command = ALL[name]
    assert command.help
    assert all(option.help for option in options_of(command))


def test_the_list_of_commands_says_what_each_command_says():
    assert list(COMMANDS) == group.list_commands(click.Context(group))
    assert all(load(name).name == name for name in COMMANDS)


def test_every_variable_is_described_and_none_is_stale():
    told = {word for row in pages.rows(section("Environment")) for word in pages.words(row[0])}
    used = {
        word
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for word in VARIABLE.findall(path.read_text(encoding="utf-8"))
    }
    assert {word for word in told if VARIABLE.fullmatch(word)} == used


# What is typed


def lines():
    """Each of our command lines in the pages, with its page."""
    for page in pages.PAGES:
        for line in [*pages.typed(page), *table_commands(page)]:
            if shlex.split(line, comments=True)[0] in ("plan", "run", "earmark"):
                yield pytest.param(line, id=f"{page.name}: {line}")


def table_commands(page):
    """Command lines that fill a table's last cell: the README's `type`."""
    cells = [row[-1].strip("`") for row in pages.rows(pages.text_of(page)) if row[-1].count("`") == 2]
    return [cell for cell in cells if re.match(r"(plan|run|earmark) \S", cell)]


def parsed(words):
    """The command that a line calls, with its arguments read but nothing done."""
    program, *arguments = words
    command = group if program == "earmark" else load(program)
    context = command.make_context(program, arguments, resilient_parsing=False)
    while isinstance(command, click.Group):
        left = (
            [*context._protected_args, *context.args] if hasattr(context, "_protected_args") else context.args
        )
        name, command, rest = command.resolve_command(context, left)
        context = command.make_context(name, rest, parent=context)
    return command


def alone(line):
    """The words of a line's first command: what is piped or written elsewhere is no part of it."""
    words = shlex.split(line, comments=True)
    return words[: min([words.index(each) for each in ("|", ">") if each in words], default=len(words))]


@pytest.mark.parametrize("line", list(lines()))
def test_every_line_that_a_page_shows_can_be_typed(line):
    assert parsed(alone(line)).name


@pytest.mark.parametrize("name", ALL)
def test_every_example_of_help_can_be_typed(name):
    examples = re.findall(r"^  ((?:plan|run|earmark)\b.*)$", ALL[name].epilog or "", re.MULTILINE)
    assert examples
    for line in examples:
        assert parsed(alone(line))


@pytest.mark.parametrize("name", ALL)
def test_help_fits_on_a_terminal_of_80_columns(name):
    command = ALL[name]
    text = command.get_help(click.Context(command, info_name=name, terminal_width=80))
    assert [line for line in text.splitlines() if len(line) > 80] == []


def test_a_wrong_line_would_be_seen():
    with pytest.raises(click.NoSuchOption):
        parsed(["plan", "songs/", "--no-such-option"])
    with pytest.raises(click.UsageError):
        parsed(["earmark", "no-such-command"])


def told_commands(text):
    """The `earmark` commands that a text tells people to type."""
    return set(re.findall(r"\bearmark ([a-z][a-z-]+)(?= |$)", text, re.MULTILINE))


@pytest.mark.parametrize(
    "page", [page for page in pages.PAGES if page.name != "api.md"], ids=lambda page: page.name
)
def test_pages_name_only_commands_that_exist(page):
    code = "\n".join([*re.findall(r"`([^`\n]+)`", pages.text_of(page)), *pages.typed(page)])
    assert told_commands(code) <= COMMANDS.keys()


@pytest.mark.parametrize("room", ROOMS)
def test_messages_name_only_commands_that_exist(room):
    named = {
        (word, f"{path.relative_to(ROOT)}:{number}")
        for path in (ROOT / room).rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for word in re.findall(r"\bearmark ([a-z]+) (?:\{|-|[A-Z]{3}|manifest)", line)
    }
    assert {(word, place) for word, place in named if word not in COMMANDS} == set()
