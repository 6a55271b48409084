"""Limits beside the cap: whatever is wished for, none is passed, and nothing that fits is left out."""

from hypothesis import given
from hypothesis import strategies as st

from manifests.limits import Limit, Limits, Scope, Used, Wish, smallest

CENTS = st.integers(min_value=0, max_value=10_000)
PRODUCTS = st.sampled_from(["transcription", "stems:six", "stems:two", "tts"])
SERVICES = st.sampled_from(["transcription", "stems", "stems:six", "tts"])
WISHES = st.lists(st.builds(lambda product, cents: Wish(product, cents, cents), PRODUCTS, CENTS), max_size=30)
LIMITS = st.lists(
    st.builds(
        lambda scope, cents, service, origin: Limit(
            scope, cents, origin, service if scope is Scope.SERVICE else ""
        ),
        st.sampled_from(Scope),
        CENTS,
        SERVICES,
        st.sampled_from(["EARMARK_MAX_SPEND_RUN", "earmark.toml:3", "../earmark.toml:1"]),
    ),
    max_size=8,
)
USED = st.builds(Used, run=st.dictionaries(PRODUCTS, CENTS, max_size=3), month=CENTS)


def counted(limit, wishes):
    return sum(wish.ceiling for wish in wishes if limit.counts(wish.product))


def spent(limit, used):
    if limit.scope is Scope.MONTH:
        return used.month
    return sum(cents for product, cents in used.run.items() if limit.counts(product))


@given(WISHES, CENTS, LIMITS, USED)
def test_what_fits_passes_no_limit_and_nothing_that_would_have_fitted_is_left(wishes, room, set_limits, used):
    limits = smallest(set_limits)
    taken = limits.fit(wishes, room, used)
    kept = [wishes[index] for index in taken]
    assert taken == sorted(set(taken))
    assert sum(wish.ceiling for wish in kept) <= room
    assert limits.over([wish for wish in kept if wish.ceiling], used) == ()
    for limit in set_limits:  # the larger ones, too
        if limit.scope is Scope.FILE:
            assert all(wish.ceiling <= limit.cents for wish in kept)
        else:
            assert not any(wish.ceiling for wish in kept if limit.counts(wish.product)) or (
                spent(limit, used) + counted(limit, kept) <= limit.cents
            )
    for index in set(range(len(wishes))) - set(taken):
        before = [wishes[n] for n in taken if n < index]
        with_it = [*before, wishes[index]]
        above_room = sum(wish.ceiling for wish in with_it) > room
        assert above_room or limits.over(with_it, used)


@given(WISHES, LIMITS, USED)
def test_a_limit_is_named_exactly_where_it_would_be_passed(wishes, set_limits, used):
    limits = smallest(set_limits)
    named = {over.limit.about: over for over in limits.over(wishes, used)}
    for limit in limits.every:
        if limit.scope is Scope.FILE:
            dear = [wish for wish in wishes if wish.whole > limit.cents]
            assert (limit.about in named) == bool(dear)
            continue
        needed = counted(limit, wishes)
        assert (limit.about in named) == (needed > max(0, limit.cents - spent(limit, used)))
        if limit.about in named:
            assert named[limit.about].needed == needed
            assert named[limit.about].available == max(0, limit.cents - spent(limit, used))


@given(LIMITS)
def test_of_several_about_the_same_the_smallest_counts_and_the_others_are_told(set_limits):
    limits = smallest(set_limits)
    assert len({limit.about for limit in limits.every}) == len(limits.every)
    for limit in limits.every:
        same = [each for each in set_limits if each.about == limit.about]
        assert limit.cents == min(each.cents for each in same)
        told = [(limit.origin, limit.cents), *limit.beside]
        assert sorted(told) == sorted((each.origin, each.cents) for each in same)


@given(WISHES, LIMITS, LIMITS, USED)
def test_more_limits_never_allow_more(wishes, some, more, used):
    if smallest([*some, *more]).over(wishes, used) == ():
        assert smallest(some).over(wishes, used) == ()


def test_without_limits_only_the_room_counts():
    wishes = [Wish("tts", 40, 40), Wish("tts", 90, 90), Wish("tts", 20, 20)]
    assert Limits().fit(wishes, 60, Used()) == [0, 2]
    assert Limits().over(wishes, Used()) == ()
