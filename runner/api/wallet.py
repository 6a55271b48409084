"""The wallet: what is in it, what things cost, what was charged, how to top it up (docs/api.md 4)."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import TypeVar

import msgspec

from manifests.errors import UsageError
from manifests.money import ZERO, Cents, Rate, show
from runner.api import answers, verdicts
from runner.api.answers import Fields
from runner.api.errors import CallRefused, Gone, KeyRefused, ServiceDown
from runner.api.interface import Balance, BalanceCheck, CreditRow, Topup, UsageRow
from runner.api.reads import Reads

ROOT = "/api/v1/api-wallet"
CREDITS = "/api/v1/credits"
CREDITS_USAGE = f"{CREDITS}/usage"
MULTIPLIERS = f"{CREDITS}/multipliers"
USAGE_PAGE = 100
MOST_PAGES = 10_000
"""As of lists of jobs: a million rows."""

SMALLEST_TOPUP = Cents(100)
LARGEST_TOPUP = Cents(1_000_000)
NO_MONEY, FORBIDDEN = 402, 403

FINEST_RATE = Decimal("0.000001")
"""Cents a minute. A server that computes in binary fractions writes 7 cents as 7.000000000000001."""

_RATE = re.compile(r"\$?(?P<dollars>\d+(?:\.\d+)?)\s*(?:(?:/|per)\s*min(?:ute)?)?", re.IGNORECASE)
_ROW_ID_DIGITS = 24

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Estimate:
    """The service's own price for a length; it knows base rates only (docs/api.md 3.4)."""

    service_type: str
    cents: Cents


class Wallet:
    """The wallet of one key."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def balance(self) -> Balance:
        """What is in the wallet, and what has ever been spent from it.

        Raises:
            KeyRefused: 401 or any 403, which here can only be about the key.
            ApiError: no answer.
        """
        try:
            fields = self._fields(f"{ROOT}/balance")
        except CallRefused as error:
            if error.status == FORBIDDEN:
                raise KeyRefused(f"{error}; check AUDIOPOD_API_KEY") from None
            raise
        return Balance(
            balance=_required(fields, "balance"),
            total_spent=_required(fields, "total_spent"),
            low=fields.get("low_balance_warning") is True,
        )

    def rates(self) -> dict[str, Rate]:
        """Cents a minute by service type; types without a readable rate are left out."""
        services = self._fields(f"{ROOT}/pricing").get("services")
        if isinstance(services, list):
            services = {answers.text(row.get("service_type")): row for row in answers.entries(services)}
        if not isinstance(services, dict):
            raise ServiceDown("the price list shows no services")
        found = {name: rate(row) for name, row in services.items()}
        return {name: each for name, each in found.items() if each is not None}

    def service_types(self) -> list[str]:
        """The names that `estimate` and `check_balance` take; asked once, as prices tell names, too."""
        value = Reads(self._reads.http, patience=0, obeyed=0).json(f"{ROOT}/service-types")
        if isinstance(value, dict):
            value = value.get("service_types", value.get("services"))
        if not isinstance(value, (list, dict)):
            raise ServiceDown("the list of service types is no list")
        return [name for name in value if isinstance(name, str)]

    def estimate(self, service_type: str, seconds: int) -> Estimate:
        """The service's price for whole seconds of one type.

        Raises:
            ApiError: an unknown type, or no answer.
        """
        fields = self._post(f"{ROOT}/estimate", {"service_type": service_type, "duration_seconds": seconds})
        return Estimate(service_type, _required(fields, "cost"))

    def check_balance(self, service_type: str, seconds: int) -> BalanceCheck:
        """Whether the service would start this job now; 402 means no, unless it is about the plan.

        Raises:
            ApiError: an unknown type, a plan too low, or no answer.
        """
        path = f"{ROOT}/check-balance"
        answer = self._reads.http.post(path, {"service_type": service_type, "duration_seconds": seconds})
        if answer.status == NO_MONEY:
            error = answers.error_text(answer.body)
            if not verdicts.about_plan(error):
                return BalanceCheck(can_proceed=False, cost=error.required, balance=error.available)
        fields = self._read(answer, path)
        verdict = fields.get("can_proceed", fields.get("sufficient"))
        if not isinstance(verdict, bool):
            raise ServiceDown("the check of the balance says neither yes nor no")
        cost, balance = answers.cents(fields, "cost"), answers.cents(fields, "current_balance")
        return BalanceCheck(verdict, cost, balance)

    def usage_pages(self) -> Iterator[tuple[UsageRow, ...]]:
        """Charges, newest first, each once."""
        return self._pages(f"{ROOT}/usage", "logs", usage_row)

    def topups(self) -> Iterator[tuple[Topup, ...]]:
        """Top-ups, newest first, each once, page by page."""
        return self._pages(f"{ROOT}/topups", "topups", topup_row)

    def checkout(self, amount: Cents) -> str:
        """The address of a payment page for a top-up; no money moves before a person pays there.

        Raises:
            UsageError: outside what the service takes.
            ApiError: no answer.
        """
        check_topup(amount)
        url = answers.text(self._post(f"{ROOT}/topup/checkout", {"amount_cents": amount}).get("url"))
        if not self._reads.http.base.may_fetch(url):
            raise ServiceDown("the answer to the top-up has no payment page")
        return url

    def credits(self) -> int | None:
        """Account credits, None where this key may not read them or the service does not say."""
        try:
            fields = self._reads.json(CREDITS)
        except (KeyRefused, Gone, CallRefused):
            return None
        if not isinstance(fields, dict):
            return None
        total = answers.decimal(fields.get("total_available_credits"))
        if total is None:
            parts = [answers.decimal(fields.get(name)) for name in ("credits_balance", "payg_balance")]
            known = [part for part in parts if part is not None]
            total = sum(known, Decimal(0)) if known else answers.decimal(fields.get("balance"))
        return None if total is None else int(total)

    def credit_rates(self) -> dict[str, Rate]:
        """Credits a minute by the account's names of services (docs/api.md 16)."""
        numbers = {name: answers.decimal(value) for name, value in self._fields(MULTIPLIERS).items()}
        return {
            name: Fraction(number) for name, number in numbers.items() if number is not None and number > 0
        }

    def credit_rows(self) -> list[CreditRow] | None:
        """What left the account's credits (docs/api.md 16), None where this key may not read it.

        Raises:
            ApiError: no answer.
        """
        try:
            rows = answers.entries(self._reads.json(CREDITS_USAGE), "usage")
        except (KeyRefused, Gone, CallRefused):
            return None
        except answers.UnreadableError as error:
            raise ServiceDown(f"{CREDITS_USAGE}: {error}") from None
        return [credit_row(key, row) for key, row in zip(row_ids(rows), rows, strict=True)]

    def _fields(self, path: str) -> Fields:
        return _mapping(self._reads.json(path), path)

    def _post(self, path: str, body: Mapping[str, str | int]) -> Fields:
        return self._read(self._reads.http.post(path, body), path)

    def _read(self, answer: verdicts.Answer, path: str) -> Fields:
        if not answer.ok:
            raise verdicts.refusal(answer, path, self._reads.http.now())
        try:
            return _mapping(answers.json_value(answer.body), path)
        except answers.UnreadableError as error:
            raise ServiceDown(f"{path}: the answer is {error}") from None

    def _pages(
        self, path: str, name: str, make: Callable[[str, Fields], T | None]
    ) -> Iterator[tuple[T, ...]]:
        """Pages until one brings nothing new, or is short: of what it says, and of what the first one had.

        A server may give less than it was asked for, and repeat the asked for number all the same.
        """
        seen: set[str] = set()
        full = USAGE_PAGE
        for page in range(1, MOST_PAGES + 1):
            value = self._reads.json(path, {"page": page, "limit": USAGE_PAGE})
            try:
                rows = answers.entries(value, name)
            except answers.UnreadableError as error:
                raise ServiceDown(f"{path}: {error}") from None
            fresh = {key: row for key, row in zip(row_ids(rows), rows, strict=True) if key not in seen}
            if not fresh:
                return
            found = tuple(made for key, row in fresh.items() if (made := make(key, row)) is not None)
            if found:
                yield found
            seen.update(fresh)
            full = min(full, len(rows)) if page == 1 else full
            if len(rows) < min(full, _page_size(value)):
                return
        raise ServiceDown(f"{path}: the list does not end: {len(seen):,} rows so far")


def check_topup(amount: Cents) -> None:
    """Refuse what the service would refuse, before anything is sent.

    Raises:
        UsageError: outside what it takes.
    """
    if not SMALLEST_TOPUP <= amount <= LARGEST_TOPUP:
        raise UsageError(
            f"invalid_amount: a top-up is {show(SMALLEST_TOPUP)} to {show(LARGEST_TOPUP)}, not {show(amount)}"
        )


def rate(row: object) -> Rate | None:
    """Cents a minute in one row of the price list: a number of cents, or a text such as `$0.10/min`."""
    fields: Fields = row if isinstance(row, dict) else {"rate_per_minute": row}
    number = answers.decimal(fields.get("cents_per_minute"))
    if number is None:
        number = _rate_text(fields.get("rate_per_minute"))
    return Fraction(number.quantize(FINEST_RATE)) if number is not None and number >= 0 else None


def row_ids(rows: list[Fields]) -> list[str]:
    """What tells the rows of one page apart: their ids, or digests where they show none.

    Rows without an id may be equal and still two charges. They are counted within their page, not
    beyond it, so that a page that comes twice does not charge twice.
    """
    equal: Counter[str] = Counter()
    found = []
    for row in rows:
        name = answers.identifier(row.get("id"))
        if not name:
            digest = _digest(row)
            equal[digest] += 1
            name = f"{digest}-{equal[digest]}"
        found.append(name)
    return found


def usage_row(row_id: str, row: Fields) -> UsageRow:
    """The charge in a row; not `priced` where it names no amount that can be read."""
    amount = answers.cents(row, "amount")
    return UsageRow(
        row_id=row_id,
        service_type=answers.clean(answers.text(row.get("service_type"))),
        cents=ZERO if amount is None else amount,
        seconds=answers.whole(row.get("duration_seconds")),
        job_id=answers.identifier(row.get("job_id")),
        created=answers.utc(row.get("created_at")),
        priced=amount is not None,
    )


def credit_row(row_id: str, row: Fields) -> CreditRow:
    """What left the credits; an amount that cannot be read counts as 1, so that the row is still seen."""
    amount = answers.decimal(row.get("credits_used"))
    return CreditRow(
        row_id=row_id,
        service_type=answers.clean(answers.text(row.get("service_type"))),
        credits=1 if amount is None else ceil(amount),
        seconds=answers.whole(row.get("audio_duration")),
        created=answers.utc(row.get("created_at")),
    )


def topup_row(row_id: str, row: Fields) -> Topup | None:
    """The top-up in a row; None where it names no amount."""
    amount = answers.cents(row, "amount")
    if amount is None:
        return None
    return Topup(
        row_id, amount, answers.clean(answers.text(row.get("status"))), answers.utc(row.get("created_at"))
    )


def _page_size(value: object) -> int:
    """How many rows a full page has, in the answer's own words; 1 where it does not say."""
    limit = answers.whole(value.get("limit")) if isinstance(value, dict) else None
    return limit or 1


def _rate_text(value: object) -> Decimal | None:
    match = _RATE.fullmatch(answers.text(value))
    return Decimal(match["dollars"]) * 100 if match else None


def _digest(row: Fields) -> str:
    text = msgspec.json.encode(row, order="deterministic")
    return hashlib.sha256(text).hexdigest()[:_ROW_ID_DIGITS]


def _mapping(value: object, path: str) -> Fields:
    try:
        return answers.mapping(value)
    except answers.UnreadableError as error:
        raise ServiceDown(f"{path}: {error}") from None


def _required(fields: Fields, name: str) -> Cents:
    amount = answers.cents(fields, name)
    if amount is None:
        raise ServiceDown(f"the answer shows neither {name}_cents nor {name}_usd")
    return amount
