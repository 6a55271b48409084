"""Stem separation: modes and packages go to two addresses, results are a map of links (docs/api.md 7)."""

from collections.abc import Mapping
from dataclasses import dataclass

from manifests.errors import choices
from runner.api import answers, links
from runner.api.adapter import Ask, FileService, Form
from runner.api.address import Base
from runner.api.answers import Fields
from runner.api.interface import Order, Rejected, ResultFile
from runner.api.names import DEFAULT_ENDING

ROOT = "/api/v1/stem-extraction"
ADVANCED = f"{ROOT}/extract/advanced"
PACKAGES, CATALOG = f"{ROOT}/packages/available", f"{ROOT}/catalog"


@dataclass(frozen=True, slots=True)
class Stems(FileService):
    """A mode is bought with `mode`; all else (packages, catalog stems) at the advanced address."""

    def before(self, order: Order, ask: Ask) -> Order | Rejected:
        """Whether the plan has the package, and the catalog the stem; in doubt the order goes out."""
        package = answers.text(order.fields.get("package"))
        stem = answers.text(order.fields.get("single_stem"))
        refused = _refused("package", package, _rows(ask, PACKAGES)) if package else None
        if stem and refused is None:
            catalog = _rows(ask, CATALOG)
            refused = _refused("stem", stem, catalog) or _unknown(stem, catalog)
        return refused or order

    def form(self, order: Order) -> Form:
        """The form, at the address that its fields ask for."""
        return self.sent(order, self.submit_path if "mode" in order.fields else ADVANCED, order.fields)

    def results(
        self,
        job_id: str,  # noqa: ARG002 - the addresses stand in the job
        job: Fields,
        wanted: Mapping[str, object],  # noqa: ARG002 - all stems are kept
        base: Base,
    ) -> list[ResultFile]:
        """One file a stem; which stems there are depends on the recording, so what is there is taken."""
        shown = links.labelled(job.get("download_urls"))
        found = sorted((label, base.absolute(link)) for label, link in shown)
        return links.folder(base, ((label, DEFAULT_ENDING, link) for label, link in found))

    def listed(
        self, job_id: str, entry: Fields, wanted: Mapping[str, object], base: Base
    ) -> list[ResultFile]:
        """Where the entry has an address for each stem that it says was made."""
        made = {label for label, _ in links.labelled(entry.get("stem_paths"))}
        shown = {label for label, _ in links.labelled(entry.get("download_urls"))}
        return self.results(job_id, entry, wanted, base) if made and made <= shown else []


def _rows(ask: Ask, path: str) -> dict[str, Fields]:
    """What the service offers, by name; nothing where it does not tell."""
    try:
        rows = answers.entries(ask.once(path), "packages", "stems", "catalog")
    except answers.UnreadableError:
        return {}
    named = ((answers.text(row.get("id")) or answers.text(row.get("name")), row) for row in rows)
    return {name: row for name, row in named if name}


def _refused(kind: str, name: str, rows: Mapping[str, Fields]) -> Rejected | None:
    row = rows.get(name, {})
    if row.get("allowed") is not False:
        return None
    tier = answers.clean(answers.text(row.get("public_tier")))
    asks = f" (it asks for {tier})" if tier else ""
    return Rejected(f"the {kind} {name!r} is not allowed by your plan{asks}; nothing was sent")


def _unknown(stem: str, catalog: Mapping[str, Fields]) -> Rejected | None:
    if not catalog or stem in catalog:
        return None
    return Rejected(f"the service's catalog has no stem {stem!r}{choices(stem, catalog)}; nothing was sent")


STEMS = Stems(
    name="stems",
    submit_path=f"{ROOT}/api/extract",
    address_field="url",
    status_paths=(f"{ROOT}/status/{{}}", f"{ROOT}/jobs/{{}}"),
    jobs_path=f"{ROOT}/jobs",
    lengths=("duration", "audio_duration"),
)
