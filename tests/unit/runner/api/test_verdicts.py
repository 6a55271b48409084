"""Each code of docs/api.md 5.2, for a read and for a submit."""

import json

import pytest

from runner.api.errors import CallRefused, Gone, KeyRefused, ServiceDown, TooManyCalls
from runner.api.interface import (
    Accepted,
    Doubtful,
    NotAllowed,
    NotSent,
    OutOfMoney,
    Rejected,
    Throttled,
)
from runner.api.verdicts import GATEWAY_GAVE_UP, Answer, outcome, refusal

DATE = "Wed, 21 Oct 2015 07:28:00 GMT"
NOW = 1445412470.0


def answer(status: int, body: object = None, **headers: str) -> Answer:
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, raw)


def error(code: str, message: str = "") -> dict[str, str]:
    return {"error": code, "message": message}


SUBMITS = [
    (answer(400, error("INVALID_AUDIO_FORMAT", "no")), Rejected("400: no (INVALID_AUDIO_FORMAT)")),
    (answer(401, error("unauthorized")), NotAllowed("401: (unauthorized)")),
    (answer(401), NotAllowed("401")),
    (
        answer(
            402, {**error("insufficient_api_balance", "low"), "required_cents": 55, "available_cents": 12}
        ),
        OutOfMoney("402: low (insufficient_api_balance)", 55, 12),
    ),
    (
        answer(402, {"detail": "Insufficient credits: 100 required"}),
        OutOfMoney("402: Insufficient credits: 100 required"),
    ),
    (answer(402), OutOfMoney("402")),
    (answer(402, b"<html>Payment"), OutOfMoney("402: Payment")),
    (
        answer(402, {"detail": "Upgrade your plan or add credits"}),
        OutOfMoney("402: Upgrade your plan or add credits"),
    ),
    (
        answer(402, error("PREMIUM_TIER_REQUIRED", "Pro only")),
        Rejected("402: Pro only (PREMIUM_TIER_REQUIRED)"),
    ),
    (answer(402, {"detail": {"code": "premium_tier_required"}}), Rejected("402: (premium_tier_required)")),
    (
        answer(402, {"detail": "Studio mode needs the Pro plan"}),
        Rejected("402: Studio mode needs the Pro plan"),
    ),
    (
        answer(402, {**error("subscription_required", "m"), "required_cents": 9, "available_cents": 4}),
        OutOfMoney("402: m (subscription_required)", 9, 4),
    ),
    (
        answer(402, {**error("plan_limit"), "available_cents": 4}),
        OutOfMoney("402: (plan_limit)", None, 4),
    ),
    (answer(402, error("premium_balance_low")), OutOfMoney("402: (premium_balance_low)")),
    (answer(402, error("upgrade_or_add_credits_now")), OutOfMoney("402: (upgrade_or_add_credits_now)")),
    (
        answer(402, {**error("PREMIUM_TIER_REQUIRED", "Balance does not help"), "required_cents": 9}),
        Rejected("402: Balance does not help (PREMIUM_TIER_REQUIRED)"),
    ),
    (answer(402, error("plan_too_low")), Rejected("402: (plan_too_low)")),
    (
        answer(402, {"error_code": "X", "message": "m", "details": {"required_cents": 9}}),
        OutOfMoney("402: m (X)", 9),
    ),
    (answer(403, error("forbidden", "API key revoked")), NotAllowed("403: API key revoked (forbidden)")),
    (answer(403, {"detail": "This key has expired"}), NotAllowed("403: This key has expired")),
    (answer(403, error("invalid_api_key")), NotAllowed("403: (invalid_api_key)")),
    (answer(403, {"detail": "missing scope stems:write"}), NotAllowed("403: missing scope stems:write")),
    (answer(403, {"detail": "Your plan lacks this feature"}), Rejected("403: Your plan lacks this feature")),
    (answer(403, {"detail": "The key's plan is Basic"}), Rejected("403: The key's plan is Basic")),
    (
        answer(403, error("forbidden", "Your API key does not have permission to use this service")),
        NotAllowed("403: Your API key does not have permission to use this service (forbidden)"),
    ),
    (answer(403, error("unauthorized")), NotAllowed("403: (unauthorized)")),
    (answer(403, error("api_key_restricted")), NotAllowed("403: (api_key_restricted)")),
    (answer(403, {"detail": "Not authenticated"}), NotAllowed("403: Not authenticated")),
    (answer(403, {"detail": "Invalid authentication"}), NotAllowed("403: Invalid authentication")),
    (
        answer(403, {"detail": "Upgrade your plan to use this with an API key"}),
        Rejected("403: Upgrade your plan to use this with an API key"),
    ),
    (answer(403, {"detail": "This recording is not yours"}), Rejected("403: This recording is not yours")),
    (answer(403), Rejected("403")),
    (answer(404, {"detail": "Not Found"}), Rejected("404: Not Found")),
    (answer(405), Rejected("405")),
    (answer(409), Rejected("409")),
    (answer(410), Rejected("410")),
    (answer(413, b"<html><h1>413 Too Large</h1>"), Rejected("413: 413 Too Large")),
    (answer(415), Rejected("415")),
    (answer(422, {"detail": [{"loc": ["body", "mode"], "msg": "unknown"}]}), Rejected("422: mode: unknown")),
    (
        answer(422, {"error_code": "PROCESSING_FAILED", "message": "m"}),
        Rejected("422: m (PROCESSING_FAILED)"),
    ),
    (answer(429, error("rate_limit_exceeded"), retry_after="7"), Throttled(7.0)),
    (answer(429, retry_after=DATE), Throttled(10.0)),
    (answer(429), Throttled(None)),
    (answer(200, {"id": 5}), Accepted("5")),
    (answer(201, {"job": {"id": "x"}}), Accepted("x")),
    (answer(202, {"job_id": 5, "task_id": "t"}), Accepted("5")),
    (answer(200, [{"job_id": 5}]), Accepted("5")),
    (answer(200, {"jobs": [{"id": 5}]}), Accepted("5")),
    (answer(200, b'{"job_id": 5, "eta": 1e999999999999999999999}'), Accepted("5")),
]


@pytest.mark.parametrize(("given", "expected"), SUBMITS)
@pytest.mark.parametrize("complete", [True, False])
def test_a_clear_answer_is_clear_whenever_it_comes(given, expected, complete):
    assert outcome(given, complete=complete, now=NOW) == expected


CODE, WORDS = "PREMIUM_TIER_REQUIRED", "Credits and balance do not help"
SHAPES = {
    "a": {"error": CODE, "message": WORDS},
    "a, code beside a word": {"error": "payment_required", "code": CODE, "message": WORDS},
    "b": {"detail": {"error": CODE, "message": WORDS}},
    "b, code": {"detail": {"code": CODE, "message": WORDS}},
    "b, error_code": {"detail": {"error_code": CODE, "message": WORDS}},
    "c": {"detail": f"{CODE}: {WORDS}"},
    "d": {"detail": [{"loc": ["body", "mode"], "msg": f"{CODE}: {WORDS}", "type": "value_error"}]},
    "e": {"error_code": CODE, "message": WORDS, "details": {"required_tier": "pro"}},
    "f": {"error": {"code": CODE, "message": WORDS}},
    "f, type": {"error": {"type": CODE, "message": WORDS}},
    "f, nested": {"detail": {"error": {"code": CODE, "message": WORDS}}},
    "g": f"<html><p>{CODE}: {WORDS}</p>".encode(),
    "lower case": {"error": CODE.lower(), "message": WORDS},
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("status", [402, 403])
def test_a_plan_that_is_too_low_is_about_the_item_in_every_shape(shape, status):
    found = outcome(answer(status, SHAPES[shape]), complete=True, now=NOW)

    assert isinstance(found, Rejected)
    assert WORDS in found.reason


@pytest.mark.parametrize(
    "words",
    [
        "Your plan does not include this mode",
        "Upgrade to Pro",
        "This needs a premium tier",
        "Not in your plan",
    ],
)
@pytest.mark.parametrize("status", [402, 403])
@pytest.mark.parametrize(
    "shaped",
    [
        lambda text: {"error": "forbidden", "message": text},
        lambda text: {"detail": {"error": "forbidden", "message": text}},
        lambda text: {"detail": text},
        lambda text: {"detail": [{"msg": text}]},
        lambda text: {"error_code": "forbidden", "message": text},
        lambda text: {"error": {"type": "forbidden", "message": text}},
        lambda text: text.encode(),
    ],
    ids=list("abcdefg"),
)
def test_so_it_is_where_only_words_say_it(shaped, words, status):
    assert isinstance(outcome(answer(status, shaped(words)), complete=True, now=NOW), Rejected)


UNCLEAR = [500, 502, 503, 504, 520, 529, 599, 300, 302, 307, 308, *sorted(GATEWAY_GAVE_UP)]


@pytest.mark.parametrize("status", UNCLEAR)
def test_behind_these_answers_there_may_be_a_job(status):
    found = outcome(answer(status, b"<h1>Bad Gateway</h1>", x_request_id="r-1"), complete=True, now=NOW)

    assert found == Doubtful(f"the service answered {status}: Bad Gateway, request r-1")


@pytest.mark.parametrize("status", UNCLEAR)
def test_before_the_last_chunk_they_are_surely_not_received(status):
    assert isinstance(outcome(answer(status), complete=False, now=NOW), NotSent)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not JSON: empty"),
        (b"<html>ok</html>", "not JSON: ok"),
        (b"[]", "a JSON object"),
        (b"{}", "named no job"),
        (b'{"jobs": [{"id": 1}, {"id": 2}]}', "named no job"),
        (b'{"id": 1e999999999999999999999}', "named no job"),
    ],
)
@pytest.mark.parametrize("complete", [True, False])
def test_a_success_that_names_no_job_is_doubtful(body, why, complete):
    found = outcome(answer(200, body), complete=complete, now=NOW)

    assert isinstance(found, Doubtful)
    assert why in found.reason


READS = [
    (400, {}, CallRefused),
    (401, {}, KeyRefused),
    (402, {}, CallRefused),
    (403, {"detail": "key revoked"}, KeyRefused),
    (403, {"detail": "not your job"}, CallRefused),
    (404, {}, Gone),
    (405, {}, CallRefused),
    (408, {}, ServiceDown),
    (410, {}, Gone),
    (422, {}, CallRefused),
    (425, {}, ServiceDown),
    (429, {}, TooManyCalls),
    (499, {}, ServiceDown),
    (500, {}, ServiceDown),
    (503, {}, ServiceDown),
    (302, {}, CallRefused),
]


@pytest.mark.parametrize(("status", "body", "kind"), READS)
def test_a_read_says_what_may_be_done(status, body, kind):
    found = refusal(answer(status, body), "/path", NOW)

    assert type(found) is kind
    assert str(found).startswith("/path: ")


@pytest.mark.parametrize("status", [429, 503])
def test_a_read_hands_on_when_to_come_back(status):
    found = refusal(answer(status, retry_after=DATE), "/path", NOW)

    assert isinstance(found, (TooManyCalls, ServiceDown))
    assert found.retry_after == 10.0


def test_a_redirect_names_the_setting_to_check():
    assert "AUDIOPOD_BASE_URL" in str(refusal(answer(301), "/path", NOW))
    assert "AUDIOPOD_BASE_URL" not in str(refusal(answer(400), "/path", NOW))
