"""What files and the environment say, and which of them counts."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from earmark.amounts import CAP, amount_if_given
from earmark.doctor.values import Finding, bad, look, ok
from earmark.policy.caps import limits_of, of_environment
from earmark.policy.reading import policy_of
from earmark.policy.values import NAME, SUMS, Entry, Policy, seen_from_here
from earmark.screens.limits import key_of, said_by, what
from earmark.terminal import printable
from earmark.variables import READ, SET
from manifests import catalogue
from manifests.errors import EarmarkError, nearest
from manifests.limits import Limit, Limits
from manifests.money import show

NAMES = ("policy", "caps", "environment")
"""Of the checks here."""

SECRET = ("_KEY", "_TOKEN")
"""How variables end of which only that they are set is told."""

KNOWN = (*READ, *SET)
"""Variables that Earmark reads, or sets (docs/commands.md)."""

ALSO = ("XDG_STATE_HOME", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy",
        "SSL_CERT_FILE", "SSL_CERT_DIR", "NO_COLOR", "FORCE_COLOR", "CI", "GITHUB_TOKEN",
        "GITLAB_TOKEN")  # fmt: skip
"""Variables of others that matter."""

_PASSWORD = re.compile(r"(^|://)[^/?#]*@")
_SECRET_WORD = re.compile(r"(\w*password\s*=)\s*('[^']*'|\S+)", re.IGNORECASE)
_MEANT = re.compile(r"(?<=^postgresql:)(?!//).*@|(?<=^postgres:)(?!//).*@", re.IGNORECASE)
_QUERY = re.compile(r"\?.*", re.DOTALL)

OURS = ("EARMARK_", "AUDIOPOD_")
"""How ours begin: one that is not known is probably misspelt."""


def checks(folder: str, environ: Mapping[str, str]) -> Iterator[Finding]:
    """The files, the caps in force, the variables."""
    policy = None
    try:
        policy = policy_of(folder, catalogue.load())
    except EarmarkError as error:
        yield bad("policy", printable(str(error)), f"mend {NAME}", error.exit_code)
    else:
        yield _files(policy, _outer(environ))
    try:
        yield _caps(policy or Policy(), environ)
    except EarmarkError as error:
        yield bad("caps", printable(str(error)), "mend the variable", error.exit_code)
    yield _environment(environ)


def _outer(environ: Mapping[str, str]) -> list[Limit]:
    """The limits of the environment, where they can be read."""
    try:
        return list(of_environment(environ, catalogue.load()))
    except EarmarkError:  # told where the caps are looked at
        return []


def _files(policy: Policy, outer: Sequence[Limit]) -> Finding:
    if not policy.files:
        return ok("policy", f"no {NAME} here or above", files=[])
    files = [printable(seen_from_here(file.path)) for file in policy.files]
    entries = list(policy.entries())
    keys = [_data(entry) for entry in entries]
    return ok("policy", ", ".join(files), [_row(entry, outer) for entry in entries], files=files, keys=keys)


def _row(entry: Entry, outer: Sequence[Limit]) -> str:
    first, *others = entry.said
    how = "less than" if entry.key.startswith(SUMS) else "nearer than"
    beside = "; ".join(f"{printable(each.origin)}: {_value(entry.key, each.value)}" for each in others)
    stronger = f", {how} {beside}" if others else ""
    for limit in outer:
        if key_of(limit) == entry.key and limit.cents <= first.value:
            stronger += f", but {limit.origin} says {show(limit.cents)}: that counts"
    return f"{printable(entry.key)} = {_value(entry.key, first.value)}   {printable(first.origin)}{stronger}"


def _value(key: str, value: Any) -> str:
    """A value for people."""
    if key == "rules":
        count = len(value["rules"])
        return f"{count} {'rule' if count == 1 else 'rules'}"
    if key.startswith(SUMS):
        return show(value)
    if key in ("plan.output", "plan.rules"):
        return printable(seen_from_here(value))
    return printable(", ".join(value) if isinstance(value, tuple) else str(value))


def _data(entry: Entry) -> dict[str, Any]:
    said = [
        {"file": each.path, "line": each.line, "value": _value(entry.key, each.value)} for each in entry.said
    ]
    return {"key": entry.key, "said": said}


def _caps(policy: Policy, environ: Mapping[str, str]) -> Finding:
    """The limits in force, and who said them.

    Raises:
        UsageError: a variable holds no amount.
    """
    cap = amount_if_given(CAP, environ.get(CAP) or None)
    known = catalogue.load()
    list(of_environment(environ, known))
    limits = limits_of(environ, policy, known)
    rows = [f"a manifest over all its runs may cost {show(cap)}   {CAP}"] if cap is not None else []
    rows += [f"{what(limit)} may cost {show(limit.cents)}   {said_by(limit)}" for limit in limits.every]
    if not rows:
        return ok("caps", f"none but each manifest's own, as neither {NAME} nor the environment sets any")
    words = "the smallest of each counts; --max-spend, and a manifest's own cap, count beside them"
    facts = {"manifest_cents": cap, "limits": _limits(limits)}
    return ok("caps", words, rows, **facts)


def _limits(limits: Limits) -> list[dict[str, Any]]:
    return [
        {
            "key": key_of(limit),
            "cents": limit.cents,
            "said_by": limit.origin,
            "beside": [{"said_by": origin, "cents": cents} for origin, cents in limit.beside],
        }
        for limit in limits.every
    ]


def _environment(environ: Mapping[str, str]) -> Finding:
    rows = [f"{name}{_shown(name, environ[name])}" for name in (*KNOWN, *ALSO) if environ.get(name)]
    unknown = sorted(name for name in environ if name.startswith(OURS) and name not in KNOWN)
    facts = {"set": [name for name in (*KNOWN, *ALSO) if environ.get(name)], "unknown": unknown}
    if unknown:
        told = [f"{printable(name)} is none that Earmark reads{nearest(name, KNOWN)}" for name in unknown]
        return look("environment", "; ".join(told), "mend its name, or unset it", rows, **facts)
    return ok(
        "environment", f"{len(rows)} variables matter" if rows else "no variable matters", rows, **facts
    )


def _shown(name: str, value: str) -> str:
    """A value, unless it is a secret; addresses may carry a password, or a key behind a `?`."""
    if name.endswith(SECRET):
        return " is set (not shown)"
    safe = _QUERY.sub("?…", _PASSWORD.sub(r"\1…@", value)) if _is_address(name, value) else value
    if name == "EARMARK_LEDGER":  # also where it was meant to be an address, and is none
        safe = _SECRET_WORD.sub(r"\1…", _MEANT.sub("…@", safe))
    return f" = {printable(safe)}"


def _is_address(name: str, value: str) -> bool:
    return "://" in value or name.casefold().endswith("_proxy")


def folder_of(path: str) -> str:
    """The folder whose files count: the path itself, or that of a manifest."""
    whole = os.path.abspath(path)  # noqa: PTH100 - symlinks stay as named
    return whole if os.path.isdir(whole) else os.path.dirname(whole)  # noqa: PTH112, PTH120
