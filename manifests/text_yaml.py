"""The safe part of YAML that a manifest may use, for heads and for lines that a person restyled.

Mappings, lists and scalars are built from the parser's events, so that nothing is executed,
expanded or guessed: anchors, aliases, tags and merge keys are refused, and so are keys that stand
twice. What a scalar without quotes means depends on its field (`manifests.text_restyled`): `no` may
be a language, `2024` a folder, and a day is no date object.
"""

from collections.abc import Iterator
from typing import Any, TypeAlias

import yaml

from manifests.text_lines import Faulty

LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where PyYAML was built with it: fifteen times faster."""

DEPTH_LIMIT = 6
"""A head is three deep, an item two."""

TOO_DEEP = "lists or mappings are nested too deeply"

_OWN_WORDS = {"exceeded maximum nesting depth": TOO_DEEP}
"""Newer libyaml has a limit of its own, which it may reach before ours: the same fault, said alike."""


class Plain(str):
    """A scalar without quotes, as it is written."""

    __slots__ = ()


class Table(dict[str, Any]):
    """A mapping that knows the line of each key, and its own."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}

    def line_of(self, key: str) -> int:
        """The line of a key; of the mapping, if it has no such key."""
        return self.lines.get(key, self.line)


class Series(list[Any]):
    """A list that knows the line of each of its values."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []


Value: TypeAlias = str | list[Any] | Table


def load(text: bytes, first_line: int, loader: type[Any] = LOADER) -> Value | None:
    """The value that the text holds, with `Plain` for scalars without quotes; None if it is empty.

    Args:
        text: UTF-8.
        first_line: the number of its first line in the file.
        loader: which of PyYAML's parsers reads it.

    Raises:
        Faulty: not UTF-8, not YAML, or YAML that a manifest may not use.
    """
    decoded = _decoded(text, first_line)
    builder = _Builder(yaml.parse(decoded, Loader=loader), first_line)
    try:
        return builder.document()
    except yaml.YAMLError as error:
        # What is never closed is noticed behind the text: the last line of it is what people can mend.
        raise _not_yaml(error, first_line, first_line + decoded.rstrip().count("\n")) from None


def _decoded(text: bytes, first_line: int) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        line = first_line + text.count(b"\n", 0, error.start)
        raise Faulty("the line is not UTF-8: save the file as UTF-8", line) from None


def _not_yaml(error: yaml.YAMLError, first_line: int, last_line: int) -> Faulty:
    if isinstance(error, yaml.reader.ReaderError):
        sign = error.character if isinstance(error.character, int) else ord(error.character[:1] or "\0")
        return Faulty(f"not YAML: it holds the control character U+{sign:04X}", first_line)
    problem = getattr(error, "problem", None) or str(error)
    mark = getattr(error, "problem_mark", None)
    line = min(last_line, first_line + (mark.line if mark else 0))
    return Faulty(_OWN_WORDS.get(problem, f"not YAML: {problem}"), line)


class _Builder:
    """Values from events."""

    def __init__(self, events: Iterator[Any], first_line: int) -> None:
        self.events = events
        self.first_line = first_line

    def document(self) -> Value | None:
        next(self.events)  # the stream starts
        event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):
            return None
        value = self._value(next(self.events), 1)
        next(self.events)  # the document ends
        after = next(self.events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise Faulty("a second document starts here: a manifest is one document", self._line(after))
        return value

    def _line(self, event: Any) -> int:
        return self.first_line + int(event.start_mark.line)

    def _value(self, event: Any, depth: int) -> Value:
        self._refuse_references(event)
        if depth > DEPTH_LIMIT:
            raise Faulty(TOO_DEEP, self._line(event))
        if isinstance(event, yaml.MappingStartEvent):
            return self._table(event, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(depth)
        return self._scalar(event)

    def _refuse_references(self, event: Any) -> None:
        line = self._line(event)
        if isinstance(event, yaml.AliasEvent):
            raise Faulty(f"aliases are not read: write out what `*{event.anchor}` stands for", line)
        if event.anchor is not None:
            raise Faulty(f"anchors are not read: take `&{event.anchor}` out", line)
        if event.tag is not None:
            raise Faulty(f"tags are not read: take `{event.tag}` out", line)

    def _table(self, start: Any, depth: int) -> Table:
        table = Table(self._line(start))
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key, line = self._key(event), self._line(event)
            if key in table:
                raise Faulty(f"`{key}` stands twice, first on line {table.lines[key]}: keep one", line)
            table[key] = self._value(next(self.events), depth + 1)
            table.lines[key] = line
        return table

    def _key(self, event: Any) -> str:
        self._refuse_references(event)
        if not isinstance(event, yaml.ScalarEvent):
            raise Faulty("a field's name is a word, not a list or a mapping", self._line(event))
        key = self._scalar(event)
        if key == "<<" and isinstance(key, Plain):
            raise Faulty("merge keys (`<<`) are not read: write the fields out", self._line(event))
        return str(key)

    def _list(self, depth: int) -> Series:
        values = Series()
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            values.lines.append(self._line(event))
            values.append(self._value(event, depth + 1))
        return values

    def _scalar(self, event: Any) -> Plain | str:
        value: str = event.value
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Faulty("half a surrogate pair: write the character itself", self._line(event)) from None
        return value if event.style else Plain(value)
