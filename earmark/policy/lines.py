"""On which line each key of a TOML text stands: Python's own reader does not tell.

The text was read by that reader before, so it is TOML: only what must be passed over is looked at here.
"""

import re
import tomllib
from collections.abc import Mapping

Path = tuple[str | int, ...]
"""Of a key: the names that lead to it, and the number of a table in an array of tables."""

_KEY = re.compile(r"""[ \t]*("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z0-9_-]+)[ \t]*""")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRINGS = re.compile(r'"""(?:[^\\]|\\.)*?"""+|\'\'\'.*?\'\'\'+|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_PLAIN = re.compile(r"""[^"'#\[\]{}\n]+""")
_COMMENT = re.compile(r"#[^\n]*")


class Lines:
    """The lines of a text's keys."""

    def __init__(self, text: str) -> None:
        """`text` is valid TOML."""
        self._text, self._at = text.replace("\r\n", "\n"), 0
        self._found: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}
        self._table: Path = ()
        self._read()

    @property
    def found(self) -> Mapping[Path, int]:
        """Every key and table with its line, counted from 1."""
        return self._found

    def of(self, path: Path) -> int:
        """The line of a key; inside a value, that of the key which has the value."""
        while path and path not in self._found:
            path = path[:-1]
        return self._found.get(path, 1)

    def _read(self) -> None:
        text = self._text
        while True:
            self._pass(_BLANK)
            if self._at >= len(text):
                return
            line = text.count("\n", 0, self._at) + 1
            if text.startswith("[[", self._at):
                self._at += 2
                self._array(self._keys(), line)
                self._at += 2
            elif text[self._at] == "[":
                self._at += 1
                self._table = self._resolved(self._keys())
                self._put(self._table, line)
                self._at += 1
            else:
                names = self._keys()
                for end in range(1, len(names) + 1):
                    self._put((*self._table, *names[:end]), line)
                self._at += 1  # the equals sign
                self._value()

    def _put(self, path: Path, line: int) -> None:
        for end in range(1, len(path) + 1):
            self._found.setdefault(path[:end], line)

    def _array(self, names: Path, line: int) -> None:
        name = (*self._resolved(names[:-1]), names[-1])
        number = self._counts[name] = self._counts.get(name, -1) + 1
        self._table = (*name, number)
        self._put(self._table, line)

    def _resolved(self, names: Path) -> Path:
        """A table's name; below an array of tables the last one is meant."""
        found: Path = ()
        for name in names:
            found = (*found, name)
            if found in self._counts:
                found = (*found, self._counts[found])
        return found

    def _keys(self) -> Path:
        """A key, dotted or not."""
        names: list[str | int] = []
        while True:
            match = _KEY.match(self._text, self._at)
            assert match is not None
            self._at = match.end()
            names.append(_unquoted(match[1]))
            if not self._text.startswith(".", self._at):
                return tuple(names)
            self._at += 1

    def _value(self) -> None:
        """Pass a value over, up to the end of its line."""
        depth, text = 0, self._text
        while self._at < len(text):
            sign = text[self._at]
            if sign in "\"'":
                self._pass(_STRINGS)
            elif sign == "#":
                self._pass(_COMMENT)
            elif sign == "\n" and not depth:
                return
            elif sign in "[]{}\n":
                depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(sign, 0)
                self._at += 1
            else:
                self._pass(_PLAIN)

    def _pass(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self._text, self._at)
        assert match is not None
        self._at = match.end()


def _unquoted(key: str) -> str:
    if key[0] not in "\"'":
        return key
    return str(tomllib.loads(f"key = {key}")["key"])
