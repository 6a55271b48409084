"""The ways in which a lawful server may differ: what docs/api.md leaves open, as one value."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from support.other_books import Job, Other
    from support.other_server import Handler

Body = dict[str, Any]


def flat(code: str, message: str, rest: Body) -> object:
    """Shape a of docs/api.md 5.1."""
    return {"error": code, "message": message, **rest}


def usd(cents: int) -> str:
    """Dollars as the service writes them."""
    return f"${cents // 100:,}.{cents % 100:02d}"


def http_date(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%a, %d %b %Y %H:%M:%S GMT")


@dataclass(frozen=True)
class Dialect:
    """One lawful way to speak; the defaults are the plainest reading of docs/api.md."""

    # jobs
    ident: Callable[[int], object] = int
    submitted: Callable[[object, str], Body] = lambda ident, service: {
        "job_id" if service == "transcription" else "id": ident,
        "status": "PENDING",
    }
    accepts: int = 200
    word: Callable[[str], object] = str
    ends: str = "COMPLETED"
    job_seconds: float = 0.1
    entry: Callable[[Body], object] = lambda entry: entry
    status_body: Callable[[Body], object] = lambda body: body
    status_names: dict[str, tuple[str, ...]] = field(
        default_factory=lambda: {"transcription": ("jobs",), "stem_extraction": ("status",)}
    )
    # job lists
    listed: Callable[[list[object], int], object] = lambda page, total: page
    list_page: int = 100
    list_names: tuple[str, ...] = ("skip", "offset")
    list_obeys_limit: bool = True
    list_newest_first: bool = True
    strangers: int = 0  # jobs and rows of other people's, or of other programs with the same key
    # wallet
    wallet_cents: int = 5000
    purse: Callable[[Body], object] = lambda body: body
    prices: Callable[[Body], object] = lambda body: body
    row: Callable[[Body], object] = lambda row: row
    rows_page: int = 100
    rows_say: Callable[[int, int], Body] = lambda page, limit: {"page": page, "limit": limit}
    credits: Callable[[], object] = lambda: {"total_available_credits": 0, "payg_balance": 0}
    # errors and statuses
    error: Callable[[str, str, Body], object] = flat
    refuse: dict[str, tuple[int, str, str]] = field(default_factory=dict)  # by a piece of the file's name
    answers: dict[str, int] = field(default_factory=dict)  # a path, or a piece of it, that answers so always
    shaky: dict[str, tuple[int, int, dict[str, str | Callable[[], str]]]] = field(
        default_factory=dict
    )  # path: times, status, headers
    # results
    transcripts: tuple[str, ...] = (
        "/api/v1/transcription/jobs/{}/transcript",
        "/api/v1/transcription/transcript/{}",
    )
    transcript_type: str | None = None
    links: Callable[["Other", "Job", dict[str, str]], object] = lambda other, job, links: links
    labels: tuple[str, ...] = ("vocals", "no_vocals")
    link_base: str = "storage"
    redirects: bool = False
    # transport
    protocol: str = "HTTP/1.1"
    framing: str = "length"  # length | chunked | close
    zips: bool = False
    idle: float = 30.0
    say_continue: bool = False
    trickle: float = 0.0
    before: Callable[["Handler"], bool] = lambda handler: False
    after: Callable[["Handler", "Job"], bool] = lambda handler, job: False


# -- small changes to bodies


def without(*names: str) -> Callable[[dict], dict]:
    return lambda body: {name: value for name, value in body.items() if name not in names}


def renamed(**names: str) -> Callable[[dict], dict]:
    return lambda body: {names.get(name, name): value for name, value in body.items()}


def lower(word: str) -> str:
    return word.lower()


def zoneless(body: dict) -> dict:
    return {
        name: value.removesuffix("Z") if name.endswith("_at") and value else value
        for name, value in body.items()
    }


def in_the_middle(body: dict) -> dict:
    return {
        name: f"2026/{value[:-4]}_processed_v2.flac" if name in ("display_name", "input_path") else value
        for name, value in body.items()
    }


def only(name: str) -> Callable[[dict], dict]:
    return lambda body: {
        **without("display_name", "input_path", "source_urls")(body),
        name: [body["display_name"]] if name.endswith("s") else f"in/{body['display_name'].upper()}",
    }


TEXTS_ONLY = without("balance_cents", "total_spent_cents")


def texts_in_prices(body: dict) -> dict:
    return {
        "services": {
            name: {"rate_per_minute": row["rate_per_minute"]} for name, row in body["services"].items()
        }
    }


def more_prices(body: dict) -> dict:
    return {
        "services": {
            "audiobook": {"rate_per_minute": "$1.00/min"},
            **body["services"],
            "free": {"rate_per_minute": "free"},
            "odd": None,
        }
    }


# -- error bodies, docs/api.md 5.1

SHAPES: dict[str, Callable[[str, str, dict], object]] = {
    "a": flat,
    "b": lambda code, message, rest: {"detail": {"error_code": code, "message": message, **rest}},
    "b, code": lambda code, message, rest: {"detail": {"code": code, "message": message, **rest}},
    "c": lambda code, message, rest: {"detail": message},
    "d": lambda code, message, rest: {"detail": [{"loc": ["body", "file"], "msg": message, "type": code}]},
    "e": lambda code, message, rest: {"error_code": code, "message": message, "details": rest},
    "f": lambda code, message, rest: {
        "error": {"code": code, "type": "invalid", "message": message, "param": None, **rest}
    },
    "g": lambda code, message, rest: f"<html><body><h1>{message}</h1></body></html>".encode(),
    "g, empty": lambda code, message, rest: b"",
}


# -- faults


def once(act: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Does it to the first job only."""
    return lambda handler, job: job.order == 0 and act(handler, job)


def silent(handler: Any, job: Any) -> bool:
    handler.server.stopping.wait(20)
    return handler.hang_up()
