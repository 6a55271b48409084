"""Speech translation, also called dubbing: a route that may not be there (docs/api.md 11)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from runner.api import links
from runner.api.adapter import FileService, Form
from runner.api.address import Base
from runner.api.answers import Fields
from runner.api.interface import Order, ResultFile
from runner.api.names import DEFAULT_ENDING

ROOT = "/api/v1/translation"

_FORMATS = frozenset({"json", "txt", "srt", "vtt", "pdf", "docx", "html"})


@dataclass(frozen=True, slots=True)
class Dubbing(FileService):
    """A 404 says that the service is not offered, and costs nothing."""

    def form(self, order: Order) -> Form:
        """The form that buys this."""
        plain = FileService.form(self, order)
        return replace(plain, missing="speech translation is not available at this service, nothing charged")

    def results(
        self,
        job_id: str,  # noqa: ARG002 - the addresses stand in the job
        job: Fields,
        wanted: Mapping[str, object],  # noqa: ARG002 - all of them are kept
        base: Base,
    ) -> list[ResultFile]:
        """The sound, the picture where there is one, and the transcripts by their labels."""
        audio = links.shown(job, "translated_audio_url", "output_url")
        video = links.shown(job, "video_output_url")
        transcripts = links.labelled(job.get("transcript_urls"))
        return links.folder(
            base,
            [
                ("audio", DEFAULT_ENDING, audio or links.stored(job, base, "audio_output_path")),
                ("video", ".mp4", video or links.stored(job, base, "video_output_path")),
                *((*_called(label), address) for label, address in sorted(transcripts)),
            ],
        )


def _called(label: str) -> tuple[str, str]:
    """`transcript` and its ending, for a label that is a format; other labels stay in the name."""
    form = label.lower()
    return ("transcript", f".{form}") if form in _FORMATS else (f"transcript-{label}", ".txt")


DUBBING = Dubbing(
    name="dubbing",
    submit_path=f"{ROOT}/translate/speech",
    address_field="url",
    status_paths=(f"{ROOT}/translations/{{}}",),
    jobs_path=f"{ROOT}/translations",
    lengths=("parameters.duration",),
)
