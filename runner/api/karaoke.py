"""Karaoke videos: no page documents them, the official client relies on them (docs/api.md 14)."""

from collections.abc import Mapping
from dataclasses import dataclass

from runner.api import links
from runner.api.adapter import FileService, Form, present
from runner.api.address import Base
from runner.api.answers import Fields
from runner.api.interface import Order, ResultFile

ROOT = "/api/v2/video"


@dataclass(frozen=True, slots=True)
class Karaoke(FileService):
    """Its list shows nothing of the file, so it is not used."""

    def form(self, order: Order) -> Form:
        """A form with the file, or JSON with the address."""
        if not order.address:
            return FileService.form(self, order)
        fields = {**present(order.fields), self.address_field: order.address}
        return Form(f"{ROOT}/karaoke", "", fields, "json")

    def results(
        self,
        job_id: str,
        job: Fields,
        wanted: Mapping[str, object],  # noqa: ARG002 - one file is all there is
        base: Base,
    ) -> list[ResultFile]:
        """The video: at the address that `download` names, or is, else where the job itself says."""
        also = links.shown(job, "video_url", "output_url", "download_url", "url")
        download = f"{base.url}{self.job_paths(job_id)[0]}/download"
        return [ResultFile("mp4", download, own=True, also=base.absolute(also) if also else "", points=True)]


KARAOKE = Karaoke(
    name="karaoke",
    submit_path=f"{ROOT}/karaoke/upload",
    address_field="audio_url",
    status_paths=(f"{ROOT}/{{}}",),
    lengths=("duration", "audio_duration"),
)
