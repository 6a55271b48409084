from fractions import Fraction

import httpx
import pytest

from manifests.errors import UsageError
from runner.api.errors import CallRefused, KeyRefused, ServiceDown, TooManyCalls
from runner.api.interface import Balance, BalanceCheck, CreditRow, Topup, UsageRow
from runner.api.wallet import Estimate, Wallet, rate

ROOT = "/api/v1/api-wallet"


@pytest.fixture
def wallet_over(reads_over):
    def make(*answers: object, status: int = 200) -> tuple[Wallet, list[httpx.Request]]:
        asked: list[httpx.Request] = []
        waiting = list(answers)

        def handler(request: httpx.Request) -> httpx.Response:
            asked.append(request)
            answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            return answer if isinstance(answer, httpx.Response) else httpx.Response(status, json=answer)

        return Wallet(reads_over(handler, patience=0)), asked

    return make


@pytest.mark.parametrize(
    ("body", "balance"),
    [
        (
            {
                "balance_cents": 2500,
                "balance_usd": "$25.00",
                "total_spent_cents": 1500,
                "low_balance_warning": False,
            },
            Balance(2500, 1500),
        ),
        (
            {"balance_usd": "$25.00", "total_spent_usd": "$1,500.00", "low_balance_warning": True},
            Balance(2500, 150000, low=True),
        ),
        ({"balance_cents": 0, "total_spent_cents": 0}, Balance(0, 0)),
    ],
)
def test_the_balance_is_cents_or_texts(wallet_over, body, balance):
    wallet, asked = wallet_over(body)

    assert wallet.balance() == balance
    assert asked[0].url.path == f"{ROOT}/balance"


@pytest.mark.parametrize(
    "body", [{}, {"balance_cents": 1}, {"balance_cents": "many", "total_spent_cents": 1}, []]
)
def test_a_balance_that_cannot_be_read_is_no_balance(wallet_over, body):
    wallet, _ = wallet_over(body)

    with pytest.raises(ServiceDown):
        wallet.balance()


@pytest.mark.parametrize("body", [{"detail": "Forbidden"}, {"error": "x", "message": "revoked key"}, ""])
def test_a_balance_that_is_forbidden_is_about_the_key(wallet_over, body):
    wallet, _ = wallet_over(body, status=403)

    with pytest.raises(KeyRefused, match=r"403.*AUDIOPOD_API_KEY"):
        wallet.balance()


def test_a_balance_that_is_refused_otherwise_is_not(wallet_over):
    wallet, _ = wallet_over({"detail": "no"}, status=418)

    with pytest.raises(CallRefused):
        wallet.balance()


@pytest.mark.parametrize(
    ("row", "cents"),
    [
        ('{"cents_per_minute": 10, "rate_per_minute": "$0.99/min"}', Fraction(10)),
        ('{"cents_per_minute": 6.5}', Fraction(13, 2)),
        ('{"cents_per_minute": 7.000000000000001}', Fraction(7)),
        ('{"cents_per_minute": "1"}', Fraction(1)),
        ('{"rate_per_minute": "$0.10/min"}', Fraction(10)),
        ('{"rate_per_minute": "$0.065 / minute"}', Fraction(13, 2)),
        ('{"rate_per_minute": "$0.10 per minute"}', Fraction(10)),
        ('"$0.01/min"', Fraction(1)),
        ('{"cents_per_minute": 0}', Fraction(0)),
        ('{"cents_per_minute": -1}', None),
        ('{"cents_per_minute": 1e999999999}', None),
        ('{"rate_per_minute": "ask us"}', None),
        ("{}", None),
        ("null", None),
    ],
)
def test_rates_are_exact(wallet_over, row, cents):
    wallet, _ = wallet_over(httpx.Response(200, content=f'{{"services": {{"x": {row}}}, "wallet": {{}}}}'))

    assert wallet.rates() == ({} if cents is None else {"x": cents})


def test_rates_may_come_as_a_list(wallet_over):
    wallet, _ = wallet_over({"services": [{"service_type": "transcription", "cents_per_minute": 1}]})

    assert wallet.rates() == {"transcription": 1}


def test_no_services_are_no_prices(wallet_over):
    wallet, _ = wallet_over({"services": None})

    with pytest.raises(ServiceDown, match="shows no services"):
        wallet.rates()


def test_a_row_of_the_price_list_may_be_a_text():
    assert rate("$0.25/min") == 25


@pytest.mark.parametrize(
    "body", [["a", "b"], {"service_types": ["a", "b"]}, {"services": {"a": {}, "b": {}}}, ["a", 3, "b"]]
)
def test_service_types_are_names(wallet_over, body):
    wallet, _ = wallet_over(body)

    assert wallet.service_types() == ["a", "b"]


def test_service_types_are_not_waited_for(wallet_over):
    wallet, asked = wallet_over({}, status=503)

    with pytest.raises(ServiceDown):
        wallet.service_types()

    assert len(asked) == 1


def test_service_types_that_are_no_list(wallet_over):
    wallet, _ = wallet_over({"message": "hello"})

    with pytest.raises(ServiceDown):
        wallet.service_types()


@pytest.mark.parametrize("body", [{"cost_cents": 50, "cost_usd": "$9"}, {"cost_usd": "$0.50"}])
def test_an_estimate_is_the_services_own_price(wallet_over, body):
    wallet, asked = wallet_over(body)

    assert wallet.estimate("stem_extraction", 300) == Estimate("stem_extraction", 50)
    (request,) = asked
    assert (request.method, request.url.path) == ("POST", f"{ROOT}/estimate")
    assert request.content == b'{"service_type":"stem_extraction","duration_seconds":300}'


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, CallRefused), (422, CallRefused), (401, KeyRefused), (503, ServiceDown), (429, TooManyCalls)],
)
def test_posts_are_not_repeated(wallet_over, status, kind):
    wallet, asked = wallet_over({"error": "invalid_service_type"}, status=status)

    with pytest.raises(kind):
        wallet.estimate("x", 300)

    assert len(asked) == 1


def test_a_post_with_an_unreadable_answer(wallet_over):
    wallet, _ = wallet_over(httpx.Response(200, text="<html>"))

    with pytest.raises(ServiceDown, match="not JSON"):
        wallet.estimate("x", 300)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ({"can_proceed": True}, BalanceCheck(True)),
        ({"can_proceed": False, "cost_cents": 50}, BalanceCheck(False, 50)),
        ({"sufficient": True, "current_balance_usd": "$2.50"}, BalanceCheck(True, None, 250)),
        (httpx.Response(402, json={"error": "insufficient_api_balance"}), BalanceCheck(False)),
        (
            httpx.Response(402, json={"detail": {"required_cents": 50, "available_cents": 12}}),
            BalanceCheck(False, 50, 12),
        ),
    ],
)
def test_the_second_opinion_on_the_balance(wallet_over, answer, verdict):
    wallet, asked = wallet_over(answer)

    assert wallet.check_balance("stem_extraction", 300) == verdict
    assert asked[0].url.path == f"{ROOT}/check-balance"


def test_credits_a_minute_are_numbers_by_name(wallet_over):
    wallet, asked = wallet_over({"denoise_audio": 660, "text": "660", "free": 0, "odd": "many", "none": None})

    assert wallet.credit_rates() == {"denoise_audio": 660, "text": 660}
    assert asked[0].url.path == "/api/v1/credits/multipliers"


def test_a_402_about_the_plan_is_no_word_on_the_balance(wallet_over):
    wallet, _ = wallet_over(httpx.Response(402, json={"error_code": "PREMIUM_TIER_REQUIRED"}))

    with pytest.raises(CallRefused, match="PREMIUM_TIER_REQUIRED"):
        wallet.check_balance("stem_extraction", 300)


def test_no_opinion_is_not_a_yes(wallet_over):
    wallet, _ = wallet_over({"can_proceed": "yes"})

    with pytest.raises(ServiceDown, match="neither yes nor no"):
        wallet.check_balance("x", 1)


FULL = {
    "id": "550e8400",
    "service_type": "stem_extraction",
    "duration_seconds": 328,
    "duration_minutes": 5.47,
    "amount_cents": 55,
    "amount_usd": "$0.55",
    "job_id": "5512",
    "created_at": "2025-12-11T12:39:37.385561",
}
SEED = {
    "service_type": "stem_extraction",
    "duration_minutes": 5.47,
    "amount_usd": "$0.55",
    "created_at": "2025-12-11T12:39:37Z",
}


def test_a_full_row_is_read(wallet_over):
    wallet, _ = wallet_over({"page": 1, "limit": 50, "logs": [FULL]})

    assert list(wallet.usage_pages()) == [
        (UsageRow("550e8400", "stem_extraction", 55, 328, "5512", "2025-12-11T12:39:37.385561Z"),)
    ]


def test_the_seeds_rows_without_ids_are_told_apart(wallet_over):
    wallet, _ = wallet_over({"limit": 100, "logs": [SEED, SEED, {**SEED, "amount_usd": "$0.56"}]})

    ((one, two, three),) = list(wallet.usage_pages())

    assert len({one.row_id, two.row_id, three.row_id}) == 3
    assert (one.cents, two.cents, three.cents) == (55, 55, 56)
    assert (one.seconds, one.job_id) == (None, "")


def test_a_row_keeps_its_name_from_one_reading_to_the_next(wallet_over):
    first, _ = wallet_over({"limit": 100, "logs": [SEED]})
    second, _ = wallet_over({"limit": 100, "logs": [dict(reversed(SEED.items()))]})

    assert list(first.usage_pages()) == list(second.usage_pages())


def rows(start: int, count: int) -> list[dict[str, object]]:
    return [{**FULL, "id": n} for n in range(start, start + count)]


def test_pages_end_with_a_short_one(wallet_over):
    wallet, asked = wallet_over({"limit": 2, "logs": rows(1, 2)}, {"limit": 2, "logs": rows(3, 1)})

    assert [len(page) for page in wallet.usage_pages()] == [2, 1]
    assert [each.url.params["page"] for each in asked] == ["1", "2"]
    assert asked[0].url.params["limit"] == "100"


def test_pages_smaller_than_they_say_do_not_hide_the_next(wallet_over):
    pages = [{"limit": 100, "logs": rows(start, count)} for start, count in ((1, 2), (3, 2), (5, 1))]
    wallet, asked = wallet_over(*pages)

    assert [len(page) for page in wallet.usage_pages()] == [2, 2, 1]
    assert len(asked) == 3


def test_a_page_that_comes_again_ends_them_too(wallet_over):
    wallet, asked = wallet_over({"logs": rows(1, 3)})

    assert [len(page) for page in wallet.usage_pages()] == [3]
    assert len(asked) == 2


def test_rows_without_id_that_come_again_do_not_charge_twice(wallet_over):
    wallet, _ = wallet_over({"logs": [SEED, SEED]})

    assert sum(row.cents for page in wallet.usage_pages() for row in page) == 110


def test_rows_that_move_to_the_next_page_are_counted_once(wallet_over):
    wallet, _ = wallet_over({"logs": rows(1, 3)}, {"logs": rows(3, 3)}, {"logs": []})

    assert [row.row_id for page in wallet.usage_pages() for row in page] == ["1", "2", "3", "4", "5"]


def test_a_page_of_rows_without_amounts_does_not_hide_the_next(wallet_over):
    pending = [{"id": n, "service_type": "stem_extraction"} for n in range(3)]
    wallet, _ = wallet_over({"logs": pending}, {"logs": rows(7, 1)}, {"logs": []})

    priced = [[row.row_id for row in page if row.priced] for page in wallet.usage_pages()]
    assert priced == [[], ["7"]]


def test_usage_that_is_no_list(wallet_over):
    wallet, _ = wallet_over({"logs": "none"})

    with pytest.raises(ServiceDown, match="usage"):
        list(wallet.usage_pages())


def test_topups_are_listed(wallet_over):
    row = {
        "id": "660f",
        "amount_cents": 1000,
        "amount_usd": "$10.00",
        "status": "completed",
        "created_at": "2025-12-11T10:00:00Z",
    }
    wallet, asked = wallet_over({"page": 1, "limit": 20, "topups": [row, {"id": "x"}]})

    assert list(wallet.topups()) == [(Topup("660f", 1000, "completed", "2025-12-11T10:00:00.000000Z"),)]
    assert asked[0].url.path == f"{ROOT}/topups"


@pytest.mark.parametrize("amount", [100, 2500, 1_000_000])
def test_a_topup_gives_the_address_where_a_person_pays(wallet_over, amount):
    wallet, asked = wallet_over({"url": "https://pay.example/c/1", "amount_usd": "$25.00"})

    assert wallet.checkout(amount) == "https://pay.example/c/1"
    assert asked[0].content == b'{"amount_cents":%d}' % amount


@pytest.mark.parametrize("amount", [-1, 0, 99, 1_000_001])
def test_a_topup_out_of_range_is_not_sent(wallet_over, amount):
    wallet, asked = wallet_over({"url": "https://pay.example/c/1"})

    with pytest.raises(UsageError, match=r"invalid_amount.*\$1\.00 to \$10,000\.00"):
        wallet.checkout(amount)

    assert asked == []


@pytest.mark.parametrize(
    "url",
    ["", None, "http://pay.example/", "javascript:alert(1)", "https://pay.example/\x1b[0m", "https://a b"],
)
def test_a_payment_page_must_look_like_one(wallet_over, url):
    wallet, _ = wallet_over({"url": url})

    with pytest.raises(ServiceDown, match="no payment page"):
        wallet.checkout(2500)


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ({"credits_balance": 1500, "payg_balance": 750, "total_available_credits": 2250}, 2250),
        ({"credits_balance": 1500, "payg_balance": 750}, 2250),
        ({"credits_balance": 1500}, 1500),
        ({"balance": 7.9}, 7),
        ({"total_available_credits": 0}, 0),
        ({"message": "none"}, None),
        ([], None),
        (3, None),
    ],
)
def test_account_credits(wallet_over, body, left):
    wallet, asked = wallet_over(body)

    assert wallet.credits() == left
    assert asked[0].url.path == "/api/v1/credits"


@pytest.mark.parametrize("status", [401, 403, 404])
def test_credits_that_this_key_may_not_read(wallet_over, status):
    wallet, _ = wallet_over({"detail": "no"}, status=status)

    assert wallet.credits() is None


def test_credits_of_a_service_that_is_down_are_not_none(wallet_over):
    wallet, _ = wallet_over({}, status=503)

    with pytest.raises(ServiceDown):
        wallet.credits()


def test_what_left_the_credits_is_read_row_by_row_with_no_word_of_a_job(wallet_over):
    wallet, asked = wallet_over(
        [
            {
                "id": "c1",
                "service_type": "denoise_audio_studio",
                "credits_used": 101.97,
                "audio_duration": 185.4,
                "credit_source": "payg",
                "created_at": "2026-11-25T10:00:00Z",
            },
            {"service_type": "denoise_audio", "credits_used": "many", "audio_duration": 60},
            {"service_type": "denoise_audio", "credits_used": "many", "audio_duration": 60},
        ]
    )

    first, *others = wallet.credit_rows()
    assert asked[0].url.path == "/api/v1/credits/usage"
    assert first == CreditRow("c1", "denoise_audio_studio", 102, None, "2026-11-25T10:00:00.000000Z")
    assert [(each.credits, each.seconds, each.created) for each in others] == [(1, 60, "")] * 2
    assert others[0].row_id != others[1].row_id


@pytest.mark.parametrize("status", [401, 403, 404])
def test_rows_of_credits_that_this_key_may_not_read(wallet_over, status):
    wallet, _ = wallet_over({"detail": "no"}, status=status)

    assert wallet.credit_rows() is None


@pytest.mark.parametrize(("body", "status"), [({}, 503), (7, 200)])
def test_rows_of_credits_that_cannot_be_had_are_not_none(wallet_over, body, status):
    wallet, _ = wallet_over(body, status=status)

    with pytest.raises(ServiceDown):
        wallet.credit_rows()
