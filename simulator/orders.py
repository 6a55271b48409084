"""From an upload to a job: how long it is, what it costs, and who pays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import Any

from simulator.bookkeeper import ShortOfCreditsError, ShortOfMoneyError
from simulator.books import Fate, Job, Order, PaidBy
from simulator.calls import Call, Draft
from simulator.faults import fate_of
from simulator.forms import Upload
from simulator.prices import job_credits
from simulator.purses import row_id
from simulator.refusals import Refusal, short_of_credits, short_of_money
from simulator.world import token_in


@dataclass(frozen=True, slots=True)
class Recording:
    """A sound that came in: the file's name, its bytes, and how long it really is."""

    name: str
    sha256: str
    size: int
    seconds: Fraction
    has_video: bool = False
    address: str | None = None
    """Where it was fetched from, when it was not uploaded."""


async def measured(call: Call, upload: Upload) -> Recording:
    """How long an upload is. Raises Refusal 422 for what cannot be played, 400 for what is too short."""
    found = await call.world.measurer.measure(upload.sha256, upload.path)
    if found.seconds <= 0:
        raise Refusal(422, "PROCESSING_FAILED", "The media file could not be processed")
    least = call.world.scenario.minimum_seconds
    if found.seconds < least:
        raise Refusal(400, "audio_too_short", f"The recording must be at least {least:g} seconds long")
    return Recording(upload.name, upload.sha256, upload.size, found.seconds, found.has_video)


def place(
    call: Call,
    recording: Recording,
    service_type: str,
    *,
    variant: str = "",
    multiplier: Fraction = Fraction(1),
    options: dict[str, Any] | None = None,
    outputs: tuple[str, ...] = (),
    paid_by: PaidBy = "wallet",
    credits_: int | None = None,
    hold_seconds: Fraction | None = None,
    failure: str | None = None,
    free: bool = False,
) -> Job:
    """Price work on a recording, hold its price and start its job. Raises Refusal 402.

    `credits_` is the price in credits where it is not counted by the minute, `hold_seconds` the length whose
    price is held where the work turns out longer or shorter, `failure` why the job will fail; `free` work is
    done for nothing.
    """
    seconds = _billed(call, recording.seconds)
    order = Order(
        service=call.service,
        service_type=service_type,
        variant=variant,
        cents=0 if paid_by == "credits" else call.world.cents(service_type, seconds, multiplier),
        credits=_credits(call, service_type, seconds, multiplier) if credits_ is None else credits_,
        seconds=seconds,
        measured=recording.seconds,
        name=recording.name,
        sha256=recording.sha256,
        size=recording.size,
        token=token_in(recording.name, call.world.scenario.token_pattern),
        options=options or {},
        outputs=outputs,
        address=recording.address,
        hold_cents=None if hold_seconds is None else _cents(call, service_type, hold_seconds, multiplier),
        paid_by=paid_by,
        api_key_id=row_id(f"key {call.key}", 0),
    )
    return start(call, replace(order, cents=0, credits=0) if free else order, failure)


def _cents(call: Call, service_type: str, seconds: Fraction, multiplier: Fraction) -> int:
    return call.world.cents(service_type, _billed(call, seconds), multiplier)


def _credits(call: Call, service_type: str, seconds: int, multiplier: Fraction) -> int:
    return job_credits(seconds, call.world.rate(service_type), multiplier)


def _billed(call: Call, seconds: Fraction) -> int:
    """Whole seconds, as they are billed."""
    return max(1, ceil(seconds) + call.world.scenario.extra_seconds)


def _course(call: Call, order: Order) -> tuple[Fate, float]:
    """What becomes of a job, and how many seconds it takes."""
    switches = call.world.scenario
    takes = switches.job_seconds + switches.job_seconds_per_minute * order.seconds / 60
    return fate_of(call.struck, jobs_end=switches.jobs_end), takes


def start(call: Call, order: Order, failure: str | None = None) -> Job:
    """Hold an order's price and start its job, which fails where there is a `failure`. Raises Refusal 402."""
    call.now = call.world.now()  # the upload may have taken a while
    call.refuse(required_cents=order.cents)
    fate, takes = _course(call, order)
    if failure is not None:
        fate = replace(fate, ending="FAILED", message=failure)
    try:
        job = call.world.books.open_job(order, fate, call.now, takes)
    except ShortOfMoneyError as short:
        raise short_of_money(short.required_cents, short.available_cents) from short
    except ShortOfCreditsError as short:
        raise short_of_credits(short.required, short.available) from short
    call.draft = Draft(order.name, order.sha256, order.size, job.id, dict(order.options))
    return job


def again(call: Call, job: Job) -> Job:
    """Start a job that has failed once more, under its number and for nothing."""
    fate, takes = _course(call, job.order)
    return call.world.books.run_again(job, fate, call.now, takes)
