"""Transcription: the transcript in several formats, each an address of the service (docs/api.md 8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from runner.api.adapter import FileService, Form, present, quoted
from runner.api.address import Base
from runner.api.answers import Fields
from runner.api.interface import Order, ResultFile

ROOT = "/api/v1/transcription"
ALWAYS = "json"
"""Kept whatever is wanted: it alone has times, speakers and confidence."""


@dataclass(frozen=True, slots=True)
class Transcription(FileService):
    """Addresses are sent as JSON; its results stand under fixed addresses."""

    def form(self, order: Order) -> Form:
        """A form with the file, or JSON with the address alone in a list: several would share one job."""
        if not order.address:
            return FileService.form(self, order)
        fields = {**present(order.fields), self.address_field: [order.address]}
        return Form(f"{ROOT}/transcribe", "", fields, "json")

    def results(
        self,
        job_id: str,
        job: Fields,  # noqa: ARG002 - the addresses follow from the id
        wanted: Mapping[str, object],
        base: Base,
    ) -> list[ResultFile]:
        """One file a format, each with a second address, without `/jobs` (docs/api.md 20, 19)."""
        formats = wanted.get("formats")
        named = [str(each) for each in formats] if isinstance(formats, (list, tuple)) else []
        number = quoted(job_id)
        jobs, alone = f"{ROOT}/jobs/{number}/transcript", f"{ROOT}/transcript/{number}"
        return [
            ResultFile(
                name=kind,
                address=f"{base.url}{jobs}?{urlencode({'format': kind})}",
                own=True,
                also=f"{base.url}{alone}" + ("" if kind == ALWAYS else f"?{urlencode({'format': kind})}"),
            )
            for kind in dict.fromkeys([ALWAYS, *named])
        ]

    def listed(
        self, job_id: str, entry: Fields, wanted: Mapping[str, object], base: Base
    ) -> list[ResultFile]:
        """Whatever the entry shows: that it is done is enough, the addresses follow from the id."""
        return self.results(job_id, entry, wanted, base)


TRANSCRIPTION = Transcription(
    name="transcription",
    submit_path=f"{ROOT}/transcribe-upload",
    file_field="files",
    address_field="source_urls",
    status_paths=(f"{ROOT}/jobs/{{}}", f"{ROOT}/status/{{}}"),  # docs/api.md 20, 19
    jobs_path=f"{ROOT}/jobs",
    # The docs page with `offset`, the official client with `skip`; a name that the server does
    # not know is ignored, so both go out with one value (docs/api.md 20, 21).
    paging=("skip", "offset"),
    lengths=("total_duration",),
)
