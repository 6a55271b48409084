"""Speaker separation: tracks at one address, times alone at another (docs/api.md 13)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from runner.api import answers, links
from runner.api.adapter import FileService, Form, present, wire
from runner.api.address import Base
from runner.api.answers import Fields
from runner.api.interface import Order, ResultFile
from runner.api.names import DEFAULT_ENDING

ROOT = "/api/v1/speaker"
DIARIZATION = "diarization"
COUNT = "num_speakers"


@dataclass(frozen=True, slots=True)
class Speakers(FileService):
    """The number of speakers goes out twice: one address reads the form, the other the query."""

    def form(self, order: Order) -> Form:
        """The form, at the address of its kind of job."""
        alone = order.fields.get("job_type") == DIARIZATION
        fields = present(order.fields, "job_type")
        plain = self.sent(order, f"{ROOT}/diarize" if alone else self.submit_path, fields)
        return replace(plain, query=wire({COUNT: fields.get(COUNT)}))

    def results(
        self,
        job_id: str,  # noqa: ARG002 - the addresses stand in the job
        job: Fields,
        wanted: Mapping[str, object],  # noqa: ARG002 - all of them are kept
        base: Base,
    ) -> list[ResultFile]:
        """A track for each speaker, named by its label, and the times as rttm."""
        found = job.get("result")
        result = found if isinstance(found, dict) else job
        tracks = dict[str, str]()
        for label, address in _tracks(result, base):
            tracks.setdefault(label, address)
        named = [(label, DEFAULT_ENDING, address) for label, address in sorted(tracks.items())]
        return links.folder(base, [*named, ("speakers", ".rttm", _rttm(result, base))])


def _tracks(result: Fields, base: Base) -> Iterator[tuple[str, str]]:
    """Label and address of each track: of the speakers, then of files that no speaker shows."""
    for speaker in _rows(result, "speakers"):
        label = answers.text(speaker.get("label")) or answers.identifier(speaker.get("id"))
        address = _place(speaker, "audio_path", base)
        if address:
            yield label or "speaker", address
    for file in _rows(result, "files"):
        label = answers.text(file.get("speaker"))
        address = _place(file, "path", base)
        if address and answers.text(file.get("type")).lower() == "audio":
            yield label or "speaker", address


def _rttm(result: Fields, base: Base) -> str:
    rows = [row for row in _rows(result, "files") if answers.text(row.get("type")).lower() == "rttm"]
    found = [_place(row, "path", base) for row in rows]
    return next((each for each in found if each), base.media(answers.text(result.get("rttm_path"))))


def _place(row: Fields, path: str, base: Base) -> str:
    """Where a file is: at its address, else where it is stored."""
    return links.address_in(row) or base.media(answers.text(row.get(path)))


def _rows(result: Fields, name: str) -> list[Fields]:
    value = result.get(name)
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


SPEAKERS = Speakers(
    name="speakers",
    submit_path=f"{ROOT}/extract",
    address_field="url",
    status_paths=(f"{ROOT}/jobs/{{}}",),
    jobs_path=f"{ROOT}/jobs",
    lengths=("duration", "audio_duration"),
)
