"""The manifest's head: who this plan is, what it stands on, what it adds up to."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from manifests.errors import UsageError
from manifests.manifest import Head, Total
from manifests.money import Cents
from manifests.text_head import is_name
from planner.choices import Choice

ID_DIGITS = 16


def id_of(name: str) -> str:
    """The manifest's id that a name always gives: 16 hex digits.

    Raises:
        UsageError: the name is blank.
    """
    if not name.strip():
        raise UsageError("--name is empty: give the batch a name, such as --name pr-481")
    return hashlib.sha256(f"earmark:{name.strip()}".encode()).hexdigest()[:ID_DIGITS]


def head_of(
    manifest_id: str,
    now: datetime,
    root: str,
    catalogue: str,
    choices: Sequence[Choice],
    total: Total,
    cap: Cents | None,
    name: str | None = None,
) -> Head:
    """The head over the lines.

    Args:
        manifest_id: kept by a re-planned batch of the same name, so that its cap goes on counting.
        now: with its time zone.
        root: relative to the manifest's folder, or absolute.
        catalogue: the date of the prices.
        choices: what is bought; the head carries their rates, so that an upgrade never voids a plan.
        total: of its lines.
        cap: the most that this manifest may ever cost, where the user said so.
        name: what the user calls it; left out where a head cannot hold it.
    """
    return Head(
        id=manifest_id,
        created=now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        root=root,
        catalogue=catalogue,
        rates={choice.product.name: choice.product.rate for choice in choices},
        total=total,
        cap=cap,
        name=name.strip() if name is not None and is_name(name.strip()) else None,
    )
