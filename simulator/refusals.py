"""Errors as the service answers them: status, code, and a body in one of its shapes (docs/api.md 5.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from simulator.prices import usd
from simulator.replies import Reply, html_reply, json_reply
from simulator.scenario import BodyShape, Fault, RetryForm


@dataclass(slots=True)
class Refusal(Exception):
    """An answer other than the one that was hoped for."""

    status: int
    code: str
    message: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()
    shape: BodyShape | None = None
    """A shape of its own, in place of the scenario's."""

    def reply(self, shape: BodyShape) -> Reply:
        """The answer, in the scenario's shape unless it has its own."""
        said = {"error": self.code, "message": self.message, **self.facts}
        match self.shape or shape:
            case "flat":
                return json_reply(said, self.status, self.headers)
            case "nested":
                return json_reply({"detail": said}, self.status, self.headers)
            case "text":
                return json_reply({"detail": self.message}, self.status, self.headers)
            case "html":
                return html_reply(self.status, HTTPStatus(self.status).phrase)


@dataclass(slots=True)
class Invalid(Refusal):
    """422 in the web framework's own form: a list of what does not fit the schema (docs/api.md 5.1 d)."""

    where: tuple[str | int, ...] = ()

    def reply(self, shape: BodyShape) -> Reply:
        """The answer; the list stays a list whatever the scenario's shape."""
        if shape == "html":
            return html_reply(422, "Unprocessable Entity")
        return json_reply({"detail": [{"loc": self.where, "msg": self.message, "type": self.code}]}, 422)


def invalid(message: str, *where: str | int) -> Invalid:
    """A field that does not fit the schema."""
    return Invalid(422, "value_error", message, where=where)


def no_job() -> Refusal:
    """An id that is unknown, deleted or somebody else's."""
    return Refusal(404, "not_found", "Job not found or access denied")


def not_mounted() -> Refusal:
    """404 as the web framework answers for a route that is not there."""
    return Refusal(404, "not_found", "Not Found")


def short_of_money(required_cents: int, available_cents: int) -> Refusal:
    """402: the wallet does not cover the price (docs/api.md 5.2)."""
    return Refusal(
        402,
        "insufficient_api_balance",
        f"Insufficient balance. Required: {usd(required_cents)}, Available: {usd(available_cents)}",
        {"required_cents": required_cents, "available_cents": available_cents},
    )


def short_of_credits(required: int, available: int) -> Refusal:
    """402 in words only, as the credit side of the service answers it."""
    return Refusal(
        402,
        "insufficient_credits",
        f"Insufficient credits. Required: {required}, Available: {available}",
        shape="text",
    )


def plan_required(what: str) -> Refusal:
    """402 that is about the account's plan and not about money."""
    return Refusal(402, "PREMIUM_TIER_REQUIRED", f"{what} needs a higher plan")


def too_large() -> Refusal:
    """413 from the gateway, which knows no JSON."""
    return Refusal(413, "too_large", "Request Entity Too Large", shape="html")


def rate_limited(seconds: int, form: RetryForm, now: float) -> Refusal:
    """429 with a `Retry-After` in one of its forms."""
    headers: tuple[tuple[str, str], ...] = ()
    if form == "seconds":
        headers = (("retry-after", str(seconds)),)
    elif form == "date":
        headers = (("retry-after", formatdate(now + seconds, usegmt=True)),)
    return Refusal(429, "rate_limit_exceeded", "Rate limit exceeded. Try again later.", headers=headers)


_SCRIPTED: dict[str, tuple[int, str, str, BodyShape | None]] = {
    "unavailable": (503, "service_unavailable", "Service Unavailable", None),
    "server_error": (500, "internal_error", "Internal Server Error", None),
    "bad_gateway": (502, "bad_gateway", "Bad Gateway", "html"),
    "premium_required": (402, "PREMIUM_TIER_REQUIRED", "This variant needs a higher plan", None),
    "unauthorized": (401, "unauthorized", "Invalid API key", None),
    "revoked": (403, "key_revoked", "This API key was revoked", None),
    "plan_too_low": (403, "plan_required", "Your plan does not include this feature", None),
    "not_found": (404, "not_found", "Not Found", None),
    "gone": (410, "gone", "The result is past its retention time", None),
    "link_expired": (403, "link_expired", "This link has expired", None),
    "too_large": (413, "too_large", "Request Entity Too Large", "html"),
    "bad_request": (400, "INVALID_AUDIO_FORMAT", "Not an audio or video file", None),
}


def scripted(fault: Fault, required_cents: int, now: float) -> Refusal | None:
    """The refusal that a fault asks for, or nothing when the fault is of another kind."""
    match fault.do:
        case "rate_limited":
            refusal = rate_limited(fault.retry_after, fault.retry_form, now)
        case "short_of_money":
            refusal = short_of_money(required_cents, max(0, min(fault.cents, required_cents - 1)))
        case "short_of_credits":
            refusal = short_of_credits(8250, 1000)
        case code if code in _SCRIPTED:
            status, word, message, shape = _SCRIPTED[code]
            refusal = Refusal(status, word, message, shape=shape)
        case _:
            return None
    refusal.status = fault.status or refusal.status
    refusal.shape = fault.body or refusal.shape
    return refusal
