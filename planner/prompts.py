"""Prompts: entries of a .txt (one a line) or .yaml file (a list of texts or mappings), each bought by itself.

`size` and `print` of an entry are those of its own options, so that editing one leaves the others as
they were approved.
"""

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from manifests.catalogue import Service
from manifests.content import PRINT_DIGITS
from manifests.errors import nearest
from manifests.text_lines import LINE_LIMIT, Faulty
from manifests.text_values import is_empty
from manifests.text_yaml import Table, load
from planner.containers.opening import opened
from planner.inputs import Prompt
from planner.leftout import Reason, Unreadable
from planner.texts import decoded

SUFFIXES = (".yaml", ".yml", ".txt")

LARGEST_ENTRY = LINE_LIMIT * 3 // 4
"""Bytes of an entry: a line of a manifest holds it with all that is said of it."""

LARGEST = 4 * 1024 * 1024
"""Bytes of a file: twenty thousand prompts."""

SLUG = 40
"""Characters of the words in a result's name."""

_OWN_KEYS = ("items", "rules")
"""Top keys of Earmark's own files: manifests and rules."""

_COMMENT = "#"
_ODD = re.compile(r"[^a-z0-9]+")


def prompts(path: str, service: Service) -> Sequence[Prompt]:
    """The entries of a prompts file.

    Args:
        path: of the file.
        service: whose options an entry may have.

    Raises:
        Unreadable: not UTF-8, no entry, an unknown option, an entry twice; the detail names the line.
    """
    with opened(path) as source:
        if source.size > LARGEST:
            detail = f"{source.size:,} bytes, more than {LARGEST:,}: no list of prompts"
            raise Unreadable(Reason.NO_PROMPTS, path, detail)
        text = decoded(source)
        mtime_ns = source.mtime_ns
    base, suffix = os.path.splitext(path)  # noqa: PTH122 - names are strings here
    try:
        read = _of_lines(text) if suffix.lower() == ".txt" else _of_yaml(text, service)
        return list(_unlike(_prompts(path, base, mtime_ns, read)))
    except Faulty as fault:
        raise Unreadable(Reason.NO_PROMPTS, path, f"line {fault.line}: {fault.message}") from None


def prints(path: str, service: Service) -> frozenset[str]:
    """The prints of a file's entries, by which a run knows that they are still there; errors as `prompts`."""
    return frozenset(each.print for each in prompts(path, service))


_Read = tuple[int, Mapping[str, object]]
"""An entry's line and its options as the file has them."""


def _prompts(path: str, base: str, mtime_ns: int, entries: Iterator[_Read]) -> Iterator[Prompt]:
    number = 0
    for number, (line, given) in enumerate(entries, 1):
        raw = msgspec.json.encode(given, order="deterministic")
        if len(raw) > LARGEST_ENTRY:
            raise Faulty(f"the entry has {len(raw):,} bytes, more than {LARGEST_ENTRY:,}: shorten it", line)
        yield Prompt(
            path=path,
            size=len(raw),
            mtime_ns=mtime_ns,
            print=hashlib.sha256(raw).hexdigest()[:PRINT_DIGITS],
            number=number,
            line=line,
            result=f"{base}/{number:03d}-{_slug(str(given['prompt']))}",
            given=given,
        )
    if not number:
        raise Faulty("there is no prompt: write one a line")


def _slug(words: str) -> str:
    """The prompt in letters that every disk takes."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return _ODD.sub("-", plain)[:SLUG].strip("-") or "prompt"


def _unlike(found: Iterator[Prompt]) -> Iterator[Prompt]:
    lines: dict[str, int] = {}
    for each in found:
        if each.print in lines:
            raise Faulty(
                f"the same prompt as on line {lines[each.print]}: keep one (for two takes set batch_size)",
                each.line,
            )
        lines[each.print] = each.line
        yield each


def _of_lines(text: str) -> Iterator[_Read]:
    for number, line in enumerate(text.split("\n"), 1):
        words = line.strip()
        if words and not words.startswith(_COMMENT):
            yield number, {"prompt": words}


def _of_yaml(text: str, service: Service) -> Iterator[_Read]:
    value = load(text.encode(), 1)
    if value is None:
        raise Faulty("there is no prompt: write a list of them, each after `- `")
    if not isinstance(value, list):
        raise Faulty(_no_list(value))
    lines = _entry_lines(text, len(value))
    for each, line in zip(value, lines, strict=True):
        if isinstance(each, Table):
            yield each.line, _fields(each, service)
        elif isinstance(each, str) and each.strip() and not is_empty(each):
            yield line, {"prompt": str(each).strip()}
        else:
            raise Faulty(
                "a prompt is a text, or a mapping such as {prompt: calm piano, audio_duration: 60}", line
            )


def _no_list(value: object) -> str:
    if isinstance(value, Table) and any(key in value for key in _OWN_KEYS):
        return "this is a file of Earmark's, not a list of prompts"
    return "a list of prompts should stand here, each after `- `"


def _entry_lines(text: str, count: int) -> list[int]:
    """The lines on which a list's entries begin; line 1 for those of a list in brackets."""
    starts = [number for number, line in enumerate(text.split("\n"), 1) if re.match(r"-(?:[ \t]|$)", line)]
    return starts if len(starts) == count else [1] * count


def _fields(table: Table, service: Service) -> Mapping[str, object]:
    known = {option.name: option for option in service.options}
    found: dict[str, object] = {}
    for key, value in table.items():
        if key not in known:
            hint = nearest(key, known) or f"; known: {', '.join(known)}"
            raise Faulty(f"a prompt has no field `{key}`{hint}", table.line_of(key))
        if not isinstance(value, str):
            raise Faulty(f"`{key}` is one value, not a list or a mapping", table.line_of(key))
        if not is_empty(value):
            found[key] = str(value).strip()
    if not found.get("prompt"):
        raise Faulty("the entry lacks `prompt`", table.line)
    return found
