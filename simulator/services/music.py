"""Music, paid by the minute that is made (docs/api.md 12)."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from hashlib import sha256
from typing import Any

from simulator import compositions, jobs, media, orders
from simulator.books import Job
from simulator.calls import Call
from simulator.compositions import Common, Full, Simple
from simulator.encodings import sound
from simulator.endpoints import Endpoint
from simulator.orders import Recording, place
from simulator.purses import row_id
from simulator.refusals import Refusal, plan_required
from simulator.replies import Reply, json_reply
from simulator.services import stems
from simulator.services.interface import Result, Service
from simulator.world import World

PREFIX = "/api/v1/music"
SERVICE_TYPE = "music_generation"
PREMIUM = "xl"
FORMATS = ("flac", "wav", "mp3", "ogg")
ALSO = "mp3"
"""Every piece can be had in this format, too, as in the documented example."""


async def generate(call: Call) -> Reply:
    """Make music by the task that the path names."""
    task = str(call.request.path_params["task"])
    if task == "jobs":
        raise Refusal(405, "method_not_allowed", "Method Not Allowed", headers=(("allow", "GET"),))
    if task not in compositions.TASKS:
        raise Refusal(404, "not_found", "Not Found")
    data = await call.json(label="display_name")
    return _start(call, compositions.read(data, Full, task), data, task)


async def simple(call: Call) -> Reply:
    """Make music from one sentence."""
    data = await call.json(label="display_name")
    task = compositions.TASKS[0]
    return _start(call, compositions.read(data, Simple, task), data, task)


def _start(call: Call, asked: Common, data: dict[str, Any], task: str) -> Reply:
    if asked.is_premium and stems.PLANS.index(call.world.scenario.plan) < stems.PLANS.index(
        stems.PREMIUM_PLAN
    ):
        raise plan_required("The premium model")
    prompt = str(asked.prompt_text).encode()
    count = getattr(asked, "batch_size", None) or 1
    known = asked.__struct_fields__
    job = place(
        call,
        Recording(
            str(asked.display_name or ""), sha256(prompt).hexdigest(), len(prompt), asked.seconds * count
        ),
        SERVICE_TYPE,
        variant=PREMIUM if asked.is_premium else "",
        multiplier=Fraction(2 if asked.is_premium else 1),
        # The label is the job's name: two attempts at the same piece differ in nothing else.
        options={
            "task": task,
            **{
                name: value
                for name, value in data.items()
                if name in known and name != "display_name" and value is not None
            },
        },
    )
    return json_reply({"job": body(call, job), "message": "Generation started"})


def body(call: Call, job: Job, *, listed: bool = False) -> dict[str, Any]:
    """A job as status and list show it."""
    options, shown = job.order.options, jobs.has_result(job)
    named = job.order.name and not (listed and not call.world.scenario.list_names)
    files = _files(job) if shown else {}
    return {
        "id": job.id,
        "task": options["task"],
        "status": jobs.status_word(call, job),
        "progress": jobs.progress(call, job),
        "display_name": job.order.name if named else None,
        "audio_duration": _shown_seconds(job),
        "output_url": media.address(call, job, next(iter(files.values()))) if shown else None,
        "output_urls": {key: media.address(call, job, name) for key, name in files.items()}
        if shown
        else None,
        "actual_seeds": [_seed(job) + i for i in range(_count(job))] if shown else None,
        "quality_score": 0.87 if shown else None,
        "lrc_content": _lrc(job) if shown and options.get("generate_lrc") else None,
        "error_message": jobs.error_message(job),
        "user_id": row_id("user", 0),
        **jobs.times(job),
    }


def _shown_seconds(job: Job) -> float:
    """What was asked for, and once the music is there, how long it is."""
    if job.status == "COMPLETED":
        return _seconds(job)
    return float(job.order.options.get("audio_duration", compositions.AUTOMATIC))


def _seconds(job: Job) -> float:
    """How long each piece is; the job is as long as all of them."""
    return float(job.order.measured / _count(job))


def _count(job: Job) -> int:
    return int(job.order.options.get("batch_size", 1))


def _files(job: Job) -> dict[str, str]:
    """The result files by what `output_urls` calls them: the first piece by its format, others numbered."""
    form = str(job.order.options.get("format", FORMATS[0]))
    pieces = ["" if number == 1 else f"_{number}" for number in range(1, _count(job) + 1)]
    endings = dict.fromkeys((form, ALSO))
    return {f"{ending}{piece}": f"{job.id}{piece}.{ending}" for piece in pieces for ending in endings}


def _seed(job: Job) -> int:
    asked = int(job.order.options.get("seed", -1))
    return int(job.order.sha256[:6], 16) if asked < 0 else asked


def _lrc(job: Job) -> str:
    """The lyrics' lines with the times at which they are sung."""
    lines = [line for line in str(job.order.options.get("lyrics", "")).splitlines() if line.strip()]
    step = _seconds(job) / max(1, len(lines))
    return "\n".join(
        f"[{int(i * step) // 60:02d}:{i * step % 60:05.2f}]{line}" for i, line in enumerate(lines)
    )


async def status(call: Call) -> Reply:
    """A job, with fresh addresses of its pieces once it is done."""
    return json_reply(body(call, call.job()))


_SORTED: dict[str, Callable[[Job], Any]] = {
    "created_at": lambda job: (job.created_at, job.id),
    "display_name": lambda job: job.order.name,
    "audio_duration": _shown_seconds,
    "status": lambda job: job.status,
}


async def listed(call: Call) -> Reply:
    """A page of jobs, newest first unless the query wants another order."""
    query = call.request.query_params
    by = jobs.choice(query.get("sort_by", "created_at"), tuple(_SORTED), "query", "sort_by")
    order = jobs.choice(query.get("sort_order", "desc"), ("asc", "desc"), "query", "sort_order")
    found = [job for job in jobs.listable(call) if _matches(job, query.get("task"), query.get("search"))]
    found.sort(key=_SORTED[str(by)], reverse=order == "desc")
    page = [body(call, job, listed=True) for job in jobs.window(call, found, "skip")]
    return json_reply(page, headers=(("x-total-count", str(len(found))),))


def _matches(job: Job, task: str | None, search: str | None) -> bool:
    options = job.order.options
    if task is not None and options["task"] != task:
        return False
    texts = (
        job.order.name,
        *(str(options.get(name, "")) for name in ("prompt", "caption", "lyrics", "query")),
    )
    return search is None or any(search.lower() in text.lower() for text in texts)


async def retry(call: Call) -> Reply:
    """Run a failed job again under its number, for nothing."""
    job = call.job()
    if job.status != "FAILED":
        raise Refusal(400, "job_not_failed", "Only failed jobs can be retried")
    return json_reply({"job": body(call, orders.again(call, job)), "message": "Generation started"})


def _result(world: World, job: Job, name: str) -> Result | None:
    if not jobs.has_result(job) or name not in _files(job).values():
        return None
    piece, _, form = name.rpartition(".")
    seconds = min(_seconds(job), world.scenario.longest_result_seconds)
    return Result(*sound(f"{job.order.sha256} {piece}", seconds, form))


SERVICE = Service(
    "music",
    SERVICE_TYPE,
    (
        Endpoint("POST", f"{PREFIX}/simple", "submit:music", simple),
        # Before the tasks, or OPTIONS would take the list for one of them.
        Endpoint("GET", f"{PREFIX}/jobs", "list:music", listed),
        Endpoint("POST", f"{PREFIX}/{{task}}", "submit:music", generate),
        Endpoint("GET", f"{PREFIX}/jobs/{{job_id}}/status", "status:music", status),
        Endpoint("POST", f"{PREFIX}/jobs/{{job_id}}/retry", "retry:music", retry),
        Endpoint("DELETE", f"{PREFIX}/jobs/{{job_id}}", "delete:music", jobs.delete_with_message),
    ),
    _result,
)
