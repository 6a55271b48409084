"""Media conversion: only its submit and its status are published (docs/api.md 15)."""

from collections.abc import Mapping
from dataclasses import dataclass

from runner.api import links
from runner.api.adapter import FileService
from runner.api.address import Base
from runner.api.answers import Fields
from runner.api.interface import ResultFile

ROOT = "/api/v1/media-converter"
_PLACES = ("output_url", "download_url", "audio_url", "url", "output_urls")
"""Where sister services have their result; this one's is not published."""


@dataclass(frozen=True, slots=True)
class Convert(FileService):
    """Several files at once exist and are not used: one job, one price. No list is published."""

    def results(
        self,
        job_id: str,  # noqa: ARG002 - the address stands in the job
        job: Fields,
        wanted: Mapping[str, object],  # noqa: ARG002 - one file is all there is
        base: Base,
    ) -> list[ResultFile]:
        """The recording in its new format."""
        address = links.shown(job, *_PLACES) or links.stored(job, base)
        return links.files(base, [address] if address else [])


CONVERT = Convert(
    name="convert",
    submit_path=f"{ROOT}/convert",
    address_field="url",
    status_paths=(f"{ROOT}/jobs/{{}}",),
    lengths=("duration", "total_duration"),
)
