"""Voice conversion: a result that may be known by its place alone (docs/api.md 10)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from runner.api import answers, jobs, links
from runner.api.adapter import Ask, FileService, Form, quoted
from runner.api.address import Base
from runner.api.answers import Fields
from runner.api.errors import Gone
from runner.api.interface import JobStatus, Order, Rejected, ResultFile

ROOT = "/api/v1/voice"
_NO_VOICE = "there is no voice"


@dataclass(frozen=True, slots=True)
class Conversion(FileService):
    """The voice goes out by its uuid, though it may be given by its number."""

    def before(self, order: Order, ask: Ask) -> Order | Rejected:
        """The order with its voice's uuid, where it has the number of a voice that is ready."""
        voice = str(order.fields["voice_uuid"])
        if not (voice.isascii() and voice.isdecimal()):
            return order
        try:
            shown = jobs.flat(answers.mapping(ask(f"{ROOT}/voices/{quoted(voice)}/status")))
        except Gone:
            return Rejected(f"{_NO_VOICE} {voice!r} for this key; nothing was sent")
        uuid, word = answers.identifier(shown.get("uuid")), answers.clean(answers.text(shown.get("status")))
        if word and jobs.status(word) is not JobStatus.COMPLETED:
            return Rejected(f"voice {voice} is not ready ({word}): nothing was sent; try again when it is")
        if not uuid:
            return Rejected(f"the service shows no uuid of voice {voice}: write it as voice_uuid instead")
        return replace(order, fields={**order.fields, "voice_uuid": uuid})

    def form(self, order: Order) -> Form:
        """The form that buys this."""
        missing = f"{_NO_VOICE} {order.fields['voice_uuid']!r} for this key"
        return replace(FileService.form(self, order), missing=missing)

    def results(
        self,
        job_id: str,  # noqa: ARG002 - the address stands in the job
        job: Fields,
        wanted: Mapping[str, object],  # noqa: ARG002 - one file is all there is
        base: Base,
    ) -> list[ResultFile]:
        """The recording in its new voice: the documented body has no address, only where it is stored."""
        address = links.shown(job, "output_url", "output_urls") or links.stored(job, base)
        return links.files(base, [address] if address else [])


CONVERSION = Conversion(
    name="conversion",
    submit_path=f"{ROOT}/voice-convert",
    status_paths=(f"{ROOT}/convert/{{}}/status",),
    jobs_path=f"{ROOT}/convert/jobs",
    lengths=("conversion_metadata.duration",),
)
