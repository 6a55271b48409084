"""Text that any reader takes."""

from hypothesis import given
from hypothesis import strategies as st

from earmark.reports import texts

ANY = st.text(alphabet=st.characters(categories=None))


@given(ANY)
def test_no_surrogate_is_left(name):
    texts.clean(name).encode()
    texts.path(name).encode()
    shown, raw = texts.written(name)
    shown.encode()
    assert raw is None or bytes.fromhex(raw)


def test_bytes_that_are_no_text_are_kept_beside():
    assert texts.written("caf\udce9") == ("caf\N{REPLACEMENT CHARACTER}", "636166e9")
    assert texts.written("\ud800") == ("\N{REPLACEMENT CHARACTER}", None)
    assert texts.cleaned({"\udc80": ["\ud800", 1, None]}) == {
        "\N{REPLACEMENT CHARACTER}": ["\N{REPLACEMENT CHARACTER}", 1, None]
    }
