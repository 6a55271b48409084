"""Music: JSON at the address of its task, with a label of ours (docs/api.md 12)."""

from collections.abc import Mapping
from dataclasses import dataclass

from runner.api import links, names
from runner.api.adapter import FileService, Form, present, quoted
from runner.api.address import Base
from runner.api.answers import Fields
from runner.api.interface import Order, ResultFile

ROOT = "/api/v1/music"
TASK = "text2music"
ENDING = ".flac"
"""What is made where nothing else is asked for."""


@dataclass(frozen=True, slots=True)
class Music(FileService):
    """Nothing is uploaded: prompt and choices are all."""

    def form(self, order: Order) -> Form:
        """JSON at the address of the task; the label that the service keeps carries the token."""
        path = self.submit_path.format(quoted(str(order.fields.get("task") or TASK)))
        fields = {**present(order.fields, "task"), "display_name": order.upload_name}
        return Form(path, "", fields, "json", missing="the service does not know this task of music")

    def results(
        self,
        job_id: str,  # noqa: ARG002 - the addresses stand in the job
        job: Fields,
        wanted: Mapping[str, object],  # noqa: ARG002 - all takes are kept
        base: Base,
    ) -> list[ResultFile]:
        """All takes in the format that was bought; the same in other formats is left at the service."""
        shown = [address for _, address in sorted(links.labelled(job.get("output_urls")))]
        first = links.shown(job, "output_url", "audio_url") or next(iter(shown), "")
        if not first:
            return []
        ending = names.ending(first, ENDING)
        takes = [first]
        for address in shown:
            if names.ending(address, ENDING) == ending and not any(
                links.same_file(address, known) for known in takes
            ):
                takes.append(address)
        return links.files(base, takes, ENDING)


MUSIC = Music(
    name="music",
    submit_path=f"{ROOT}/{{}}",
    file_field="",
    status_paths=(f"{ROOT}/jobs/{{}}/status",),
    jobs_path=f"{ROOT}/jobs",
    lengths=("audio_duration",),
)
