"""What the simulator shall do wrong, and how it decides where the real service is silent (docs/api.md 19)."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from msgspec import Meta, Struct

from simulator.prices import RATES

PUBLIC_KEY = "ap_sim_key"
"""The key that every simulator accepts unless its scenario names others. Not a secret."""

PUBLIC_SESSION_TOKEN = "sim_session_token"  # noqa: S105 - not a secret
"""The session token that every simulator accepts unless its scenario names others."""

TOKEN_PATTERN = r"ek-[0-9a-f]{16}-[0-9a-f]{16}"  # noqa: S105 - a pattern, and no secret
"""What a client's token looks like in a file name; only used to write it into the books."""

Positive = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0)]
Ordinal = Annotated[int, Meta(ge=1)]

BodyShape = Literal["flat", "nested", "text", "html"]
"""The shape of an error's body (docs/api.md 5.1, a, b, c and g)."""

RetryForm = Literal["seconds", "date", "none"]
"""How a `Retry-After` header is written, if at all."""

Plan = Literal["basic", "creator", "pro", "studio"]
"""The account's plan, lowest first."""

Refusing = Literal[
    "unavailable",
    "server_error",
    "bad_gateway",
    "rate_limited",
    "short_of_money",
    "short_of_credits",
    "premium_required",
    "unauthorized",
    "revoked",
    "plan_too_low",
    "not_found",
    "gone",
    "link_expired",
    "too_large",
    "bad_request",
]
"""Nothing is done, and this is answered."""

Losing = Literal["drop", "reset", "gateway", "slow", "trickle_head", "trickle_body", "garbage"]
"""The request is carried out, and its answer spoiled."""

Fating = Literal[
    "fail",
    "fail_charged",
    "cancel",
    "never",
    "no_result",
    "status_word",
    "job_seconds",
    "usage_late",
    "usage_never",
    "usage_twice",
    "usage_split",
    "usage_without_job_id",
    "charge_extra",
]
"""The submit is answered well, and the job it made turns out oddly."""

Other = Literal["cut_upload", "cut_download", "wrong_length", "repeat_page"]
"""The connection is cut, the length is a lie, or a list shows its first page whatever was asked for."""

Action = Refusing | Losing | Fating | Other


class Fault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that goes wrong, and when.

    Without `nth`, `every` and `probability` it strikes at every request that matches `at` and `name`.
    Each fault counts the requests that match it for itself, from 1.
    """

    at: str
    """Which requests, as a shell pattern over `submit:SERVICE`, `list:SERVICE`, `status:SERVICE`,
    `result:SERVICE`, `delete:SERVICE`, `cancel:SERVICE`, `retry:SERVICE`, `download:SERVICE`,
    `catalog:SERVICE`, `wallet:CALL` and `credits:CALL`."""
    do: Action
    nth: tuple[Ordinal, ...] | Ordinal | None = None
    every: Ordinal | None = None
    probability: Annotated[float, Meta(ge=0, le=1)] | None = None
    """Drawn from the scenario's seed, so that a red test repeats."""
    name: str | None = None
    """A shell pattern for the file name: of the upload, or of the job that is asked for."""
    times: Ordinal | None = None
    """At most so many strikes."""

    seconds: Positive = 5.0
    """How long a slow answer waits, a trickling one pauses between two bytes, a job runs, or a usage row is
    held back."""
    status: Annotated[int, Meta(ge=200, le=599)] | None = None
    """The status in place of the usual one, for what refuses, `gateway` and `garbage`."""
    retry_after: Count = 1
    """Seconds, of `rate_limited`."""
    retry_form: RetryForm = "seconds"
    body: BodyShape | None = None
    """The error body's shape in place of the scenario's."""
    text: str | None = None
    """The word of `status_word`, the error message of `fail`, the body of `garbage`."""
    bytes: int | None = None
    """How much arrives before a cut (half by default); for `wrong_length` what is added to the length."""
    cents: Count = 0
    """What `charge_extra` adds; what `short_of_money` says is there (at most)."""
    early: bool = False
    """Answer before the upload was read; else the upload is taken in full first."""

    def __post_init__(self) -> None:
        """Refuse a fault that could not do what it says."""
        if self.do == "status_word" and not self.text:
            raise ValueError("`status_word` needs its word in `text`")
        if self.do == "charge_extra" and not self.cents:
            raise ValueError("`charge_extra` needs `cents`")


class Event(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that changes once during the run: after so many seconds or submits, or at once."""

    do: Literal["price", "drain", "top_up", "credits", "revoke_key", "plan"]
    after_seconds: Positive | None = None
    after_submits: Count | None = None
    service_type: str = ""
    """Of `price`."""
    cents: Annotated[float, Meta(ge=0)] = 0
    """Of `price` for a minute; of `drain` and `top_up`, whole cents."""
    credits: int = 0
    """Of `credits`: what is added, mostly below zero."""
    key: str = PUBLIC_KEY
    """Of `revoke_key`: a key, or a session token."""
    plan: Plan = "basic"
    """Of `plan`."""

    def __post_init__(self) -> None:
        """Refuse an event that could not happen as it says."""
        if self.do == "price":
            _check_service_type(self.service_type)
        elif self.cents != int(self.cents):
            raise ValueError(f"`{self.do}` moves whole cents, not {self.cents}")


class Scenario(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All switches, faults and events of one simulator. Every default is the decision of docs/api.md 19."""

    seed: int = 0
    faults: tuple[Fault, ...] = ()
    events: tuple[Event, ...] = ()

    # Who may come in, and how often.
    keys: Annotated[tuple[str, ...], Meta(min_length=1)] = (PUBLIC_KEY,)
    revoked_keys: tuple[str, ...] = ()
    session_tokens: tuple[str, ...] = (PUBLIC_SESSION_TOKEN,)
    """Of people who logged in, for noise reduction; `revoke_key` ends a session, too."""
    denoise_by_key: Literal[401, 402, 403, "allowed"] = 403
    """What noise reduction answers to a key; when allowed, account credits pay all the same."""
    rate_per_minute: Ordinal | None = None
    """Requests a minute for each key and path, else 429. Off by default, although docs/api.md 19 says 100:
    a fleet on loopback would meet nothing else. Set it to 100 for fidelity."""
    rate_retry_form: RetryForm = "seconds"
    plan: Plan = "studio"

    # Money.
    charge_at_submit: bool = False
    """Charge when a job is made and refund it on failure, in place of holding and settling."""
    balance_shows_holds: bool = False
    """`balance_cents` is what nothing holds, in place of all money that was not charged."""
    credits: Count = 0
    credits_fallback: bool = False
    """Account credits pay when the wallet is short."""
    binary_fractions: bool = False
    """Prices are counted in dollars with binary fractions: three minutes of stems cost 31 cents."""
    prices: dict[str, Annotated[float, Meta(ge=0)]] = {}
    """Cents for a minute by `service_type`, in place of the published ones."""
    extra_seconds: int = 0
    """Added to every measured length before pricing; may be negative."""
    low_balance_cents: Count = 500
    """`low_balance_warning` is shown below this."""

    # Usage rows.
    usage_delay: Positive = 0.0
    """Seconds until a row is shown."""
    usage_job_ids: bool = True

    # Jobs.
    job_seconds: Positive = 1.0
    job_seconds_per_minute: Positive = 0.02
    """Added to `job_seconds` for every minute of length."""
    jobs_end: bool = True
    minimum_seconds: Positive = 0.0
    """Shorter recordings are refused with 400. Off by default, because examples are short; the service wants
    10 for transcription and stems (docs/api.md 5.2)."""
    max_upload_bytes: Ordinal | None = None
    """Larger uploads are refused with 413 and an HTML page."""
    longest_result_seconds: Ordinal = 600
    """Result files are cut at this length, to keep them small."""
    media_addresses: Literal["loopback", "none"] = "loopback"
    """Which addresses a submit by address may name; the simulator never fetches from other machines."""

    # Bodies, names, lists.
    error_body: BodyShape = "flat"
    unknown_service_status: Literal[400, 422] = 400
    other_case: bool = False
    """Status words in the other case."""
    names: Literal["keep", "strip", "change"] = "keep"
    """What the service keeps of the uploaded file's name."""
    list_names: bool = True
    """Lists show names; else only the status of a job does."""
    list_delay: Positive = 0.0
    """Seconds until a new job appears in its list."""
    transcription_paging: Literal["offset", "skip", "both"] = "offset"
    dubbing_mounted: bool = True
    """The service takes submits of speech translation; else 404, as in mid-2026 (docs/api.md 11)."""
    convert_list: bool = False
    """Media conversion has a list of jobs; none is published, so that by default it answers 404."""
    hollow_results: bool = False
    """Completed stems also carry entries that are empty or no text."""

    # Voices and speech.
    speech_factor: Annotated[float, Meta(gt=0)] = 1.0
    """How much longer speech turns out than its text makes expect; it is charged at its real length."""
    estimate_factor: Annotated[float, Meta(gt=0)] = 1.0
    """How much longer `estimated_duration` says that speech will be; the price of that is held."""
    speech_is_wav: bool = False
    """Speech is WAV whatever format was asked for, under the name and the type of that format."""
    clone_price: Literal["free", "sample"] = "free"
    """What a cloned voice costs: nothing, or the length of its sample."""
    unready_voice: Literal["refuse", "fail"] = "refuse"
    """What becomes of a submit with a voice that is not ready: 400, or a job that fails."""
    conversion_url: bool = False
    """A conversion shows `output_url` beside the `output_path` that is documented."""
    voice_list: Literal["array", "envelope"] = "array"
    """The list of voices is bare, or in `voices` beside `total` and `hasMore`."""

    # Result links.
    link_seconds: Positive = 3600.0
    """How long a link is valid; then 403, and a fresh status gives a new one."""
    retention_seconds: Positive | None = None
    """Results older than this are gone: 410."""

    token_pattern: str = TOKEN_PATTERN

    def __post_init__(self) -> None:
        """Refuse prices that nothing would ever ask for, and a pattern that is none."""
        for service_type in self.prices:
            _check_service_type(service_type)
        try:
            re.compile(self.token_pattern)
        except re.error as error:
            raise ValueError(f"`token_pattern`: {error}") from error


def _check_service_type(name: str) -> None:
    if name not in RATES:
        raise ValueError(f"no service_type {name!r}; there are {', '.join(RATES)}")
