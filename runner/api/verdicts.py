"""What an answer means for a read and for a submit, by its status and its error body (docs/api.md 5.2).

Whether a refusal is about the key, the money, the plan or the file is told by its text where the
status alone does not say it; each rule is a table or a pattern here, and nowhere else.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from runner.api import answers
from runner.api.answers import ErrorText
from runner.api.errors import (
    ApiError,
    CallRefused,
    Gone,
    KeyRefused,
    ServiceDown,
    SessionRefused,
    TooManyCalls,
)
from runner.api.interface import (
    Accepted,
    Doubtful,
    NotAllowed,
    NotSent,
    OutOfMoney,
    Rejected,
    SubmitOutcome,
    Throttled,
)
from runner.api.jobs import estimated, submitted

GATEWAY_GAVE_UP = frozenset({408, 425, 444, 460, 499})
"""4xx by which gateways say that they stopped waiting: behind them, the service may have made a job."""

_OK, _REDIRECT, _CLIENT, _SERVER = 200, 300, 400, 500
_BAD = r"(revoked|expired|invalid|disabled|inactive|suspended|deleted|unknown|missing|not valid|not active)"
_KEY = r"(api[ _-]?key|\bkey\b|credentials?\b|\btoken\b)"
_ABOUT_KEY = re.compile(rf"{_KEY}.*{_BAD}|{_BAD}.*{_KEY}|\bscopes?\b|revoked", re.IGNORECASE)
_OF_KEY = re.compile(r"\bapi[ -]?keys?\b|\bunauthori[sz]ed\b|authentication|not authenticated", re.IGNORECASE)
_ABOUT_PLAN = re.compile(r"tier|premium|\bplan\b|upgrade|subscri", re.IGNORECASE)
_ABOUT_MONEY = re.compile(r"insufficient|balance|credits?\b|funds|top.?up", re.IGNORECASE)
_PLAN_TOO_LOW = "PREMIUM_TIER_REQUIRED"


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def ok(self) -> bool:
        """Any 2xx: the contract names 200 everywhere, the service may choose others."""
        return _OK <= self.status < _REDIRECT

    def __str__(self) -> str:
        request = self.headers.get("x-request-id", "")
        said = str(answers.error_text(self.body)) if not self.ok else ""
        known = f"request {answers.clean(request)}" if request else ""
        return ", ".join(
            part for part in (": ".join(p for p in (str(self.status), said) if p), known) if part
        )


_KEY_VARIABLE = "AUDIOPOD_API_KEY"


def _closed(variable: str) -> tuple[type[KeyRefused], str]:
    """The error about what a person sets there, and its name: the key, or a session token."""
    return (KeyRefused, "key") if variable == _KEY_VARIABLE else (SessionRefused, "session token")


def refusal(answer: Answer, what: str, now: float, variable: str = _KEY_VARIABLE) -> ApiError:
    """The error that a read's answer other than 2xx stands for.

    Args:
        answer: not a 2xx.
        what: what was asked for, to begin the message with.
        now: seconds since the epoch, for a `Retry-After` that is a date.
        variable: where a person sets the key, or the token, that went along.
    """
    later = answers.retry_after(answer.headers.get("retry-after"), now)
    refused, name = _closed(variable)
    match answer.status:
        case 401:
            return refused(f"{what}: the {name} was refused ({answer}); check {variable}")
        case 403 if about_key(answers.error_text(answer.body)):
            return refused(f"{what}: the {name} is not allowed to ({answer}); check {variable}")
        case 404 | 410:
            return Gone(f"{what}: no longer there ({answer})")
        case 429:
            return TooManyCalls(f"{what}: too many calls ({answer})", later)
        case status if status >= _SERVER or status in GATEWAY_GAVE_UP:
            return ServiceDown(
                f"{what}: the service does not answer as it should ({answer}); try later", later
            )
    elsewhere = ": it sends us elsewhere, where the key must not go; check AUDIOPOD_BASE_URL"
    where = elsewhere if answer.status < _CLIENT else ""
    return CallRefused(f"{what}: refused ({answer}){where}", answer.status)


def outcome(answer: Answer, *, complete: bool, now: float, missing: str = "") -> SubmitOutcome:
    """How a submit with this answer ended.

    Args:
        answer: the whole answer, or its status and headers where the body was cut.
        complete: whether the last chunk of the upload may have reached the service.
        now: seconds since the epoch, for a `Retry-After` that is a date.
        missing: what a 404 means, where the service can tell.
    """
    if answer.ok:
        return _accepted(answer)
    if answer.status < _CLIENT or answer.status >= _SERVER or answer.status in GATEWAY_GAVE_UP:
        reason = f"the service answered {answer}"
        return Doubtful(reason) if complete else NotSent(f"{reason} before the end of the upload")
    return _refused(answer, now, missing)


def unsent(error: ApiError | answers.UnreadableError) -> SubmitOutcome:
    """How a submit ended before which the service could not be asked what must be known: with no job."""
    match error:
        case KeyRefused():
            return NotAllowed(str(error))
        case TooManyCalls():
            return Throttled(error.retry_after)
        case Gone() | CallRefused():
            return Rejected(str(error))
    return NotSent(f"{error}; nothing was sent")


def _refused(answer: Answer, now: float, missing: str) -> SubmitOutcome:
    error = answers.error_text(answer.body)
    match answer.status:
        case 401:
            return NotAllowed(str(answer))
        case 403 if about_key(error):
            return NotAllowed(str(answer))
        case 402 if not about_plan(error):
            return OutOfMoney(str(answer), error.required, error.available)
        case 429:
            return Throttled(answers.retry_after(answer.headers.get("retry-after"), now))
        case 404 if missing:
            return Rejected(f"{missing} ({answer})")
    return Rejected(str(answer))


def about_key(error: ErrorText) -> bool:
    """Whether a 403 is about the key (revoked, expired, a missing scope) and not about this item.

    One that only names the key or the lack of one is about it, too, unless it wants a higher plan:
    it would meet every item alike.
    """
    said = _said(error)
    if _names_plan(error):
        return False
    if _ABOUT_KEY.search(said):
        return True
    return _OF_KEY.search(said) is not None and not about_plan(error)


def about_plan(error: ErrorText) -> bool:
    """Whether a refusal wants a higher plan (PREMIUM_TIER_REQUIRED) and not more money.

    In doubt it is about money: that stops the run, the other way round would send on.
    """
    if _names_plan(error):
        return True
    if error.required is not None or error.available is not None:
        return False
    said = _said(error)
    return _ABOUT_MONEY.search(said) is None and _ABOUT_PLAN.search(said) is not None


def _names_plan(error: ErrorText) -> bool:
    """Whether the code of a plan that is too low stands anywhere: in words it decides, too."""
    return any(_PLAN_TOO_LOW in text.upper() for text in (error.code, *error.codes, error.message))


def _said(error: ErrorText) -> str:
    """Code and text in words, so that the patterns see where a word of the code ends."""
    return f"{error.code} {error.message}".replace("_", " ")


def _accepted(answer: Answer) -> SubmitOutcome:
    try:
        value = answers.json_value(answer.body)
        made = submitted(value)
    except answers.UnreadableError as error:
        return Doubtful(f"the service answered {answer.status}, but its answer is {error}")
    if not made:
        return Doubtful(f"the service answered {answer.status}, but named no job")
    return Accepted(made, estimated(value))
