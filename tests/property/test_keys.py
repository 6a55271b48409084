"""Keys and tokens: what is bought changes them, what is not does not; and a token survives the wire."""

import string

from hypothesis import assume, given
from hypothesis import strategies as st

from manifests import catalogue, keys, options
from manifests.keys import Token

HEX = st.sampled_from("0123456789abcdef")
DIGESTS = st.text(HEX, min_size=64, max_size=64)
RANDOMS = st.text(HEX, min_size=16, max_size=16)
PRODUCTS = st.sampled_from(
    [
        catalogue.Product(service, variant)
        for service in catalogue.load().services
        for variant in service.variants
    ]
)
TOKENS = st.builds(lambda key, random: keys.new_token(key, lambda _: random), DIGESTS, RANDOMS)
ANY_TOKEN = TOKENS.map(lambda token: token.text) | TOKENS.map(lambda token: token.text.upper())


def values(option):
    """All values of an option, or some where there are many."""
    match option.kind:
        case "bool":
            return [False, True]
        case "int":
            return [option.minimum, option.maximum]
        case "list":
            return [list(option.choices[:1]), list(option.choices)]
        case "choice":
            return list(option.choices)
        case _:
            return ["en", "de", "bass", "guitar"]


def key(digest, product, given_options, generation=0):
    return keys.content_key(digest, product.name, options.submitted(product, given_options), generation)


def needs(product):
    return {name: values(product.service.option(name))[0] for name in product.variant.needs}


@given(DIGESTS, PRODUCTS)
def test_each_submit_option_changes_the_key_and_no_fetch_option_does(digest, product):
    plain = needs(product)
    for option in product.service.options:
        if not option.fits(product.variant.name):
            continue
        found = {key(digest, product, plain | {option.name: value}) for value in values(option)}
        assert len(found) == (len(values(option)) if option.role == "submit" else 1)


@given(DIGESTS, PRODUCTS)
def test_saying_a_default_changes_nothing(digest, product):
    plain = needs(product)
    defaults = {
        option.name: option.default
        for option in product.service.options
        if option.default is not None and option.fits(product.variant.name)
    }
    assert key(digest, product, plain | defaults) == key(digest, product, plain)


@given(DIGESTS, DIGESTS, PRODUCTS, PRODUCTS, st.integers(0, 3), st.integers(0, 3))
def test_another_sound_product_or_generation_is_another_key(one, other, product, another, first, second):
    same = (one, product.name, first) == (other, another.name, second)
    assert (key(one, product, needs(product), first) == key(other, another, needs(another), second)) is same


@given(DIGESTS, RANDOMS)
def test_a_token_names_its_key(digest, random):
    token = keys.new_token(digest, lambda count: random[: 2 * count])
    assert token == Token(f"ek-{digest[:16]}-{random}")
    assert token.key_part == digest[:16]


@given(
    st.text(max_size=200),
    TOKENS,
    st.sampled_from(["", ".mp3", ".WAV", ".tar.gz", ".日本", "./../x", ". e k"]),
)
def test_an_uploads_name_gives_its_token_back_and_is_safe_everywhere(stem, token, extension):
    name = keys.upload_name(stem, token, extension)
    assert keys.find_tokens([name]) == {token}
    assert set(name) <= set(string.ascii_letters + string.digits + "._-")
    assert not name.startswith(".")
    assert len(name) <= keys.STEM_LENGTH + 1 + 36 + 10


@given(
    st.lists(
        st.one_of(ANY_TOKEN, st.sampled_from(["ek-", "-", ".", "talk", "0123456789abcdef"])), max_size=5
    ),
    TOKENS,
)
def test_a_token_of_another_attempt_never_goes_out_again(parts, token):
    name = keys.upload_name("".join(parts), token, ".mp3")
    assert keys.find_tokens([name]) == {token}


@given(st.lists(TOKENS, max_size=5), st.text(max_size=20).filter(lambda text: "ek-" not in text.lower()))
def test_tokens_are_found_whatever_stands_around_them(tokens, around):
    assume(not set(around.lower()) & set("0123456789abcdef-ek"))
    texts = [f"{around}{token.text}{around}" for token in tokens]
    assert keys.find_tokens(texts) == set(tokens)
    assert keys.find_tokens([around.join(texts)]) == set(tokens)
