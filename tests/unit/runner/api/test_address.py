import pytest

from manifests.errors import UsageError
from runner.api.address import DEFAULT_BASE, Base, is_loopback


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (DEFAULT_BASE, DEFAULT_BASE),
        (" https://api.example/ ", "https://api.example"),
        ("https://proxy.example/audiopod/", "https://proxy.example/audiopod"),
        ("http://127.0.0.1:8077", "http://127.0.0.1:8077"),
        ("http://localhost:8077/", "http://localhost:8077"),
        ("http://[::1]:8077", "http://[::1]:8077"),
    ],
)
def test_an_address_is_taken_without_its_last_slash(text, url):
    assert Base.parse(text).url == url


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no base address"),
        ("api.audiopod.ai", "no base address"),
        ("ftp://api.example", "no base address"),
        ("https://", "no base address"),
        ("https://api.example:port", "no base address"),
        ("https://[::1", "no base address"),
        ("https://api.example/?key=1", "no base address"),
        ("https://api.example/#x", "no base address"),
        ("https://api.example\\@evil.example", "no base address"),
        ("https://api.example/a b", "no base address"),
        ("http://api.example", "unencrypted"),
        ("http://10.0.0.1", "unencrypted"),
        ("http://127.0.0.1.evil.example", "unencrypted"),
        ("https://user:pass@api.example", "user or a password"),
    ],
)
def test_the_key_is_not_sent_to_just_any_address(text, why):
    with pytest.raises(UsageError, match=why):
        Base.parse(text)


def test_a_password_in_a_wrong_address_is_not_shown():
    with pytest.raises(UsageError) as caught:
        Base.parse("ftp://me:hunter2@api.example")

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "is_one"),
    [
        ("localhost", True),
        ("LOCALHOST", True),
        ("127.3.2.1", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_this_machine_is_known_by_its_names(host, is_one):
    assert is_loopback(host) is is_one


@pytest.mark.parametrize(
    ("address", "call"),
    [
        ("https://api.example/api/v1/x", True),
        ("https://API.example:443/api/v1/x", True),
        ("https://api.example/media/x.wav", False),
        ("https://api.example.evil.example/api/v1/x", False),
        ("https://api.example:444/api/v1/x", False),
        ("http://api.example/api/v1/x", False),
        ("https://media.example/api/v1/x", False),
        ("nonsense", False),
    ],
)
def test_only_the_services_own_calls_may_have_the_key(address, call):
    assert Base.parse("https://api.example").is_call(address) is call


def test_a_base_with_a_path_has_its_calls_under_it():
    base = Base.parse("https://proxy.example/audiopod")

    assert base.is_call("https://proxy.example/audiopod/api/v1/x")
    assert not base.is_call("https://proxy.example/api/v1/x")


@pytest.mark.parametrize(
    ("base", "address", "may"),
    [
        ("https://api.example", "https://media.example/x.wav", True),
        ("https://api.example", "http://media.example/x.wav", False),
        ("https://api.example", "http://127.0.0.1/x.wav", False),
        ("http://127.0.0.1:1", "http://127.0.0.1:2/x.wav", True),
        ("http://127.0.0.1:1", "http://media.example/x.wav", False),
        ("https://api.example", "file:///etc/passwd", False),
        ("https://api.example", "stems/x.wav", False),
    ],
)
def test_results_come_over_https_or_from_this_machine(base, address, may):
    assert Base.parse(base).may_fetch(address) is may


@pytest.mark.parametrize(
    ("link", "absolute"),
    [
        ("https://media.example/x.wav", "https://media.example/x.wav"),
        (" /media/x.wav ", "https://api.example/media/x.wav"),
        ("stems/x.wav", "https://api.example/stems/x.wav"),
        ("http://[", "http://["),
    ],
)
def test_relative_results_lie_at_the_service(link, absolute):
    assert Base.parse("https://api.example").absolute(link) == absolute


@pytest.mark.parametrize(
    ("base", "key", "address"),
    [
        ("https://api.audiopod.ai", "a/b.wav", "https://media.audiopod.ai/a/b.wav"),
        ("https://api.audiopod.ai/", "/a/b c?.wav", "https://media.audiopod.ai/a/b%20c%3F.wav"),
        ("http://127.0.0.1:8900", "a.wav", "http://127.0.0.1:8900/media/a.wav"),
        ("https://other.example/x", "a.wav", "https://other.example/x/media/a.wav"),
        ("https://other.example", "https://m.example/a.wav", "https://m.example/a.wav"),
        ("https://other.example", "", ""),
    ],
)
def test_what_is_stored_lies_on_the_media_host_and_is_no_call(base, key, address):
    known = Base.parse(base)

    assert known.media(key) == address
    assert not known.is_call(known.media(key))


def test_a_place_cannot_lead_into_the_calls():
    known = Base.parse("http://127.0.0.1:8900")

    assert not known.is_call(known.media("../api/v1/x"))
