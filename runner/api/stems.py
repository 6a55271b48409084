"""Stem separation: modes and packages go to two addresses, results are a map of links (docs/api.md 7)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from runner.api import names
from runner.api.adapter import FileService, Form
from runner.api.address import Base
from runner.api.answers import Fields, text
from runner.api.interface import ResultFile

ROOT = "/api/v1/stem-extraction"
ADVANCED = f"{ROOT}/extract/advanced"


@dataclass(frozen=True, slots=True)
class Stems(FileService):
    """A mode is bought with `mode`; all else (packages, catalog stems) at the advanced address."""

    def form(self, fields: Mapping[str, object]) -> Form:
        """The form, at the address that its fields ask for."""
        plain = FileService.form(self, fields)
        return plain if "mode" in fields else Form(ADVANCED, plain.file_field, plain.fields)

    def results(
        self,
        job_id: str,  # noqa: ARG002 - the addresses stand in the job
        job: Fields,
        wanted: Mapping[str, object],  # noqa: ARG002 - all stems are kept
        base: Base,
    ) -> list[ResultFile]:
        """One file a stem; which stems there are depends on the recording, so what is there is taken."""
        found = sorted((label, base.absolute(link)) for label, link in links(job.get("download_urls")))
        stems = names.unique((names.safe(label), names.ending(link)) for label, link in found)
        return [
            ResultFile(name=name, address=link, own=base.is_call(link))
            for name, (_, link) in zip(stems, found, strict=True)
        ]


def links(value: object) -> Iterator[tuple[str, str]]:
    """The labelled links in a map or a list of them; empty ones and those that are no texts are left out."""
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = [(_label(entry), entry) for entry in value if isinstance(entry, dict)]
    else:
        pairs = []
    for label, link in pairs:
        address = _address(link)
        if address:
            yield label, address


def _label(entry: Fields) -> str:
    return next(
        (text(entry.get(name)) for name in ("stem", "name", "label") if text(entry.get(name))), "stem"
    )


def _address(link: object) -> str:
    if isinstance(link, dict):
        return text(link.get("download_url")) or text(link.get("url"))
    return text(link)


STEMS = Stems(
    name="stems",
    submit_path=f"{ROOT}/api/extract",
    file_field="file",
    status_paths=(f"{ROOT}/status/{{}}", f"{ROOT}/jobs/{{}}"),
    jobs_path=f"{ROOT}/jobs",
    lengths=("duration", "audio_duration"),
)
