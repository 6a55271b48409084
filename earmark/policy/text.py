"""Reads one `earmark.toml`: every key is checked, and all that is wrong is told with its line."""

import os
import re
import stat
import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from earmark.policy import checks
from earmark.policy.lines import Lines
from earmark.policy.values import RULES, PolicyFile, Said, seen_from_here
from manifests.catalogue import Catalogue
from manifests.errors import UsageError, nearest
from manifests.text_lines import Faulty

SIZE_LIMIT = 256 * 1024
"""Bytes: people write it."""

SHOWN = 5
"""Faults that are told at once."""

PLAN: Mapping[str, checks.Check] = {
    "services": checks.services,
    "formats": checks.formats,
    "include": checks.patterns,
    "exclude": checks.patterns,
    "rules": checks.inside,
    "apply": checks.apply,
    "prefer": checks.prefer,
    "output": checks.inside,
}
"""Keys of `[plan]` beside `set`."""

CAPS = ("run", "file", "month")
"""Keys of `[caps]` beside `service`."""

THRESHOLDS = ("warn", "block")

TABLES = {
    "plan": (*PLAN, "set"),
    "caps": (*CAPS, "service"),
    "thresholds": THRESHOLDS,
}
"""Every table with its keys; rules are a list of tables."""

_UNKNOWN = "what it asks for is not known, so nothing is done without it"

_WHERE = re.compile(r" \(at line (\d+), column \d+\)$")
_END = " (at end of document)"

_NEVER = {
    "a key never stands in a file of a project: set AUDIOPOD_API_KEY, or AUDIOPOD_API_KEY_FILE": (
        "key", "api_key", "apikey", "key_file", "token", "session_token", "secret", "password",
    ),
    "a file that comes with a checkout does not say where a key is sent: set AUDIOPOD_BASE_URL": (
        "base_url", "baseurl", "url", "address", "server", "host",
    ),
    "the ledger's place is this machine's: set EARMARK_LEDGER": ("ledger", "state", "state_home"),
    "a file that comes with a checkout starts no programs": (
        "on_end", "onend", "hook", "hooks", "command", "commands", "exec", "shell", "script",
    ),
}  # fmt: skip


def read(path: str, catalogue: Catalogue) -> PolicyFile:
    """What a file says.

    Raises:
        UsageError: it cannot be read, or something in it is wrong; the message names file and lines.
    """
    seen = seen_from_here(path)
    try:
        return PolicyFile(path, _Reading(path, _text(path, seen), catalogue).said())
    except _Faults as faults:
        told = [f"{seen}:{fault.line}: {fault.message}" for fault in faults.every[:SHOWN]]
        more = len(faults.every) - SHOWN
        raise UsageError("; ".join(told) + (f"; and {more} more" if more > 0 else "")) from None


def _text(path: str, seen: str) -> str:
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - a pipe, or a link to a terminal, would wait
            raise UsageError(f"{seen}: it is no plain file: {_UNKNOWN}")
        with open(path, "rb") as file:  # noqa: PTH123
            data = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise UsageError(f"{seen}: {error.strerror or error}: {_UNKNOWN}") from error
    if len(data) > SIZE_LIMIT:
        raise UsageError(f"{seen}: it is larger than {SIZE_LIMIT // 1024} KiB: this is no earmark.toml")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{seen}:{line}: the line is not UTF-8: save the file as UTF-8") from None


class _Faults(Exception):
    """All that is wrong with a file."""

    def __init__(self, every: Sequence[Faulty]) -> None:
        super().__init__()
        self.every = sorted(every, key=lambda fault: fault.line)


class _Reading:
    """One reading of one file; faults are gathered."""

    def __init__(self, path: str, text: str, catalogue: Catalogue) -> None:
        self._path = path
        self._context = checks.Context(os.path.dirname(path), catalogue)  # noqa: PTH120
        try:
            self._data = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise _Faults([_not_toml(error, text)]) from None
        self._lines = Lines(text)
        self._said: dict[str, Said] = {}
        self._faults: list[Faulty] = []

    def said(self) -> Mapping[str, Said]:
        for name, value in self._data.items():
            if name == RULES:
                self._rules(value)
            elif self._is_known((name,), [*TABLES, RULES], "earmark.toml") and self._is_table((name,), value):
                self._table(name, value)
        self._together()
        if self._faults:
            raise _Faults(self._faults)
        return self._said

    def _table(self, name: str, table: Mapping[str, Any]) -> None:
        for key, value in table.items():
            if not self._is_known((name, key), TABLES[name], f"[{name}]"):
                continue
            if (name, key) == ("plan", "set"):
                self._set(value)
            elif (name, key) == ("caps", "service"):
                self._services(value)
            else:
                check = PLAN[key] if name == "plan" else checks.amount
                self._put((name, key), check, value)

    def _set(self, value: Any) -> None:
        path = ("plan", "set")
        if not self._is_table(path, value):
            return
        for service, table in value.items():
            name = self._named((*path, service), service, checks.target)
            if name is None or not self._is_table((*path, service), table):
                continue
            for option, given in table.items():
                check = checks.option_of(name, option)
                self._put((*path, service, option), check, given, f"plan.set.{name}.{option}")

    def _services(self, value: Any) -> None:
        path = ("caps", "service")
        if not self._is_table(path, value):
            return
        for service, given in value.items():
            name = self._named((*path, service), service, checks.paid_in_cents)
            if name is not None:
                self._put((*path, service), checks.amount, given, f"caps.service.{name}")

    def _rules(self, value: Any) -> None:
        path = (RULES,)
        if not (isinstance(value, list) and value and all(isinstance(each, dict) for each in value)):
            self._fault(path, "rules stand under [[rules]], each with `match` and `service`; a file of rules"
                              " is named by `rules` under [plan]")  # fmt: skip
            return
        from earmark.policy.rules import table_of

        self._said[RULES] = Said(table_of(self._data, self._lines), self._path, self._lines.of(path))

    def _together(self) -> None:
        """What only makes sense together, or apart."""
        if RULES in self._said and "plan.rules" in self._said:
            self._fault(("plan", "rules"), "`rules` names a file, and [[rules]] stand here, too: keep one")
        if "plan.apply" in self._said and RULES not in self._said:
            self._fault(("plan", "apply"), "`apply` goes with [[rules]]; a file of rules has its own")
        self._said.pop("plan.apply", None)  # it is part of the rules

    # -- small steps -----------------------------------------------------------------------

    def _put(self, path: tuple[str, ...], check: checks.Check, value: Any, key: str = "") -> None:
        try:
            good = check(value, self._context)
        except UsageError as error:
            self._fault(path, f"`{path[-1]}`: {error}")
            return
        key, line = key or ".".join(path), self._lines.of(path)
        if key in self._said:  # under another of its names: which of them counts must not be chance
            first = self._said[key].line
            self._fault(path, f"`{path[-1]}` means what line {first} says already: keep one of them")
            return
        self._said[key] = Said(good, self._path, line)

    def _named(
        self, path: tuple[str, ...], name: str, check: Callable[[str, checks.Context], str]
    ) -> str | None:
        try:
            return check(name, self._context)
        except UsageError as error:
            self._fault(path, str(error))
            return None

    def _is_table(self, path: tuple[str, ...], value: Any) -> bool:
        if isinstance(value, dict):
            return True
        self._fault(path, f"`{path[-1]}` is a table: write [{'.'.join(path)}] above its keys")
        return False

    def _is_known(self, path: tuple[str, ...], known: Sequence[str], of: str) -> bool:
        if path[-1] in known:
            return True
        key = path[-1]
        never = next((why for why, keys in _NEVER.items() if key.casefold().replace("-", "_") in keys), None)
        home = next((table for table, keys in TABLES.items() if key in keys and len(path) == 1), None)
        meant = f"; write it below [{home}]" if home else nearest(key, known)
        hint = f": {never}" if never else meant or f"; it has {', '.join(known)}"
        self._fault(path, f"{of} has no `{key}`{hint}")
        return False

    def _fault(self, path: tuple[str, ...], message: str) -> None:
        self._faults.append(Faulty(message, self._lines.of(path)))


def _not_toml(error: Exception, text: str) -> Faulty:
    """The fault of a text that Python cannot read, with its line."""
    said = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "lists are nested too deeply"
    match = _WHERE.search(said)
    line = int(match[1]) if match else text.rstrip().count("\n") + 1
    bare = _WHERE.sub("", said).removesuffix(_END)
    return Faulty(f"not TOML: {bare[:1].lower()}{bare[1:]}", line)
