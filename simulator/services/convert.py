"""Media conversion (docs/api.md 15)."""

from __future__ import annotations

from typing import Any

from simulator import jobs, media
from simulator.books import Job
from simulator.calls import Call
from simulator.encodings import sound
from simulator.endpoints import Endpoint
from simulator.orders import place
from simulator.refusals import invalid, not_mounted
from simulator.replies import Reply, json_reply
from simulator.services.interface import Result, Service
from simulator.world import World

PREFIX = "/api/v1/media-converter"
SERVICE_TYPE = "media_converter"
FORMATS = ("mp3", "wav", "flac", "ogg", "m4a", "aac")
QUALITIES = ("low", "medium", "high", "lossless")


async def convert(call: Call) -> Reply:
    """Convert a file, or what lies at an address, into another format."""
    async with call.form() as form:
        target = jobs.choice(form.text("output_format"), FORMATS, "body", "output_format")
        quality = jobs.choice(form.text("quality"), QUALITIES, "body", "quality")
        if target is None:
            raise invalid("Field required", "body", "output_format")
        options = {"output_format": target} | ({"quality": quality} if quality is not None else {})
        recording = await jobs.one_input(call, form)
        job = place(call, recording, SERVICE_TYPE, options=options, outputs=(f"converted.{target}",))
    return json_reply({"job_id": job.id, "status": jobs.status_word(call, job)})


def body(call: Call, job: Job) -> dict[str, Any]:
    """A job as its status shows it: nothing of the file's name is kept (docs/api.md 19).

    Only `job_id` and `status` are published; the name of the result's field is our guess.
    """
    [output] = job.order.outputs
    return {
        "job_id": job.id,
        "status": jobs.status_word(call, job),
        "output_url": media.address(call, job, output) if jobs.has_result(job) else None,
        "error_message": jobs.error_message(job),
        **jobs.times(job),
    }


async def status(call: Call) -> Reply:
    """A job, with a fresh address of its result once it is done."""
    return json_reply(body(call, call.job()))


async def listed(call: Call) -> Reply:
    """A page of jobs, if there is a list at all: none is published (docs/api.md 6)."""
    if not call.world.scenario.convert_list:
        raise not_mounted()
    return json_reply([body(call, job) for job in jobs.page(call, "skip")])


def _result(world: World, job: Job, name: str) -> Result | None:
    if name not in job.order.outputs or not jobs.has_result(job):
        return None
    return Result(*sound(job.order.sha256, jobs.result_seconds(world, job), name.rpartition(".")[2]))


SERVICE = Service(
    "convert",
    SERVICE_TYPE,
    (
        Endpoint("POST", f"{PREFIX}/convert", "submit:convert", convert),
        Endpoint("GET", f"{PREFIX}/jobs", "list:convert", listed),
        Endpoint("GET", f"{PREFIX}/jobs/{{job_id}}", "status:convert", status),
        Endpoint("DELETE", f"{PREFIX}/jobs/{{job_id}}", "delete:convert", jobs.delete),
    ),
    _result,
)
