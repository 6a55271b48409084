"""Noise reduction: opened by a session token, paid by account credits (docs/api.md 16)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from runner.api import links
from runner.api.adapter import FileService, Form
from runner.api.address import Base
from runner.api.answers import Fields
from runner.api.interface import Order, ResultFile
from runner.api.names import DEFAULT_ENDING

ROOT = "/api/v1/denoiser"
MODE = "balanced"
"""Sent where none is chosen: sources disagree about what the service then takes, one at twice the price."""


@dataclass(frozen=True, slots=True)
class Denoise(FileService):
    """The mode is always sent."""

    def form(self, order: Order) -> Form:
        """The form that buys this."""
        return self.sent(order, self.submit_path, {"quality_mode": MODE, **order.fields})

    def results(
        self,
        job_id: str,  # noqa: ARG002 - the addresses stand in the job
        job: Fields,
        wanted: Mapping[str, object],  # noqa: ARG002 - all of them are kept
        base: Base,
    ) -> list[ResultFile]:
        """The clean sound, and the picture where there is one."""
        audio = links.shown(job, "output_url", "denoised_audio_url") or links.stored(job, base)
        video = links.shown(job, "video_output_url") or links.stored(job, base, "video_output_path")
        if links.same_file(audio, video):  # of a video, one address may stand in both places
            audio = ""
        found = links.folder(base, [("audio", DEFAULT_ENDING, audio), ("video", ".mp4", video)])
        return [replace(each, session=each.own) for each in found]


DENOISE = Denoise(
    name="denoise",
    submit_path=f"{ROOT}/denoise",
    address_field="url",
    status_paths=(f"{ROOT}/jobs/{{}}",),
    jobs_path=f"{ROOT}/jobs",
    lengths=("stats.audio_duration",),
    session=True,
)
