"""What all services do alike: pages of jobs, status words, deletion, names, inputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import PurePosixPath
from typing import Any, TypeVar

from simulator.addresses import fetched
from simulator.books import Job
from simulator.calls import MOST_PER_PAGE, Call
from simulator.clock import iso_z
from simulator.forms import Form
from simulator.orders import Recording, measured
from simulator.refusals import Refusal, invalid
from simulator.replies import Reply, json_reply, no_content
from simulator.scenario import Scenario
from simulator.world import World

T = TypeVar("T")

HALFWAY = 50
"""Where a job stands that never ends."""

PENDING_SHARE = 0.1
"""The part of a job's time in which it still waits."""


def status_word(call: Call, job: Job, *, lower: bool = False) -> str:
    """The job's status as this service spells it, or as the scenario wants it."""
    word = job.status if job.status != "RUNNING" else _running_word(call, job)
    told = "RUNNING" if job.fate.ending in {"COMPLETED", "NEVER"} else job.fate.ending
    if job.fate.word is not None and job.status == told:
        word = job.fate.word
    return word.lower() if lower != call.world.scenario.other_case else word.upper()


def _running_word(call: Call, job: Job) -> str:
    return "PENDING" if progress(call, job) < 100 * PENDING_SHARE else "PROCESSING"


def progress(call: Call, job: Job) -> int:
    """How far a job is, 0 to 100."""
    if job.status == "COMPLETED":
        return 100
    if job.finishes_at is None:
        return HALFWAY
    takes = max(job.finishes_at - job.created_at, 1e-9)
    return min(99, int(100 * (call.now - job.created_at) / takes))


def error_message(job: Job) -> str | None:
    """Why a job failed, if it did."""
    return (job.fate.message or "Processing failed") if job.status == "FAILED" else None


def has_result(job: Job) -> bool:
    """Whether the job shows results."""
    return job.status == "COMPLETED" and not job.fate.hides_result


def check_retention(call: Call, job: Job) -> None:
    """Raises Refusal 410 when the results were kept long enough."""
    kept = call.world.scenario.retention_seconds
    if kept is not None and job.ended_at is not None and call.now > job.ended_at + kept:
        raise Refusal(410, "gone", "The result is past its retention time")


def page(call: Call, *offsets: str, ignored: str | None = None) -> list[Job]:
    """The page of jobs that the query asks for, newest first.

    `offsets` are the names obeyed for paging; an `ignored` one is checked all the same.
    """
    return window(call, listable(call), *offsets, ignored=ignored)


def window(
    call: Call, jobs: Iterable[T], *offsets: str, ignored: str | None = None, size: int = 50
) -> list[T]:
    """The page that the query asks for out of all there is to list; `size` is how long it usually is."""
    if ignored is not None:
        call.number(ignored, 0)
    limit = call.number("limit", size, least=1, most=MOST_PER_PAGE)
    skipped = max(call.number(name, 0) for name in offsets)
    if call.repeats_page():
        skipped = 0
    return list(islice(jobs, skipped, skipped + limit))


def listable(call: Call) -> Iterator[Job]:
    """The jobs that a list shows by now, newest first, with the status asked for."""
    wanted = call.request.query_params.get("status")
    return (
        job
        for job in listed_by_now(call)
        if wanted is None or status_word(call, job).upper() == wanted.upper()
    )


def listed_by_now(call: Call) -> Iterator[Job]:
    """The jobs of the service that were made long enough ago to be in its list, newest first."""
    shown = call.now - call.world.scenario.list_delay
    return (job for job in call.world.books.newest_first(call.service) if job.created_at <= shown)


async def delete(call: Call) -> Reply:
    """Delete the job that the path names: 204."""
    call.world.books.delete(call.job(), call.now)
    return no_content()


async def delete_with_message(call: Call) -> Reply:
    """Delete the job that the path names: 200 and a message, as some services say it (docs/api.md 1)."""
    call.world.books.delete(call.job(), call.now)
    return json_reply({"message": "Job deleted successfully"})


def result_seconds(world: World, job: Job) -> float:
    """How long a job's results are: as long as its input, unless that is too long for a rehearsal."""
    return min(float(job.order.measured), world.scenario.longest_result_seconds)


def kept_name(scenario: Scenario, job: Job, *, listed: bool = False) -> str | None:
    """What the service still shows of the uploaded file's name."""
    if scenario.names == "strip" or (listed and not scenario.list_names):
        return None
    if scenario.names == "change":
        return f"upload_{job.id}{PurePosixPath(job.order.name).suffix}"
    return job.order.name


def times(job: Job) -> dict[str, Any]:
    """When a job was made, changed and ended."""
    return {
        "created_at": iso_z(job.created_at),
        "updated_at": iso_z(job.ended_at),
        "completed_at": iso_z(job.ended_at) if job.status == "COMPLETED" else None,
    }


async def one_input(call: Call, form: Form, field: str = "file") -> Recording:
    """The one recording of a form: a file, or an address in `url`. Raises Refusal 400 for both or neither."""
    uploads = [upload for upload in form.uploads if upload.field == field]
    urls = form.fields.get("url")
    if bool(uploads) == bool(urls):
        raise Refusal(400, "invalid_input", f"Provide exactly one of {field} and url")
    if len(uploads) > 1:
        raise Refusal(400, "invalid_input", "Send one file for each request")
    if urls:
        return await fetched(call, urls[-1])
    return await measured(call, uploads[0])


def choice(value: str | None, allowed: tuple[str, ...], *where: str) -> str | None:
    """A value from a closed list. Raises Refusal 422 for any other."""
    if value is not None and value not in allowed:
        raise invalid(f"Input should be one of {', '.join(allowed)}", *where)
    return value
