"""A bucket through fsspec, against a real S3 server on loopback."""

import re
import socket

import pytest

from manifests.exits import Exit
from stores.fsspec_store import FsspecStore
from stores.interface import NoKeys, NoSuchStore, NotAllowed, NotThere, StoreDown
from stores.opening import store_of

ODD = [
    "x/ö ü.mp3",
    "x/a?b#c%20d+e.mp3",
    "x/*[a].mp3",
    "x/back\\slash.mp3",
    "t::u.mp3",
    "s p",
    "x/a&b=c;d.mp3",
]


@pytest.fixture
def bucket(s3):
    s3.bucket("talks", {"a.mp3": b"0123456789", "x/b.mp3": b"bb"})
    return store_of("s3://talks")


def test_an_object_is_told_of_and_a_prefix_is_none(bucket):
    about = bucket.about("s3://talks/a.mp3")
    assert about.size == 10
    assert about.mark
    assert about.mtime_ns > 0
    assert bucket.about("s3://talks/x") is None


def test_ranges_are_read(bucket):
    assert bucket.read("s3://talks/a.mp3", 2, 5) == b"234"
    assert bucket.read("s3://talks/a.mp3", 0, 10) == b"0123456789"


def test_what_lies_below_comes_sorted_with_its_sizes(bucket):
    assert [(key, about.size) for key, about in bucket.below("s3://talks")] == [("a.mp3", 10), ("x/b.mp3", 2)]
    assert [key for key, _ in bucket.below("s3://talks/x")] == ["b.mp3"]
    assert list(bucket.below("s3://talks/none")) == []


def test_the_list_tells_of_an_object_what_the_object_tells(bucket):
    (_, listed), _ = bucket.below("s3://talks")
    assert listed == bucket.about("s3://talks/a.mp3")


@pytest.mark.parametrize("key", ODD)
def test_odd_keys_are_read_listed_and_written(s3, bucket, tmp_path, key):
    s3.put("talks", key, b"odd " + key.encode())
    assert bucket.read(f"s3://talks/{key}", 0, 3) == b"odd"
    assert key in [each for each, _ in bucket.below("s3://talks")]
    (tmp_path / "new").write_bytes(b"new")
    bucket.put(tmp_path / "new", "s3://talks/.parts/1")
    bucket.move("s3://talks/.parts/1", f"s3://talks/{key}")
    assert s3.get("talks", key) == b"new"
    assert bucket.has(f"s3://talks/{key}")
    bucket.remove(f"s3://talks/{key}")
    assert key not in s3.keys("talks")


def test_a_list_of_many_pages_is_whole(s3):
    s3.bucket("many")
    s3.fill("many", {f"{number:05}.mp3": b"x" for number in range(2_100)})
    assert len(list(store_of("s3://many").below("s3://many"))) == 2_100


def test_what_is_put_in_pieces_arrives_whole(s3, bucket, tmp_path, monkeypatch):
    monkeypatch.setattr("stores.fsspec_store.PIECE_BYTES", 5 << 20)  # the least that S3 takes
    body = bytes(range(256)) * (45_000)
    (tmp_path / "large").write_bytes(body)
    bucket.put(tmp_path / "large", "s3://talks/large")
    assert s3.get("talks", "large") == body


def test_what_is_missing_is_named(bucket):
    for ask in (bucket.about, lambda url: bucket.read(url, 0, 3)):
        with pytest.raises(NotThere, match=r"s3://talks/none: no such object"):
            ask("s3://talks/none")
    with pytest.raises(NotThere, match=r"no bucket s3://nowhere"):
        list(store_of("s3://nowhere").below("s3://nowhere/x"))
    bucket.remove("s3://talks/none")
    assert not bucket.has("s3://talks/none")
    assert not bucket.has("s3://talks/nofolder/none")


def test_a_range_that_is_no_longer_there_is_no_short_read(s3, bucket):
    s3.put("talks", "a.mp3", b"0123")
    with pytest.raises(StoreDown):
        bucket.read("s3://talks/a.mp3", 2, 8)


def test_a_server_without_ranges_is_named(bucket, monkeypatch):
    monkeypatch.setattr(bucket._fs, "cat_file", lambda path, start, end: b"0123456789")
    with pytest.raises(StoreDown, match="no ranges"):
        bucket.read("s3://talks/a.mp3", 0, 4)


def test_a_store_that_does_not_answer_is_down(monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    with pytest.raises(StoreDown, match="s3://away/x") as told:
        FsspecStore("s3://away").about("s3://away/x")
    assert told.value.exit_code is Exit.MACHINE


def test_without_credentials_it_says_which_variables_to_set(s3, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(NoKeys, match="set AWS_ACCESS_KEY_ID"):
        FsspecStore("s3://talks").about("s3://talks/a.mp3")


def test_credentials_that_are_not_accepted_are_named_whatever_is_asked(s3, bucket):
    with s3.guarded():
        for ask in (
            lambda: bucket.about("s3://talks/a.mp3"),
            lambda: bucket.read("s3://talks/a.mp3", 0, 3),
            lambda: list(bucket.below("s3://talks")),
        ):
            with pytest.raises(NoKeys, match="of this environment are not accepted"):
                ask()


@pytest.mark.parametrize(
    ("code", "words", "kind", "told"),
    [
        ("ExpiredToken", "The provided token has expired.", NoKeys, "not accepted"),
        ("InvalidToken", "The provided token is malformed.", NoKeys, "not accepted"),
        ("RequestTimeTooSkewed", "The difference is too large.", NoKeys, "not accepted"),
        ("AccessDenied", "user/tokenizer may not read old access key.mp3", NotAllowed, "do not open it"),
        ("InvalidObjectState", "Not valid for its storage class", NotAllowed, "restore it"),
        ("SlowDown", "Reduce your rate", StoreDown, "cannot be read or written"),
    ],
)
def test_a_refusal_is_told_by_its_code(bucket, monkeypatch, code, words, kind, told):
    from botocore.exceptions import ClientError
    from s3fs.errors import translate_boto_error

    def refuses(*_args, **_kwargs):
        raise translate_boto_error(ClientError({"Error": {"Code": code, "Message": words}}, "GetObject"))

    monkeypatch.setattr(bucket._fs, "cat_file", refuses)
    with pytest.raises(kind, match=told) as error:
        bucket.read("s3://talks/a.mp3", 0, 3)
    assert type(error.value) is kind


def test_an_unknown_kind_is_named():
    with pytest.raises(NoSuchStore, match="no kind of store is called foo://"):
        store_of("foo://bucket")


def test_a_kind_that_is_not_installed_says_how(monkeypatch):
    with pytest.raises(NoSuchStore, match=re.escape("pip install gcsfs")):
        store_of("gs://bucket")
    monkeypatch.setattr("stores.fsspec_store.fsspec", None)
    with pytest.raises(NoSuchStore, match=re.escape("pip install 'earmark-audio[storage]'")):
        store_of("s3://somebucket")


def test_no_secret_stands_in_an_error(bucket, monkeypatch):
    def fails(*_args, **_kwargs):
        raise OSError("key never-written-anywhere of AKIATESTONLY was refused")

    monkeypatch.setattr(bucket._fs, "info", fails)
    with pytest.raises(StoreDown, match=r"key \*\*\* of \*\*\* was refused"):
        bucket.about("s3://talks/a.mp3")
