"""Voice cloning: the job is a voice, and its result is what the service says of it (docs/api.md 9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from manifests.keys import find_tokens
from runner.api.adapter import FileService, Form
from runner.api.address import Base
from runner.api.answers import Fields
from runner.api.interface import Order, ResultFile

ROOT = "/api/v1/voice"
LONGEST_NAME = 100
"""Characters of a voice's name: no limit is published, and the token at its end must not be cut off."""


@dataclass(frozen=True, slots=True)
class Clone(FileService):
    """The voice's name is chosen by us and carries the token."""

    def form(self, order: Order) -> Form:
        """The form with the sample."""
        return self.sent(order, self.submit_path, {**order.fields, "name": _named(order.upload_name)})

    def results(
        self,
        job_id: str,
        job: Fields,  # noqa: ARG002 - the answer itself is the result
        wanted: Mapping[str, object],  # noqa: ARG002 - one file is all there is
        base: Base,
    ) -> list[ResultFile]:
        """The voice's number, uuid and name, as the service tells them."""
        return [ResultFile("json", f"{base.url}{self.job_paths(job_id)[0]}", own=True)]


def _named(upload_name: str) -> str:
    """The name without its ending, which a token behind the last dot is not."""
    stem = PurePath(upload_name).stem
    name = stem if find_tokens([stem]) == find_tokens([upload_name]) else upload_name
    return name[-LONGEST_NAME:].lstrip("._-")


CLONE = Clone(
    name="clone",
    submit_path=f"{ROOT}/voice-profiles",
    status_paths=(f"{ROOT}/voices/{{}}/status",),
    jobs_path=f"{ROOT}/voice-profiles",
    listing={"include_public": "false"},
)
