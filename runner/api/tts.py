"""Text to speech: the voice stands in the path, the text in the form; there is no list (docs/api.md 9)."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from runner.api import links
from runner.api.adapter import FileService, Form, present, quoted, wire
from runner.api.address import Base
from runner.api.answers import Fields
from runner.api.interface import Order, ResultFile

ROOT = "/api/v1/voice"
ENDING = ".mp3"
"""What is made where nothing else is asked for."""

_PARAMETERS = ("delivery_mode", "timestamp_type", "text_normalization")
"""Options that travel together, as JSON in one field."""


@dataclass(frozen=True, slots=True)
class Tts(FileService):
    """No file goes along: `input_text` has all that is said."""

    def form(self, order: Order) -> Form:
        """The form, at the address of the voice."""
        voice = str(order.fields["voice"])
        fields = wire(present(order.fields, "voice", *_PARAMETERS))
        parameters = {name: order.fields[name] for name in _PARAMETERS if order.fields.get(name) is not None}
        if parameters:
            fields["generation_params"] = msgspec.json.encode(parameters).decode()
        path = self.submit_path.format(quoted(voice))
        return Form(path, "", fields, "urlencoded", missing=f"there is no voice {voice!r} for this key")

    def results(
        self,
        job_id: str,  # noqa: ARG002 - the address stands in the job
        job: Fields,
        wanted: Mapping[str, object],  # noqa: ARG002 - one file is all there is
        base: Base,
    ) -> list[ResultFile]:
        """What was said."""
        address = links.shown(job, "output_url", "output_urls", "audio_url") or links.stored(job, base)
        return links.files(base, [address] if address else [], ENDING)


TTS = Tts(
    name="tts",
    submit_path=f"{ROOT}/voices/{{}}/generate",
    file_field="",
    status_paths=(f"{ROOT}/tts-jobs/{{}}/status",),
    lengths=("total_duration",),
)
