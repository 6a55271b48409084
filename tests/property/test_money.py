"""Money: what holds for every length, rate and amount."""

from fractions import Fraction
from math import ceil, floor

from hypothesis import given
from hypothesis import strategies as st

from manifests import money
from manifests.length import Grade, longest_ms

MINUTES = st.integers(min_value=0, max_value=10**5).map(lambda minutes: minutes * 60_000)
LENGTHS = st.integers(min_value=0, max_value=10**10) | MINUTES  # whole minutes: where rounding hides nothing
RATES = st.fractions(min_value=Fraction(1, 1000), max_value=1000, max_denominator=1000) | st.integers(
    min_value=1, max_value=100
).map(Fraction)
AMOUNTS = st.integers(min_value=0, max_value=99_999_999_999)


@given(LENGTHS, RATES)
def test_a_price_is_the_exact_one_rounded_up_once(ms, rate):
    exact = Fraction(ceil(Fraction(ms, 1000))) * rate / 60
    assert money.exact_price(ms, rate) == exact
    assert money.price(ms, rate) == (max(1, ceil(exact)) if ms else 0)
    assert money.ceiling(ms, rate) == (floor(exact) + 1 if ms else 0)


@given(LENGTHS, RATES)
def test_a_price_is_whole_cents_and_never_free(ms, rate):
    cents = money.price(ms, rate)
    assert type(cents) is int
    assert (cents > 0) == (ms > 0)


@given(LENGTHS, LENGTHS, RATES)
def test_longer_is_never_cheaper(one, other, rate):
    short, long = sorted((one, other))
    assert money.price(short, rate) <= money.price(long, rate)
    assert money.ceiling(short, rate) <= money.ceiling(long, rate)


@given(LENGTHS, RATES, RATES)
def test_a_higher_rate_is_never_cheaper(ms, one, other):
    low, high = sorted((one, other))
    assert money.price(ms, low) <= money.price(ms, high)
    assert money.ceiling(ms, low) <= money.ceiling(ms, high)


@given(LENGTHS, RATES, st.sampled_from([Grade.EXACT, Grade.COUNTED, Grade.HEADER]))
def test_a_ceiling_covers_every_length_up_to_the_longest(ms, rate, grade):
    longest = longest_ms(ms, grade)
    assert longest > ms
    most = money.ceiling(longest, rate)
    for length in (ms, (ms + longest) // 2, longest):
        assert money.price(length, rate) <= most
        # A service that rounds a binary fraction up shows one cent more than the exact price.
        assert floor(money.exact_price(length, rate)) + 1 <= most


@given(LENGTHS, st.integers(min_value=0, max_value=10**6), RATES)
def test_two_jobs_never_cost_less_than_one_of_their_length(ms, more, rate):
    assert money.price(ms, rate) + money.price(more, rate) >= money.price(ms + more, rate)


@given(AMOUNTS)
def test_an_amount_that_is_shown_is_read_back(cents):
    assert money.parse_amount(money.show(cents)) == cents
    assert money.parse_amount(money.plain(cents)) == cents


@given(st.integers(min_value=0, max_value=999_999_999), st.integers(min_value=0, max_value=99))
def test_dollars_and_cents_in_every_usual_form(dollars, cents):
    amount = dollars * 100 + cents
    for text in (f"{dollars}.{cents:02d}", f"${dollars}.{cents:02d}", f"{dollars:,}.{cents:02d}"):
        assert money.parse_amount(text) == amount


@given(st.integers())
def test_a_difference_keeps_its_sign(cents):
    assert money.show(cents).startswith("-$" if cents < 0 else "$")
