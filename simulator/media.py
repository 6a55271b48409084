"""Result files under signed addresses, and where such addresses come from."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from anyio import to_thread

from simulator.books import Job
from simulator.calls import Call
from simulator.endpoints import Endpoint
from simulator.jobs import check_retention
from simulator.refusals import Refusal
from simulator.replies import Reply
from simulator.services import all_services

LONG_SECONDS = 60
"""Results of longer recordings are made in a worker thread."""


def address(call: Call, job: Job, name: str) -> str:
    """A fresh address of one of a job's result files."""
    expires = call.now + call.world.scenario.link_seconds
    return call.world.links.sign(call.base_url, f"{job.service}/{job.id}/{name}", expires)


async def download(call: Call) -> Reply:
    """Hand out a result file. Raises Refusal 403 for a bad link, 404 and 410 for a lost result."""
    name, query = str(call.request.path_params["name"]), call.request.query_params
    path = f"{call.service}/{call.request.path_params['job_id']}/{name}"
    _note_key(call)
    call.world.links.check(path, query.get("expires", ""), query.get("signature", ""), call.now)
    return await _handed_out(call, name)


async def download_by_path(call: Call) -> Reply:
    """Hand out a result file by its storage path, without a signature. Raises Refusal 404 and 410."""
    _note_key(call)
    return await _handed_out(call, str(call.request.path_params["name"]))


def _note_key(call: Call) -> None:
    if call.key is not None:
        call.world.books.violations.append(f"a key was sent to the result address {call.request.url.path}")


async def _handed_out(call: Call, name: str) -> Reply:
    job = call.job()
    check_retention(call, job)
    make = partial(all_services()[call.service].result, call.world, job, name)
    result = await to_thread.run_sync(make) if job.order.measured > LONG_SECONDS else make()
    if result is None:
        raise Refusal(404, "not_found", "No such file")
    size = result.body.size
    return Reply(200, result.body, result.content_type, when_sent=lambda: call.note_download(job, name, size))


def endpoints() -> Iterator[Endpoint]:
    """The download addresses, one for each service, so that faults can name them."""
    for name in all_services():
        yield Endpoint(
            "GET", f"/media/{name}/{{job_id}}/{{name}}", f"download:{name}", download, needs_key=False
        )
