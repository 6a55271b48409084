"""Bodies of looks: whatever a service shows comes back as it was."""

from dataclasses import fields
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.errors import MachineError
from manifests.keys import Token
from manifests.money import Rate
from runner.api.answers import json_value
from runner.api.interface import Balance, CreditRow, Job, JobStatus, UsageRow, Wallet
from runner.fleet.bodies import Credits, Jobs, NoAnswer, Purse, Rates, Usage, read_back, written

TEXT = st.text()
CENTS = st.integers(-(10**12), 10**12)
HEX = st.text("0123456789abcdef", min_size=16, max_size=16)
TOKENS = st.builds(lambda key, rest: Token(f"ek-{key}-{rest}"), HEX, HEX)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False).filter(lambda number: {*".E"} & {*str(number)})
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT | DECIMALS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
JOBS = st.builds(
    Job,
    job_id=TEXT,
    status=st.sampled_from(JobStatus),
    tokens=st.frozensets(TOKENS, max_size=2),
    error=TEXT,
    ms=st.none() | st.integers(0, 10**12),
    created=TEXT,
    word=TEXT,
    shown=st.booleans(),
    voices=st.frozensets(TEXT, max_size=2),
    text_sha256=TEXT,
    entry=st.none() | st.dictionaries(TEXT, VALUES, max_size=4),
)
ROWS = st.builds(
    UsageRow,
    row_id=TEXT,
    service_type=TEXT,
    cents=CENTS,
    seconds=st.none() | st.integers(0, 10**9),
    job_id=TEXT,
    created=TEXT,
    priced=st.booleans(),
)
CREDIT_ROWS = st.builds(
    CreditRow, row_id=TEXT, service_type=TEXT, credits=CENTS, seconds=st.none() | st.integers(0), created=TEXT
)
WALLETS = st.builds(
    Wallet, st.builds(Balance, CENTS, CENTS, st.booleans()), st.none() | st.integers(0, 10**12)
)
BODIES = st.one_of(
    st.builds(Jobs, st.lists(JOBS, max_size=3).map(tuple)),
    st.builds(Usage, st.lists(ROWS, max_size=3).map(tuple), st.booleans()),
    st.builds(Credits, st.none() | st.lists(CREDIT_ROWS, max_size=3).map(tuple)),
    st.builds(Purse, WALLETS),
    st.builds(
        Rates,
        st.dictionaries(TEXT, st.fractions().map(str), max_size=3),
        st.frozensets(TEXT, max_size=3),
    ),
    st.builds(NoAnswer, st.booleans(), TEXT, st.none() | st.floats(0, 1e6)),
)


def same(left, right):
    """Equal in all fields, also in those that do not count when jobs are compared, and in their types."""
    if type(left) is not type(right):
        return False
    if isinstance(left, Job):
        return all(same(getattr(left, each.name), getattr(right, each.name)) for each in fields(Job))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, Decimal):
        return left.as_tuple() == right.as_tuple()
    return left == right


@given(BODIES)
def test_a_look_comes_back_from_the_ledger_as_it_was_seen(body):
    found = read_back(written(body))
    assert found == body
    if isinstance(body, Jobs):
        assert same(found.jobs, body.jobs)


def test_what_a_service_wrote_is_kept_to_the_last_digit():
    entry = json_value(b'{"seconds": 1834.210, "cost": 5e-1, "id": 123456789012345678901234567890, "n": 1.0}')
    (job,) = read_back(written(Jobs((Job("7", JobStatus.COMPLETED, entry=entry),)))).jobs
    assert same(job.entry, entry)


def test_prices_stay_exact_fractions():
    rates = {"transcription": Rate(1), "odd": Rate(1, 3)}
    body = Rates({name: str(rate) for name, rate in rates.items()}, frozenset({"odd"}))
    assert read_back(written(body)).exact() == rates


@pytest.mark.parametrize("text", ["", "{}", '{"type":"newer"}', '{"type":"jobs"}', "[1"])
def test_a_look_of_another_earmark_is_a_plain_error(text):
    with pytest.raises(MachineError, match="cannot read"):
        read_back(text)
